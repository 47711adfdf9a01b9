"""Owns the geometry of a mosaic: where cells begin and end, their means, and painting them.

Pure: pictures in, pictures out; Pillow is the only import beyond the standard library.

One integer definition of the cell edges, `find_edges`, serves averaging and painting, so a cell
is painted on exactly the pixels it was averaged from. Pillow's own BOX and NEAREST filters place
edges in floating point and disagree when an edge falls on the middle of a pixel (100 px in
64 cells, for one). They agree, exactly, when every cell of a picture is the same whole number of
pixels. So both directions work through runs of equally long cells: within a run BOX is the plain
mean of whole pixels and NEAREST plain repetition.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import NamedTuple, cast

from PIL import Image

BOX = Image.Resampling.BOX
NEAREST = Image.Resampling.NEAREST

SWAPPING = frozenset(
    {
        Image.Transpose.TRANSPOSE,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
        Image.Transpose.ROTATE_270,
    }
)
MIRRORING_COLUMNS = frozenset(
    {
        Image.Transpose.FLIP_LEFT_RIGHT,
        Image.Transpose.ROTATE_180,
        Image.Transpose.ROTATE_90,
        Image.Transpose.TRANSVERSE,
    }
)
MIRRORING_ROWS = frozenset(
    {
        Image.Transpose.FLIP_TOP_BOTTOM,
        Image.Transpose.ROTATE_180,
        Image.Transpose.ROTATE_270,
        Image.Transpose.TRANSVERSE,
    }
)
"""What each turn does to the columns and rows of the picture as stored."""

Edges = tuple[int, ...]
Box = tuple[int, int, int, int]


class Run(NamedTuple):
    """Neighbouring cells of one length: cells first..last (exclusive) on pixels start..stop."""

    first: int
    last: int
    start: int
    stop: int


def find_edges(length: int, cells: int) -> Edges:
    """Give the cells + 1 whole-pixel edges of `cells` cells spread evenly over `length` pixels.

    Edge i is i * length / cells to the nearest pixel, halves upwards; 1 <= cells <= length, so
    no cell is empty and cell lengths differ by one pixel at most.

    >>> find_edges(10, 4)
    (0, 3, 5, 8, 10)
    """
    return tuple((2 * i * length + cells) // (2 * cells) for i in range(cells + 1))


def find_runs(edges: Edges) -> Iterator[Run]:
    """Split cells into runs of equally long neighbours.

    >>> list(find_runs((0, 3, 5, 7)))
    [Run(first=0, last=1, start=0, stop=3), Run(first=1, last=3, start=3, stop=7)]
    """
    lengths = [stop - start for start, stop in pairwise(edges)]
    first = 0
    for _, cells in groupby(lengths):
        last = first + len(list(cells))
        yield Run(first, last, edges[first], edges[last])
        first = last


def turn_edges(across: Edges, down: Edges, turn: Image.Transpose | None) -> tuple[Edges, Edges]:
    """Find the edges in a picture as it is stored that become `across` and `down` once turned.

    Cells are few and photos large: averaging first and turning the cells gives the same mosaic.
    """
    if turn in SWAPPING:
        across, down = down, across
    return (
        _mirror(across) if turn in MIRRORING_COLUMNS else across,
        _mirror(down) if turn in MIRRORING_ROWS else down,
    )


def spread_rows(image: Image.Image, height: int, scale: int) -> Image.Image:
    """Give a picture decoded at 1/scale its full number of rows again, repeating each.

    So the edges between cells fall where they are at full size. `average` does the same to columns.
    """
    return image.resize((image.width, height), NEAREST, (0, 0, image.width, height / scale))


def average(image: Image.Image, across: Edges, down: Edges, scale: int = 1) -> Image.Image:
    """Reduce a picture to cells, one pixel each, the mean of the pixels between their edges.

    The mode stays. With alpha (LA, RGBA), colours are weighted by it, so a transparent pixel
    contributes none, and a cell that is transparent altogether has no colour at all (0).
    The error against the true mean is at most one level: half for each of the two passes.
    With a `scale`, each column of the picture counts as that many (see `spread_rows`).
    """
    if image.mode not in ("LA", "RGBA"):
        return _squeeze(image, across, down, scale)
    if image.getchannel("A").getextrema() == (255, 255):
        opaque = _squeeze(image.convert(image.mode[:-1]), across, down)
        opaque.putalpha(255)
        return opaque
    return _average_with_alpha(image, across, down)


def paint(cells: Image.Image, width: int, height: int) -> Image.Image:
    """Enlarge a picture of cells to width x height pixels, each cell on exactly its own pixels.

    The mode and the palette stay.
    """
    columns, rows = cells.size
    across = _span_columns(find_edges(width, columns), rows)
    down = _span_rows(find_edges(height, rows), width)
    bands = _assemble(cells, (width, rows), NEAREST, across)
    return _assemble(bands, (width, height), NEAREST, down)


def _squeeze(image: Image.Image, across: Edges, down: Edges, scale: int = 1) -> Image.Image:
    """Take the mean over each cell, first down the rows, then along the columns."""
    columns, rows = len(across) - 1, len(down) - 1
    vertical = [(pixels, cells) for cells, pixels in _span_rows(down, image.width)]
    bands = _assemble(image, (image.width, rows), BOX, vertical)
    if scale > 1:
        width = across[-1]
        bands = bands.resize((width, rows), NEAREST, (0, 0, width / scale, rows))
    horizontal = [(pixels, cells) for cells, pixels in _span_columns(across, rows)]
    return _assemble(bands, (columns, rows), BOX, horizontal)


def _mirror(edges: Edges) -> Edges:
    return tuple(edges[-1] - edge for edge in reversed(edges))


def _span_rows(edges: Edges, width: int) -> list[tuple[Box, Box]]:
    """Pair each run of rows of cells with the rows of pixels it covers, as boxes of that width."""
    return [
        ((0, run.first, width, run.last), (0, run.start, width, run.stop))
        for run in find_runs(edges)
    ]


def _span_columns(edges: Edges, height: int) -> list[tuple[Box, Box]]:
    """Pair each run of columns of cells with the columns of pixels it covers."""
    return [
        ((run.first, 0, run.last, height), (run.start, 0, run.stop, height))
        for run in find_runs(edges)
    ]


def _assemble(
    image: Image.Image,
    size: tuple[int, int],
    resample: Image.Resampling,
    boxes: list[tuple[Box, Box]],
) -> Image.Image:
    """Make a picture of `size`, resizing each (from, to) pair of boxes on its own."""
    parts = [
        (image.resize((right - left, lower - upper), resample, source), (left, upper))
        for source, (left, upper, right, lower) in boxes
    ]
    if len(parts) == 1:
        return parts[0][0]
    whole = Image.new(image.mode, size)
    if image.palette is not None:
        whole.putpalette(image.palette)
    for part, corner in parts:
        whole.paste(part, corner)
    return whole


def _average_with_alpha(image: Image.Image, across: Edges, down: Edges) -> Image.Image:
    """Weight colours by alpha, in floating point.

    Pillow's premultiplied modes (La, RGBa) keep 8 bits and cut when converted back: a faint cell
    would be off by tens of levels, and pixelating it again would darken it again.
    """
    rows = [
        _average_row_with_alpha(image.crop((0, top, image.width, bottom)), across)
        for top, bottom in pairwise(down)
    ]
    cells = Image.new(image.mode, (len(across) - 1, len(rows)))
    cells.putdata([cell for row in rows for cell in row])
    return cells


def _average_row_with_alpha(strip: Image.Image, across: Edges) -> list[tuple[int, ...]]:
    """Average the pixels of one row of cells: a strip at a time keeps the floats few."""
    from PIL import ImageMath

    *colours, alpha = strip.split()
    weights = alpha.convert("F")
    whole = (0, strip.height)
    alphas = _list_values(_squeeze(weights, across, whole))
    means = []
    for colour in colours:
        weighted = ImageMath.lambda_eval(
            lambda bands: bands["colour"] * bands["alpha"],
            colour=colour.convert("F"),
            alpha=weights,
        )
        means.append(_list_values(_squeeze(weighted, across, whole)))
    return [
        (*(round(value / a) if round(a) else 0 for value in values), round(a))
        for a, *values in zip(alphas, *means, strict=True)
    ]


def _list_values(band: Image.Image) -> list[float]:
    return list(cast("tuple[float, ...]", band.get_flattened_data()))
