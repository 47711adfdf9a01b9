"""Owns when an asynchronous event is tried again, and when it is given up.

Pure. All seconds are AWS's; whoever waits may let them pass faster. The rules are those of
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pixelater_cli.emulator.lambda_service.models import EventSettings

RETRY_DELAYS = (60, 120)
"""A function error is tried again after one minute, then after two."""

THROTTLE_SECONDS = 300
"""Throttled events come back after 1, 2, 4 ... seconds, and at most after five minutes."""

Condition = Literal["Success", "RetriesExhausted", "EventAgeExceeded", "ZeroReservedConcurrency"]
"""Why a record is sent, in AWS's words."""


@dataclass(frozen=True)
class RetryDecision:
    """What becomes of an event: it ends for a reason, or it is tried again after some seconds."""

    condition: Condition | None
    delay_seconds: float = 0.0


def decide_after_failure(
    failed: bool, attempts: int, age_seconds: float, set_: EventSettings
) -> RetryDecision:
    """Say what follows an attempt, the `attempts`-th of an event of that age.

    An event that would be too old by the time of the next attempt is given up at once.
    """
    if not failed:
        return RetryDecision("Success")
    if attempts > set_.max_retries:
        return RetryDecision("RetriesExhausted")
    return _delay(RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1], age_seconds, set_)


def decide_after_throttle(throttles: int, age_seconds: float, set_: EventSettings) -> RetryDecision:
    """Say when an event that was throttled for the `throttles`-th time in a row comes back."""
    return _delay(min(2 ** (throttles - 1), THROTTLE_SECONDS), age_seconds, set_)


def _delay(seconds: float, age_seconds: float, set_: EventSettings) -> RetryDecision:
    too_old = age_seconds + seconds > set_.max_age_seconds
    return RetryDecision("EventAgeExceeded") if too_old else RetryDecision(None, seconds)
