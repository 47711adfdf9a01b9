"""Error diffusion: Floyd-Steinberg and Atkinson, in linear light.

R. W. Floyd and L. Steinberg, An adaptive algorithm for spatial grey scale, 1976; Bill Atkinson's
weights as in https://en.wikipedia.org/wiki/Atkinson_dithering. Every other row goes backwards.

The red, green and blue of a cell are three fields of one integer, so that one addition adds them
and one multiplication multiplies them. A field holds 1/64 of the unit of `light`, and for cells a
bias that keeps it positive, whatever errors are added; an error has no bias.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from operator import add

from PIL import Image

from pixelater.grid import cut_out
from pixelater.palette.light import EDGES, LEVEL_BITS, LIGHT, LIGHT_MAX, decide
from pixelater.palette.palette import Color

_SHIFT = 6
_SHARES = 1 << _SHIFT
"""The unit of weights, whose sum is at most this."""

_GREEN, _RED = 20, 40
"""The first bits of the fields; blue is the lowest."""

_EXCESS = 512
"""How much less than no light, or more than all, a cell and its errors may come to.

Cut at none and all, errors of colors outside the palette would be lost, and hues with them; without
a limit, they would add up to streaks.
"""

_BIAS = 5120
"""More than -_EXCESS - LIGHT_MAX, the least that a cell of no light can get from others."""

_FIELD = (1 << _GREEN - _SHIFT) - 1
_FIELDS = _FIELD << _RED | _FIELD << _GREEN | _FIELD
_BIASES = (_BIAS << _SHIFT) + (_SHARES >> 1)

_KEY_BITS = 3 * LEVEL_BITS
_KEY = (1 << _KEY_BITS) - 1

Errors = list[int]
Runs = Sequence[tuple[int, int]]
"""The first and the last cell (exclusive) of opaque neighbors in a row."""

Step = Callable[
    [Sequence[int], Sequence[int], bytes, Sequence[int], int], tuple[bytes, list[Errors]]
]


def diffuse(
    cells: Image.Image,
    runs: Sequence[Runs],
    colors: tuple[Color, ...],
    kernel: str,
    strength: float,
) -> bytes:
    """Return the index of a color for each cell (RGB); errors stay within the runs of rows.

    `kernel` is "floyd" or "atkinson"; of each error the share `strength` is passed on.
    """
    take_step, depth = _KERNELS[kernel]
    width = cells.width
    light = [
        LIGHT[red] << _RED | LIGHT[green] << _GREEN | LIGHT[blue] for red, green, blue in colors
    ]
    shares = round(strength * _SHARES)
    cube = decide(colors)
    found = bytearray(width * cells.height)
    falling = [[0] * (width + 2) for _ in range(depth)]
    for row, stretches in enumerate(runs):
        step = -1 if row % 2 else 1
        packed = _pack_cells(cut_out(cells, (0, row, width, row + 1)))
        arriving = falling.pop(0)
        falling.append([0] * (width + 2))
        for start, stop in stretches:
            indexes, errors = take_step(
                packed[start:stop][::step],
                arriving[start + 1 : stop + 1][::step],
                cube,
                light,
                shares,
            )
            found[row * width + start : row * width + stop] = indexes[::step]
            for below, fallen in zip(falling, errors, strict=True):
                reach = (len(fallen) - len(indexes)) // 2
                part = slice(start + 1 - reach, stop + 1 + reach)
                below[part] = map(add, below[part], fallen[::step])
    return bytes(found)


def _take_floyd_step(
    cells: Sequence[int], arriving: Sequence[int], cube: bytes, light: Sequence[int], shares: int
) -> tuple[bytes, list[Errors]]:
    """Find the colors of cells, and the errors for the row below, from a cell before to one after.

    7/16 go to the next cell, 3/16, 5/16 and 1/16 to the three below.
    """
    red, green, blue = _tabulate_fields()
    next_, before, below, after = (round(shares * weight / 16) for weight in (7, 3, 5, 1))
    found = bytearray()
    falling = []
    last = error = 0
    for cell, fallen in zip(cells, arriving, strict=True):
        total = cell + fallen + error * next_ >> _SHIFT & _FIELDS
        field = red[total >> _RED] + green[total >> _GREEN & _FIELD] + blue[total & _FIELD]
        index = cube[field & _KEY]
        found.append(index)
        older, last = last, error
        error = (field >> _KEY_BITS) - light[index]
        falling.append(error * before + last * below + older * after)
    falling += (error * below + last * after, error * after)
    return bytes(found), [falling]


def _take_atkinson_step(
    cells: Sequence[int], arriving: Sequence[int], cube: bytes, light: Sequence[int], shares: int
) -> tuple[bytes, list[Errors]]:
    """Do the same for two rows below: 1/8 goes to each of six cells, and 1/4 to none."""
    red, green, blue = _tabulate_fields()
    weight = round(shares / 8)
    found = bytearray()
    falling = []
    deeper = []
    last = error = 0
    for cell, fallen in zip(cells, arriving, strict=True):
        total = cell + fallen + error + last >> _SHIFT & _FIELDS
        field = red[total >> _RED] + green[total >> _GREEN & _FIELD] + blue[total & _FIELD]
        index = cube[field & _KEY]
        found.append(index)
        older, last = last, error
        error = ((field >> _KEY_BITS) - light[index]) * weight
        falling.append(error + last + older)
        deeper.append(error)
    falling += (error + last, error)
    return bytes(found), [falling, deeper]


_KERNELS: dict[str, tuple[Step, int]] = {
    "floyd": (_take_floyd_step, 1),
    "atkinson": (_take_atkinson_step, 2),
}
"""The function for a row, and how many rows below errors fall on."""


def _pack_cells(cells: Image.Image) -> list[int]:
    red, green, blue = _tabulate_levels()
    levels = zip(*(band.tobytes() for band in cells.split()), strict=True)
    return [red[one] + green[two] + blue[three] for one, two, three in levels]


@cache
def _tabulate_levels() -> tuple[list[int], list[int], list[int]]:
    """For each level of red, green and blue, return its field."""
    red, green, blue = (
        [(light << _SHIFT) + _BIASES << place for light in LIGHT] for place in (_RED, _GREEN, 0)
    )
    return red, green, blue


@cache
def _tabulate_fields() -> tuple[list[int], list[int], list[int]]:
    """For each value of a field, return its light, cut to the limits, and its part of the key."""
    return (
        _extend(_tabulate_field(_RED, 2 * LEVEL_BITS)),
        _extend(_tabulate_field(_GREEN, LEVEL_BITS)),
        _extend(_tabulate_field(0, 0)),
    )


def _tabulate_field(place: int, key_place: int) -> list[int]:
    """Return light and level for each light, from the least excess to the most."""
    unit = 1 << place + _KEY_BITS
    table: list[int] = []
    for level, (start, stop) in enumerate(pairwise((-_EXCESS, *EDGES, LIGHT_MAX + _EXCESS + 1))):
        key = level << key_place
        table += range(start * unit + key, stop * unit + key, unit)
    return table


def _extend(table: list[int]) -> list[int]:
    """Repeat the first and the last entry for values beyond the limits."""
    before = _BIAS - _EXCESS
    return [table[0]] * before + table + [table[-1]] * (_FIELD + 1 - before - len(table))
