"""Events that `emulate` reports to users."""

from __future__ import annotations

import json
import re

from pixelater_cli.emulator.lambda_service.models import EventReport
from pixelater_cli.emulator.weather.weather import Incident
from pixelater_cli.results.serve import HappeningKind, HappeningResult

INIT_DURATION = re.compile(r'(?:Init Duration: |"initDurationMs": ?)([0-9.]+)')
"""As text, and as JSON: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-logs.html."""


def to_activity(report: EventReport, now: float) -> HappeningResult:
    """Convert a report of the Lambda service.

    After a permanent failure, the attempt itself succeeds: the function records the failure.
    """
    note = report.error
    if report.recorded:
        note = f"{note} (record in {report.recorded.rpartition(':')[2]})"
    result: HappeningKind = report.result
    if failure := _find(report, "failed", "message"):
        result, note = "failed", f"{failure} (recorded by the function)"
    elif reason := _find(report, "skipped", "reason"):
        result, note = "skipped", reason
    return HappeningResult(
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


def describe_incident(incident: Incident, now: float) -> HappeningResult:
    """Describe what the weather did."""
    note = f"{incident.kind}: {incident.subject}: {incident.note}"
    return HappeningResult(now, "", "weather", note=note, weather=incident.kind)


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
