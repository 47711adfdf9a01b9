"""Scores of what detectors hide: boxes that are found, false ones, and shares of faces hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Box = tuple[float, float, float, float]
"""Left, top, right and lower edge, in pixels."""

FOUND = 0.3
"""Overlap (of the union) from which a box is that of a face."""

UNCLEAR = 0.3
"""Share of a box on what is neither a face nor none, from which it is not called false."""

HIDDEN = 0.9
SAMPLES = 40


@dataclass(frozen=True)
class Found:
    """What a program found in a picture, and the areas that it hides: boxes, or ellipses in them."""

    boxes: tuple[Box, ...]
    areas: tuple[Box, ...]
    ellipse: bool = False


@dataclass(frozen=True)
class Score:
    """Numbers of faces, of those found and of those hidden, and of false boxes."""

    faces: int = 0
    found: int = 0
    hidden: int = 0
    false: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.faces + other.faces,
            self.found + other.found,
            self.hidden + other.hidden,
            self.false + other.false,
        )


def score(faces: Sequence[Box], unclear: Sequence[Box], found: Found) -> Score:
    """Compare what was found in a picture with its faces.

    >>> found = Found(((0, 0, 10, 10), (50, 50, 60, 60)), ((-3, -3, 13, 13), (47, 47, 63, 63)))
    >>> score([(0, 0, 10, 11), (20, 20, 30, 30)], [], found)
    Score(faces=2, found=1, hidden=1, false=1)
    """
    return Score(
        len(faces),
        sum(any(overlap(face, box) >= FOUND for box in found.boxes) for face in faces),
        sum(cover(face, found.areas, ellipse=found.ellipse) >= HIDDEN for face in faces),
        sum(
            all(overlap(face, box) < FOUND for face in faces) and cover(box, unclear) < UNCLEAR
            for box in found.boxes
        ),
    )


def overlap(one: Box, other: Box) -> float:
    """Return how much two boxes have in common: 0 to 1 of their union.

    >>> overlap((0, 0, 2, 2), (1, 0, 3, 2))
    0.3333333333333333
    """
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)


def cover(box: Box, areas: Sequence[Box], *, ellipse: bool = False) -> float:
    """Return the share of a box that areas cover, or the ellipses in them: 0 to 1.

    >>> cover((0, 0, 10, 10), [(0, 0, 5, 10), (0, 0, 10, 5)])
    0.75
    >>> round(cover((0, 0, 10, 10), [(0, 0, 10, 10)], ellipse=True), 2)
    0.79
    """
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES
    x = (box[0] + steps * (box[2] - box[0]))[None, :]
    y = (box[1] + steps * (box[3] - box[1]))[:, None]
    covered = np.zeros((SAMPLES, SAMPLES), bool)
    for left, top, right, lower in areas:
        if ellipse:
            across = (x - (left + right) / 2) / max((right - left) / 2, 1)
            down = (y - (top + lower) / 2) / max((lower - top) / 2, 1)
            covered |= across**2 + down**2 <= 1
        else:
            covered |= (left <= x) & (x <= right) & (top <= y) & (y <= lower)
    return float(covered.mean())


def turn(box: Box, turns: int, size: tuple[int, int]) -> Box:
    """Return where a box is after a picture of a size was turned to the left by quarters.

    >>> turn((1, 2, 3, 5), 1, (10, 20)), turn((1, 2, 3, 5), 3, (10, 20))
    ((2, 7, 5, 9), (15, 1, 18, 3))
    """
    width, height = size
    left, top, right, lower = box
    match turns % 4:
        case 1:
            return top, width - right, lower, width - left
        case 2:
            return width - right, height - lower, width - left, height - top
        case 3:
            return height - lower, left, height - top, right
        case _:
            return box


def rank_first(
    probes: np.ndarray, gallery: np.ndarray, people: Sequence[str], same: float
) -> tuple[float, float, float]:
    """Compare descriptors of faces with those of other pictures.

    Returns the share whose nearest is of the right person, and the shares with a picture of the
    right person, and of another, nearer than `same`.
    """
    who = np.array(people)
    distances = np.linalg.norm(probes[:, None] - gallery[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    right = who[distances.argmin(1)] == who
    alike = who[:, None] == who[None]
    same_person, another = (
        float((np.where(which, distances, np.inf).min(1) < same).mean())
        for which in (alike, ~alike)
    )
    return float(right.mean()), same_person, another


@dataclass(frozen=True)
class Same:
    """Faces that are the same person's for a recognizer, and shares of pairs that are near.

    The pairs are those of one person, and those of two.
    """

    faces: np.ndarray
    pairs: tuple[float, float]


def count_same(probes: np.ndarray, gallery: np.ndarray, people: Sequence[str], same: float) -> Same:
    """Compare descriptors of faces with those of all other pictures."""
    who = np.array(people)
    near = np.linalg.norm(probes[:, None] - gallery[None], axis=2) < same
    alike, other = who[:, None] == who[None], ~np.eye(len(who), dtype=bool)
    pairs = near[alike & other].mean(), near[~alike].mean()
    return Same((near & alike & other).any(1), (float(pairs[0]), float(pairs[1])))
