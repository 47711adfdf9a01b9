"""Scores of `benchmarks.privacy`: what is found, hidden, false and recognized."""

from __future__ import annotations

import pytest

numpy = pytest.importorskip("numpy")

from benchmarks.privacy_jpeg import count_blocks, grow  # noqa: E402 - after numpy
from benchmarks.privacy_scores import (  # noqa: E402
    Box,
    Found,
    Score,
    count_same,
    cover,
    overlap,
    rank_first,
    score,
    turn,
)

FACE = (0.0, 0.0, 10.0, 10.0)
FAR = (50.0, 50.0, 60.0, 60.0)


@pytest.mark.parametrize(
    ("unclear", "found", "expected"),
    [
        ([], Found((FACE,), (FACE,)), Score(1, 1, 1, 0)),
        ([], Found((FACE,), ((0, 0, 10, 8),)), Score(1, 1, 0, 0)),
        ([], Found((FAR,), (FAR,)), Score(1, 0, 0, 1)),
        ([FAR], Found((FAR,), (FAR,)), Score(1, 0, 0, 0)),
        ([], Found((FACE,), (FACE,), ellipse=True), Score(1, 1, 0, 0)),
        ([], Found((), ()), Score(1, 0, 0, 0)),
        ([], Found((FACE, FACE), (FACE, FACE)), Score(1, 1, 1, 0)),
    ],
    ids=["found", "shown in part", "false", "unclear", "ellipse", "nothing", "twice"],
)
def test_score_counts_found_hidden_and_false(
    unclear: list[Box], found: Found, expected: Score
) -> None:
    assert score([FACE], unclear, found) == expected


def test_scores_of_photos_add_up() -> None:
    assert Score(1, 1, 0, 2) + Score(2, 1, 1, 0) == Score(3, 2, 1, 2)


@pytest.mark.parametrize(
    ("areas", "ellipse", "share"),
    [
        ([], False, 0.0),
        ([(0, 0, 5, 10), (5, 0, 10, 10)], False, 1.0),
        ([(0, 0, 5, 10), (0, 0, 10, 5)], False, 0.75),
        ([(-5, -5, 15, 15)], True, 1.0),
        ([(0, 0, 10, 10)], True, pytest.approx(0.785, abs=0.01)),
    ],
)
def test_cover_is_the_share_of_a_box_under_areas(
    areas: list[Box], *, ellipse: bool, share: float
) -> None:
    assert cover(FACE, areas, ellipse=ellipse) == share


def test_overlap_is_a_share_of_the_union() -> None:
    boxes: list[Box] = [FACE, (5, 0, 15, 10), FAR]
    assert [overlap(FACE, box) for box in boxes] == [1, pytest.approx(1 / 3), 0]


def test_box_after_four_turns_is_the_same() -> None:
    box: Box = (1, 2, 3, 5)
    size = 10, 20
    for _ in range(4):
        box, size = turn(box, 1, size), size[::-1]
    assert box == (1, 2, 3, 5)
    assert turn(turn(box, 1, (10, 20)), 1, (20, 10)) == turn(box, 2, (10, 20))
    assert turn(turn(box, 3, (10, 20)), 1, (20, 10)) == box


def test_recognizer_is_right_if_another_picture_is_nearest() -> None:
    """A picture is not compared with itself; `same` is about the right person alone."""
    gallery = numpy.array([[0.0], [0.5], [5.0], [9.9]])
    assert rank_first(gallery, gallery, ["a", "a", "b", "b"], 0.6) == (0.75, 0.5, 0)
    assert rank_first(gallery, gallery, ["a", "b", "b", "b"], 0.6) == (0.5, 0, 0.5)


def test_changed_blocks_are_counted_once() -> None:
    marks = numpy.zeros((20, 9), bool)
    marks[0, 0] = marks[7, 7] = marks[19, 8] = True
    assert count_blocks(marks) == 2


def test_region_grows_to_units_and_a_ring() -> None:
    assert (grow((17, 0, 30, 33), 0), grow((17, 0, 30, 33), 1)) == (
        (16, 0, 32, 48),
        (15, 0, 33, 49),
    )


def test_near_pairs_of_one_person_and_of_two_are_counted() -> None:
    """A picture is not compared with itself."""
    probes, gallery = numpy.array([[0.0], [5], [1]]), numpy.array([[0.0], [1], [9]])
    same = count_same(probes, gallery, ["a", "a", "b"], 1.5)
    assert same.faces.tolist() == [True, False, False]
    assert same.pairs == (0.5, 0.5)
