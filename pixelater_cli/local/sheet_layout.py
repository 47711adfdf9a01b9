"""Places of sprites on a sheet: pure functions of their sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt

from pixelater.sprite import pad_side

Size = tuple[int, int]


@dataclass(frozen=True)
class SheetLayout:
    """The size of a sheet, and the upper left corner of each sprite on it, in their order."""

    size: Size
    corners: tuple[Size, ...]


def find_layout(
    sizes: Sequence[Size], extrude: int = 0, padding: int = 0, *, pot: bool = False
) -> SheetLayout:
    """Place sprites on a sheet: on a grid if all have one size, and else on shelves.

    Each has `extrude` pixels around it, and `padding` between it and the next. With `pot`, the
    sides of the sheet are powers of two.

    >>> find_layout([(8, 8)] * 4, extrude=1)
    SheetLayout(size=(20, 20), corners=((1, 1), (11, 1), (1, 11), (11, 11)))
    """
    steps = [(w + 2 * extrude + padding, h + 2 * extrude + padding) for w, h in sizes]
    places = _place_on_grid(steps) if len(set(steps)) == 1 else _place_on_shelves(steps, pot)
    width = max(x + step[0] for (x, _), step in zip(places, steps, strict=True)) - padding
    height = max(y + step[1] for (_, y), step in zip(places, steps, strict=True)) - padding
    size = (pad_side(width), pad_side(height)) if pot else (width, height)
    return SheetLayout(size, tuple((x + extrude, y + extrude) for x, y in places))


def _place_on_grid(steps: Sequence[Size]) -> list[Size]:
    """Place equal sprites row by row, in as many columns as make the sheet most square."""
    count, (width, height) = len(steps), steps[0]
    columns = min(range(1, count + 1), key=lambda c: (max(c * width, -(-count // c) * height), -c))
    return [(k % columns * width, k // columns * height) for k in range(count)]


def _place_on_shelves(steps: Sequence[Size], pot: bool) -> list[Size]:
    """Place sprites from tall to low, from left to right, on shelves below each other."""
    least = isqrt(sum(width * height for width, height in steps) - 1) + 1
    most = max(least, *(width for width, _ in steps))
    most = pad_side(most) if pot else most
    order = sorted(range(len(steps)), key=lambda k: (-steps[k][1], -steps[k][0], k))
    places: list[Size] = [(0, 0)] * len(steps)
    x = y = shelf = 0
    for k in order:
        width, height = steps[k]
        if x + width > most:
            x, y, shelf = 0, y + shelf, 0
        places[k] = x, y
        x += width
        shelf = max(shelf, height)
    return places
