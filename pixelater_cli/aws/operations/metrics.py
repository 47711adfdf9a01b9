"""Metrics of a stack's log: throughput, errors and the monthly cost.

No I/O. The cost is that of the function, from the durations that Lambda billed, and of its requests
to S3. Storage, the log and data transfer are extra; free tiers are not deducted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pixelater_cli.aws.operations.log_parser import Line, PhotoLine, ReportLine

if TYPE_CHECKING:
    from typing_extensions import Doc

GB_SECOND_DOLLARS = {"arm64": 0.0000133334, "x86_64": 0.0000166667}
"""us-east-1, the first tier: https://aws.amazon.com/lambda/pricing/, as published in 2026."""

REQUEST_DOLLARS = 0.20 / 1e6
"""https://aws.amazon.com/lambda/pricing/, as published in 2026."""

PUT_DOLLARS, GET_DOLLARS = 0.005 / 1e3, 0.0004 / 1e3
"""S3 Standard in us-east-1: https://aws.amazon.com/s3/pricing/, as published in 2026."""

MONTH_SECONDS = 730 * 60 * 60


@dataclass(frozen=True)
class HourlyTraffic:
    """Traffic of the last hour. The cost covers the function and its requests to S3."""

    done: Annotated[int, Doc("number of photos that succeeded")] = 0
    failed: Annotated[int, Doc("number of photos that failed permanently")] = 0
    retried: Annotated[int, Doc("number of attempts that failed and were retried")] = 0
    photos_per_minute: Annotated[float, Doc("`done` per minute")] = 0.0
    error_rate: Annotated[float, Doc("failed attempts divided by all attempts, 0 to 1")] = 0.0
    invocations: Annotated[int, Doc("number of invocations of the function")] = 0
    mean_billed_ms: Annotated[
        float | None, Doc("mean billed milliseconds per invocation; null: not reported")
    ] = None
    monthly_dollars: Annotated[
        float | None, Doc("US dollars per month at this rate; null: not reported")
    ] = None


def sum_traffic(lines: Iterable[Line], seconds: float, architecture: str) -> HourlyTraffic:
    """Sum up the lines of the log of `seconds`."""
    photos: Counter[str] = Counter()
    mosaics = invocations = 0
    billed_ms = gb_seconds = 0.0
    for line in lines:
        if isinstance(line, PhotoLine):
            photos[line.outcome] += 1
            mosaics += line.mosaics if line.outcome == "done" else 0
        elif isinstance(line, ReportLine):
            invocations += 1
            billed_ms += line.billed_ms
            gb_seconds += line.billed_ms / 1000 * line.memory_mb / 1024
    dollars = (
        gb_seconds * GB_SECOND_DOLLARS[architecture]
        + invocations * REQUEST_DOLLARS
        + mosaics * PUT_DOLLARS
        + photos.total() * GET_DOLLARS
    )
    done = photos["done"] + photos["unchanged"]
    bad = photos["failed"] + photos["passing"]
    return HourlyTraffic(
        done=done,
        failed=photos["failed"],
        retried=photos["passing"],
        photos_per_minute=round(done / seconds * 60, 2),
        error_rate=round(bad / (done + bad), 4) if bad else 0.0,
        invocations=invocations,
        mean_billed_ms=round(billed_ms / invocations, 1) if invocations else None,
        monthly_dollars=round(dollars * MONTH_SECONDS / seconds, 2) if invocations else None,
    )
