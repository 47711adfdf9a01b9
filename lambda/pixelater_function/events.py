"""Parsers of the events of S3, SQS, EventBridge and S3 Batch Operations.

Sources:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote_plus, unquote_plus

CREATED = ("ObjectCreated:",)
REMOVED = ("ObjectRemoved:", "LifecycleExpiration:")
TEST_EVENT = "s3:TestEvent"
EVENTBRIDGE_TYPES = {"Object Created": "ObjectCreated:", "Object Deleted": "ObjectRemoved:"}
"""Detail types of EventBridge -> event names of S3, to which the reason is appended."""

LambdaEvent = Mapping[str, Any]


class BadEvent(Exception):
    """An event that the function does not support."""


@dataclass(frozen=True)
class PhotoEvent:
    """What happened to one photo. `skip` is the reason to skip it, or "".

    `event` is an event of this photo alone, which can be sent to the function again. Values that
    an event does not have are "" or None.
    """

    bucket: str
    key: str
    removed: bool = False
    version_id: str = ""
    sequencer: str = ""
    bytes: int | None = None
    skip: str = ""
    event: LambdaEvent = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Message:
    """A unit that is answered: an SQS message, a task of a batch job, or the whole event.

    `error` is the reason that a message cannot be parsed; `event` is then the message.
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

    An SQS message that cannot be parsed does not affect the others.
    """
    if "invocationSchemaVersion" in event:
        return ParsedEvent("s3-batch", tuple(map(_read_task, event["tasks"])))
    records = event.get("Records")
    if isinstance(records, list) and records and records[0].get("eventSource") == "aws:sqs":
        return ParsedEvent("sqs", tuple(map(_read_message, records)))
    return ParsedEvent("s3", (Message("", _read_photos(event)),))


def _read_photos(event: LambdaEvent) -> tuple[PhotoEvent, ...]:
    """Parse an event of S3 or EventBridge."""
    if event.get("Event") == TEST_EVENT:
        return (PhotoEvent(event.get("Bucket", ""), "", skip=TEST_EVENT, event=event),)
    if event.get("source") == "aws.s3" and "detail" in event:
        return (_read_bridged(event),)
    records = event.get("Records")
    if not isinstance(records, list):
        raise BadEvent(f"not an S3 event: it has no Records, only {', '.join(event) or 'nothing'}")
    return tuple(_read_record(record) for record in records)


def _read_record(record: LambdaEvent) -> PhotoEvent:
    """Parse a record of event structure 2.x; AWS increases the minor version."""
    source, version = record.get("eventSource"), record.get("eventVersion", "")
    if source != "aws:s3" or version.partition(".")[0] != "2":
        raise BadEvent(f"a record from {source!r}, version {version!r}, is not an S3 event 2.x")
    return _make(
        record["eventName"].removeprefix("s3:"),
        bucket=record["s3"]["bucket"]["name"],
        event={"Records": [record]},
        **read_s3_object(record),
    )


def _read_bridged(event: LambdaEvent) -> PhotoEvent:
    """Parse an event of EventBridge."""
    detail = event["detail"]
    kind = event.get("detail-type", "")
    name = EVENTBRIDGE_TYPES[kind] + detail.get("reason", "") if kind in EVENTBRIDGE_TYPES else kind
    return _make(name, bucket=detail["bucket"]["name"], event=event, **read_s3_object(event))


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


def _make(name: str, key: str, **fields: Any) -> PhotoEvent:
    skip = ""
    if not name.startswith(CREATED + REMOVED):
        skip = f"event {name}"
    elif key.endswith("/"):
        skip = "a folder marker, not a photo"
    return PhotoEvent(key=key, removed=name.startswith(REMOVED), skip=skip, **fields)


def _read_message(record: LambdaEvent) -> Message:
    """Parse an SQS message: an event of S3 or EventBridge, or an SNS notification of one."""
    try:
        return Message(record["messageId"], _read_photos(read_body(record)))
    except (BadEvent, ValueError, AttributeError, LookupError, TypeError, RecursionError) as error:
        reason = str(error) if isinstance(error, BadEvent) else "its body is not an S3 event"
        return Message(record["messageId"], error=reason, event={"Records": [record]})


def _read_task(task: LambdaEvent) -> Message:
    """Parse a task of a batch job. Schema 1.0 has the bucket's ARN, 2.0 its name."""
    bucket = task.get("s3Bucket") or task["s3BucketArn"].rpartition(":")[2]
    key = unquote_plus(task["s3Key"])
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Batch",
        "s3": {"bucket": {"name": bucket}, "object": {"key": quote_plus(key, safe="/")}},
    }
    photo = _make(
        "ObjectCreated:Batch",
        bucket=bucket,
        key=key,
        version_id=task.get("s3VersionId") or "",
        event={"Records": [record]},
    )
    return Message(task["taskId"], (photo,))
