"""Tones of a palette whose colors are the steps of a ramp: lightness alone chooses among them.

On four greens or on grays, hues would decide between steps at random. A photo's own lightness often
leaves steps unused, so that it is stretched to theirs, unless asked not to.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from PIL import Image

from pixelater.palette.oklab import LINEAR, UNIT, Lab, calculate, convert_image, look_up, to_oklab
from pixelater.palette.palette import Color

TOLERANCE = 40
"""How far from a line in OKLab the colors of a ramp may be: the Game Boy's are up to 28."""

LEAST_SPAN = 128
"""The least difference of lightness between the ends of a ramp."""

CLIPPED = 100
"""One cell in so many may be darker than the darkest step, and as many lighter."""

STRETCH = (8, 5)
"""Contrast is raised by 1.6 at most: a foggy picture stays a little foggy."""

_MIXES = 256
"""As many mixtures of neighbors a ramp gets."""


class _Shade(NamedTuple):
    lightness: int
    color: Color


def is_ramp(colors: tuple[Color, ...]) -> bool:
    """Return whether colors are near one line in OKLab, from dark to light.

    >>> is_ramp(((15, 56, 15), (48, 98, 48), (139, 172, 15), (155, 188, 15)))
    True
    >>> is_ramp(((0, 0, 0), (85, 255, 255), (255, 85, 255), (255, 255, 255)))
    False
    """
    labs = sorted(map(to_oklab, colors))
    first, last = labs[0], labs[-1]
    span = last[0] - first[0]
    return span > LEAST_SPAN and all(_is_near(lab, first, last, span) for lab in labs)


def _is_near(lab: Lab, first: Lab, last: Lab, span: int) -> bool:
    offsets = (
        span * (lab[axis] - first[axis]) - (lab[0] - first[0]) * (last[axis] - first[axis])
        for axis in (1, 2)
    )
    return sum(offset * offset for offset in offsets) <= (TOLERANCE * span) ** 2


def fit_tone(
    cells: Image.Image, colors: tuple[Color, ...], mask: Image.Image | None, stretch: bool
) -> Image.Image:
    """Give cells (RGB) the shades of a ramp, of their own lightness or of a stretched one.

    Stretched, the darkest cells get its darkest color, and the lightest its lightest. Only cells
    under the mask (L) count for that.
    """
    shades = _mix_shades(colors)
    lightness, *_ = convert_image(cells)
    darkest, lightest = shades[0].lightness, shades[-1].lightness
    low, high = _find_range(lightness, mask) if stretch else (darkest, lightest)
    heights = [shade.lightness for shade in shades]
    table = []
    for value in range(UNIT + 1):
        share = min(max(value - low, 0), high - low)
        target = darkest + (lightest - darkest) * share // (high - low)
        table.append(shades[bisect_left(heights, target)].color)
    bands = []
    for band in range(3):
        levels = [color[band] for color in table]
        bands.append(look_up(lightness, levels + [levels[-1]] * ((1 << 16) - len(levels))))
    return Image.merge("RGB", bands)


def _find_range(lightness: Image.Image, mask: Image.Image | None) -> tuple[int, int]:
    """Return the lightness that becomes the darkest step, and the one that becomes the lightest.

    Where cells differ little, the range is widened towards black and white, in proportion to how
    far these are, so that a dark picture stays dark.
    """
    coarse = calculate(lambda v: v["convert"](v["min"](v["l"] / 4, 255), "L"), l=lightness)
    counts = coarse.histogram(mask)
    clipped = sum(counts) // CLIPPED
    low = 4 * _find_quantile(counts, clipped)
    high = UNIT - 4 * _find_quantile(counts[::-1], clipped)
    width = UNIT * STRETCH[1] // STRETCH[0]
    if high - low < width:
        rest = UNIT - (high - low)
        low = low * (UNIT - width) // rest
        high = low + width
    return low, high


def _find_quantile(counts: list[int], clipped: int) -> int:
    """Return the first value with more than `clipped` up to it."""
    seen = 0
    for value, count in enumerate(counts):
        seen += count
        if seen > clipped:
            return value
    return 0


@lru_cache(8)
def _mix_shades(colors: tuple[Color, ...]) -> list[_Shade]:
    """Return the colors of a ramp and mixtures of neighbors in light, from dark to light.

    Shares are cubes, which makes the steps of lightness even from black upwards.
    """
    ramp = sorted(colors, key=to_oklab)
    steps = _MIXES // (len(ramp) - 1) + 1
    mixed = set(colors)
    for dark, light in pairwise(ramp):
        for step in range(1, steps):
            red, green, blue = (
                _mix(one, other, step**3, steps**3) for one, other in zip(dark, light, strict=True)
            )
            mixed.add((red, green, blue))
    return sorted(_Shade(to_oklab(color)[0], color) for color in mixed)


def _mix(dark: int, light: int, share: int, whole: int) -> int:
    """Return the level that has the light of `share` of `whole` parts of `light`."""
    total = LINEAR[dark] * (whole - share) + LINEAR[light] * share
    return bisect_left(LINEAR, total // whole)
