"""Averaging of an image's pixels to cells, for several grids at once.

Images in, images out, no I/O; Pillow is the only import beyond the standard library.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice, pairwise
from math import gcd, inf
from operator import truediv
from typing import cast

from PIL import Image

from pixelater.grid import NEAREST, Edges, Sides, cut_out, find_runs

BOX = Image.Resampling.BOX

Sums = Image.Image
"""For each cell the sum over its pixels, in mode F: a pixel a cell, band below band."""


def average(
    image: Image.Image,
    grids: Sequence[Sides],
    scale: int = 1,
    low: Image.Image | None = None,
) -> list[Image.Image]:
    """Reduce an image to cells, one pixel each, the mean of the pixels they cover: once per grid.

    The mode stays. With alpha (LA, RGBA), colors are weighted by it, so a transparent pixel
    contributes none, and a cell that is transparent altogether has no color at all (0). The error
    against the true mean is at most one level: half for the rows, which are reduced in 8 bits, and
    half for the result. With a `scale`, a pixel of the image stands for scale x scale of them,
    and edges may cut through it. With `low`, values have 16 bits, of which `image` has the high
    bytes; the result has 8, and is rounded once.

    Pixels are read once, for the pieces that the edges of all grids together cut out; what a cell
    consists of is then added up. The cells of 8, 16 and 32 consist of those of 64.
    """
    has_alpha = image.mode in ("LA", "RGBA")
    opaque = has_alpha and all(
        part.getchannel("A").getextrema() == (255, 255) for part in (image, low) if part
    )
    mode = image.mode[:-1] if opaque else image.mode
    pieces = _unite(across for across, _ in grids), _unite(down for _, down in grids)
    sums = {pieces: _add_up(image, low, mode, pieces, scale)}
    for sides in sorted(set(grids) - {pieces}, key=_count_cells, reverse=True):
        finer = min(
            (known for known in sums if all(map(_is_among, sides, known))), key=_count_cells
        )
        sums[sides] = _merge(sums[finer], finer, sides)
    found = [_divide(sums[sides], sides, mode) for sides in grids]
    if opaque:
        for cells in found:
            cells.putalpha(255)
    return found


def _unite(sides: Iterable[Edges]) -> Edges:
    return tuple(sorted(set().union(*sides)))


def _count_cells(sides: Sides) -> int:
    return len(sides[0]) * len(sides[1])


def _is_among(edges: Edges, finer: Edges) -> bool:
    return set(edges) <= set(finer)


def _add_up(
    image: Image.Image, low: Image.Image | None, mode: str, sides: Sides, scale: int
) -> Sums:
    """Read the pixels: rows first, a row of cells at a time, then columns, in floating point."""
    across, down = sides
    layers: list[Image.Image] = []
    for row, (top, bottom) in enumerate(pairwise(down)):
        strip = _cut_rows(image, top, bottom, scale)
        bands = _deepen(strip, _cut_rows(low, top, bottom, scale)) if low else []
        for number, layer in enumerate(_premultiply(strip, bands, mode)):
            if not row:
                layers.append(Image.new(layer.mode, (image.width, len(down) - 1)))
            layers[number].paste(_average_rows(layer), (0, row))
    rows = [band.convert("F") for layer in layers for band in layer.split()]
    columns = _add_up_columns(_stretch_columns(_pile(rows), across[-1], scale), across)
    return _turn(_multiply_columns(_turn(columns), _repeat(down, len(rows))))


def _pile(bands: Sequence[Image.Image]) -> Image.Image:
    """Paste bands (F) below each other into one image, which takes fewer calls later."""
    pile = Image.new("F", (bands[0].width, sum(band.height for band in bands)))
    for number, band in enumerate(bands):
        pile.paste(band, (0, band.height * number))
    return pile


def _average_rows(strip: Image.Image) -> Image.Image:
    """Average all rows of a strip to one, in its own mode.

    Pillow's fast `reduce` multiplies by 2**24 // n instead of dividing by n. For few rows, and odd,
    that rounds down what is 1 / 2n above one half; its slower BOX filter does not.
    """
    if strip.height % 2 and strip.height < 128:
        return strip.resize((strip.width, 1), BOX)
    return strip.reduce((1, strip.height))


def _cut_rows(image: Image.Image, top: int, bottom: int, scale: int) -> Image.Image:
    """Cut out rows top..bottom (exclusive) of the image at full height, or a divisor of it."""
    if scale == 1:
        return cut_out(image, (0, top, image.width, bottom))
    step = gcd(scale, top, bottom)
    box = (0, top / scale, image.width, bottom / scale)
    return image.resize((image.width, (bottom - top) // step), NEAREST, box)


def _deepen(high: Image.Image, low: Image.Image) -> list[Image.Image]:
    """Unite the high and low bytes of 16-bit values: a layer from 0 to 255 for each band."""
    from PIL import ImageMath

    return [
        cast(
            "Image.Image",
            ImageMath.lambda_eval(lambda x: (x["high"] * 256.0 + x["low"]) / 257.0, high=a, low=b),
        )
        for a, b in zip(high.split(), low.split(), strict=True)
    ]


def _premultiply(strip: Image.Image, bands: Sequence[Image.Image], mode: str) -> list[Image.Image]:
    """Multiply colors by alpha, if the mode has any, in floating point: one layer for each band.

    Pillow's premultiplied modes (La, RGBa) keep 8 bits and cut when converted back: a faint cell
    would be off by tens of levels, and pixelating it again would darken it again.
    """
    if mode not in ("LA", "RGBA"):
        opaque = strip if strip.mode == mode else strip.convert(mode)
        return [*bands[: len(opaque.getbands())]] or [opaque]
    *colors, alpha = bands or (band.convert("F") for band in strip.split())
    return [*(_multiply(color, alpha) for color in colors), alpha]


def _stretch_columns(image: Image.Image, width: int, scale: int) -> Image.Image:
    """Enlarge an image to all columns, as `_cut_rows` does to all rows."""
    if scale == 1:
        return image
    return image.resize((width, image.height), NEAREST, (0, 0, width / scale, image.height))


def _merge(sums: Sums, finer: Sides, sides: Sides) -> Sums:
    """Add up the cells of a finer grid."""
    across, down = (tuple(map(fine.index, edges)) for fine, edges in zip(finer, sides, strict=True))
    bands = sums.height // down[-1]
    columns = _add_up_columns(sums, across)
    return _turn(_add_up_columns(_turn(columns), _repeat(down, bands)))


def _add_up_columns(image: Image.Image, edges: Edges) -> Image.Image:
    """Add up the columns (F) between edges: their means, a run in one call, times their number."""
    means = Image.new("F", (len(edges) - 1, image.height))
    for first, last, start, stop in find_runs(edges):
        length = (stop - start) // (last - first)
        means.paste(image.reduce((length, 1), (start, 0, stop, image.height)), (first, 0))
    return _multiply_columns(means, edges)


def _multiply_columns(means: Image.Image, edges: Edges) -> Image.Image:
    """Multiply each column by the number of columns it stands for."""
    lengths = Image.new("F", (means.width, 1))
    lengths.putdata([stop - start for start, stop in pairwise(edges)])
    return _multiply(means, lengths.resize(means.size, NEAREST))


def _multiply(left: Image.Image, right: Image.Image) -> Image.Image:
    """Multiply two images (F) pixel by pixel."""
    from PIL import ImageMath

    return cast("Image.Image", ImageMath.lambda_eval(lambda x: x["a"] * x["b"], a=left, b=right))


def _repeat(edges: Edges, times: int) -> Edges:
    """Return the edges of rows that are the same in several bands below each other."""
    return tuple(band * edges[-1] + edge for band in range(times) for edge in edges[bool(band) :])


def _turn(image: Image.Image) -> Image.Image:
    """Swap rows and columns."""
    return image.transpose(Image.Transpose.TRANSPOSE)


def _divide(sums: Sums, sides: Sides, mode: str) -> Image.Image:
    """Divide sums by areas or alpha: an image of the mode."""
    size = len(sides[0]) - 1, len(sides[1]) - 1
    areas = _find_areas(sides)
    values = iter(_list_values(sums))
    *colors, last = ([*islice(values, len(areas))] for _ in range(sums.height // size[1]))
    if mode == "F":
        cells = Image.new("F", size)
        cells.putdata([*map(truediv, last, areas)])
        return cells
    levels = _round(last, areas)
    weights: list[float] = [*areas]
    if mode in ("LA", "RGBA"):
        weights = [alpha if level else inf for alpha, level in zip(last, levels, strict=True)]
    bands = [*(_round(color, weights) for color in colors), levels]
    return Image.merge(mode, [Image.frombytes("L", size, band) for band in bands])


def _list_values(image: Image.Image) -> tuple[float, ...]:
    return cast("tuple[float, ...]", image.get_flattened_data())


def _round(sums: Sequence[float], weights: Sequence[float]) -> bytes:
    return bytes(map(float.__round__, map(truediv, sums, weights)))


def _find_areas(sides: Sides) -> list[int]:
    """Return the number of pixels of each cell, row by row."""
    widths, heights = ([stop - start for start, stop in pairwise(edges)] for edges in sides)
    return [width * height for height in heights for width in widths]
