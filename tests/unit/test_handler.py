"""The Lambda handler, against an S3 and a queue that are dictionaries."""

from __future__ import annotations

import hashlib
import io
import json
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import get_ident
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote_plus

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from pixelater import NotAPicture, TooLarge, mosaic, pixelate
from pixelater.look import Look
from pixelater_function import handler, settings
from pixelater_function import s3 as s3_sender
from pixelater_function.delivery import PhotoGone
from pixelater_function.events import BadEvent, LambdaEvent
from pixelater_function.failures import AccessDenied
from pixelater_function.mosaic_metadata import MetadataKey
from pixelater_function.protocol import (
    Version,
)
from pixelater_function.recipe import compute_recipe
from pixelater_function.s3 import ObjectTooLarge
from pixelater_function.settings import BadConfiguration, FunctionSettings
from pixelater_function.timeout import OutOfTime
from tests.pictures import encode, encode_endless_fli, make_scene
from tests.unit.test_events import MALFORMED_RECORDS, make_bridged, make_message, make_record

ACCOUNT = "123456789012"
PHOTO = encode(make_scene(), "JPEG")
NAMES = ["pixelated-8x8-a b.jpg", "pixelated-16x16-a b.jpg"]
GOOD = make_record("a+b.jpg")
ARN = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:pixelater-function"


def refuse(code: str, status: int) -> ClientError:
    error = {
        "Error": {"Code": code, "Message": "because"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(error, "Operation")


@dataclass
class DictionaryS3:
    """Holds objects as (bucket, key) -> parameters of the put; checks the owner it is told.

    `errors` holds what is raised for (operation, key). Without `conditional_deletes`, a delete with
    a condition is answered as LocalStack does.
    """

    objects: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    claimed_size: int | None = None
    errors: dict[tuple[str, str], Exception] = field(default_factory=dict)
    conditional_deletes: bool = True
    calls: list[str] = field(default_factory=list)
    threads: dict[str, int] = field(default_factory=dict)
    """The thread of the last call of each operation."""

    def get_object(self, Bucket: str, Key: str, ExpectedBucketOwner: str) -> dict[str, Any]:
        there = self._find("get", Bucket, Key, ExpectedBucketOwner)
        if there is None:
            raise refuse("NoSuchKey", 404)
        size = self.claimed_size or len(there["Body"])
        return {**_tell(there), "ContentLength": size, "Body": io.BytesIO(there["Body"])}

    def head_object(self, Bucket: str, Key: str, ExpectedBucketOwner: str) -> dict[str, Any]:
        there = self._find("head", Bucket, Key, ExpectedBucketOwner)
        if there is None:
            raise refuse("404", 404)
        return _tell(there)

    def put_object(self, Bucket: str, Key: str, **parameters: Any) -> None:
        there = self._find("put", Bucket, Key, parameters.pop("ExpectedBucketOwner"))
        wanted, new = parameters.pop("IfMatch", None), parameters.pop("IfNoneMatch", None)
        assert (wanted is None) is (new == "*")
        if (there and _tell(there)["ETag"]) != wanted:
            raise refuse("PreconditionFailed", 412)
        self.objects[Bucket, Key] = parameters

    def delete_object(
        self, Bucket: str, Key: str, ExpectedBucketOwner: str, IfMatch: str | None = None
    ) -> None:
        there = self._find("delete", Bucket, Key, ExpectedBucketOwner)
        if IfMatch and not self.conditional_deletes:
            raise refuse("NotImplemented", 501)
        assert there and IfMatch == (_tell(there)["ETag"] if self.conditional_deletes else None)
        del self.objects[Bucket, Key]

    def _find(self, operation: str, bucket: str, key: str, owner: str) -> dict[str, Any] | None:
        assert owner == ACCOUNT
        self.calls.append(operation)
        self.threads[operation] = get_ident()
        if (operation, key) in self.errors:
            raise self.errors[operation, key]
        return self.objects.get((bucket, key))


def _tell(there: dict[str, Any]) -> dict[str, Any]:
    return {
        "ETag": f'"{hashlib.md5(there["Body"]).hexdigest()}"',  # noqa: S324 (as S3 does)
        "LastModified": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "VersionId": "v7",
        "Metadata": there.get("Metadata", {}),
    }


@dataclass
class DictionarySqs:
    """Keeps the messages that are sent, with the queue they are sent to."""

    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    error: Exception | None = None
    meta: Any = field(
        default_factory=lambda: SimpleNamespace(endpoint_url="https://sqs.example.com")
    )

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:
        if self.error:
            raise self.error
        self.sent.append((QueueUrl, json.loads(MessageBody)))


@dataclass
class Context:
    """What the handler reads of Lambda's context."""

    seconds: float = 300
    invoked_function_arn: str = ARN
    aws_request_id: str = "7f2a"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, sqs: DictionarySqs) -> DictionaryS3:
    bucket = DictionaryS3({("photos", "a b.jpg"): {"Body": PHOTO}})
    monkeypatch.setattr(handler, "_connect", {"s3": bucket, "sqs": sqs}.__getitem__)
    monkeypatch.setenv("bucket_1", "mosaics")
    monkeypatch.setenv("PIXELATER_GRIDS", "8,16")
    monkeypatch.setenv("PIXELATER_FAILURES", "pixelater-failures")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "pixelater-function")
    return bucket


@pytest.fixture
def sqs() -> DictionarySqs:
    return DictionarySqs()


def handle(*records: dict[str, Any]) -> dict[str, Any]:
    return handler.lambda_handler({"Records": list(records)}, Context())


def list_mosaics(s3: DictionaryS3) -> list[str]:
    return [key for bucket, key in s3.objects if bucket == "mosaics"]


def test_photo_becomes_mosaics_with_metadata(
    s3: DictionaryS3,
) -> None:
    photos = [{"key": "a b.jpg", "mosaics": NAMES}]
    assert handle(GOOD) == {"photos": photos, "skipped": [], "failed": []}
    written = {key: value for (bucket, key), value in s3.objects.items() if bucket == "mosaics"}
    assert written == {
        name: {
            "Body": mosaic.data,
            "ContentType": "image/jpeg",
            "Metadata": {
                "pixelater-v": "2",
                "pixelater-recipe": compute_recipe(None, Look((8, 16))),
                "pixelater-photo": "a%20b.jpg",
                "pixelater-etag": hashlib.md5(PHOTO).hexdigest(),  # noqa: S324
                "pixelater-version": "v7",
                "pixelater-modified": "2026-01-02T03:04:05+00:00",
                "pixelater-sha256": hashlib.sha256(mosaic.data).hexdigest(),
                "pixelater-sequencer": "0055AED6DCD90281E5",
            },
        }
        for name, mosaic in zip(NAMES, pixelate(PHOTO, (8, 16)), strict=True)
    }


def test_metadata_with_a_secret_are_keyed(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle(GOOD)
    clear = s3.objects["mosaics", NAMES[0]]["Metadata"]
    s3.objects.pop(("mosaics", NAMES[0]))
    monkeypatch.setenv("PIXELATER_SECRET", "5" * 64)
    handle(GOOD)
    assert s3.objects["mosaics", NAMES[0]]["Metadata"] == MetadataKey("5" * 64).lock(clear)


def test_mosaics_of_a_lost_secret_are_replaced_only_by_its_name(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIXELATER_SECRET", "5" * 64)
    handle(GOOD)
    monkeypatch.setenv("PIXELATER_SECRET", "6" * 64)
    assert [failed["reason"] for failed in handle(GOOD)["failed"]] == ["name_taken"]
    lost, new = MetadataKey("5" * 64).fingerprint, MetadataKey("6" * 64).fingerprint
    handle({**GOOD, "pixelaterTakeOver": lost})
    metadata = [s3.objects["mosaics", name]["Metadata"] for name in NAMES]
    assert [each["pixelater-secret"] for each in metadata] == [new, new]


def test_invalid_secret_is_not_in_the_error(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIXELATER_SECRET", "5" * 63)
    with pytest.raises(BadConfiguration, match=r"^PIXELATER_SECRET is not 64 hexadecimal digits$"):
        handle(GOOD)


def test_photo_is_read_in_the_main_thread(
    s3: DictionaryS3,
) -> None:
    handle(GOOD)
    assert s3.threads["get"] == get_ident()
    assert s3.threads["put"] != get_ident()


def test_repeated_event_writes_nothing(
    s3: DictionaryS3, capsys: pytest.CaptureFixture[str]
) -> None:
    first = handle(GOOD)
    before = dict(s3.objects)
    assert handle({**GOOD, "eventTime": "later"}) == first
    assert s3.objects == before
    assert [line["outcome"] for line in read_log(capsys)] == ["done", "unchanged"]


def test_unchanged_photo_is_not_read(s3: DictionaryS3) -> None:
    handle(GOOD)
    s3.calls.clear()
    assert handle(GOOD)["photos"] == [{"key": "a b.jpg", "mosaics": NAMES}]
    assert s3.calls == ["head", "head", "head"]


def test_another_setting_is_another_recipe(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle(GOOD)
    monkeypatch.setenv("PIXELATER_MAX_PIXELS", "10000000")
    s3.calls.clear()
    handle(GOOD)
    assert "get" in s3.calls


def test_metadata_fit_into_two_kilobytes(s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 counts the bytes of names and values."""
    key = "\u65e5" * 320 + ".jpg"
    s3.objects["photos", key] = {"Body": PHOTO}
    monkeypatch.setattr(s3_sender, "_tell_version", make_long_version)
    handle(make_record(quote_plus(key)))
    for (bucket, _), written in s3.objects.items():
        if bucket == "mosaics":
            metadata = written["Metadata"]
            assert len(metadata) == 8
            assert sum(map(len, [*metadata, *metadata.values()])) < 1300


def make_long_version(_answer: object) -> Version:
    return Version(f'"{"a" * 32}-10000"', "v" * 32, "2026-01-02T03:04:05+00:00")


def test_permanent_failure_is_sent_to_the_queue(s3: DictionaryS3, sqs: DictionarySqs) -> None:
    s3.objects["photos", "bad.jpg"] = {"Body": b"no picture"}
    bad = make_record("bad.jpg")
    result = handle(bad, GOOD)
    message = "a text file, not an image"
    failed = {"key": "bad.jpg", "reason": "not_a_picture", "message": f"NotAPicture: {message}"}
    assert result["failed"] == [failed]
    assert [photo["key"] for photo in result["photos"]] == ["a b.jpg"]
    ((url, record),) = sqs.sent
    assert url == f"https://sqs.example.com/{ACCOUNT}/pixelater-failures"
    assert time.strptime(record.pop("time")[:19], "%Y-%m-%dT%H:%M:%S")
    assert record == {
        "pixelater": "failure",
        "version": 1,
        "reason": "not_a_picture",
        "message": message,
        "hint": "Check where it comes from: a download may have failed.",
        "bucket": "photos",
        "key": "bad.jpg",
        "version_id": "v7",
        "bytes": 10,
        "request_id": "7f2a",
        "event": {"Records": [bad]},
    }


def test_mosaic_that_cannot_be_written_is_permanent(s3: DictionaryS3, sqs: DictionarySqs) -> None:
    s3.objects["photos", "long.fli"] = {"Body": encode_endless_fli()}
    result = handle(make_record("long.fli"), GOOD)
    assert [photo["key"] for photo in result["photos"]] == ["a b.jpg"]
    assert [record["reason"] for _, record in sqs.sent] == ["mosaic_failed"]
    assert sqs.sent[0][1]["message"] == (
        "writing a mosaic of it as PNG failed (the animation is too long for this format)"
    )


def test_permanent_failure_without_queue_is_raised(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIXELATER_FAILURES")
    s3.objects["photos", "bad.jpg"] = {"Body": b"no picture"}
    with pytest.raises(NotAPicture):
        handle(make_record("bad.jpg"), GOOD)
    assert list_mosaics(s3) == NAMES


def test_error_of_the_failure_queue_is_raised(
    s3: DictionaryS3, sqs: DictionarySqs, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.objects["photos", "bad.jpg"] = {"Body": b"no picture"}
    sqs.error = EndpointConnectionError(endpoint_url="https://sqs.example.com")
    with pytest.raises(EndpointConnectionError):
        handle(make_record("bad.jpg"), GOOD)
    assert list_mosaics(s3) == NAMES
    assert [line["outcome"] for line in read_log(capsys)] == ["passing", "done"]


PASSING = [
    refuse("SlowDown", 503),
    refuse("InternalError", 500),
    refuse("Bad Gateway", 502),
    refuse("RequestTimeout", 400),
    refuse("RequestTimeTooSkewed", 403),
    refuse("KMS.ThrottlingException", 400),
    refuse("ExpiredToken", 400),
    refuse("TooManyRequestsException", 429),
    ReadTimeoutError(endpoint_url="https://s3.example.com"),
    EndpointConnectionError(endpoint_url="https://s3.example.com"),
    TypeError("a bug"),
]


@pytest.mark.parametrize("operation", ["get", "put"])
@pytest.mark.parametrize("error", PASSING, ids=str)
def test_transient_failure_is_raised_after_all_photos(
    s3: DictionaryS3, sqs: DictionarySqs, error: Exception, operation: str
) -> None:
    s3.objects["photos", "b.jpg"] = {"Body": PHOTO}
    s3.errors[operation, {"get": "b.jpg", "put": "pixelated-8x8-b.jpg"}[operation]] = error
    with pytest.raises(type(error)):
        handle(make_record("b.jpg"), GOOD)
    assert list_mosaics(s3) == NAMES
    assert sqs.sent == []


LASTING = [
    (refuse("InvalidObjectState", 403), "invalid_object_state"),
    (refuse("NoSuchBucket", 404), "no_such_bucket"),
    (refuse("KMS.DisabledException", 400), "kms_disabled_exception"),
    (refuse("NotImplemented", 501), "not_implemented"),
]


@pytest.mark.parametrize("operation", ["get", "put"])
@pytest.mark.parametrize(("error", "reason"), LASTING, ids=str)
def test_permanent_error_of_s3_is_recorded(
    s3: DictionaryS3, sqs: DictionarySqs, error: Exception, reason: str, operation: str
) -> None:
    s3.errors[operation, {"get": "a b.jpg", "put": NAMES[0]}[operation]] = error
    assert [one["reason"] for one in handle(GOOD)["failed"]] == [reason]
    assert [record["reason"] for _, record in sqs.sent] == [reason]


@pytest.mark.parametrize("operation", ["get", "put"])
def test_denied_access_is_raised_by_name_and_not_recorded(
    s3: DictionaryS3, sqs: DictionarySqs, operation: str
) -> None:
    """A policy takes a while to spread; Lambda records what is denied three times."""
    key = {"get": "a b.jpg", "put": NAMES[0]}[operation]
    s3.errors[operation, key] = refuse("AccessDenied", 403)
    with pytest.raises(AccessDenied, match=r"An error occurred \(AccessDenied\)"):
        handle(GOOD)
    assert sqs.sent == []


def test_photo_that_is_not_found_is_raised_and_not_recorded(
    s3: DictionaryS3, sqs: DictionarySqs
) -> None:
    """S3 may not find it yet; Lambda records what is not found three times."""
    with pytest.raises(PhotoGone):
        handle(make_record("gone.jpg"))
    assert sqs.sent == []


@pytest.mark.parametrize("error", [None, refuse("AccessDenied", 403), refuse("SlowDown", 503)])
def test_picture_of_the_smoke_test_is_neither_retried_nor_recorded(
    s3: DictionaryS3, sqs: DictionarySqs, error: Exception | None
) -> None:
    key = "in/pixelater-smoke-test/0.png"
    if error:
        s3.errors["get", key] = error
    assert [failed["key"] for failed in handle(make_record(key))["failed"]] == [key]
    assert sqs.sent == []


def test_several_failures_raise_together(s3: DictionaryS3) -> None:
    for key in ("x", "y"):
        s3.errors["get", key] = refuse("SlowDown", 503)
    with pytest.raises(ExceptionGroup) as raised:
        handle(make_record("x"), make_record("y"), GOOD)
    assert [type(error) for error in raised.value.exceptions] == [ClientError, ClientError]


def test_object_too_large_is_refused_unread(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIXELATER_FAILURES")
    s3.claimed_size = 2**31
    with pytest.raises(ObjectTooLarge):
        handle(GOOD)


def test_pixel_limit_is_a_setting(s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIXELATER_FAILURES")
    monkeypatch.setenv("PIXELATER_MAX_PIXELS", "1000")
    with pytest.raises(TooLarge):
        handle(GOOD)


def test_photos_with_same_names_do_not_replace_each_other(
    s3: DictionaryS3, sqs: DictionarySqs
) -> None:
    for key in ("scan.jpg", "scan.png"):  # Both hold a JPEG, so both want scan.jpg.
        s3.objects["photos", key] = {"Body": PHOTO}
    result = handle(make_record("scan.png"), make_record("scan.jpg"))
    assert [photo["key"] for photo in result["photos"]] == ["scan.png"]
    assert [(one["key"], one["reason"]) for one in result["failed"]] == [("scan.jpg", "name_taken")]


REMOVAL = make_record("a+b.jpg", name="ObjectRemoved:Delete")


def change_grids(monkeypatch: pytest.MonkeyPatch, wanted: str, former: str) -> None:
    monkeypatch.setenv("PIXELATER_GRIDS", wanted)
    monkeypatch.setenv("PIXELATER_FORMER_GRIDS", former)


def test_later_upload_replaces_mosaics_of_former_grids(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_grids(monkeypatch, "4,8,16", "")
    handle(GOOD)
    del s3.objects["mosaics", "pixelated-4x4-a b.jpg"]
    change_grids(monkeypatch, "8", "4,16")
    photo = encode(make_scene().rotate(180), "JPEG")
    s3.objects["photos", "a b.jpg"] = {"Body": photo}
    assert handle(GOOD)["photos"][0]["mosaics"] == ["pixelated-8x8-a b.jpg"]
    found = {
        key: s3.objects[bucket, key]["Body"] for bucket, key in s3.objects if bucket != "photos"
    }
    wanted = {
        f"pixelated-{grid}x{grid}-a b.jpg": pixelate(photo, (grid,))[0].data for grid in (8, 16)
    }
    assert found == wanted


def test_new_photo_has_no_mosaics_of_former_grids(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_grids(monkeypatch, "8", "4,16")
    handle(GOOD)
    assert list_mosaics(s3) == ["pixelated-8x8-a b.jpg"]


def test_mosaic_of_another_photo_is_left_at_a_former_grid(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_grids(monkeypatch, "8", "16")
    theirs = {"Body": b"", "Metadata": {"pixelater-photo": "b.psd"}}
    s3.objects["mosaics", "pixelated-16x16-a b.jpg"] = theirs
    assert handle(GOOD)["failed"] == []
    assert s3.objects["mosaics", "pixelated-16x16-a b.jpg"] == theirs


def test_mirrored_delete_deletes_mosaics_of_former_grids(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIXELATER_MIRROR_DELETES", "true")
    change_grids(monkeypatch, "4,8,16", "")
    handle(GOOD)
    change_grids(monkeypatch, "8", "4,16")
    del s3.objects["photos", "a b.jpg"]
    handle(REMOVAL)
    assert list_mosaics(s3) == []


def test_deletes_are_not_mirrored_by_default(s3: DictionaryS3) -> None:
    handle(GOOD)
    del s3.objects["photos", "a b.jpg"]
    skipped = [{"key": "a b.jpg", "reason": "deletes are not mirrored"}]
    assert handle(REMOVAL) == {"photos": [], "skipped": skipped, "failed": []}
    assert list_mosaics(s3) == NAMES


@pytest.mark.parametrize("conditional_deletes", [True, False])
def test_mirrored_delete_deletes_mosaics(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch, conditional_deletes: bool
) -> None:
    monkeypatch.setenv("PIXELATER_MIRROR_DELETES", "true")
    s3.conditional_deletes = conditional_deletes
    handle(GOOD)
    s3.objects["mosaics", "pixelated-8x8-a b.png"] = {"Body": b"", "Metadata": {}}
    del s3.objects["photos", "a b.jpg"]
    photos = [{"key": "a b.jpg", "mosaics": []}]
    assert handle(REMOVAL) == {"photos": photos, "skipped": [], "failed": []}
    assert list_mosaics(s3) == ["pixelated-8x8-a b.png"]


def make_late(seconds: float) -> dict[str, Any]:
    """Make a record of an upload that was so long ago."""
    return GOOD | {"eventTime": datetime.fromtimestamp(time.time() - seconds, UTC).isoformat()}


@pytest.mark.parametrize("bridged", [False, True])
def test_photo_of_a_young_upload_does_not_count_as_deleted(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch, bridged: bool
) -> None:
    """S3 may not find it yet, where versioning is new."""
    monkeypatch.setenv("PIXELATER_MIRROR_DELETES", "true")
    handle(GOOD)
    hidden = s3.objects.pop(("photos", "a b.jpg"))
    record = make_late(100)
    event: LambdaEvent = {"Records": [record]}
    if bridged:
        event = {**make_bridged("a b.jpg"), "time": record["eventTime"]}
    with pytest.raises(PhotoGone):
        handler.lambda_handler(event, Context())
    assert list_mosaics(s3) == NAMES
    s3.objects["photos", "a b.jpg"] = hidden
    assert handle(record)["photos"] == [{"key": "a b.jpg", "mosaics": NAMES}]


def test_upload_stays_young_for_less_time_where_retries_come_sooner(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 60, the emulator tries a third time after three seconds."""
    monkeypatch.setenv("PIXELATER_MIRROR_DELETES", "true")
    monkeypatch.setenv("PIXELATER_TIME_SCALE", "60.0")
    handle(GOOD)
    del s3.objects["photos", "a b.jpg"]
    with pytest.raises(PhotoGone):
        handle(make_late(0))
    assert handle(make_late(2.9))["photos"] == [{"key": "a b.jpg", "mosaics": []}]


@pytest.mark.parametrize("record", [make_late(130), GOOD, GOOD | {"eventTime": "soon"}])
def test_photo_of_an_old_upload_that_is_not_found_counts_as_deleted(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch, record: dict[str, Any]
) -> None:
    monkeypatch.setenv("PIXELATER_MIRROR_DELETES", "true")
    handle(GOOD)
    del s3.objects["photos", "a b.jpg"]
    assert handle(record)["photos"] == [{"key": "a b.jpg", "mosaics": []}]
    assert list_mosaics(s3) == []


@pytest.mark.parametrize(("code", "status"), [("InternalError", 500), ("SlowDown", 503)])
def test_transient_error_of_a_delete_is_raised(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch, code: str, status: int
) -> None:
    monkeypatch.setenv("PIXELATER_MIRROR_DELETES", "true")
    handle(GOOD)
    del s3.objects["photos", "a b.jpg"]
    s3.errors["delete", NAMES[1]] = refuse(code, status)
    with pytest.raises(ClientError, match=code):
        handle(REMOVAL)
    assert list_mosaics(s3) == [NAMES[1]]
    s3.errors.clear()
    assert handle(REMOVAL)["failed"] == []
    assert list_mosaics(s3) == []


def test_delete_keeps_mosaics_of_a_new_photo(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIXELATER_MIRROR_DELETES", "true")
    handle(GOOD)
    handle(REMOVAL)
    assert list_mosaics(s3) == NAMES


def test_sqs_retries_transient_failures_only(s3: DictionaryS3, sqs: DictionarySqs) -> None:
    s3.objects["photos", "bad.jpg"] = {"Body": b"no picture"}
    s3.errors["get", "busy.jpg"] = refuse("SlowDown", 503)
    records = [make_record("bad.jpg"), make_record("busy.jpg"), GOOD]
    messages = [make_message(f"m{n}", {"Records": [one]}) for n, one in enumerate(records)]
    answer = handle(*messages, make_message("m3", "words"))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert [record["reason"] for _, record in sqs.sent] == ["not_a_picture", "bad_event"]
    assert sqs.sent[0][1]["event"] == {"Records": [records[0]]}
    assert list_mosaics(s3) == NAMES


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000, "9" * 5000, "[[]]"])
def test_invalid_message_does_not_affect_its_batch(
    s3: DictionaryS3, sqs: DictionarySqs, body: str
) -> None:
    bad = {**make_message("m0", {}), "body": body}
    answer = handle(bad, make_message("m1", {"Records": [GOOD]}))
    assert answer == {"batchItemFailures": []}
    assert [record["reason"] for _, record in sqs.sent] == ["bad_event"]
    assert list_mosaics(s3) == NAMES


@pytest.mark.parametrize("bad", MALFORMED_RECORDS, ids=range(len(MALFORMED_RECORDS)))
def test_malformed_record_is_recorded_alone(
    s3: DictionaryS3, sqs: DictionarySqs, bad: object
) -> None:
    answer = handle(bad, GOOD)  # type: ignore[arg-type]
    assert [photo["key"] for photo in answer["photos"]] == ["a b.jpg"]
    assert [failed["reason"] for failed in answer["failed"]] == ["bad_event"]
    assert [record["reason"] for _, record in sqs.sent] == ["bad_event"]
    assert list_mosaics(s3) == NAMES


@pytest.mark.parametrize("bad", [None, 1, [], {}, {**GOOD, "eventName": None}])
def test_malformed_record_of_a_message_is_recorded_alone(
    s3: DictionaryS3, sqs: DictionarySqs, bad: object
) -> None:
    messages = [make_message("m0", {"Records": [bad, GOOD]}), make_message("m1", {})]
    assert handle(*messages) == {"batchItemFailures": []}
    assert [record["event"] for _, record in sqs.sent] == [
        {"Records": [bad]},
        {"Records": [messages[1]]},
    ]
    assert list_mosaics(s3) == NAMES


def test_message_without_id_retries_the_batch_only_if_it_cannot_be_recorded(
    s3: DictionaryS3, sqs: DictionarySqs
) -> None:
    """SQS takes an empty identifier for all messages of the batch."""
    good = make_message("m1", {"Records": [GOOD]})
    assert handle(good, {"eventSource": "aws:sqs"}) == {"batchItemFailures": []}
    sqs.error = EndpointConnectionError(endpoint_url="https://sqs.example.com")
    answer = handle(good, {"eventSource": "aws:sqs"})
    assert answer == {"batchItemFailures": [{"itemIdentifier": ""}]}


def test_message_of_destination_bucket_is_retried_alone(s3: DictionaryS3) -> None:
    there = make_record("x.jpg")
    there["s3"]["bucket"]["name"] = "mosaics"
    messages = [make_message(f"m{n}", {"Records": [one]}) for n, one in enumerate((there, GOOD))]
    assert handle(*messages) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert list_mosaics(s3) == NAMES


def test_eventbridge_event_is_handled(s3: DictionaryS3) -> None:
    result = handler.lambda_handler(make_bridged("a b.jpg"), Context())
    assert result["photos"] == [{"key": "a b.jpg", "mosaics": NAMES}]


@pytest.mark.parametrize(
    ("key", "code", "words"),
    [
        ("a+b.jpg", "Succeeded", "done"),
        ("bad.jpg", "PermanentFailure", "NotAPicture: a text file, not an image"),
        ("folder/", "Succeeded", "a folder marker, not a photo"),
        (
            "busy.jpg",
            "TemporaryFailure",
            "ClientError: An error occurred (SlowDown) when calling the Operation operation: "
            "because",
        ),
    ],
)
def test_batch_job_gets_each_tasks_result(
    s3: DictionaryS3, key: str, code: str, words: str
) -> None:
    s3.objects["photos", "bad.jpg"] = {"Body": b"no picture"}
    s3.errors["get", "busy.jpg"] = refuse("SlowDown", 503)
    task = {"taskId": "t1", "s3Key": key, "s3VersionId": None, "s3Bucket": "photos"}
    event = {"invocationSchemaVersion": "2.0", "invocationId": "i1", "tasks": [task]}
    assert handler.lambda_handler(event, Context()) == {
        "invocationSchemaVersion": "2.0",
        "treatMissingKeysAs": "TemporaryFailure",
        "invocationId": "i1",
        "results": [{"taskId": "t1", "resultCode": code, "resultString": words}],
    }


def test_unsupported_event_raises(s3: DictionaryS3) -> None:
    with pytest.raises(BadEvent):
        handler.lambda_handler({"hello": 1}, Context())


def test_destination_equal_to_source_is_refused(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("bucket_1", "photos")
    with pytest.raises(BadConfiguration, match="each mosaic would trigger the function again"):
        handle(GOOD)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no alarms here")
def test_photo_that_takes_too_long_raises_out_of_time(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def make_slowly(*_: object, **__: object) -> Iterator[object]:
        time.sleep(60)
        yield from ()

    monkeypatch.setattr(mosaic, "make_mosaics", make_slowly)
    with pytest.raises(Exception, match=r"not finished within the 0\.1 seconds"):
        handler.lambda_handler({"Records": [GOOD]}, Context(seconds=0.2))
    (line,) = read_log(capsys)
    assert (line["outcome"], line["reason"]) == ("passing", "out_of_time")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no alarms here")
def test_out_of_time_is_not_retried_by_botocore(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(**_: object) -> None:
        try:
            time.sleep(60)
        except Exception as error:  # As botocore's httpsession.py does.
            raise ReadTimeoutError(endpoint_url="there", error=error) from error

    monkeypatch.setattr(s3, "get_object", wait)
    with pytest.raises(OutOfTime, match=r"not finished within the 0\.1 seconds"):
        handler.lambda_handler({"Records": [GOOD]}, Context(seconds=0.2))


def test_photo_without_time_is_not_started(s3: DictionaryS3) -> None:
    with pytest.raises(Exception, match="no time is left"):
        handler.lambda_handler({"Records": [GOOD]}, Context(seconds=0))
    assert s3.calls == []


def read_log(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_log_has_one_line_per_photo(s3: DictionaryS3, capsys: pytest.CaptureFixture[str]) -> None:
    s3.objects["photos", "bad.jpg"] = {"Body": b"no picture"}
    handle(GOOD, make_record("bad.jpg"), make_record("folder/"))
    lines = read_log(capsys)
    told = ("event", "outcome", "key", "version_id", "bytes", "mosaics", "photos", "failures")
    assert [tuple(line[name] for name in told) for line in lines] == [
        ("photo", "done", "a b.jpg", "v7", len(PHOTO), 2, 1, 0),
        ("photo", "failed", "bad.jpg", "v7", 10, 0, 1, 1),
        ("photo", "skipped", "folder/", "v1", None, 0, 1, 0),
    ]
    done, failed, _ = lines
    assert sorted(done["ms"]) == ["decode", "encode", "get", "put"]
    assert done["milliseconds"] >= sum(done["ms"].values()) - 1
    assert done["memory_mb"] > 0
    assert failed["error"] == "NotAPicture: a text file, not an image"


def test_line_has_metrics_in_embedded_metric_format(
    s3: DictionaryS3, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which members there must be, and of what type, is told by the specification's schema."""
    handle(GOOD, make_record("folder/"))
    line, skipped = read_log(capsys)
    assert sorted(line["_aws"]) == ["CloudWatchMetrics", "Timestamp"]
    assert abs(line["_aws"]["Timestamp"] - time.time() * 1000) < 60_000
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive == {
        "Namespace": "pixelater",
        "Dimensions": [["function"]],
        "Metrics": [
            {"Name": "photos", "Unit": "Count"},
            {"Name": "mosaics", "Unit": "Count"},
            {"Name": "failures", "Unit": "Count"},
            {"Name": "milliseconds", "Unit": "Milliseconds"},
        ],
    }
    assert line["function"] == "pixelater-function"
    assert {type(line[metric["Name"]]) for metric in directive["Metrics"]} == {int, float}
    assert "_aws" not in skipped


def test_default_grids_are_five() -> None:
    assert settings.read_function_settings({"bucket_1": "mosaics"}) == FunctionSettings(
        "mosaics", Look((8, 16, 32, 48, 64))
    )


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"bucket_1": "mosaics", "PIXELATER_MAX_PIXELS": "1e6"}, "'1e6' is not a whole number"),
        ({}, "bucket_1 must name the destination bucket"),
        ({"bucket_1": "mosaics", "PIXELATER_GRIDS": "eight"}, "PIXELATER_GRIDS: 'eight'"),
        ({"bucket_1": "mosaics", "PIXELATER_MIRROR_DELETES": "1"}, "neither true nor false"),
    ],
)
def test_invalid_setting_is_named(environment: dict[str, str], words: str) -> None:
    with pytest.raises(BadConfiguration, match=words):
        settings.read_function_settings(environment)
