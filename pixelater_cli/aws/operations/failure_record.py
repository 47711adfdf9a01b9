"""Failures as the messages of the failure queue record them.

No I/O. Messages are of two kinds: the function's record of a permanent failure, and Lambda's record
of an event that failed three times
(https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pixelater_cli.aws.operations.log_parser import parse_object
from pixelater_cli.aws.stack import Document
from pixelater_function import reasons
from pixelater_function.events import read_body, read_s3_object

CONDITIONS = {
    "EventAgeExceeded": "the event waited longer than six hours for the function",
    "ZeroReservedConcurrency": "the function is stopped: its reserved concurrency is 0",
}
"""Why Lambda gave up an event that the function has not answered."""


@dataclass(frozen=True)
class Failure:
    """One message of the failure queue.

    `keys` are the photos of its event, `time` is ISO 8601, `tries` the number of invocations,
    `event` what the function was invoked with (None: unknown), and `hint` what to do ("": unknown).
    """

    id: str
    keys: tuple[str, ...]
    reason: str
    message: str
    time: str
    tries: int
    request_id: str = ""
    version_id: str = ""
    bytes: int | None = None
    event: Document | None = field(default=None, repr=False)
    hint: str = ""


def read_failure(id: str, body: str) -> Failure:
    """Read a message. One of neither kind is a failure, too."""
    document = parse_object(body) or {}
    if document.get("pixelater") == "failure":
        return _read_record(id, document)
    if isinstance(document.get("requestContext"), dict):
        return _read_lambdas_record(id, document)
    return Failure(id, (), "UnknownMessage", body[:200], "", 0)


def list_keys(event: Any) -> tuple[str, ...]:
    """List the photos that an event of S3, SQS or EventBridge names."""
    return tuple(str(found["key"]) for found in _read_objects(event))


def select_failures(failures: Iterable[Failure], keys: Collection[str]) -> Iterator[Failure]:
    """Select the failures of photos; all, if there are no keys."""
    return (failure for failure in failures if not keys or set(keys) & set(failure.keys))


def find_new_failure(answer: bytes, keys: Collection[str]) -> str | None:
    """Find why one of these photos failed, in the function's answer; None if none did."""
    for failed in _read_answer(answer).get("failed") or ():
        if failed.get("key") in keys:
            return format_reason(failed.get("reason", ""), failed.get("message", ""))
    return None


def has_item_failures(answer: bytes) -> bool:
    """Return whether the function asked SQS to send messages of the event again."""
    return bool(_read_answer(answer).get("batchItemFailures"))


def format_reason(reason: str, message: str) -> str:
    """Format a reason in one line.

    >>> format_reason("too_large", "TooLarge: 9 x 9"), format_reason("damaged", "broken off: early")
    ('too_large: 9 x 9', 'damaged: broken off: early')
    """
    name, colon, rest = message.partition(": ")
    if colon and name.lower() == reason.replace("_", ""):
        message = rest  # The message begins with the name of the error, and so does the reason.
    return f"{reason}: {message}" if reason and message else reason or message or "unknown"


def spell_reason(text: str) -> str:
    """Spell the name of an error at the start of a text as a reason.

    >>> spell_reason("NotAPicture: not an image"), spell_reason("Sandbox.Timedout: 3 s")
    ('not_a_picture: not an image', 'Sandbox.Timedout: 3 s')
    >>> spell_reason("ClientError: An error occurred (AccessDenied) when calling: no")
    'access_denied: An error occurred (AccessDenied) when calling: no'
    """
    named = re.match(r"([A-Z][A-Za-z]*[a-z])(?=: )", text)
    if named is None:
        return text
    code = re.match(r"ClientError: An error occurred \((\w+)\)", text)
    name = reasons.HEAD_ERROR_CODES.get(code[1], code[1]) if code else named[1]
    return reasons.spell(name) + text[named.end() :]


def _read_answer(answer: bytes) -> Document:
    return parse_object(answer.decode(errors="replace")) or {}


def _read_record(id: str, document: Document) -> Failure:
    event = document.get("event")
    key = document.get("key")
    return Failure(
        id=id,
        keys=(str(key),) if key else list_keys(event),
        reason=str(document.get("reason") or ""),
        message=str(document.get("message") or ""),
        time=str(document.get("time") or ""),
        tries=1,
        request_id=str(document.get("request_id") or ""),
        version_id=str(document.get("version_id") or ""),
        bytes=_find_integer(document.get("bytes")),
        hint=str(document.get("hint") or ""),
        event=_find_object(event),
    )


def _read_lambdas_record(id: str, document: Document) -> Failure:
    context, event = document["requestContext"], document.get("requestPayload")
    answer = _find_object(document.get("responsePayload")) or {}
    condition = str(context.get("condition") or "")
    return Failure(
        id=id,
        keys=list_keys(event),
        reason=str(answer.get("errorType") or condition),
        message=str(
            answer.get("errorMessage") or ("" if answer else CONDITIONS.get(condition, ""))
        ),
        time=str(document.get("timestamp") or ""),
        tries=_find_integer(context.get("approximateInvokeCount")) or 0,
        request_id=str(context.get("requestId") or ""),
        version_id=_find_version(event),
        event=_find_object(event),
    )


def _find_object(value: Any) -> Document | None:
    """Return a value of a message if it is a JSON object."""
    return value if isinstance(value, dict) else None


def _find_integer(value: Any) -> int | None:
    """Return a value of a message if it is a whole number."""
    return value if isinstance(value, int) else None


def _find_version(event: Any) -> str:
    """Return the version of the event's photo, if it names one photo."""
    objects = _read_objects(event)
    return str(objects[0]["version_id"]) if len(objects) == 1 else ""


def _read_objects(event: Any) -> list[Document]:
    """Read the objects that an event names, leaving out what cannot be read."""
    if not isinstance(event, dict):
        return []
    records = event.get("Records")
    parts = [event] if "detail" in event else records if isinstance(records, list) else []
    objects: list[Document] = []
    for part in parts:
        with suppress(ValueError, LookupError, TypeError, AttributeError, RecursionError):
            objects += _read_objects(read_body(part)) if "body" in part else [read_s3_object(part)]
    return objects
