"""Layout of mosaics: where a photo's cells are, and how large the file becomes.

Pure functions of sizes and the style.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pixelater.errors import TooLarge
from pixelater.grid import MAX_GRID, Edges, Sides, find_edges
from pixelater.style import Style

SAMPLES = 4
"""A crisp cell is found among 4 x 4 samples (`crisp`)."""


@dataclass(frozen=True)
class Layout:
    """The cells of one mosaic: their edges in the upright photo, and the size of the file.

    `grid` is the number on a side that was asked for; with a `cell_size`, the number there is.
    `canvas` are the columns and rows of cells of the file. Those of a sprite are more, with outline
    and padding, or fewer, when it is trimmed: `size` is then what it is at most.
    """

    grid: int
    sides: Sides
    size: tuple[int, int]
    cell_size: int = 0
    crisp: bool = False
    canvas: tuple[int, int] = (0, 0)

    @property
    def columns(self) -> int:
        return len(self.sides[0]) - 1

    @property
    def rows(self) -> int:
        return len(self.sides[1]) - 1

    @property
    def cells(self) -> int:
        return self.columns * self.rows

    @property
    def written(self) -> int:
        """The number of cells in the file, at most."""
        return self.canvas[0] * self.canvas[1]

    @property
    def pixels(self) -> int:
        return self.size[0] * self.size[1]

    @property
    def averaged(self) -> Sides:
        """The edges of what is averaged: cells, or the samples of crisp ones."""
        across, down = self.sides
        return (_split(across), _split(down)) if self.crisp else self.sides


def find_layouts(size: tuple[int, int], grids: Sequence[int], style: Style) -> tuple[Layout, ...]:
    """Find the cells of a photo's mosaics: one for each grid, or one of a cell size.

    Raises TooLarge for more than 4096 cells on a side.
    """
    if style.cell_size:
        sides = _cut(size[0], style.cell_size, 1), _cut(size[1], style.cell_size, 1)
        most = max(len(edges) - 1 for edges in sides)
        if most > MAX_GRID:
            least = -(-max(size) // MAX_GRID)
            raise TooLarge(
                f"it has {most:,} cells of {style.cell_size} px on a side, and mosaics up to "
                f"{MAX_GRID:,}; cells of {least} px would do"
            )
        return (_finish(most, sides, size, style),)
    find = _find_square if style.cells == "square" else _find_oblong
    return tuple(_finish(grid, find(size, grid), size, style) for grid in grids)


def _find_oblong(size: tuple[int, int], grid: int) -> Sides:
    width, height = size
    return find_edges(width, min(grid, width)), find_edges(height, min(grid, height))


def _find_square(size: tuple[int, int], grid: int) -> Sides:
    """Find cells whose sides differ by one pixel at most, `grid` of them on the longer side.

    If the shorter side is not a multiple of them, its last cells are what remains.
    """
    longer, shorter = max(size), min(size)
    count = min(grid, longer)
    long = find_edges(longer, count)
    number = max(1, (2 * shorter * count + longer) // (2 * longer))
    short = find_edges(shorter, number)
    lengths = _measure(long) + _measure(short)
    if max(lengths) - min(lengths) > 1:
        short = _cut(shorter, longer, count)
    return (long, short) if size[0] >= size[1] else (short, long)


def _cut(length: int, longer: int, count: int) -> Edges:
    """Cut a length at the edges of `count` cells on `longer` pixels."""
    number = -(-length * count // longer)
    edges = ((2 * i * longer + count) // (2 * count) for i in range(number))
    return (*(edge for edge in edges if edge < length), length)


def _measure(edges: Edges) -> list[int]:
    return [stop - start for start, stop in pairwise(edges)]


def _finish(grid: int, sides: Sides, photo: tuple[int, int], style: Style) -> Layout:
    columns, rows = (len(edges) - 1 for edges in sides)
    times = style.times
    canvas = columns, rows
    if style.makes_sprites:
        from pixelater.sprite import find_size

        canvas = find_size(columns, rows, style)
    size = (canvas[0] * times, canvas[1] * times) if times else photo
    # Cells of fewer pixels than samples are means; the last may be what remains of one.
    whole = min(min(_measure(edges)[:-1] or _measure(edges)) for edges in sides)
    crisp = style.kernel == "crisp" and whole >= SAMPLES
    return Layout(grid, sides, size, style.cell_size or 0, crisp, canvas)


def _split(edges: Edges) -> Edges:
    """Return the edges of the samples of all cells; those of a narrow last cell are pixels."""
    return (
        *(
            start + edge
            for start, stop in pairwise(edges)
            for edge in find_edges(stop - start, min(SAMPLES, stop - start))[:-1]
        ),
        edges[-1],
    )
