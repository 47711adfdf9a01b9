"""Tone fit: lightness stretched to that of a palette whose colors are the steps of a ramp.

On four greens or on black and white, a photo's own lightness leaves most steps unused, and its hues
decide between them at random.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from PIL import Image

from pixelater.palette.light import LIGHT
from pixelater.palette.oklab import UNIT, Lab, calculate, convert_image, look_up, to_oklab
from pixelater.palette.palette import Color

TOLERANCE = 64
"""How far from a line in OKLab the colors of a ramp may be."""

CLIPPED = 100
"""One cell in so many may be darker than the darkest step, and as many lighter."""

STRETCH = (8, 5)
"""Contrast is raised by 1.6 at most: a foggy picture stays a little foggy."""

_MIXES = 32


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
    return span > 2 * TOLERANCE and all(_is_near(lab, first, last, span) for lab in labs)


def _is_near(lab: Lab, first: Lab, last: Lab, span: int) -> bool:
    offsets = (
        span * (lab[axis] - first[axis]) - (lab[0] - first[0]) * (last[axis] - first[axis])
        for axis in (1, 2)
    )
    return sum(offset * offset for offset in offsets) <= (TOLERANCE * span) ** 2


def fit_tone(
    cells: Image.Image, colors: tuple[Color, ...], mask: Image.Image | None = None
) -> Image.Image:
    """Give cells (RGB) the shades of a ramp: the darkest cells its darkest color, and so on.

    Only cells under the mask (L) count.
    """
    shades = _mix_shades(colors)
    lightness, *_ = convert_image(cells)
    low, high = _find_range(lightness, mask)
    darkest, lightest = shades[0].lightness, shades[-1].lightness
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
    """Return the colors of a ramp and mixtures of neighbors in light, from dark to light."""
    mixed = set(colors)
    for dark, light in pairwise(sorted(colors, key=to_oklab)):
        for share in range(1, _MIXES):
            red, green, blue = (
                _mix(one, other, share) for one, other in zip(dark, light, strict=True)
            )
            mixed.add((red, green, blue))
    return sorted(_Shade(to_oklab(color)[0], color) for color in mixed)


def _mix(dark: int, light: int, share: int) -> int:
    """Return the level with the light of `share` of 32 parts of `light`."""
    total = LIGHT[dark] * (_MIXES - share) + LIGHT[light] * share
    return bisect_left(LIGHT, total // _MIXES)
