"""Owns what people are told while the emulator serves: one line for each thing that happened. Pure.

The one place that knows how the engine reports its attempts.
"""

from __future__ import annotations

from dataclasses import dataclass

from pixelater_cli.emulator.function import Report


@dataclass(frozen=True)
class Happening:
    """What happened, and when (seconds since 1970).

    `result` is "done", "retried" (failed, and tried again), "failed" (given up), "throttled"
    (waits) or "deployed". What a server does not tell is 0 or "". `note` is the error, or where the
    record of it went, or what was deployed.
    """

    time: float
    key: str
    result: str
    attempt: int = 0
    milliseconds: float = 0.0
    memory_mb: int = 0
    cold: bool = False
    note: str = ""


def adapt(report: Report, now: float) -> Happening:
    """Put a report of the engine into these words."""
    note = report.error
    if report.recorded:
        note = f"{note} (record in {report.recorded.rpartition(':')[2]})"
    return Happening(
        time=now,
        key=report.key,
        result=report.result,
        attempt=report.attempt,
        milliseconds=round(report.duration_ms, 1),
        memory_mb=report.memory_mb,
        cold=report.cold,
        note=note,
    )
