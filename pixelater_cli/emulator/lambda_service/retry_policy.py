"""Rules for retries of asynchronous events.

All delays are AWS's; callers may scale them.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pixelater_cli.emulator.lambda_service.models import EventSettings

RETRY_DELAYS = (60, 120)
"""Delays after errors of the function: one minute, then two."""

THROTTLE_SECONDS = 300
"""Maximum delay of throttled events, which are delayed by 1, 2, 4 ... seconds."""

Condition = Literal["Success", "RetriesExhausted", "EventAgeExceeded", "ZeroReservedConcurrency"]
"""Reason in a destination record, as in AWS."""


@dataclass(frozen=True)
class RetryDecision:
    """Whether an event ends with a condition, or is retried after a delay."""

    condition: Condition | None
    delay_seconds: float = 0.0


def decide_after_failure(
    failed: bool, attempts: int, age_seconds: float, settings: EventSettings
) -> RetryDecision:
    """Decide what follows an attempt, given the number of attempts and the event's age.

    An event that would be too old for the next attempt ends at once.
    """
    if not failed:
        return RetryDecision("Success")
    if attempts > settings.max_retries:
        return RetryDecision("RetriesExhausted")
    return _delay(RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1], age_seconds, settings)


def decide_after_throttle(
    throttles: int, age_seconds: float, settings: EventSettings
) -> RetryDecision:
    """Decide what follows a throttled attempt, given the number of throttles in a row."""
    return _delay(min(2 ** (throttles - 1), THROTTLE_SECONDS), age_seconds, settings)


def _delay(seconds: float, age_seconds: float, settings: EventSettings) -> RetryDecision:
    too_old = age_seconds + seconds > settings.max_age_seconds
    return RetryDecision("EventAgeExceeded") if too_old else RetryDecision(None, seconds)
