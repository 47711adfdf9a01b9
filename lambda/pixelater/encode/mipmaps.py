"""Mipmaps: an image at half its size, again and again, down to one pixel.

Averaged in linear light and weighted by alpha, as graphics hardware blends sRGB textures: halves in
sRGB would be too dark, and transparent pixels would darken edges. Integers alone decide.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from functools import cache

from PIL import Image

from pixelater.grid import NEAREST
from pixelater.palette.oklab import calculate, linearize

LIGHT_MAX = (1 << 14) - 1
"""Linear light has 14 bits: two levels of sRGB have at least four steps between them."""

UNIT = 4
"""Alpha is in units of 1/4, so that sums of light times alpha and a weight stay in 31 bits."""

WHOLE = 64
"""Weights of pixels are in units of 1/64."""

Bands = tuple[Image.Image, Image.Image, Image.Image, Image.Image]
"""Light of red, green and blue, each times alpha, and alpha (I)."""


def make_mipmaps(image: Image.Image) -> Iterator[Image.Image]:
    """Yield an image as RGBA, and its smaller versions, each of half the width and height.

    Halves of odd sides are rounded down, and every pixel counts as much as any other. Of pixels
    that are transparent altogether, color stays only in the first image.

    >>> [level.size for level in make_mipmaps(Image.new("RGB", (5, 2)))]
    [(5, 2), (2, 1), (1, 1)]
    """
    level = image.convert("RGBA")
    yield level
    bands = _split_light(level)
    while max(level.size) > 1:
        bands = _halve(bands)
        level = _merge_light(bands)
        yield level


@cache
def _list_light() -> tuple[int, ...]:
    """Return the light of each sRGB level."""
    return tuple(round(LIGHT_MAX * linearize(level)) for level in range(256))


@cache
def _list_levels() -> tuple[int, ...]:
    """Return the sRGB level nearest to each light, and to what is more (65,536 in all)."""
    edges = [round(LIGHT_MAX * linearize(level + 0.5)) for level in range(255)]
    levels = [bisect(edges, light) for light in range(LIGHT_MAX + 1)]
    return (*levels, *[255] * (65536 - len(levels)))


def _split_light(image: Image.Image) -> Bands:
    *colors, alpha = image.split()
    units = alpha.point([UNIT * level for level in range(256)], "I")
    light = _list_light()
    red, green, blue = (
        calculate(lambda v: v["c"] * v["a"], c=color.point(light, "I"), a=units) for color in colors
    )
    return red, green, blue, units


def _merge_light(bands: Bands) -> Image.Image:
    *colors, units = bands
    alpha = calculate(lambda v: v["convert"]((v["a"] + UNIT // 2) / UNIT, "L"), a=units)
    levels = _list_levels()
    found = [
        calculate(lambda v: (v["c"] + v["a"] / 2) / v["max"](v["a"], 1), c=color, a=units).point(
            levels, "L"
        )
        for color in colors
    ]
    return Image.merge("RGBA", [*found, alpha])


def _halve(bands: Bands) -> Bands:
    red, green, blue, alpha = (_halve_rows(_halve_columns(band)) for band in bands)
    return red, green, blue, alpha


def _halve_columns(band: Image.Image) -> Image.Image:
    """Average two columns to one each; of an odd number of columns, parts of three."""
    half, odd = divmod(band.width, 2)
    if not half:
        return band
    parts = [_take_columns(band, start, half) for start in range(2 + odd)]
    if not odd:
        return calculate(lambda v: (v["a"] + v["b"] + 1) / 2, a=parts[0], b=parts[1])
    weights = [_spread(column, band.height) for column in _weigh(half)]
    return calculate(
        lambda v: (v["a"] * v["p"] + v["b"] * v["q"] + v["c"] * v["r"] + (WHOLE // 2)) / WHOLE,
        **dict(zip("abcpqr", (*parts, *weights), strict=True)),
    )


def _halve_rows(band: Image.Image) -> Image.Image:
    return _turn(_halve_columns(_turn(band)))


def _turn(band: Image.Image) -> Image.Image:
    return band.transpose(Image.Transpose.TRANSPOSE)


def _take_columns(band: Image.Image, start: int, count: int) -> Image.Image:
    """Take every second column."""
    way = Image.Transform.AFFINE
    return band.transform((count, band.height), way, (2, 0, start - 0.5, 0, 1, 0), NEAREST)


def _weigh(half: int) -> tuple[list[int], list[int], list[int]]:
    """Return the weights of three neighbors for each of `half` columns made of 2 * half + 1.

    Column i begins i / half of a column after its first neighbor does.

    >>> _weigh(1)
    ([21], [22], [21])
    """
    total = 2 * half + 1
    first = [(2 * WHOLE * (half - column) + total) // (2 * total) for column in range(half)]
    last = [(2 * WHOLE * (column + 1) + total) // (2 * total) for column in range(half)]
    return first, [WHOLE - a - b for a, b in zip(first, last, strict=True)], last


def _spread(weights: list[int], height: int) -> Image.Image:
    row = Image.new("I", (len(weights), 1))
    row.putdata(weights)
    return row.resize((len(weights), height), NEAREST)
