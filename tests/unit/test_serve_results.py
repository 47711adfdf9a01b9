"""What `emulate` says while it serves, and what it makes of what it sees on another server."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from pixelater.naming import list_names
from pixelater_cli.aws.operations.mosaics import S3Object
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.lambda_service.models import EventReport, InvocationOutcome
from pixelater_cli.emulator.serve.activity import to_activity
from pixelater_cli.emulator.serve.remote import find_done
from pixelater_cli.results.serve import HappeningResult, ServingResult, WeatherResult

EARLY, LATE = (datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (8, 9))


STACK = Stack("123456789012", "eu-central-1", grids=(8, 16))

SERVED = ServingResult(
    endpoint_url="http://127.0.0.1:4566",
    source_bucket="pixelater-source-bucket",
    destination_bucket="pixelater-destination-bucket",
    function="pixelater-function",
    page="http://127.0.0.1:4566/pixelater-page-bucket/index.html",
    steps=33,
    restored=0,
    variables={
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_DEFAULT_REGION": "us-east-1",
    },
)


def test_where_it_serves_comes_as_lines_to_paste() -> None:
    result = replace(SERVED, restored=1)
    assert list(result.render()) == [
        "Deployed to http://127.0.0.1:4566 in 33 steps.",
        "pixelater-source-bucket -> pixelater-function -> pixelater-destination-bucket",
        "Restored 1 object.",
        "",
        "export AWS_ENDPOINT_URL=http://127.0.0.1:4566",
        "export AWS_ACCESS_KEY_ID=emulator",
        "export AWS_SECRET_ACCESS_KEY=emulator",
        "export AWS_DEFAULT_REGION=us-east-1",
        "",
        "pixelater push photo.jpg --wait",
        "aws s3 cp photo.jpg s3://pixelater-source-bucket/",
        "Or drop photos here: http://127.0.0.1:4566/pixelater-page-bucket/index.html",
        "Press Ctrl-C to stop.",
        "",
    ]
    assert list(result.render_problems()) == []


def test_weather_is_named_where_it_serves_and_counted_at_the_end() -> None:
    result = replace(SERVED, weather=("order", "slow"), weather_seed=7)
    assert list(result.render())[2] == "Weather: order, slow (--weather-seed 7)."
    counted = WeatherResult(7, {"order": 3, "slow": 0})
    assert list(counted.render()) == ["Weather that happened (--weather-seed 7): order 3, slow 0"]


def test_who_serves_others_is_warned() -> None:
    result = replace(SERVED, exposed=True)
    assert [line.partition(":")[0] for line in result.render_problems()] == ["warning"]


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (
            {"key": "a.jpg", "result": "done", "attempt": 1, "milliseconds": 217.3, "cold": True},
            "12:00:00  done       a.jpg                     attempt 1  217 ms cold",
        ),
        (
            {"key": "a.jpg", "result": "retried", "attempt": 2, "memory_mb": 63, "note": "Oh: no"},
            "12:00:00  retried    a.jpg                     attempt 2  63 MB  oh: no",
        ),
        (
            {"key": "", "result": "deployed", "note": "jpeg.py changed: 4 steps"},
            "12:00:00  deployed                             jpeg.py changed: 4 steps",
        ),
        (
            {"key": "", "result": "weather", "note": "throttle: iam GetRole r: 400 Throttling"},
            "12:00:00  weather                              "
            "throttle: iam GetRole r: 400 Throttling",
        ),
    ],
)
def test_what_happens_is_one_line(told: dict[str, Any], line: str) -> None:
    noon = time.mktime((2026, 1, 1, 12, 0, 0, 0, 0, -1))
    unknown = {"attempt": 0, "milliseconds": 0.0, "memory_mb": 0, "cold": False, "note": ""}
    assert list(HappeningResult(**{"time": noon, **unknown, **told}).render()) == [line]


def test_a_report_of_the_engine_says_where_the_record_of_a_failure_is() -> None:
    payload = b'{"errorType": "NotAPicture", "errorMessage": "no"}'
    outcome = InvocationOutcome(
        "id", payload, True, False, "", 30.0, duration_ms=12.34, memory_mb=63
    )
    queue = "arn:aws:sqs:us-east-1:123456789012:pixelater-failures"
    report = EventReport("f", "id", "b", "a.jpg", "failed", 3, outcome.error, queue, outcome)
    assert to_activity(report, now=5.0) == HappeningResult(
        time=5.0,
        key="a.jpg",
        result="failed",
        bucket="b",
        function="f",
        attempt=3,
        milliseconds=12.3,
        memory_mb=63,
        cold=False,
        note="NotAPicture: no (record in pixelater-failures)",
    )


def test_what_the_function_passes_over_is_not_told_as_done() -> None:
    skipped = [{"key": "folder/", "reason": "a folder marker, not a photo"}]
    payload = json.dumps({"photos": [], "skipped": skipped, "failed": []}).encode()
    outcome = InvocationOutcome(
        "id", payload, False, False, "", 30.0, duration_ms=3.0, memory_mb=63
    )
    told = to_activity(EventReport("f", "id", "b", "folder/", "done", 1, "", "", outcome), now=5.0)
    assert (told.result, told.note) == ("skipped", "a folder marker, not a photo")


def make_entries(times: Mapping[str, datetime]) -> dict[str, S3Object]:
    return {key: S3Object(key, time) for key, time in times.items()}


@pytest.mark.parametrize(
    ("mosaics", "done"),
    [
        ({"t/pixelated-8x8-a.jpg": LATE, "t/pixelated-16x16-a.png": LATE}, ("t/a.jpg",)),
        ({"t/pixelated-8x8-a.jpg": LATE, "t/pixelated-16x16-a.jpg": EARLY}, ()),
        ({"t/pixelated-8x8-a.jpg": LATE, "u/pixelated-16x16-a.jpg": LATE}, ()),
        ({"t/pixelated-8x8-a.jpg": LATE, "t/pixelated-8x16-a.jpg": LATE}, ()),
        ({"t/pixelated-8x8-b.jpg": LATE, "t/pixelated-16x16-b.jpg": LATE}, ()),
    ],
)
def test_a_photo_is_done_when_every_grid_has_a_mosaic_no_older_than_it(
    mosaics: dict[str, datetime], done: tuple[str, ...]
) -> None:
    waiting = make_entries({"t/a.jpg": LATE})
    assert find_done(waiting, waiting, make_entries(mosaics), STACK) == done


@pytest.mark.parametrize(
    "key", ["a (1).jpg", ".", "..", "a//.b", "//x.jpg", "日本.jpg", "a.tar.gz"]
)
def test_a_photo_is_done_whatever_its_key(key: str) -> None:
    mosaics = [next(iter(list_names(key, grid))) for grid in (8, 16)]
    waiting = make_entries({key: EARLY})
    assert find_done(waiting, waiting, make_entries(dict.fromkeys(mosaics, LATE)), STACK) == (key,)
