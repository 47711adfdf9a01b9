"""Owns what people are told while the emulator serves: one line for each thing that happened. Pure.

The one place that knows how the engine reports its attempts.
"""

from __future__ import annotations

import json

from pixelater_cli.emulator.lambda_service.models import EventReport
from pixelater_cli.results.serve import HappeningKind, HappeningResult


def to_activity(report: EventReport, now: float) -> HappeningResult:
    """Put a report of the engine into these words.

    A photo that can never work ends no attempt in an error: the function records it and answers so.
    """
    note = report.error
    if report.recorded:
        note = f"{note} (record in {report.recorded.rpartition(':')[2]})"
    result: HappeningKind = report.result
    failure, skipped = _find(report, "failed", "message"), _find(report, "skipped", "reason")
    if failure:
        result, note = "failed", f"{failure} (recorded by the function)"
    elif skipped:
        result, note = "skipped", skipped
    return HappeningResult(
        time=now,
        key=report.key,
        result=result,
        attempt=report.attempt,
        milliseconds=round(report.duration_ms, 1),
        memory_mb=report.memory_mb,
        cold=report.cold,
        note=note,
    )


def _find(report: EventReport, fate: str, words: str) -> str:
    """Find what a function's answer says of a photo that met this fate; "" if it did not."""
    if report.result != "done" or report.outcome is None:
        return ""
    answer = json.loads(report.outcome.payload)
    some = answer.get(fate, []) if isinstance(answer, dict) else []
    return next((one[words] for one in some if one["key"] == report.key), "")
