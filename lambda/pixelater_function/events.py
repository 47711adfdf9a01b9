"""Parsers of the events of S3, SQS, EventBridge and S3 Batch Operations.

Sources:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote_plus, unquote_plus

CREATED = ("ObjectCreated:",)
REMOVED = ("ObjectRemoved:", "LifecycleExpiration:")
TEST_EVENT = "s3:TestEvent"
EVENTBRIDGE_TYPES = {"Object Created": "ObjectCreated:", "Object Deleted": "ObjectRemoved:"}
"""Detail types of EventBridge -> event names of S3, to which the reason is appended."""

LambdaEvent = Mapping[str, Any]

MALFORMED = (ValueError, AttributeError, LookupError, TypeError, RecursionError)
"""What reading a document raises that lacks members, or has others than expected."""

MAX_EVENT_CHARACTERS = 200_000
"""SQS limits messages to 256 KiB, or 1 MiB, and quotation marks are escaped in a message
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html)."""

SMOKE_TEST_FOLDER = "pixelater-smoke-test"
"""Folder, below the stack's prefix, of the pictures that `pixelater deploy` uploads and deletes to
test a stack, and of nothing else."""

TAKE_OVER = "pixelaterTakeOver"
"""Member of a record with which `pixelater backfill --take-over` lets mosaics be replaced whose
metadata another secret hides: the fingerprint of that secret. S3 sends no such member."""

MAX_SHOWN = 200
"""Characters of a malformed document that messages quote."""


def is_smoke_test(key: str) -> bool:
    """Return whether a photo is a test picture, of which failures are neither retried nor recorded.

    It may be gone before a late event arrives, and the test uploads another one anyway.
    """
    return SMOKE_TEST_FOLDER in key.split("/")[:-1]


class BadEvent(Exception):
    """An event that the function does not support."""


@dataclass(frozen=True)
class PhotoEvent:
    """What happened to one photo. `skip` is the reason to skip it, or "".

    `event` is an event of this photo alone, which can be sent to the function again; `time` is when
    it happened, in seconds since 1970; `take_over` is the fingerprint of a secret (`TAKE_OVER`).
    Values that an event does not have are "" or None. `error` is the reason that a record cannot be
    parsed; `event` is then an event of this record.
    """

    bucket: str
    key: str
    removed: bool = False
    version_id: str = ""
    sequencer: str = ""
    bytes: int | None = None
    skip: str = ""
    error: str = ""
    take_over: str = ""
    event: LambdaEvent = field(default_factory=dict, repr=False, compare=False)
    time: float | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Message:
    """A unit that is answered: an SQS message, a task of a batch job, or the whole event.

    `error` is the reason that it cannot be parsed; `event` is then the message.
    """

    id: str
    photos: tuple[PhotoEvent, ...] = ()
    error: str = ""
    event: LambdaEvent = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class ParsedEvent:
    """A parsed event, and its sender, which determines the form of the answer."""

    sender: Literal["s3", "sqs", "s3-batch"]
    messages: tuple[Message, ...]


def read_event(event: LambdaEvent) -> ParsedEvent:
    """Parse an event of any of the four senders. Raises BadEvent.

    A record, an SQS message or a task that cannot be parsed does not affect the others.
    """
    if not isinstance(event, Mapping):
        raise BadEvent(f"not an S3 event: {_show(event)}")
    if "invocationSchemaVersion" in event:
        tasks = event.get("tasks")
        if not isinstance(tasks, list):
            raise BadEvent(f"not an event of a batch job: its tasks are {_show(tasks)}")
        return ParsedEvent("s3-batch", tuple(map(_read_task, tasks)))
    records = event.get("Records")
    if isinstance(records, list) and _find_source(records) == "aws:sqs":
        return ParsedEvent("sqs", tuple(map(_read_message, records)))
    return ParsedEvent("s3", (Message("", _read_photos(event)),))


def shorten_event(photo: PhotoEvent) -> LambdaEvent | None:
    """Return a photo's event, as short as the message of a failure must be.

    Of an event that is too large or too deep for a message, only bucket and key remain; None if it
    has none.
    """
    try:
        if len(json.dumps(photo.event)) <= MAX_EVENT_CHARACTERS:
            return photo.event
    except RecursionError:
        pass
    name = REMOVED[0] + "Delete" if photo.removed else CREATED[0] + "Put"
    return _make_event(name, photo.bucket, photo.key) if photo.key else None


def _make_event(name: str, bucket: str, key: str) -> LambdaEvent:
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": name,
        "s3": {"bucket": {"name": bucket}, "object": {"key": quote_plus(key, safe="/")}},
    }
    return {"Records": [record]}


def _find_source(records: list[Any]) -> Any:
    """Return the source of the first record that has one."""
    named = (record for record in records if isinstance(record, Mapping))
    return next((record["eventSource"] for record in named if "eventSource" in record), None)


def _read_photos(event: Any) -> tuple[PhotoEvent, ...]:
    """Parse an event of S3 or EventBridge. Raises BadEvent if nothing in it can be parsed."""
    if not isinstance(event, Mapping):
        raise BadEvent(f"not an S3 event: {_show(event)}")
    if event.get("Event") == TEST_EVENT:
        return (PhotoEvent("", "", skip=TEST_EVENT, event=event),)
    if event.get("source") == "aws.s3" and "detail" in event:
        return (_read_bridged(event),)
    records = event.get("Records")
    if not isinstance(records, list):
        names = _show(list(event)) if event else "nothing"
        raise BadEvent(f"not an S3 event: it has no Records, only {names}")
    photos = tuple(map(_read_record, records))
    if photos and all(photo.error for photo in photos):
        raise BadEvent(photos[0].error)
    return photos


def _read_record(record: Any) -> PhotoEvent:
    """Parse a record of event structure 2.x; AWS increases the minor version."""
    event = {"Records": [record]}
    try:
        source, version = record.get("eventSource"), record.get("eventVersion", "")
        if source != "aws:s3" or version.partition(".")[0] != "2":
            reason = f"a record from {_show(source)}, version {_show(version)}"
            return PhotoEvent("", "", error=f"{reason}, is not an S3 event 2.x", event=event)
        return _make(
            record["eventName"].removeprefix("s3:"),
            bucket=record["s3"]["bucket"]["name"],
            event=event,
            time=_read_time(record.get("eventTime")),
            take_over=record.get(TAKE_OVER, ""),
            **read_s3_object(record),
        )
    except MALFORMED:
        error = f"a record is not one of S3: {_show(record)}"
        return PhotoEvent("", "", error=error, event=event)


def _read_bridged(event: LambdaEvent) -> PhotoEvent:
    """Parse an event of EventBridge. Raises BadEvent."""
    try:
        kind, detail = event.get("detail-type", ""), event["detail"]
        bridged = EVENTBRIDGE_TYPES.get(kind)
        name = bridged + detail.get("reason", "") if bridged else kind
        time = _read_time(event.get("time"))
        bucket = detail["bucket"]["name"]
        return _make(name, bucket=bucket, event=event, time=time, **read_s3_object(event))
    except MALFORMED as error:
        raise BadEvent("the detail of an EventBridge event is not one of S3") from error


def read_s3_object(part: LambdaEvent) -> dict[str, Any]:
    """Return the object fields of an S3 record, or of an EventBridge event.

    EventBridge does not URL-encode keys.
    """
    if "detail" in part:
        stored = part["detail"]["object"]
        key, version_id = stored["key"], stored.get("version-id")
    else:
        stored = part["s3"]["object"]
        key, version_id = unquote_plus(stored["key"]), stored.get("versionId")
    return {
        "key": key,
        "version_id": version_id or "",
        "sequencer": stored.get("sequencer") or "",
        "bytes": stored.get("size"),
    }


def read_body(record: LambdaEvent) -> Any:
    """Return the event in an SQS message, unwrapped from an SNS notification."""
    body = json.loads(record["body"])
    return json.loads(body["Message"]) if "TopicArn" in body else body


def _make(name: str, bucket: str, key: str, bytes: Any = None, **fields: Any) -> PhotoEvent:
    """Make the event of a photo. Raises TypeError or ValueError for values S3 does not send."""
    optional = (fields.get(name, "") for name in ("version_id", "sequencer", "take_over"))
    texts = (bucket, key, *optional)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("not a string")
    if not (bucket and key):
        raise ValueError("an empty name")
    "".join(texts).encode()  # JSON can hold halves of surrogate pairs, which S3 cannot.
    skip = ""
    if not name.startswith(CREATED + REMOVED):
        skip = f"event {name}"
    elif key.endswith("/"):
        skip = "a folder marker, not a photo"
    return PhotoEvent(
        bucket,
        key,
        removed=name.startswith(REMOVED),
        bytes=bytes if isinstance(bytes, int) else None,
        skip=skip,
        **fields,
    )


def _read_time(text: Any) -> float | None:
    """Read a time in ISO 8601; None if it is not one."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _read_message(record: Any) -> Message:
    """Parse an SQS message: an event of S3 or EventBridge, or an SNS notification of one."""
    message_id = _read_id(record, "messageId")
    try:
        return Message(message_id, _read_photos(read_body(record)))
    except (BadEvent, *MALFORMED) as error:
        reason = str(error) if isinstance(error, BadEvent) else "its body is not an S3 event"
        return Message(message_id, error=reason, event={"Records": [record]})


def _read_task(task: Any) -> Message:
    """Parse a task of a batch job. Schema 1.0 has the bucket's ARN, 2.0 its name."""
    task_id = _read_id(task, "taskId")
    name = "ObjectCreated:Batch"
    try:
        bucket = task.get("s3Bucket") or task["s3BucketArn"].rpartition(":")[2]
        key = unquote_plus(task["s3Key"])
        version_id = task.get("s3VersionId") or ""
        event = _make_event(name, bucket, key)
        photo = _make(name, bucket=bucket, key=key, version_id=version_id, event=event)
    except MALFORMED:
        error = f"a task is not one of a batch job: {_show(task)}"
        return Message(task_id, error=error, event={"tasks": [task]})
    return Message(task_id, (photo,))


def _read_id(part: Any, name: str) -> str:
    """Return the ID of a message or a task; "", which SQS takes for all messages, if none."""
    found = part.get(name) if isinstance(part, Mapping) else None
    return found if isinstance(found, str) else ""


def _show(value: Any) -> str:
    """Return a value as a short text; reprlib limits the depth, too."""
    return reprlib.repr(value)[:MAX_SHOWN]
