"""Palettes drawn in a terminal: rows of colors, and colors with their digits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from pixelater_cli.gallery.terminal import Palette as Depth
from pixelater_cli.gallery.terminal import draw_cells

Color = tuple[int, int, int]

ROW = 32
"""Columns of a row of colors."""

LARGE = ROW // 2
"""Up to so many colors, each has two columns of a line."""

SWATCH = 12
"""Columns of a color with its digits."""


def draw_rows(colors: Sequence[Color], depth: Depth) -> tuple[str, ...]:
    """Draw the colors of a palette next to each other, in lines of up to 32 columns."""
    if len(colors) <= LARGE:
        wide = [color for color in colors for _ in range(2)]
        return draw_cells([wide, wide], depth)
    if len(colors) <= ROW:
        return draw_cells([colors, colors], depth)
    rows = [colors[start : start + ROW] for start in range(0, len(colors), ROW)]
    cells = [[*row, *[None] * (ROW - len(row))] for row in rows]
    return draw_cells([*cells, *[[None] * ROW] * (len(cells) % 2)], depth)


def list_rows(
    palettes: Iterable[tuple[str, Sequence[Color]]], depth: Depth, columns: int
) -> Iterator[str]:
    """Draw palettes with their rows to the right of the titles, or below where there is no room."""
    titled = tuple(palettes)
    width = max((len(title) for title, _ in titled), default=0)
    beside = width + 2 + ROW <= columns
    for title, colors in titled:
        drawn = draw_rows(colors, depth)
        if beside:
            titles = [title, *[""] * (len(drawn) - 1)]
            yield from (f"{left:{width}}  {row}" for left, row in zip(titles, drawn, strict=True))
        else:
            yield from (title, *drawn, "")


def draw_swatches(colors: Sequence[Color], depth: Depth, columns: int) -> tuple[str, ...]:
    """Draw each color with its digits, column by column, as many as a line has room for."""
    swatches = [_draw_swatch(color, depth) for color in colors]
    across = max(1, min(columns // SWATCH, 8))
    down = -(-len(swatches) // across)
    lists = [swatches[start : start + down] for start in range(0, len(swatches), down)]
    return tuple("  ".join(row).rstrip() for row in zip_longest(*lists, fillvalue=""))


def _draw_swatch(color: Color, depth: Depth) -> str:
    (line,) = draw_cells([[color] * 3] * 2, depth)
    return f"{line} {bytes(color).hex()}"
