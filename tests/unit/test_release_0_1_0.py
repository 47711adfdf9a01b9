"""What 0.1.0 wrote stays readable: log lines, failure records, metadata, a bucket's policy.

The texts are those of 0.1.0 (commit 3f128df6f454), run against moto.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pixelater.outputs import Output
from pixelater_cli.aws.operations.failure_record import Failure, find_new_failure, read_failure
from pixelater_cli.aws.operations.log_parser import PhotoLine, read_message
from pixelater_cli.aws.operations.mosaics import S3Object, find_missing, names_source
from pixelater_cli.aws.resources.bucket import list_bucket_properties
from pixelater_cli.aws.stack import Stack

REQUEST = "11111111-2222-3333-4444-555555555555"
VERSION = "38b47287-ab33-4fc1-8ede-0c32eff92f10"

HEAD = (
    '{"timestamp": "2026-11-23T14:33:14.781Z", "level": "%s", "event": "photo", "outcome": "%s", '
    f'"function": "pixelater", "request_id": "{REQUEST}", "pid": 8780, '
)
METRICS = (
    ', "_aws": {"Timestamp": 1795703594781, "CloudWatchMetrics": [{"Namespace": "pixelater", '
    '"Dimensions": [["function"]], "Metrics": [{"Name": "photos", "Unit": "Count"}, {"Name": '
    '"mosaics", "Unit": "Count"}, {"Name": "failures", "Unit": "Count"}, {"Name": "milliseconds", '
    '"Unit": "Milliseconds"}]}]}}'
)
DONE = (
    HEAD % ("INFO", "done") + f'"key": "trips/a b.jpg", "version_id": "{VERSION}", "bytes": 677, '
    '"mosaics": 2, "photos": 1, "failures": 0, "milliseconds": 72.4, "ms": {"get": 3.1, "decode": '
    '17.6, "encode": 1.7, "put": 49.9}, "memory_mb": 98, "reason": "", "error": ""' + METRICS
)
FAILED = (
    HEAD
    % ("ERROR", "failed")
    + f'"key": "bad \\u00e9.jpg", "version_id": "{VERSION}", "bytes": 4, '
    '"mosaics": 0, "photos": 1, "failures": 1, "milliseconds": 40.9, "ms": {"get": 2.9, "decode": '
    '37.9, "encode": 0.0, "put": 0.1}, "memory_mb": 101, "reason": "not_a_picture", "error": '
    '"NotAPicture: no picture format that can be read"' + METRICS
)
PASSING = (
    HEAD % ("ERROR", "passing") + f'"key": "a.jpg", "version_id": "{VERSION}", "bytes": 677, '
    '"mosaics": 0, "photos": 1, "failures": 0, "milliseconds": 0.1, "ms": {"get": 0.0, "decode": '
    '0.0, "encode": 0.0, "put": 0.1}, "memory_mb": 97, "reason": "slow_down", "error": '
    '"ClientError: SlowDown"' + METRICS
)
SKIPPED = (
    HEAD % ("INFO", "skipped") + '"key": "", "version_id": "", "bytes": null, "mosaics": 0, '
    '"photos": 1, "failures": 0, "milliseconds": 0.0, "ms": {}, "memory_mb": 102, "reason": '
    '"s3:TestEvent", "error": ""}'
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            DONE,
            PhotoLine(
                outcome="done",
                key="trips/a b.jpg",
                version_id=VERSION,
                bytes=677,
                mosaics=2,
                ms_by_part={"get": 3.1, "decode": 17.6, "encode": 1.7, "put": 49.9},
                memory_mb=98,
                request_id=REQUEST,
            ),
        ),
        (
            FAILED,
            PhotoLine(
                outcome="failed",
                key="bad é.jpg",
                version_id=VERSION,
                bytes=4,
                ms_by_part={"get": 2.9, "decode": 37.9, "encode": 0.0, "put": 0.1},
                memory_mb=101,
                error="NotAPicture: no picture format that can be read",
                request_id=REQUEST,
            ),
        ),
        (
            PASSING,
            PhotoLine(
                outcome="passing",
                key="a.jpg",
                version_id=VERSION,
                bytes=677,
                ms_by_part={"get": 0.0, "decode": 0.0, "encode": 0.0, "put": 0.1},
                memory_mb=97,
                error="ClientError: SlowDown",
                request_id=REQUEST,
            ),
        ),
        (
            SKIPPED,
            PhotoLine(
                outcome="skipped",
                key="",
                memory_mb=102,
                error="s3:TestEvent",
                request_id=REQUEST,
            ),
        ),
    ],
)
def test_log_line_of_0_1_0_is_read(text: str, line: PhotoLine) -> None:
    assert read_message(f"{text}\n") == (line,)


EVENT = {
    "Records": [
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "us-east-1",
            "eventTime": "2026-11-23T12:00:00.000Z",
            "eventName": "ObjectCreated:Put",
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "pixelater-photo-created",
                "bucket": {"name": "src", "arn": "arn:aws:s3:::src"},
                "object": {
                    "key": "bad+%C3%A9.jpg",
                    "size": 4,
                    "eTag": "4101bef8794fed986e95dfb54850c68b",
                    "versionId": VERSION,
                    "sequencer": "0055AED6DCD90281E5",
                },
            },
        }
    ]
}
RECORD = (
    '{"pixelater": "failure", "version": 1, "reason": "not_a_picture", "message": '
    '"no picture format that can be read", "bucket": "src", "key": "bad \\u00e9.jpg", '
    f'"version_id": "{VERSION}", "bytes": 4, "request_id": "{REQUEST}", '
    f'"time": "2026-11-23T14:33:14.772Z", "event": {json.dumps(EVENT)}}}'
)


def test_failure_record_of_0_1_0_is_read() -> None:
    assert read_failure("m", RECORD) == Failure(
        id="m",
        keys=("bad é.jpg",),
        reason="not_a_picture",
        message="no picture format that can be read",
        time="2026-11-23T14:33:14.772Z",
        tries=1,
        request_id=REQUEST,
        version_id=VERSION,
        bytes=4,
        event=EVENT,
    )


def test_answer_of_0_1_0_to_a_retry_is_read() -> None:
    """`failures retry` after `rollback` invokes the version of 0.1.0."""
    answer = (
        b'{"photos": [], "skipped": [], "failed": [{"key": "bad \\u00e9.jpg", "reason": '
        b'"not_a_picture", "message": "NotAPicture: no picture format that can be read"}]}'
    )
    assert find_new_failure(answer, ("bad é.jpg",)) == (
        "not_a_picture: no picture format that can be read"
    )


METADATA = {
    "pixelater-photo": "trips/a%20b.jpg",
    "pixelater-etag": "b7f2585a5268652806802d2d262f4df2",
    "pixelater-version": VERSION,
    "pixelater-modified": "2026-11-23T14:33:14+00:00",
    "pixelater-sha256": "5e7d5bb971a83490e082c03b1cfab7363f8b16f4835bc5ff74e556c410982312",
    "pixelater-sequencer": "0055AED6DCD90281E5",
}
UPLOADED = datetime(2026, 11, 23, 14, 33, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("etag", "version_id", "is_named"),
    [
        (METADATA["pixelater-etag"], "", True),
        ("other", VERSION, True),
        ("other", "", False),
        (METADATA["pixelater-etag"], "other", False),
    ],
)
def test_mosaic_metadata_of_0_1_0_names_its_photo(
    etag: str, version_id: str, is_named: bool
) -> None:
    assert names_source(METADATA, etag, version_id) == is_named


@pytest.mark.parametrize(
    ("etag", "lack"),
    [(METADATA["pixelater-etag"], "missing: 16"), ("other", "missing: 16; older: 8")],
)
def test_backfill_knows_the_mosaics_of_0_1_0(etag: str, lack: str) -> None:
    """Photo and mosaic are of the same second, so the metadata decides."""
    photo = S3Object("trips/a b.jpg", UPLOADED, etag)
    name = "trips/pixelated-8x8-a b.jpg"
    mosaics = {name: S3Object(name, UPLOADED)}
    found = find_missing(
        photo, (Output(8), Output(16)), mosaics.get, {photo.key: photo}.get, lambda _key: METADATA
    )
    assert found == lack


def test_bucket_policy_of_0_1_0_is_replaced_and_others_are_kept() -> None:
    arn = "arn:aws:s3:::pixelater-source-bucket"
    old = {
        "Sid": "PixelaterTlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    foreign: dict[str, Any] = {**old, "Sid": "Foreign"}
    stack = Stack("123456789012", "us-east-1")
    (policy,) = (
        one
        for one in list_bucket_properties(stack, stack.source_bucket)
        if one.key == ("bucket pixelater-source-bucket", "policy")
    )
    assert not policy.same([old, foreign], policy.wanted)
    (call,) = policy.steps([old, foreign])
    statements = json.loads(call.parameters["Policy"])["Statement"]
    assert statements == [
        foreign,
        {**old, "Resource": arn},
        {**old, "Sid": "PixelaterTlsOnlyObjects", "Resource": f"{arn}/*"},
    ]
    assert policy.same(statements, policy.wanted)
