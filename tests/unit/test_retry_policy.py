"""When events are tried again and when they are given up: AWS's delays, limits and conditions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelater_cli.emulator.lambda_service.models import EventSettings
from pixelater_cli.emulator.lambda_service.retry_policy import (
    RetryDecision,
    decide_after_failure,
    decide_after_throttle,
)

DEFAULTS = EventSettings()


@pytest.mark.parametrize(
    ("failed", "attempts", "age", "settings", "verdict"),
    [
        (False, 1, 0, DEFAULTS, RetryDecision("Success")),
        (False, 3, 99_999, DEFAULTS, RetryDecision("Success")),
        (True, 1, 0, DEFAULTS, RetryDecision(None, 60)),
        (True, 2, 70, DEFAULTS, RetryDecision(None, 120)),
        (True, 3, 200, DEFAULTS, RetryDecision("RetriesExhausted")),
        (True, 1, 0, EventSettings(max_retries=0), RetryDecision("RetriesExhausted")),
        (True, 2, 70, EventSettings(max_retries=1), RetryDecision("RetriesExhausted")),
        (True, 1, 0, EventSettings(max_age_seconds=60), RetryDecision(None, 60)),
        (True, 1, 1, EventSettings(max_age_seconds=60), RetryDecision("EventAgeExceeded")),
    ],
)
def test_an_attempt_is_followed_by_what_aws_lets_follow(
    failed: bool, attempts: int, age: float, settings: EventSettings, verdict: RetryDecision
) -> None:
    assert decide_after_failure(failed, attempts, age, settings) == verdict


def test_throttled_events_come_back_ever_later_up_to_five_minutes() -> None:
    verdicts = [decide_after_throttle(number, 0, DEFAULTS) for number in range(1, 12)]
    assert [one.delay_seconds for one in verdicts] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


@given(st.integers(1, 60), st.floats(0, 30_000), st.integers(60, 21_600))
def test_no_event_comes_back_older_than_it_may_be(throttles: int, age: float, limit: int) -> None:
    verdict = decide_after_throttle(throttles, age, EventSettings(max_age_seconds=limit))
    if verdict.condition is None:
        assert age + verdict.delay_seconds <= limit
    else:
        assert verdict == RetryDecision("EventAgeExceeded")
