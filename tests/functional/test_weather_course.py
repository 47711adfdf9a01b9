"""Deploying, operating and removing a stack under all weather, each seed on a virtual clock."""

from __future__ import annotations

import pytest

from pixelater_cli.emulator.pipeline import deploy_to
from tests.functional.conftest import Pixelater
from tests.weather import start_stormy
from tests.weather_course import (
    COURSE,
    DEPLOY,
    DESTROY,
    REDEPLOY,
    Outcome,
    format_outcomes,
    list_left,
    publish_runtime,
    run_step,
    send_photos,
)

TRIES = 40
PHOTOS = 100


def test_course_without_weather_succeeds_at_the_first_try(pixelater: Pixelater) -> None:
    with start_stormy(()) as stormy:
        publish_runtime(stormy)
        steps = (*COURSE, DESTROY)
        outcomes = [one for step in steps for one in run_step(pixelater, stormy, step)]
        assert [one for one in outcomes if one.failed] == []
        assert (len(outcomes), list_left()) == (len(steps), [])


@pytest.mark.slow
def test_no_photo_is_lost_to_late_events_and_faults(weather_seed: int) -> None:
    """The function's client and Lambda's retries get every photo through."""
    with start_stormy(("slow", "throttle", "faults"), weather_seed) as stormy:
        deploy_to(stormy.emulator)
        assert send_photos(stormy, PHOTOS) == []
        assert min(stormy.weather.counts.values()) > 0


@pytest.mark.slow
def test_patient_user_gets_through_all_weather(pixelater: Pixelater, weather_seed: int) -> None:
    """Every command succeeds when it is run again, and all that the weather did is over."""
    outcomes: list[Outcome] = []
    with start_stormy(seed=weather_seed) as stormy:
        publish_runtime(stormy)
        for step in (DEPLOY, REDEPLOY):
            outcomes += run_step(pixelater, stormy, step, TRIES)
        missing = send_photos(stormy, PHOTOS)
        for step in (*COURSE[2:], DESTROY):
            outcomes += run_step(pixelater, stormy, step, TRIES)
        print(format_outcomes(weather_seed, outcomes, missing))  # noqa: T201 (shown with pytest -s)
        assert missing == []
        assert not any(one.failed and one.attempt == TRIES for one in outcomes)
        assert list_left() == []
