"""The function's log: as Lambda writes it in JSON, as text, and as earlier releases wrote it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pixelater_cli.aws.operations.log_parser import (
    Line,
    MessageLine,
    PhotoLine,
    ReportLine,
    read_message,
)
from pixelater_cli.aws.operations.logs import LATE_SECONDS, LogEvent, NewEvents
from pixelater_cli.aws.operations.metrics import HourlyTraffic, sum_traffic
from pixelater_cli.results.logs import dump_event, format_event

PHOTO = {
    "event": "photo",
    "outcome": "done",
    "key": "trips/a.jpg",
    "version_id": "v1",
    "bytes": 2_000_000,
    "mosaics": 5,
    "ms": {"get": 20.1, "decode": 300, "encode": 400, "put": 90},
    "memory_mb": 143,
    "error": "",
    "request_id": "r",
}
READ = PhotoLine("done", "trips/a.jpg", "v1", 2_000_000, 5, PHOTO["ms"], 143, "", "r")  # type: ignore[arg-type]
OLD_DONE = {
    "event": "done",
    "request_id": "r",
    "photos": [{"key": "a.jpg", "mosaics": ["x", "y"]}],
    "skipped": [{"key": "", "reason": "s3:TestEvent"}],
}
REPORT = ReportLine("r", 821.0, 1024, 143, 900.5)
PLATFORM = {
    "time": "2026-11-23T12:00:00Z",
    "type": "platform.report",
    "record": {
        "requestId": "r",
        "status": "success",
        "metrics": {
            "durationMs": 820.2,
            "billedDurationMs": 821,
            "memorySizeMB": 1024,
            "maxMemoryUsedMB": 143,
            "initDurationMs": 900.5,
        },
    },
}


def wrap(message: object) -> dict[str, Any]:
    return {"timestamp": "t", "level": "INFO", "message": message, "requestId": "r"}


def text(message: str, level: str = "INFO") -> str:
    return f"[{level}]\t2026-11-23T12:00:00.000Z\tr\t{message}\n"


@pytest.mark.parametrize(
    ("message", "lines"),
    [
        (json.dumps(PHOTO), (READ,)),
        (json.dumps({**PHOTO, "_aws": {"CloudWatchMetrics": []}}), (READ,)),
        (json.dumps(wrap(PHOTO)), (READ,)),
        (json.dumps(wrap(json.dumps(PHOTO))), (READ,)),
        (text(json.dumps(PHOTO)), (READ,)),
        (
            text(json.dumps(OLD_DONE)),
            (
                PhotoLine("done", "a.jpg", mosaics=2, request_id="r"),
                PhotoLine("skipped", "", error="s3:TestEvent", request_id="r"),
            ),
        ),
        (
            json.dumps(wrap(json.dumps({"event": "failed", "key": "b", "error": "NotAPicture"}))),
            (PhotoLine("failed", "b", error="NotAPicture", request_id="r"),),
        ),
        (json.dumps(PLATFORM), (REPORT,)),
        (
            "REPORT RequestId: r\tDuration: 820.20 ms\tBilled Duration: 821 ms\t"
            "Memory Size: 1024 MB\tMax Memory Used: 143 MB\tInit Duration: 900.50 ms\t\n",
            (REPORT,),
        ),
        (
            "REPORT RequestId: r Duration: 3000.00 ms Billed Duration: 3000 ms Memory Size: 128 MB "
            "Max Memory Used: 30 MB Status: timeout",
            (ReportLine("r", 3000.0, 128, 30, None, "timeout"),),
        ),
        ("START RequestId: r Version: 3\n", ()),
        ("END RequestId: r\n", ()),
        (json.dumps({"time": "t", "type": "platform.start", "record": {"requestId": "r"}}), ()),
        (json.dumps({"_aws": {"Timestamp": 1}, "photos": 1}), ()),
        (json.dumps(wrap("hello")), (MessageLine("hello", "INFO", "r"),)),
        (text("hello", "WARNING"), (MessageLine("hello", "WARNING", "r"),)),
        (
            json.dumps(
                {
                    "level": "ERROR",
                    "errorType": "BadEvent",
                    "errorMessage": "no",
                }
            ),
            (MessageLine("BadEvent: no", "ERROR"),),
        ),
        ("[ERROR] BadEvent: no\n", (MessageLine("BadEvent: no", "ERROR"),)),
        ("{not json", (MessageLine("{not json"),)),
        ("[1, 2]", (MessageLine("[1, 2]"),)),
        ("", ()),
    ],
)
def test_a_message_of_every_format_is_read(message: str, lines: tuple[Line, ...]) -> None:
    assert read_message(message) == lines


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            json.dumps(PHOTO),
            "done      trips/a.jpg  2.0 MB  5 mosaics  "
            "810 ms (get 20, decode 300, encode 400, put 90)  143 MB",
        ),
        (
            json.dumps({**PHOTO, "outcome": "failed", "mosaics": 0, "ms": {}, "error": "no"}),
            "failed    trips/a.jpg  no  2.0 MB  143 MB",
        ),
        (json.dumps(PLATFORM), "report    821 ms billed, 900 ms to start, 143 of 1024 MB"),
        (
            json.dumps({**PHOTO, "mosaics": 1, "ms": {"get": 6, "hide": 1601.4, "put": 117}}),
            "done      trips/a.jpg  2.0 MB  1 mosaic  1724 ms (get 6, hide 1601, put 117)  143 MB",
        ),
        (text("hello"), "info      hello"),
    ],
)
def test_a_line_reads_so_for_people(message: str, told: str) -> None:
    event = LogEvent("1", 1_795_435_200_000, "s", message)
    assert list(format_event(event, errors_only=False)) == [f"2026-11-23 12:00:00  {told}"]


@pytest.mark.parametrize(
    ("message", "bad"),
    [
        (json.dumps(PHOTO), False),
        (json.dumps({**PHOTO, "outcome": "passing"}), True),
        (json.dumps({**PLATFORM, "record": {**PLATFORM["record"], "status": "timeout"}}), True),  # type: ignore[dict-item]
        ("2026-11-23T12:00:00Z r Task timed out after 300.00 seconds", True),
        (text("hello", "ERROR"), True),
        (text("hello"), False),
    ],
)
def test_errors_are_told_from_the_rest(message: str, bad: bool) -> None:
    event = LogEvent("1", 0, "s", message)
    assert bool(list(format_event(event, errors_only=True))) == bad
    assert bool(list(dump_event(event, errors_only=True))) == bad


@pytest.mark.parametrize(
    ("message", "document"),
    [
        (json.dumps(PHOTO), PHOTO),
        (
            text(json.dumps(PHOTO)),
            {
                "timestamp": "1970-01-01T00:00:00.000+00:00",
                "level": "INFO",
                "message": PHOTO,
                "requestId": "r",
            },
        ),
        ("oh\x1b[2J", {"timestamp": "1970-01-01T00:00:00.000+00:00", "message": "oh\x1b[2J"}),
    ],
)
def test_raw_lines_are_documents_whatever_was_written(message: str, document: object) -> None:
    (line,) = dump_event(LogEvent("1", 0, "s", message), errors_only=False)
    assert json.loads(line) == document
    assert line.isprintable()


def test_following_tells_every_event_once_and_late_ones_too() -> None:
    def make(name: str, seconds: int) -> LogEvent:
        return LogEvent(name, seconds * 1000, "s", "")

    unseen = NewEvents()
    a, b, late, c = make("a", 1000), make("b", 1010), make("late", 1005), make("c", 1300)
    assert unseen.pick(iter([b, a])) == [a, b]
    assert unseen.from_time == (1010 - LATE_SECONDS) * 1000
    assert unseen.pick(iter([a, late, b])) == [late]
    assert unseen.pick(iter([a, late, b, c])) == [c]
    assert unseen.from_time == (1300 - LATE_SECONDS) * 1000
    assert len(unseen._seen) == 1
    assert unseen.pick(iter([c])) == []


def test_an_hour_of_log_adds_up_to_traffic_and_a_months_cost() -> None:
    lines: list[Line] = [
        *[PhotoLine("done", "a", mosaics=5)] * 90,
        *[PhotoLine("unchanged", "a", mosaics=5)] * 6,
        *[PhotoLine("failed", "a")] * 3,
        PhotoLine("passing", "a"),
        PhotoLine("skipped", "a"),
        *[ReportLine("r", 500.0, 2048, 100)] * 100,
    ]
    # 100 GB-seconds, 100 requests, 450 puts, 101 gets an hour, for 730 hours.
    hour = 100 * 0.0000133334 + 100 * 0.20 / 1e6 + 450 * 0.005 / 1e3 + 101 * 0.0004 / 1e3
    dollars = round(hour * 730, 2)
    assert sum_traffic(lines, 3600, "arm64") == HourlyTraffic(
        96, 3, 1, 1.6, 0.04, 100, 500.0, dollars
    )
    dearer = round((hour + 100 * (0.0000166667 - 0.0000133334)) * 730, 2)
    assert sum_traffic(lines, 3600, "x86_64").monthly_dollars == dearer > dollars


def test_without_reports_there_is_no_cost_to_tell() -> None:
    assert sum_traffic([], 3600, "arm64") == HourlyTraffic()
