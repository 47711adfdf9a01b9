"""Changes of a stack under traffic, with the role's permissions enforced: nothing is lost."""

from __future__ import annotations

import time

import pytest

from tests.live_changes import change_under_traffic

RATE = 10
"""Uploads a second, with which a machine of two cores that runs other tests, too, keeps up."""


@pytest.mark.slow
def test_photos_that_arrive_during_changes_are_neither_lost_nor_stale() -> None:
    report = change_under_traffic(lambda: time.sleep(1), rate=RATE)
    assert (report.lost, report.stale, report.failures) == ((), (), ())
    assert report.live == '["16x16", "8x8"]'  # Those of the former grid are kept up to date.
    assert report.drained_seconds < 300
