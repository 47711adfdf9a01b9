"""Owns what people are told while the emulator serves: one line for each thing that happened. Pure.

The one place that knows how the engine reports its attempts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from pixelater_cli.emulator.lambda_service.models import EventReport
from pixelater_cli.emulator.weather.weather import Incident


@dataclass(frozen=True)
class Activity:
    """What happened, and when (seconds since 1970).

    `result` is "done", "skipped" (the function passes it over), "retried" (failed, and tried
    again), "failed" (given up), "throttled" (waits), "deployed" or "weather". What a server does
    not tell is 0 or "". `note` is the error, or where the record of it went, why it was skipped,
    what was deployed, or what the weather did; `weather` is its kind then.
    """

    time: float
    key: str
    result: str
    attempt: int = 0
    milliseconds: float = 0.0
    memory_mb: int = 0
    cold: bool = False
    note: str = ""
    weather: str = ""


def to_activity(report: EventReport, now: float) -> Activity:
    """Put a report of the engine into these words.

    A photo that can never work ends no attempt in an error: the function records it and answers so.
    """
    note = report.error
    if report.recorded:
        note = f"{note} (record in {report.recorded.rpartition(':')[2]})"
    told: str = report.result
    failure, skipped = _find(report, "failed", "message"), _find(report, "skipped", "reason")
    if failure:
        told, note = "failed", f"{failure} (recorded by the function)"
    elif skipped:
        told, note = "skipped", skipped
    return Activity(
        time=now,
        key=report.key,
        result=told,
        attempt=report.attempt,
        milliseconds=round(report.duration_ms, 1),
        memory_mb=report.memory_mb,
        cold=report.cold,
        note=note,
    )


def describe_incident(incident: Incident, now: float) -> Activity:
    """Describe what the weather did."""
    note = f"{incident.kind}: {incident.subject}: {incident.note}"
    return Activity(time=now, key="", result="weather", note=note, weather=incident.kind)


def _find(report: EventReport, fate: str, words: str) -> str:
    """Find what a function's answer says of a photo that met this fate; "" if it did not."""
    if report.result != "done" or report.outcome is None:
        return ""
    answer = json.loads(report.outcome.payload)
    some = answer.get(fate, []) if isinstance(answer, dict) else []
    return next((one[words] for one in some if one["key"] == report.key), "")
