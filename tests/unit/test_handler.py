"""The Lambda handler, against an S3 that is a dictionary."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pixelater import NotAPicture, TooLarge, handler, pixelate
from pixelater.handler import BadConfiguration, BadEvent, ObjectTooLarge, PhotoRef, Settings
from tests.pictures import encode, make_scene

ACCOUNT = "123456789012"
SETTINGS = Settings("mosaics", (8, 16))
PHOTO = encode(make_scene(), "JPEG")


@dataclass
class DictionaryS3:
    """Holds objects as (bucket, key) -> parameters of the put; checks the owner it is told."""

    objects: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    claimed_size: int | None = None

    def get_object(self, Bucket: str, Key: str, ExpectedBucketOwner: str) -> dict[str, Any]:
        assert ExpectedBucketOwner == ACCOUNT
        if (Bucket, Key) not in self.objects:
            error = {"Error": {"Code": "NoSuchKey", "Message": "The key does not exist."}}
            raise ClientError(error, "GetObject")
        data = self.objects[Bucket, Key]["Body"]
        return {"ContentLength": self.claimed_size or len(data), "Body": io.BytesIO(data)}

    def put_object(self, Bucket: str, Key: str, **parameters: Any) -> None:
        assert parameters.pop("ExpectedBucketOwner") == ACCOUNT
        self.objects[Bucket, Key] = parameters


class Context:
    """What the handler reads of Lambda's context."""

    invoked_function_arn = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:pixelater-function"
    aws_request_id = "7f2a"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> DictionaryS3:
    bucket = DictionaryS3({("photos", "a b.jpg"): {"Body": PHOTO}})
    monkeypatch.setattr(handler, "_connect", lambda: bucket)
    monkeypatch.setenv("bucket_1", "mosaics")
    monkeypatch.setenv("PIXELATER_GRIDS", "8,16")
    return bucket


def make_record(key: str, version: str = "2.1", name: str = "ObjectCreated:Put") -> dict[str, Any]:
    return {
        "eventVersion": version,
        "eventSource": "aws:s3",
        "eventName": name,
        "s3": {"bucket": {"name": "photos"}, "object": {"key": key}},
    }


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.17"])
def test_every_minor_version_of_s3_events_is_understood(version: str) -> None:
    event = {"Records": [make_record("a.jpg", version)]}
    assert handler.read_event(event) == [(PhotoRef("photos", "a.jpg"), "")]


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("my+photo%2B1.jpg", "my photo+1.jpg"),
        ("a%C3%B1o/%C3%A9t%C3%A9.png", "año/été.png"),
        ("100%25.png", "100%.png"),
    ],
)
def test_keys_are_decoded(encoded: str, key: str) -> None:
    assert handler.read_event({"Records": [make_record(encoded)]}) == [
        (PhotoRef("photos", key), "")
    ]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "photos"}, "s3:TestEvent"),
        ({"Records": [make_record("folder/")]}, "a folder marker, not a photo"),
        (
            {"Records": [make_record("a", name="ObjectRemoved:Delete")]},
            "event ObjectRemoved:Delete",
        ),
    ],
)
def test_what_is_skipped_is_said_with_its_reason(
    s3: DictionaryS3, event: dict[str, Any], reason: str
) -> None:
    result = handler.lambda_handler(event, Context())
    assert [skipped["reason"] for skipped in result["skipped"]] == [reason]
    assert result["photos"] == []


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"detail-type": "Object Created"},
        {"Records": [make_record("a", version="3.0")]},
        {"Records": [{"eventSource": "aws:sqs", "body": "{}"}]},
    ],
)
def test_an_event_of_another_kind_raises(s3: DictionaryS3, event: dict[str, Any]) -> None:
    with pytest.raises(BadEvent):
        handler.lambda_handler(event, Context())


def test_a_photo_becomes_mosaics_with_their_media_type(s3: DictionaryS3) -> None:
    result = handler.lambda_handler({"Records": [make_record("a+b.jpg")]}, Context())
    names = ["pixelated-8x8-a b.jpg", "pixelated-16x16-a b.jpg"]
    assert result == {"photos": [{"key": "a b.jpg", "mosaics": names}], "skipped": []}
    written = {key: value for (bucket, key), value in s3.objects.items() if bucket == "mosaics"}
    assert written == {
        name: {"Body": mosaic.data, "ContentType": "image/jpeg"}
        for name, mosaic in zip(names, pixelate(PHOTO, (8, 16)), strict=True)
    }


def test_the_same_event_again_writes_the_same_bytes(s3: DictionaryS3) -> None:
    event = {"Records": [make_record("a+b.jpg")]}
    handler.lambda_handler(event, Context())
    first = dict(s3.objects)
    handler.lambda_handler(event, Context())
    assert s3.objects == first


def test_a_failure_raises_after_the_other_records_had_their_turn(s3: DictionaryS3) -> None:
    s3.objects["photos", "bad.jpg"] = {"Body": b"no picture"}
    with pytest.raises(NotAPicture):
        handler.lambda_handler(
            {"Records": [make_record("bad.jpg"), make_record("a+b.jpg")]}, Context()
        )
    assert ("mosaics", "pixelated-8x8-a b.jpg") in s3.objects


def test_even_a_bug_in_one_record_lets_the_others_have_their_turn(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.objects["photos", "odd.jpg"] = {"Body": None}
    with pytest.raises(TypeError):
        handler.lambda_handler(
            {"Records": [make_record("odd.jpg"), make_record("a+b.jpg")]}, Context()
        )
    assert ("mosaics", "pixelated-8x8-a b.jpg") in s3.objects


def test_several_failures_raise_together(s3: DictionaryS3) -> None:
    s3.objects["photos", "bad.jpg"] = {"Body": b"no picture"}
    with pytest.raises(ExceptionGroup) as raised:
        handler.lambda_handler(
            {"Records": [make_record("bad.jpg"), make_record("gone")]}, Context()
        )
    assert [type(error) for error in raised.value.exceptions] == [NotAPicture, ClientError]


def test_writing_into_the_source_bucket_is_refused() -> None:
    with pytest.raises(BadConfiguration, match="each mosaic would trigger the function again"):
        handler.pixelate_object(DictionaryS3(), PhotoRef("mosaics", "a.jpg"), SETTINGS, ACCOUNT)


def test_an_object_too_large_for_memory_is_refused_unread() -> None:
    s3 = DictionaryS3({("photos", "a.jpg"): {"Body": PHOTO}}, claimed_size=2**31)
    with pytest.raises(ObjectTooLarge):
        handler.pixelate_object(s3, PhotoRef("photos", "a.jpg"), SETTINGS, ACCOUNT)


def test_the_pixel_limit_can_be_set(s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXELATER_MAX_PIXELS", "1000")
    with pytest.raises(TooLarge):
        handler.lambda_handler({"Records": [make_record("a+b.jpg")]}, Context())


def test_a_put_that_fails_raises(s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(**parameters: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")

    monkeypatch.setattr(s3, "put_object", deny)
    with pytest.raises(ClientError, match="AccessDenied"):
        handler.lambda_handler({"Records": [make_record("a+b.jpg")]}, Context())


def test_grids_default_to_the_five() -> None:
    assert handler.read_settings({"bucket_1": "mosaics"}) == Settings(
        "mosaics", (8, 16, 32, 48, 64)
    )


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"bucket_1": "mosaics", "PIXELATER_MAX_PIXELS": "1e6"}, "'1e6' is not a whole number"),
        ({}, "bucket_1 must name the destination bucket"),
        ({"bucket_1": "mosaics", "PIXELATER_GRIDS": "eight"}, "PIXELATER_GRIDS: 'eight'"),
    ],
)
def test_settings_that_cannot_work_are_named(environment: dict[str, str], words: str) -> None:
    with pytest.raises(BadConfiguration, match=words):
        handler.read_settings(environment)
