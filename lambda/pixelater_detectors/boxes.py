"""Boxes that detectors find."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class Detection:
    """What was found in an upright photo: kind, edges in pixels, and a score from 0 to 1.

    `points` of a face are its eyes, its nose and the corners of its mouth, if the detector knows
    them.
    """

    kind: str
    left: float
    top: float
    right: float
    lower: float
    score: float
    points: tuple[tuple[float, float], ...] = ()

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right and lower edge."""
        return self.left, self.top, self.right, self.lower

    @property
    def area(self) -> float:
        """Number of pixels."""
        return max(0.0, self.right - self.left) * max(0.0, self.lower - self.top)


def overlap(one: Detection, other: Detection) -> float:
    """Return how much two boxes have in common: 0 to 1 of their union."""
    common = count_common(one, other)
    return common / (one.area + other.area - common) if common else 0.0


def count_common(one: Detection, other: Detection) -> float:
    """Return the number of pixels that two boxes have in common."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.lower, other.lower) - max(one.top, other.top)
    return max(0.0, width) * max(0.0, height)


def keep_best(found: Iterable[Detection], most: float) -> list[Detection]:
    """Drop boxes that overlap one of a better score by more than `most`."""
    kept: list[Detection] = []
    for box in sorted(found, key=lambda each: -each.score):
        if all(overlap(box, other) <= most for other in kept):
            kept.append(box)
    return kept


def scale(box: Detection, size: Sequence[int], other: Sequence[int]) -> Detection:
    """Return a box of a picture of a size in one of another size."""
    across, down = other[0] / size[0], other[1] / size[1]
    return replace(
        box,
        left=box.left * across,
        top=box.top * down,
        right=box.right * across,
        lower=box.lower * down,
        points=tuple((x * across, y * down) for x, y in box.points),
    )


def turn(image: Image.Image, turns: int) -> Image.Image:
    """Turn a picture to the left by quarters."""
    from PIL.Image import Transpose

    kinds = Transpose.ROTATE_90, Transpose.ROTATE_180, Transpose.ROTATE_270
    return image.transpose(kinds[turns - 1]) if turns else image


def turn_back(box: Detection, turns: int, size: Sequence[int]) -> Detection:
    """Return a box in a picture, of one found after so many quarter turns to the left.

    `size` is that of the picture that was not turned.
    """
    width, height = size

    def turn_point(x: float, y: float) -> tuple[float, float]:
        match turns % 4:
            case 1:
                return width - y, x
            case 2:
                return width - x, height - y
            case 3:
                return y, height - x
            case _:
                return x, y

    across, down = zip(turn_point(box.left, box.top), turn_point(box.right, box.lower), strict=True)
    points = tuple(turn_point(*point) for point in box.points)
    return Detection(box.kind, min(across), min(down), max(across), max(down), box.score, points)
