"""Owns drawing cells in a terminal: two of them in a character, or characters of some darkness.

Pure: cells in, lines out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from pixelater.thumbnails import Cell

Palette = Literal["24-bit", "256", "ascii"]

RAMP = " .:-=+*#%@"
"""From dark to light, as most terminals are dark."""

ANSI_RESET = "\x1b[0m"
COLUMN_GAP = 2


class Drawing(NamedTuple):
    """Lines of `width` columns each, and what to call them."""

    title: str
    lines: tuple[str, ...]
    width: int


def choose_palette(environment: Mapping[str, str], is_terminal: bool, encoding: str) -> Palette:
    """Choose what a terminal can show; what is none, or wants no colours, gets plain characters."""
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
    last = cells[-1] if palette == "ascii" and cells else ()  # Half a character cannot be drawn.
    pairs = zip(cells[::2], [*cells[1::2], *[last] * (len(cells) % 2)], strict=True)
    paint = _draw_plain if palette == "ascii" else _draw_halves
    return tuple(
        paint(list(zip_longest(upper, lower[: len(upper)])), palette) for upper, lower in pairs
    )


def lay_out(drawings: Sequence[Drawing], columns: int) -> tuple[str, ...]:
    """Put drawings side by side, each below its title, as many as there is room for."""
    rows: list[list[Drawing]] = []
    for drawing in drawings:
        used = sum(one.width + COLUMN_GAP for one in rows[-1]) if rows else columns + 1
        if used + drawing.width > columns:
            rows.append([])
        rows[-1].append(drawing)
    lines: list[str] = []
    for row in rows:
        lines.append(_join([drawing.title.ljust(drawing.width) for drawing in row]))
        filled = [[*one.lines, *[" " * one.width] * _count_missing(one, row)] for one in row]
        lines += [_join(line) for line in zip(*filled, strict=True)]
        lines.append("")
    return tuple(lines)


def _count_missing(drawing: Drawing, row: Sequence[Drawing]) -> int:
    return max(len(other.lines) for other in row) - len(drawing.lines)


def _join(parts: Sequence[str]) -> str:
    return (" " * COLUMN_GAP).join(parts).rstrip()


def _draw_plain(pairs: Sequence[tuple[Cell, Cell]], _palette: Palette) -> str:
    """Draw pairs by their mean light (Rec. 601); a transparent cell is as dark as the ground."""
    lights = (
        sum(299 * cell[0] + 587 * cell[1] + 114 * cell[2] for cell in pair if cell is not None)
        for pair in pairs
    )
    return "".join(RAMP[light * (len(RAMP) - 1) // (255_000 * 2)] for light in lights)


def _draw_halves(pairs: Sequence[tuple[Cell, Cell]], palette: Palette) -> str:
    """Draw the upper half block in the upper cell's colour on the lower's; say colours once."""
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
