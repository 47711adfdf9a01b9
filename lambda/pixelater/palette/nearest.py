"""The nearest colors of a palette, by the metric of `oklab`."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from pixelater.palette.oklab import Lab, LabImages, calculate, convert_image, to_oklab
from pixelater.palette.palette import Color

_INDEX_BITS = 8


def find_nearest(cells: Image.Image, colors: Sequence[Color]) -> Image.Image:
    """Return the index (L) of the color nearest to each cell (RGB); of equally near, the first.

    Distances are Euclidean in OKLab, in integers.
    """
    return find_nearest_lab(convert_image(cells), [to_oklab(color) for color in colors])


def find_nearest_lab(cells: LabImages, colors: Sequence[Lab]) -> Image.Image:
    """Return the index of the nearest of up to 256 colors, both in OKLab.

    The distance is |cell|^2 - 2 cell color + |color|^2, the first of which all colors have in
    common. The index is in the lowest bits, so that one minimum finds both; 31 bits hold it all.
    """
    best: Image.Image | None = None
    lightness, green_red, blue_yellow = cells
    for index, color in enumerate(colors):
        one, two, three = (value << _INDEX_BITS + 1 for value in color)
        start = (sum(value * value for value in color) << _INDEX_BITS) + index
        distance = calculate(
            lambda v, one=one, two=two, three=three, start=start: (
                start - v["l"] * one - v["a"] * two - v["b"] * three
            ),
            l=lightness,
            a=green_red,
            b=blue_yellow,
        )
        best = (
            distance
            if best is None
            else calculate(lambda v: v["min"](v["x"], v["y"]), x=best, y=distance)
        )
    if best is None:
        raise ValueError("colors: at least one is needed")
    return calculate(lambda v: v["convert"](v["x"] & (1 << _INDEX_BITS) - 1, "L"), x=best)
