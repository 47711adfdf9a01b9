"""Cells drawn in a terminal: two in a character, or as characters of different brightness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from pixelater.thumbnails import Cell

Palette = Literal["24-bit", "256", "ascii"]

BRIGHTNESS_SIGNS = " .:-=+*#%@"
"""From dark to light, because most terminals are dark."""

ANSI_RESET = "\x1b[0m"
COLUMN_GAP = 2
EVEN_SIDE = 32
"""Columns or half lines up to which cells are drawn larger, so that they look alike."""


class Drawing(NamedTuple):
    """A title, and lines of `width` columns each."""

    title: str
    lines: tuple[str, ...]
    width: int


class Fit(NamedTuple):
    """The size of a drawing in columns and rows of half lines, and whether each cell is in it."""

    size: tuple[int, int]
    is_whole: bool


def fit_drawing(cells: tuple[int, int], photo: tuple[int, int], room: tuple[int, int]) -> Fit:
    """Fit a mosaic of columns and rows into columns and lines, in the proportions of its photo.

    A column is as wide as a half line is high. Each cell has one of both at least, and more where
    there are few; more cells than fit are averaged.

    >>> fit_drawing((32, 32), (1200, 1600), (80, 40))
    Fit(size=(32, 43), is_whole=True)
    >>> fit_drawing((8, 8), (1600, 1200), (80, 21))
    Fit(size=(43, 32), is_whole=True)
    >>> fit_drawing((64, 64), (1200, 1600), (80, 21))
    Fit(size=(32, 42), is_whole=False)
    """
    columns, rows = cells
    shape = photo[0] / photo[1]
    width, height = max(columns, rows * shape), max(rows, columns / shape)
    most = min(room[0] / width, 2 * room[1] / height)
    times = max(1, min(int(most), int(EVEN_SIDE / max(columns, rows))))
    scale = min(times, most)
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    size = min(across, room[0]), min(down, 2 * room[1])
    return Fit(size, size[0] >= columns and size[1] >= rows)


def choose_palette(environment: Mapping[str, str], is_terminal: bool, encoding: str) -> Palette:
    """Choose what a stream can show: ASCII if it is not a terminal, or without colors."""
    term = environment.get("TERM", "")
    plain = not is_terminal or environment.get("NO_COLOR") or term == "dumb"
    if plain or not encoding.lower().replace("-", "").startswith("utf"):
        return "ascii"
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "24-bit"
    if term.endswith("-direct") or "WT_SESSION" in environment:
        return "24-bit"
    return "256" if "256" in term else "ascii"


def draw_cells(cells: Sequence[Sequence[Cell]], palette: Palette) -> tuple[str, ...]:
    r"""Draw rows of cells: a column for each cell, a line for two rows.

    >>> draw_cells([[(255, 0, 0)], [(0, 0, 255)]], "24-bit")
    ('\x1b[38;2;255;0;0;48;2;0;0;255m▀\x1b[0m',)
    """
    last = cells[-1] if palette == "ascii" and cells else ()  # ASCII has no half characters.
    pairs = zip(cells[::2], [*cells[1::2], *[last] * (len(cells) % 2)], strict=True)
    draw = _draw_plain if palette == "ascii" else _draw_halves
    return tuple(
        draw(list(zip_longest(upper, lower[: len(upper)])), palette) for upper, lower in pairs
    )


def lay_out(drawings: Sequence[Drawing], columns: int) -> tuple[str, ...]:
    """Arrange drawings in rows as wide as the terminal, each below its title."""
    rows: list[list[Drawing]] = []
    for drawing in drawings:
        used = sum(left.width + COLUMN_GAP for left in rows[-1]) if rows else columns + 1
        if used + drawing.width > columns:
            rows.append([])
        rows[-1].append(drawing)
    lines: list[str] = []
    for row in rows:
        lines.append(_join([drawing.title.ljust(drawing.width) for drawing in row]))
        height = max(len(drawing.lines) for drawing in row)
        filled = [[*d.lines, *[" " * d.width] * (height - len(d.lines))] for d in row]
        lines += [_join(line) for line in zip(*filled, strict=True)]
        lines.append("")
    return tuple(lines)


def _join(parts: Sequence[str]) -> str:
    return (" " * COLUMN_GAP).join(parts).rstrip()


def _draw_plain(pairs: Sequence[tuple[Cell, Cell]], _palette: Palette) -> str:
    """Draw pairs by their mean luma (Rec. 601); transparent cells are dark."""
    lumas = (
        sum(299 * cell[0] + 587 * cell[1] + 114 * cell[2] for cell in pair if cell is not None)
        for pair in pairs
    )
    return "".join(
        BRIGHTNESS_SIGNS[luma * (len(BRIGHTNESS_SIGNS) - 1) // (255_000 * 2)] for luma in lumas
    )


def _draw_halves(pairs: Sequence[tuple[Cell, Cell]], palette: Palette) -> str:
    """Draw half blocks in the upper cell's color on the lower's; repeat no color codes."""
    line, last = "", ""
    for upper, lower in pairs:
        front, back = (upper, lower) if upper else (lower, None)
        sign = "▀" if upper else "▄" if lower else " "
        codes = (
            *_list_codes(front, palette, foreground=True),
            *_list_codes(back, palette, foreground=False),
        )
        style = f"\x1b[{';'.join(codes)}m"
        line += (style if style != last else "") + sign
        last = style
    return line + ANSI_RESET


def _list_codes(color: Cell, palette: Palette, *, foreground: bool) -> tuple[str, ...]:
    """Return the SGR parameters of a color (ECMA-48, 8.3.117); None is the terminal's own."""
    from rich.color import Color, ColorSystem

    shown = Color.from_rgb(*color) if color else Color.default()
    if palette == "256":
        shown = shown.downgrade(ColorSystem.EIGHT_BIT)
    return shown.get_ansi_codes(foreground)
