"""Owns what a stack's log of the last hour adds up to: throughput, errors, and what a month costs.

Pure. The cost is the function's and that of its requests to S3, from the durations that Lambda
billed; storage, the log and data transfer come on top, and free tiers would be taken off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pixelater_cli.aws.operations.log_parser import Line, PhotoLine, ReportLine

GB_SECOND_DOLLARS = {"arm64": 0.0000133334, "x86_64": 0.0000166667}
"""us-east-1, the first tier: https://aws.amazon.com/lambda/pricing/, as published in 2026."""

REQUEST_DOLLARS = 0.20 / 1e6
"""https://aws.amazon.com/lambda/pricing/, as published in 2026."""

PUT_DOLLARS, GET_DOLLARS = 0.005 / 1e3, 0.0004 / 1e3
"""S3 Standard in us-east-1: https://aws.amazon.com/s3/pricing/, as published in 2026."""

MONTH_SECONDS = 730 * 60 * 60


@dataclass(frozen=True)
class Traffic:
    """What went through the function in some time.

    `done` counts photos that have their mosaics, now or from before, `failed` those that never
    will, `retried` attempts that failed for now. `billed_ms` is the time of all invocations;
    `monthly_dollars` what a month of the like costs, None if Lambda reported no times.
    """

    seconds: float
    done: int
    failed: int
    retried: int
    invocations: int
    billed_ms: float
    monthly_dollars: float | None

    @property
    def per_minute(self) -> float:
        return self.done / self.seconds * 60 if self.seconds else 0.0

    @property
    def error_rate(self) -> float:
        """Which part of all attempts at photos failed, from 0 to 1."""
        bad = self.failed + self.retried
        return bad / (self.done + bad) if bad else 0.0


def sum_traffic(lines: Iterable[Line], seconds: float, architecture: str) -> Traffic:
    """Add up the lines of some seconds of log."""
    photos: Counter[str] = Counter()
    mosaics = invocations = 0
    billed = gb_seconds = 0.0
    for line in lines:
        if isinstance(line, PhotoLine):
            photos[line.outcome] += 1
            mosaics += line.mosaics if line.outcome == "done" else 0
        elif isinstance(line, ReportLine):
            invocations += 1
            billed += line.billed_ms
            gb_seconds += line.billed_ms / 1000 * line.memory_mb / 1024
    dollars = (
        gb_seconds * GB_SECOND_DOLLARS[architecture]
        + invocations * REQUEST_DOLLARS
        + mosaics * PUT_DOLLARS
        + photos.total() * GET_DOLLARS
    )
    return Traffic(
        seconds=seconds,
        done=photos["done"] + photos["unchanged"],
        failed=photos["failed"],
        retried=photos["passing"],
        invocations=invocations,
        billed_ms=billed,
        monthly_dollars=dollars * MONTH_SECONDS / seconds if invocations and seconds else None,
    )
