"""Events that `emulate` reports to users. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from pixelater_cli.emulator.lambda_service.models import EventReport

INIT_DURATION = re.compile(r'(?:Init Duration: |"initDurationMs": ?)([0-9.]+)')
"""As text, and as JSON: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-logs.html."""


@dataclass(frozen=True)
class Activity:
    """An event, and its time in seconds since 1970.

    `result` is "done", "skipped" (by the function), "retried" (failed, with a retry to come),
    "failed" (no more retries), "throttled" (delayed) or "deployed". Values that a server does not
    report are 0 or "". `note` is the error and where it is recorded, the reason for skipping, or
    what was deployed. `bucket` is the bucket of the photo, `function` the function's name.
    `milliseconds` is the function's duration, `init_ms` that of the init phase before it, which
    only cold starts have.
    """

    time: float
    key: str
    result: str
    bucket: str = ""
    function: str = ""
    attempt: int = 0
    milliseconds: float = 0.0
    init_ms: float = 0.0
    memory_mb: int = 0
    cold: bool = False
    note: str = ""


def to_activity(report: EventReport, now: float) -> Activity:
    """Convert a report of the Lambda service.

    After a permanent failure, the attempt itself succeeds: the function records the failure.
    """
    note = report.error
    if report.recorded:
        note = f"{note} (record in {report.recorded.rpartition(':')[2]})"
    result: str = report.result
    if failure := _find(report, "failed", "message"):
        result, note = "failed", f"{failure} (recorded by the function)"
    elif reason := _find(report, "skipped", "reason"):
        result, note = "skipped", reason
    return Activity(
        time=now,
        key=report.key,
        result=result,
        bucket=report.bucket,
        function=report.function,
        attempt=report.attempt,
        milliseconds=round(report.outcome.duration_ms, 1) if report.outcome else 0.0,
        init_ms=_find_init_ms(report),
        memory_mb=report.outcome.memory_mb if report.outcome else 0,
        cold=report.cold,
        note=note,
    )


def _find_init_ms(report: EventReport) -> float:
    """Find the duration of the init phase in the REPORT line of the log; 0 if there is none."""
    found = INIT_DURATION.search(report.outcome.log) if report.outcome else None
    return round(float(found[1]), 1) if found else 0.0


def _find(report: EventReport, section: str, name: str) -> str:
    """Find a value of the photo in a section of the function's response; "" if it is not there."""
    if report.result != "done" or report.outcome is None:
        return ""
    response = json.loads(report.outcome.payload)
    photos = response.get(section, []) if isinstance(response, dict) else []
    return next((photo[name] for photo in photos if photo["key"] == report.key), "")
