"""The crisp kernel: a cell has the color of the larger part of its samples, not the mean of all.

k-centroid: the samples of a cell are split into two clusters in OKLab, and the mean of the larger
one is the cell's color. Edges stay sharp, where a mean would mix a color that is on neither side.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import product

from PIL import Image

from pixelater.palette.oklab import calculate, convert_image

SIDE = 4
"""A cell has 4 x 4 samples."""

ITERATIONS = 3

_BITS = 10
_HALF = 512
"""Added to hues (-327 to 283), so that they are positive."""

_MOST = (1 << 31) - 1
_FIELD = (1 << _BITS) - 1

Bands = list[Image.Image]


def find_crisp(samples: Image.Image) -> Image.Image:
    """Reduce an image of SIDE x SIDE samples a cell to cells, in its mode (L, LA, RGB, RGBA).

    The alpha of a cell is the mean; its color is found among its samples of an alpha of 128 or
    more, or among all that are not transparent, and 0 if there are none. Raises ValueError for a
    size that is no multiple of SIDE.
    """
    if samples.width % SIDE or samples.height % SIDE:
        raise ValueError(f"samples: {samples.width} x {samples.height} is not a multiple of {SIDE}")
    solid = samples.convert("RGB")
    alpha = samples.convert("RGBA").getchannel("A")
    weights = _weigh(alpha)
    members = _find_members(_split_lab(solid), weights)
    count = _add(members)
    means = [_divide(_add_products(_split(band), members), count) for band in solid.split()]
    cells = Image.merge("RGB", [calculate(lambda v: v["convert"](v["x"], "L"), x=x) for x in means])
    if samples.has_transparency_data:
        cells.putalpha(alpha.reduce(SIDE))
    return cells.convert(samples.mode)


def _weigh(alpha: Image.Image) -> Bands:
    """Return which samples count (0 or 1): the opaque ones, or in cells without any, the faint."""
    opaque = _split(alpha.point([0] * 128 + [1] * 128))
    if alpha.getextrema()[0] == 255:
        return opaque
    total = _add(opaque)
    return [
        calculate(lambda v: v["w"] + v["s"] * (v["t"] == 0), w=weight, s=seen, t=total)
        for weight, seen in zip(opaque, _split(alpha.point([0] + [1] * 255)), strict=True)
    ]


def _split(band: Image.Image) -> Bands:
    """Return 16 images: the first samples of all cells, the second ones, and so on."""
    size = (band.width // SIDE, band.height // SIDE)
    return [
        band.transform(
            size,
            Image.Transform.AFFINE,
            (SIDE, 0, column + 0.5 - SIDE / 2, 0, SIDE, row + 0.5 - SIDE / 2),
            Image.Resampling.NEAREST,
        )
        for row, column in product(range(SIDE), repeat=2)
    ]


def _split_lab(image: Image.Image) -> list[Bands]:
    lightness, *hues = convert_image(image)
    positive = [calculate(lambda v: v["hue"] + _HALF, hue=hue) for hue in hues]
    return [_split(band) for band in (lightness, *positive)]


def _find_members(labs: list[Bands], weights: Bands) -> Bands:
    """Return whether (0 or 1) each sample belongs to the larger cluster of its cell.

    The clusters start from the darkest and the lightest sample. Of equally large ones, the darker
    one counts as larger.
    """
    dark, light = _find_extremes(labs, weights)
    total = _add(weights)
    wholes = [_add_products(band, weights) for band in labs]
    for _ in range(ITERATIONS):
        members = _find_nearer(labs, dark, light, weights)
        count = _add(members)
        sums = [_add_products(band, members) for band in labs]
        rest = _subtract(total, count)
        dark = [_divide(part, count) for part in sums]
        light = [
            _divide(_subtract(whole, part), rest) for whole, part in zip(wholes, sums, strict=True)
        ]
    members = _find_nearer(labs, dark, light, weights)
    darker = calculate(lambda v: v["n"] * 2 >= v["total"], n=_add(members), total=total)
    return [
        calculate(lambda v: v["w"] * (v["m"] == v["d"]), w=weight, m=member, d=darker)
        for weight, member in zip(weights, members, strict=True)
    ]


def _find_extremes(labs: list[Bands], weights: Bands) -> tuple[Bands, Bands]:
    """Return the darkest and the lightest sample of each cell.

    One integer holds all of a sample, lightness first, so that minima and maxima find it whole.
    """
    codes = [
        calculate(
            lambda v: (v["l"] << 2 * _BITS) + (v["a"] << _BITS) + v["b"], l=one, a=two, b=three
        )
        for one, two, three in zip(*labs, strict=True)
    ]
    dark, light = (Image.new("I", codes[0].size, start) for start in (_MOST, 0))
    for code, weight in zip(codes, weights, strict=True):
        dark = calculate(
            lambda v: v["min"](v["x"], v["c"] * v["w"] + (1 - v["w"]) * _MOST),
            x=dark,
            c=code,
            w=weight,
        )
        light = calculate(lambda v: v["max"](v["x"], v["c"] * v["w"]), x=light, c=code, w=weight)
    return _decode(dark), _decode(light)


def _decode(codes: Image.Image) -> Bands:
    return [
        calculate(lambda v, shift=shift, mask=mask: (v["c"] >> shift) & mask, c=codes)
        for shift, mask in ((2 * _BITS, 2 * _FIELD + 1), (_BITS, _FIELD), (0, _FIELD))
    ]


def _find_nearer(labs: list[Bands], dark: Bands, light: Bands, weights: Bands) -> Bands:
    """Return whether each sample counts and is at least as near to the dark center.

    |x - d|^2 <= |x - l|^2 is 2 x (l - d) <= l l - d d.
    """
    ways = [_subtract(end, start) for start, end in zip(dark, light, strict=True)]
    norms = [
        calculate(lambda v: v["l"] * v["l"] - v["d"] * v["d"], l=end, d=start)
        for start, end in zip(dark, light, strict=True)
    ]
    limit = _add(norms)
    return [
        calculate(
            lambda v: (
                v["w"] * ((v["x"] * v["p"] + v["y"] * v["q"] + v["z"] * v["r"]) * 2 <= v["limit"])
            ),
            **dict(zip("xyzpqr", (*sample, *ways), strict=True)),
            w=weight,
            limit=limit,
        )
        for *sample, weight in zip(*labs, weights, strict=True)
    ]


def _add(images: Sequence[Image.Image]) -> Image.Image:
    return reduce(lambda x, y: calculate(lambda v: v["x"] + v["y"], x=x, y=y), images)


def _add_products(images: Bands, others: Bands) -> Image.Image:
    return _add(
        [
            calculate(lambda v: v["x"] * v["y"], x=image, y=other)
            for image, other in zip(images, others, strict=True)
        ]
    )


def _subtract(one: Image.Image, other: Image.Image) -> Image.Image:
    return calculate(lambda v: v["x"] - v["y"], x=one, y=other)


def _divide(total: Image.Image, count: Image.Image) -> Image.Image:
    """Return the rounded mean; 0 for a count of 0."""
    return calculate(lambda v: (v["t"] + v["n"] / 2) / v["max"](v["n"], 1), t=total, n=count)
