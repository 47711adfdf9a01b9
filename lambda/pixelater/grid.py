"""Geometry of mosaics: the edges of cells, and their painting.

Images in, images out, no I/O; Pillow is the only import beyond the standard library.

One integer definition of the cell edges, `find_edges`, serves averaging and painting, so a cell is
painted on exactly the pixels it was averaged from. Pillow's own BOX and NEAREST filters place edges
in floating point and disagree when an edge falls on the middle of a pixel (100 px in 64 cells, for
example). So both directions work through runs of equally long cells: for these, `reduce` is the
mean of whole pixels, and NEAREST repetition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

from PIL import Image

from pixelater.arguments import check_integer, check_type

GRIDS = (8, 16, 32, 48, 64)

MAX_GRID = 4096


NEAREST = Image.Resampling.NEAREST

_T = Image.Transpose
SWAPPING = frozenset({_T.TRANSPOSE, _T.TRANSVERSE, _T.ROTATE_90, _T.ROTATE_270})
MIRRORING_COLUMNS = frozenset({_T.FLIP_LEFT_RIGHT, _T.ROTATE_180, _T.ROTATE_90, _T.TRANSVERSE})
MIRRORING_ROWS = frozenset({_T.FLIP_TOP_BOTTOM, _T.ROTATE_180, _T.ROTATE_270, _T.TRANSVERSE})
"""Turns that swap columns with rows, mirror columns, and mirror rows of the stored image."""

Edges = tuple[int, ...]
Sides = tuple[Edges, Edges]
"""The edges of a grid's cells: across and down."""


Run = tuple[int, int, int, int]
"""Neighboring cells of one length: cells first..last (exclusive) on pixels start..stop."""


def find_edges(length: int, cells: int) -> Edges:
    """Return the cells + 1 whole-pixel edges of `cells` cells spread evenly over `length` pixels.

    Edge i is i * length / cells to the nearest pixel, halves upwards; 1 <= cells <= length, so
    no cell is empty and cell lengths differ by one pixel at most.

    >>> find_edges(10, 4)
    (0, 3, 5, 8, 10)
    """
    return tuple((2 * i * length + cells) // (2 * cells) for i in range(cells + 1))


def find_runs(edges: Edges) -> Iterator[Run]:
    """Split cells into runs of equally long neighbours.

    >>> list(find_runs((0, 3, 5, 7)))
    [(0, 1, 0, 3), (1, 3, 3, 7)]
    """
    lengths = [stop - start for start, stop in pairwise(edges)]
    first = 0
    for _, cells in groupby(lengths):
        last = first + len(list(cells))
        yield first, last, edges[first], edges[last]
        first = last


def turn_edges(across: Edges, down: Edges, turn: Image.Transpose | None) -> tuple[Edges, Edges]:
    """Find the edges in a stored image that become `across` and `down` when it is turned.

    Cells are few and photos large: averaging first and turning the cells gives the same mosaic.
    """
    if turn in SWAPPING:
        across, down = down, across
    return (
        _mirror(across) if turn in MIRRORING_COLUMNS else across,
        _mirror(down) if turn in MIRRORING_ROWS else down,
    )


def spread(cells: Image.Image, width: int, height: int) -> Sides:
    """Return the edges of cells that are spread evenly over width x height pixels."""
    return find_edges(width, cells.width), find_edges(height, cells.height)


def paint(cells: Image.Image, width: int, height: int, sides: Sides | None = None) -> Image.Image:
    """Enlarge an image of cells to width x height pixels, each cell on exactly its own pixels.

    Cells are spread evenly, unless `sides` are their edges. The mode and the palette stay.
    """
    across, down = sides or spread(cells, width, height)
    bands = _enlarge(cells, across, (width, cells.height), down=False)
    return _enlarge(bands, down, (width, height), down=True)


def cut_out(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """Copy a part of an image: left, top, right and lower edge.

    Image.crop would compare its size with Pillow's limit for the program, MAX_IMAGE_PIXELS.
    """
    left, top, right, lower = box
    part = Image.new(image.mode, (right - left, lower - top), None)
    part.paste(image, (-left, -top))
    return part


def _mirror(edges: Edges) -> Edges:
    return tuple(edges[-1] - edge for edge in reversed(edges))


def _enlarge(image: Image.Image, edges: Edges, size: tuple[int, int], down: bool) -> Image.Image:
    """Repeat an image's rows (`down`) or columns, each to fill the pixels between its edges."""
    whole = Image.new(image.mode, size)
    if image.palette is not None:
        whole.putpalette(image.palette)
    for first, last, start, stop in find_runs(edges):
        if down:
            box, corner, part = (0, first, image.width, last), (0, start), (size[0], stop - start)
        else:
            box, corner, part = (first, 0, last, image.height), (start, 0), (stop - start, size[1])
        whole.paste(image.resize(part, NEAREST, box), corner)
    return whole


class BadGrids(ValueError):
    """Grids that cannot be used; the message says which, and why."""


def check_grids(grids: Iterable[int]) -> tuple[int, ...]:
    """Return grids as a tuple. Raises TypeError for anything but integers, and BadGrids.

    >>> check_grids([8, 16])
    (8, 16)
    >>> check_grids([0])
    Traceback (most recent call last):
    pixelater.grid.BadGrids: grids: 0 is not from 1 to 4096
    """
    if isinstance(grids, str | bytes | bytearray) or not isinstance(grids, Iterable):
        raise TypeError(f"grids must be a sequence of integers, not {type(grids).__name__}")
    try:
        checked = tuple(check_integer("grids", grid, 1, MAX_GRID, "integers") for grid in grids)
    except ValueError as error:
        raise BadGrids(str(error)) from None
    if not checked:
        raise BadGrids("grids: at least one is needed")
    return checked


def parse_grids(text: str) -> tuple[int, ...]:
    """Parse grids as on the command line, "8,16,32". Raises BadGrids, and TypeError."""
    grids = []
    for entry in check_type("text", text, str, "a string").split(","):
        word = entry.strip()
        number = int(word) if word.isascii() and word.isdigit() and len(word) < 10 else 0
        if not 1 <= number <= MAX_GRID:
            raise BadGrids(f"{word!r} is not a grid: grids are whole numbers from 1 to {MAX_GRID}")
        grids.append(number)
    return tuple(dict.fromkeys(grids))
