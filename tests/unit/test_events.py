"""Reading the events of S3, SQS, SNS, EventBridge and S3 Batch Operations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pixelater_function.events import BadEvent, LambdaEvent, PhotoEvent, read_event, shorten_event


def make_record(key: str, version: str = "2.1", name: str = "ObjectCreated:Put") -> dict[str, Any]:
    there = {"key": key, "size": 7, "versionId": "v1", "sequencer": "0055AED6DCD90281E5"}
    return {
        "eventVersion": version,
        "eventSource": "aws:s3",
        "eventName": name,
        "s3": {"bucket": {"name": "photos"}, "object": there},
    }


def make_bridged(key: str, kind: str = "Object Created", reason: str = "PutObject") -> LambdaEvent:
    there = {"key": key, "size": 7, "version-id": "v1", "sequencer": "0055AED6DCD90281E5"}
    detail = {"version": "0", "bucket": {"name": "photos"}, "object": there, "reason": reason}
    return {"version": "0", "source": "aws.s3", "detail-type": kind, "detail": detail}


def make_photo(key: str, **fields: Any) -> PhotoEvent:
    told = {"version_id": "v1", "sequencer": "0055AED6DCD90281E5", "bytes": 7, **fields}
    return PhotoEvent("photos", key, **told)


def read_photos(event: LambdaEvent) -> list[PhotoEvent]:
    return [photo for message in read_event(event).messages for photo in message.photos]


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.17"])
def test_s3_event_of_any_minor_version_is_parsed(version: str) -> None:
    assert read_photos({"Records": [make_record("a.jpg", version)]}) == [make_photo("a.jpg")]


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("my+photo%2B1.jpg", "my photo+1.jpg"),
        ("a%C3%B1o/%C3%A9t%C3%A9.png", "año/été.png"),
        ("100%25.png", "100%.png"),
    ],
)
def test_keys_are_decoded(encoded: str, key: str) -> None:
    assert read_photos({"Records": [make_record(encoded)]}) == [make_photo(key)]


def test_keys_of_eventbridge_are_not_decoded() -> None:
    assert read_photos(make_bridged("my photo+1%.jpg")) == [make_photo("my photo+1%.jpg")]


@pytest.mark.parametrize(
    "name",
    [
        "ObjectRemoved:Delete",
        "s3:ObjectRemoved:DeleteMarkerCreated",
        "LifecycleExpiration:Delete",
        "LifecycleExpiration:DeleteMarkerCreated",
    ],
)
def test_deletes_are_parsed(name: str) -> None:
    record = make_record("a.jpg", name=name)
    assert read_photos({"Records": [record]}) == [make_photo("a.jpg", removed=True)]


def test_eventbridge_delete_is_parsed() -> None:
    event = make_bridged("a.jpg", "Object Deleted", "DeleteObject")
    assert read_photos(event) == [make_photo("a.jpg", removed=True)]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "photos"}, "s3:TestEvent"),
        ({"Records": [make_record("folder/")]}, "a folder marker, not a photo"),
        (
            {"Records": [make_record("a", name="ObjectTagging:Put")]},
            "event ObjectTagging:Put",
        ),
        (make_bridged("a", "Object Tags Added"), "event Object Tags Added"),
    ],
)
def test_skipped_event_has_a_reason(event: LambdaEvent, reason: str) -> None:
    assert [photo.skip for photo in read_photos(event)] == [reason]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"detail-type": "Object Created"},
        {"Records": [make_record("a", version="3.0")]},
        {"Records": [{"eventSource": "aws:kinesis", "data": "e30="}]},
    ],
)
def test_unsupported_event_raises(event: LambdaEvent) -> None:
    with pytest.raises(BadEvent):
        read_event(event)


def make_message(id: str, body: object) -> dict[str, Any]:
    return {"eventSource": "aws:sqs", "messageId": id, "body": json.dumps(body)}


@pytest.mark.parametrize(
    "body",
    [
        {"Records": [make_record("a.jpg")]},
        make_bridged("a.jpg"),
        {
            "Type": "Notification",
            "TopicArn": "arn:aws:sns:eu-central-1:123456789012:uploads",
            "Message": json.dumps({"Records": [make_record("a.jpg")]}),
        },
    ],
)
def test_message_has_event_of_s3_eventbridge_or_sns(body: LambdaEvent) -> None:
    invocation = read_event({"Records": [make_message("m1", body)]})
    assert invocation.sender == "sqs"
    assert [(message.id, message.photos) for message in invocation.messages] == [
        ("m1", (make_photo("a.jpg"),))
    ]


@pytest.mark.parametrize("body", [[], "words", None, 1, {"hello": 1}, {"Records": [{}]}])
def test_invalid_message_does_not_affect_others(body: object) -> None:
    good = make_message("m2", {"Records": [make_record("a.jpg")]})
    bad, other = read_event({"Records": [make_message("m1", body), good]}).messages
    assert bad.error
    assert bad.photos == ()
    assert (other.error, other.photos) == ("", (make_photo("a.jpg"),))


def nest(depth: int) -> Any:
    """A document of lists in lists, as deep as JSON parsers read."""
    nested: Any = []
    for _ in range(depth):
        nested = [nested]
    return nested


def change(part: str, **values: Any) -> dict[str, Any]:
    """A record with other members in its bucket or object."""
    record = make_record("b.jpg")
    record["s3"][part].update(values)
    return record


MALFORMED_RECORDS: list[Any] = [
    *(None, 1, "words", [], {}, nest(5000)),
    make_record("b.jpg", version="3.0"),
    {**make_record("b.jpg"), "eventVersion": 2.1},
    {**make_record("b.jpg"), "eventSource": nest(5000)},
    {**make_record("b.jpg"), "eventName": None},
    {"eventSource": "aws:kinesis", "data": "e30="},
    {**make_record("b.jpg"), "s3": [1]},
    change("bucket", name=5),
    change("bucket", name=""),
    change("object", key=["b.jpg"]),
    change("object", key=None),
    change("object", key=""),
    change("object", key="\ud800.jpg"),
    change("object", versionId={"v": 1}),
    change("object", sequencer=[7]),
]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("bad", MALFORMED_RECORDS, ids=range(len(MALFORMED_RECORDS)))
def test_malformed_record_does_not_affect_others(bad: object, first: bool) -> None:
    records = [bad, make_record("a.jpg")] if first else [make_record("a.jpg"), bad]
    photos = read_photos({"Records": records})
    assert make_photo("a.jpg") in photos
    (unread,) = (photo for photo in photos if photo.error)
    assert (unread.key, unread.event) == ("", {"Records": [bad]})
    assert len(unread.error) < 300


@pytest.mark.parametrize("bad", MALFORMED_RECORDS, ids=range(len(MALFORMED_RECORDS)))
def test_event_of_malformed_records_only_raises(bad: object) -> None:
    with pytest.raises(BadEvent):
        read_event({"Records": [bad, bad]})


def test_size_of_another_type_is_unknown() -> None:
    event = {"Records": [change("object", size="7")]}
    assert read_photos(event) == [make_photo("b.jpg", bytes=None)]


@pytest.mark.parametrize("event", [None, 1, "words", [], {"invocationSchemaVersion": "1.0"}])
def test_event_that_is_not_a_document_raises(event: Any) -> None:
    with pytest.raises(BadEvent):
        read_event(event)


@pytest.mark.parametrize("detail", [None, [], {}, {"bucket": {"name": "photos"}, "object": 5}])
def test_malformed_detail_of_eventbridge_raises(detail: object) -> None:
    with pytest.raises(BadEvent, match="detail of an EventBridge event"):
        read_event({**make_bridged("a.jpg"), "detail": detail})


@pytest.mark.parametrize("bad", [None, 5, "words", {}, {"messageId": 5}])
def test_malformed_message_has_no_id(bad: object) -> None:
    good = make_message("m2", {"Records": [make_record("a.jpg")]})
    other, unread = read_event({"Records": [good, bad]}).messages
    assert (other.id, other.photos) == ("m2", (make_photo("a.jpg"),))
    assert (unread.id, unread.error) == ("", "its body is not an S3 event")


@pytest.mark.parametrize("bad", [None, 5, {}, {"taskId": "t2"}, {"taskId": "t2", "s3Key": 5}])
def test_malformed_task_does_not_affect_others(bad: Any) -> None:
    good = {"taskId": "t1", "s3Key": "a.jpg", "s3Bucket": "photos"}
    event = {"invocationSchemaVersion": "2.0", "invocationId": "i1", "tasks": [bad, good]}
    unread, task = read_event(event).messages
    assert (bool(unread.error), unread.photos) == (True, ())
    assert task.photos == (PhotoEvent("photos", "a.jpg"),)


@pytest.mark.parametrize("extra", [nest(100_000), "x" * 200_001])
@pytest.mark.parametrize("name", ["ObjectCreated:Put", "ObjectRemoved:Delete"])
def test_event_too_large_for_a_message_is_shortened(extra: Any, name: str) -> None:
    record = {**make_record("a+b.jpg", name=name), "extra": extra}
    ((photo,),) = [message.photos for message in read_event({"Records": [record]}).messages]
    event = shorten_event(photo)
    assert event is not None
    (again,) = read_photos(event)
    assert (again.bucket, again.key, again.removed) == ("photos", "a b.jpg", photo.removed)
    assert len(json.dumps(event)) < 1000


def test_event_of_a_usual_size_is_not_shortened() -> None:
    event = {"Records": [make_record("a.jpg")]}
    assert [shorten_event(photo) for photo in read_photos(event)] == [event]


def test_malformed_event_too_large_for_a_message_is_left_out() -> None:
    event = {"Records": [nest(100_000), make_record("a.jpg")]}
    assert shorten_event(read_photos(event)[0]) is None


@pytest.mark.parametrize(
    ("version", "bucket"),
    [
        ("1.0", {"s3BucketArn": "arn:aws:s3:::photos"}),
        ("1.0", {"s3BucketArn": "arn:aws:s3:us-east-1:0123456788:photos"}),
        ("2.0", {"s3Bucket": "photos"}),
    ],
)
def test_both_schemas_of_batch_jobs_are_parsed(version: str, bucket: LambdaEvent) -> None:
    task = {"taskId": "t1", "s3Key": "my+photo%2B1.jpg", "s3VersionId": None, **bucket}
    event = {"invocationSchemaVersion": version, "invocationId": "i1", "tasks": [task]}
    invocation = read_event(event)
    assert invocation.sender == "s3-batch"
    assert [(message.id, message.photos) for message in invocation.messages] == [
        ("t1", (PhotoEvent("photos", "my photo+1.jpg"),))
    ]


@pytest.mark.parametrize(
    "event",
    [
        {"Records": [make_record("my+photo%2B1.jpg"), make_record("b.jpg")]},
        make_bridged("my photo+1.jpg"),
        {"Records": [make_message("m1", {"Records": [make_record("my+photo%2B1.jpg")]})]},
        {
            "invocationSchemaVersion": "1.0",
            "invocationId": "i1",
            "tasks": [
                {"taskId": "t1", "s3Key": "my+photo%2B1.jpg", "s3BucketArn": "arn:aws:s3:::photos"}
            ],
        },
    ],
)
def test_event_of_a_photo_has_that_photo_only(event: LambdaEvent) -> None:
    first = read_photos(event)[0]
    again = read_event(first.event)
    assert again.sender == "s3"
    ((photo,),) = [message.photos for message in again.messages]
    assert (photo.bucket, photo.key) == ("photos", "my photo+1.jpg")
