"""Owns reading events: which photos S3, SQS, EventBridge or S3 Batch Operations tell of.

Pure. Sources:
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
"""EventBridge's words for what happened; the reason is appended, as S3's own names have it."""

LambdaEvent = Mapping[str, Any]


class BadEvent(Exception):
    """An event that is not of a kind this function is made for."""


@dataclass(frozen=True)
class PhotoEvent:
    """What happened to one photo. `skip` is why it is no work, or "".

    `event` holds this photo's part alone, as an event that can be sent to the function again. What
    an event does not tell is "" or None.
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
    """What is answered as one: an SQS message, a task of a batch job, else the whole event.

    `error` says why a message could not be read; `event` is then the message.
    """

    id: str
    photos: tuple[PhotoEvent, ...] = ()
    error: str = ""
    event: LambdaEvent = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class ParsedEvent:
    """An event as it was read, and who sent it, which says how to answer."""

    sender: Literal["s3", "sqs", "s3-batch"]
    messages: tuple[Message, ...]


def read_event(event: LambdaEvent) -> ParsedEvent:
    """Read an event of any of the four kinds. Raises BadEvent.

    A message in an SQS queue that cannot be read leaves the others as they are.
    """
    if "invocationSchemaVersion" in event:
        return ParsedEvent("s3-batch", tuple(map(_read_task, event["tasks"])))
    records = event.get("Records")
    if isinstance(records, list) and records and records[0].get("eventSource") == "aws:sqs":
        return ParsedEvent("sqs", tuple(map(_read_message, records)))
    return ParsedEvent("s3", (Message("", _read_photos(event)),))


def _read_photos(event: LambdaEvent) -> tuple[PhotoEvent, ...]:
    """Read an event of S3's own, or of EventBridge."""
    if event.get("Event") == TEST_EVENT:
        return (PhotoEvent(event.get("Bucket", ""), "", skip=TEST_EVENT, event=event),)
    if event.get("source") == "aws.s3" and "detail" in event:
        return (_read_bridged(event),)
    records = event.get("Records")
    if not isinstance(records, list):
        raise BadEvent(f"not an S3 event: it has no Records, only {', '.join(event) or 'nothing'}")
    return tuple(_read_record(record) for record in records)


def _read_record(record: LambdaEvent) -> PhotoEvent:
    """Read a record of event structure 2; its minor version is expected to grow."""
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
    """Read an event of EventBridge."""
    detail = event["detail"]
    kind = event.get("detail-type", "")
    name = EVENTBRIDGE_TYPES[kind] + detail.get("reason", "") if kind in EVENTBRIDGE_TYPES else kind
    return _make(name, bucket=detail["bucket"]["name"], event=event, **read_s3_object(event))


def read_s3_object(part: LambdaEvent) -> dict[str, Any]:
    """Read what a record of S3, or an event of EventBridge, tells of its object.

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
    """Read the event in an SQS message, perhaps by way of an SNS topic."""
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
    """Read an SQS message: an event of S3 or EventBridge."""
    try:
        return Message(record["messageId"], _read_photos(read_body(record)))
    except (BadEvent, ValueError, AttributeError, LookupError, TypeError, RecursionError) as error:
        reason = str(error) if isinstance(error, BadEvent) else "its body is not an S3 event"
        return Message(record["messageId"], error=reason, event={"Records": [record]})


def _read_task(task: LambdaEvent) -> Message:
    """Read a task of a batch job. Schema 1.0 gives the bucket's ARN, 2.0 its name."""
    bucket = task.get("s3Bucket") or task["s3BucketArn"].rpartition(":")[2]
    key = unquote_plus(task["s3Key"])
    there = {"key": quote_plus(key, safe="/")}
    version_id = task.get("s3VersionId") or ""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Batch",
        "s3": {"bucket": {"name": bucket}, "object": there},
    }
    photo = _make(
        "ObjectCreated:Batch",
        bucket=bucket,
        key=key,
        version_id=version_id,
        event={"Records": [record]},
    )
    return Message(task["taskId"], (photo,))
