"""Boxes of all frames of a video: what is found in keys covers the frames between and around."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from pixelater_cli.video.tracking import (
    AHEAD,
    HOLD,
    STEP,
    Tracker,
    find_partners,
)
from pixelater_detectors.boxes import Detection, overlap


def track(
    seen: Mapping[int, Sequence[Detection]], frames: int, cuts: Sequence[int] = ()
) -> list[list[Detection]]:
    """Return the boxes of all frames, of which `seen` tells what a detector finds."""
    tracker = Tracker[int](lambda frame: seen.get(frame, ()))
    done = [
        waiting for frame in range(frames) for waiting in tracker.add(frame, is_cut=frame in cuts)
    ]
    done += tracker.finish()
    assert [waiting.frame for waiting in done] == list(range(frames))
    return [waiting.boxes for waiting in done]


def make(left: float, score: float = 0.5) -> Detection:
    return Detection("face", left, 0.0, left + 30.0, 30.0, score)


def test_a_box_that_moves_is_interpolated() -> None:
    boxes = track({0: [make(0)], 4: [make(8)], 8: [make(16)]}, 9)
    assert [[box.left for box in each] for each in boxes] == [[2 * frame] for frame in range(9)]


def test_a_box_that_disappears_is_held() -> None:
    boxes = track({0: [make(0)], STEP: [make(0)]}, 40)
    covered = [frame for frame, each in enumerate(boxes) if each]
    assert covered == list(range(STEP + HOLD + 1))


def test_a_box_that_appears_is_held_before() -> None:
    seen = {frame: [make(0)] for frame in range(12, 40)}
    covered = [frame for frame, each in enumerate(track(seen, 20)) if each]
    assert covered == list(range(12 - AHEAD, 20))


@pytest.mark.parametrize("missed", [STEP, 2 * STEP])
def test_a_box_that_is_missed_once_stays_covered(missed: int) -> None:
    seen = {frame: [make(0)] for frame in range(0, 30, STEP) if frame != missed}
    assert all(track(seen, 28))


def test_the_last_frame_is_a_key() -> None:
    assert track({5: [make(50)]}, 6)[5] == [make(50)]


def test_a_cut_is_a_new_beginning() -> None:
    boxes = track({0: [make(0)], 4: [make(0)], 5: [make(0)], 6: []}, 13, cuts=[6])
    assert [bool(each) for each in boxes] == [True] * 6 + [False] * 7


def test_the_frames_on_both_sides_of_a_cut_are_keys() -> None:
    boxes = track({5: [make(40)], 6: [make(80)]}, 9, cuts=[6])
    assert (boxes[5], boxes[6]) == ([make(40)], [make(80)])


def test_two_things_stay_apart() -> None:
    seen = {frame: [make(frame), make(100 - frame)] for frame in range(0, 13, STEP)}
    boxes = track(seen, 13)
    assert [sorted(box.left for box in each) for each in boxes] == [
        [frame, 100 - frame] for frame in range(13)
    ]


def test_no_frames_are_no_boxes() -> None:
    assert track({}, 0) == []


def test_each_box_has_one_partner() -> None:
    before, after = [make(0), make(5)], [make(2)]
    assert find_partners(before, after) == {make(0): make(2)}
    assert overlap(make(0), make(30)) == 0


def count_searches(seen: Mapping[int, Sequence[Detection]], frames: int) -> list[int]:
    """Return the frames that a dense tracker searches."""
    searched: list[int] = []

    def detect(frame: int) -> Sequence[Detection]:
        searched.append(frame)
        return seen.get(frame, ())

    tracker = Tracker[int](detect, is_dense=True)
    for frame in range(frames):
        list(tracker.add(frame))
    list(tracker.finish())
    return searched


@pytest.mark.parametrize(
    "seen",
    [
        {},
        {frame: [make(4 * frame)] for frame in range(9)},
        {frame: [make(0)] if frame % 8 else [make(0), make(90, score=0.2)] for frame in range(9)},
    ],
    ids=["nothing", "a box that moves slowly", "a box that is not sure"],
)
def test_only_keys_are_searched_where_boxes_fit(seen: Mapping[int, Sequence[Detection]]) -> None:
    assert count_searches(seen, 9) == [0, 4, 8]


@pytest.mark.parametrize(
    ("seen", "searched"),
    [
        ({frame: [make(0)] for frame in range(2, 9)}, [0, 4, 2, 1, 8]),
        ({frame: [make(0)] for frame in range(3)}, [0, 4, 2, 3, 8]),
        ({frame: [make(20 if frame > 1 else 0)] for frame in range(9)}, [0, 4, 2, 1, 8]),
        ({frame: [make(5 * frame)] for frame in range(9)}, [0, 4, 2, 8, 6]),
    ],
    ids=["a box that comes", "a box that goes", "a box that leaps", "a box that is fast"],
)
def test_frames_between_are_searched_where_boxes_do_not_fit(
    seen: Mapping[int, Sequence[Detection]], searched: list[int]
) -> None:
    assert count_searches(seen, 9) == searched


def test_a_fast_box_is_covered_in_each_frame() -> None:
    seen = {frame: [make(50 * frame)] for frame in range(1, 6)}
    tracker = Tracker[int](lambda frame: seen.get(frame, ()), is_dense=True)
    done = [waiting for frame in range(8) for waiting in tracker.add(frame)]
    done += tracker.finish()
    assert all(set(seen.get(waiting.frame, ())) <= set(waiting.boxes) for waiting in done)
