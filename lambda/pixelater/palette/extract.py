"""Extraction of a palette from cells: k-means in OKLab, seeded so that small details survive.

By population alone, a few green cells (a cat's eyes) get no color of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import isqrt

from PIL import Image

from pixelater.arguments import check_integer
from pixelater.palette.nearest import find_nearest_lab
from pixelater.palette.oklab import Lab, LabImages, calculate, convert_image, to_oklab
from pixelater.palette.palette import MAX_COLORS, BadPalette, Color, Palette

ITERATIONS = 8

_GROUP_BITS = (4, 3, 2)
"""Colors that are equal but for so many bits count as one when seeds are chosen."""

_CHROMA = 300
"""Chroma, in 1/1024, that doubles the weight of a color as a seed."""

_HUE = 3
"""Hues weigh 1.5 times as much as lightness, in halves."""

_COUNT, _RED, _GREEN = 96, 64, 32
"""Fields of the sums over a cluster; blue is the lowest."""

_FIELD = (1 << 32) - 1


def extract_palette(cells: Image.Image, count: int, name: str = "extracted") -> Palette:
    """Return the `count` colors that suit cells best, sorted from dark to light.

    There are fewer if cells have fewer colors. Cells of an alpha (RGBA) below 128 do not count.
    Raises ValueError, and BadPalette if all are transparent.
    """
    count = check_integer("count", count, 1, MAX_COLORS)
    pixels = _list_opaque(cells)
    if not pixels:
        raise BadPalette("all of the picture is transparent")
    if len(distinct := set(pixels)) <= count:
        return _sort(name, distinct)
    data = bytes(level for pixel in pixels for level in pixel)
    lightness, *hues = convert_image(Image.frombytes("RGB", (len(pixels), 1), data))
    green_red, blue_yellow = (calculate(lambda v: v["hue"] * _HUE / 2, hue=hue) for hue in hues)
    labs = (lightness, green_red, blue_yellow)
    sums = [1 << _COUNT | red << _RED | green << _GREEN | blue for red, green, blue in pixels]
    colors = _choose_seeds(_group(pixels, count), count)
    for _ in range(ITERATIONS):
        moved = _move(sums, labs, colors)
        if moved == colors:
            break
        colors = moved
    return _sort(name, colors)


def _sort(name: str, colors: Iterable[Color]) -> Palette:
    return Palette(name, tuple(sorted(colors, key=lambda color: (to_oklab(color), color))))


def _list_opaque(cells: Image.Image) -> list[Color]:
    data = cells.convert("RGBA").tobytes()
    pixels = zip(data[::4], data[1::4], data[2::4], data[3::4], strict=True)
    return [(red, green, blue) for red, green, blue, alpha in pixels if alpha >= 128]


def _choose_seeds(counts: Counter[Color], count: int) -> list[Color]:
    """Choose the most frequent color, and then again and again the one that is missed most.

    A color is missed by its squared distance to the seeds, the square root of the number of its
    cells, and its chroma.
    """
    labs = {color: _weigh(to_oklab(color)) for color in counts}
    weights = {
        color: isqrt(counts[color] << 8) * (_CHROMA + isqrt(hue * hue + other * other))
        for color, (_, hue, other) in labs.items()
    }
    seeds = [max(counts, key=lambda color: (counts[color], color))]
    missed = {color: _measure(lab, labs[seeds[0]]) for color, lab in labs.items()}
    while len(seeds) < count:
        seed = max(missed, key=lambda color: (missed[color] * weights[color], color))
        seeds.append(seed)
        middle = labs[seed]
        for color, lab in labs.items():
            distance = _measure(lab, middle)
            missed[color] = min(missed[color], distance)
    return seeds


def _weigh(lab: Lab) -> Lab:
    return lab[0], lab[1] * _HUE // 2, lab[2] * _HUE // 2


def _measure(one: Lab, other: Lab) -> int:
    """Return the squared distance of two colors."""
    lightness, hue, blueness = one[0] - other[0], one[1] - other[1], one[2] - other[2]
    return lightness * lightness + hue * hue + blueness * blueness


def _group(pixels: Sequence[Color], count: int) -> Counter[Color]:
    """Count colors: similar ones together, as long as there are enough for a choice."""
    for bits in _GROUP_BITS:
        counts: Counter[Color] = Counter()
        first: dict[Color, Color] = {}
        for pixel in pixels:
            red, green, blue = pixel
            counts[first.setdefault((red >> bits, green >> bits, blue >> bits), pixel)] += 1
        if len(counts) >= 4 * count:
            return counts
    return Counter(pixels)


def _move(sums: Sequence[int], labs: LabImages, colors: Sequence[Color]) -> list[Color]:
    """Return the mean of the cells nearest to each color; a color without cells is dropped."""
    totals = [0] * len(colors)
    nearest = find_nearest_lab(labs, [_weigh(to_oklab(color)) for color in colors]).tobytes()
    for index, value in zip(nearest, sums, strict=True):
        totals[index] += value
    return [_divide(total) for total in totals if total]


def _divide(total: int) -> Color:
    count = total >> _COUNT
    half = count // 2
    return (
        ((total >> _RED & _FIELD) + half) // count,
        ((total >> _GREEN & _FIELD) + half) // count,
        ((total & _FIELD) + half) // count,
    )
