"""OKLab in integers, for single colors and for images: the metric of palettes.

Björn Ottosson's OKLab (https://bottosson.github.io/posts/oklab/) in units of 1/1024. Tables and
integers alone decide, so that the nearest color is the same on every machine; images are converted
by Pillow's C code, in the same integers.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

from PIL import Image, ImageMath

from pixelater.palette.palette import Color

Lab = tuple[int, int, int]
"""Lightness, green to red, and blue to yellow, in units of 1/1024."""

LabImages = tuple[Image.Image, Image.Image, Image.Image]
"""The same three as images of mode I."""

UNIT = 1024

LINEAR_MAX = 65535

_ROOT_MAX = 4095
_COEFFICIENT_BITS = 16
_OFFSET = 512
"""Added before a division, so that C and Python round negative numbers alike."""

_TO_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


def linearize(level: float) -> float:
    """Return the light of an sRGB level, 0 to 1 (IEC 61966-2-1)."""
    value = level / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


LINEAR = tuple(round(LINEAR_MAX * linearize(level)) for level in range(256))
"""The light of each sRGB level, in 16 bits."""

_LIGHT = tuple(
    tuple([int(share * light) for light in LINEAR] for share in shares) for shares in _TO_LMS
)
"""For each of l, m and s the share of each level of red, green and blue; sums stay in 16 bits."""

_MIX = tuple(
    tuple(round(share * UNIT / _ROOT_MAX * (1 << _COEFFICIENT_BITS)) for share in shares)
    for shares in _TO_LAB
)


@cache
def _tabulate_roots() -> tuple[list[int], list[int]]:
    """Return the cube roots of 16-bit light in 12 bits: the upper eight, and the lower four."""
    divisor = 8 * _ROOT_MAX**3
    starts = [-(-((2 * root - 1) ** 3) * LINEAR_MAX // divisor) for root in range(1, _ROOT_MAX + 1)]
    upper: list[int] = []
    lower: list[int] = []
    for root, (start, stop) in enumerate(pairwise((0, *starts, LINEAR_MAX + 1))):
        upper += [root >> 4] * (stop - start)
        lower += [root & 15] * (stop - start)
    return upper, lower


def to_oklab(color: Color) -> Lab:
    """Convert a color.

    >>> to_oklab((255, 255, 255)), to_oklab((255, 0, 0))
    ((1024, 0, 0), (643, 231, 129))
    """
    upper, lower = _tabulate_roots()
    light = (
        sum(table[level] for table, level in zip(tables, color, strict=True)) for tables in _LIGHT
    )
    roots = [upper[value] << 4 | lower[value] for value in light]
    lightness, green_red, blue_yellow = (
        (sum(share * root for share, root in zip(shares, roots, strict=True)) + _ROUNDING)
        // (1 << _COEFFICIENT_BITS)
        - _OFFSET
        for shares in _MIX
    )
    return lightness, green_red, blue_yellow


_ROUNDING = (_OFFSET << _COEFFICIENT_BITS) + (1 << _COEFFICIENT_BITS - 1)


def convert_image(image: Image.Image) -> LabImages:
    """Convert an RGB image."""
    upper, lower = _tabulate_roots()
    bands = image.split()
    roots = []
    for tables in _LIGHT:
        red, green, blue = (
            band.point(table, "I") for band, table in zip(bands, tables, strict=True)
        )
        light = calculate(lambda v: v["r"] + v["g"] + v["b"], r=red, g=green, b=blue)
        high, low = look_up(light, upper), look_up(light, lower)
        roots.append(calculate(lambda v: v["high"] * 16 + v["low"], high=high, low=low))
    long, medium, short = roots
    lightness, green_red, blue_yellow = (_mix(shares, long, medium, short) for shares in _MIX)
    return lightness, green_red, blue_yellow


def _mix(
    shares: tuple[int, ...], long: Image.Image, medium: Image.Image, short: Image.Image
) -> Image.Image:
    one, two, three = shares
    return calculate(
        lambda v: (
            (v["l"] * one + v["m"] * two + v["s"] * three + _ROUNDING) / (1 << _COEFFICIENT_BITS)
            - _OFFSET
        ),
        l=long,
        m=medium,
        s=short,
    )


def look_up(image: Image.Image, table: list[int]) -> Image.Image:
    """Replace the values of an I image, 0 to 65535, by bytes of a table.

    Image.point would round each of the 65,536 numbers in Python, which takes two milliseconds.
    """
    found = Image.new("L", image.size, None)
    found.im = image.im.point(table, "L")
    return found


def calculate(expression: Any, **images: Image.Image) -> Image.Image:
    """Compute an image from others, pixel by pixel, in C."""
    result: Image.Image = ImageMath.lambda_eval(expression, **images)
    return result
