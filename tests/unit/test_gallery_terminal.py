"""Cells drawn in a terminal, character by character."""

from __future__ import annotations

import re

import pytest

from pixelater.thumbnails import Cell
from pixelater_cli.gallery.terminal import (
    Drawing,
    Fit,
    Palette,
    choose_palette,
    draw_cells,
    fit_drawing,
    lay_out,
)

RED, BLUE, WHITE, GREY = (255, 0, 0), (0, 0, 255), (255, 255, 255), (128, 128, 128)


@pytest.mark.parametrize(
    ("cells", "palette", "lines"),
    [
        ([[RED], [BLUE]], "24-bit", ["\x1b[38;2;255;0;0;48;2;0;0;255m▀\x1b[0m"]),
        ([[RED], [BLUE]], "256", ["\x1b[38;5;196;48;5;21m▀\x1b[0m"]),
        ([[RED], [BLUE]], "ascii", ["."]),
        ([[RED, RED], [BLUE, BLUE]], "256", ["\x1b[38;5;196;48;5;21m▀▀\x1b[0m"]),
        ([[RED]], "24-bit", ["\x1b[38;2;255;0;0;49m▀\x1b[0m"]),
        ([[None], [RED]], "24-bit", ["\x1b[38;2;255;0;0;49m▄\x1b[0m"]),
        ([[RED], [None]], "24-bit", ["\x1b[38;2;255;0;0;49m▀\x1b[0m"]),
        ([[None], [None]], "24-bit", ["\x1b[39;49m \x1b[0m"]),
        ([[GREY]], "256", ["\x1b[38;5;244;49m▀\x1b[0m"]),
        ([[(1, 95, 254)]], "256", ["\x1b[38;5;27;49m▀\x1b[0m"]),
        ([[WHITE, GREY, None, (0, 0, 0)]], "ascii", ["@=  "]),
        ([[WHITE], [None], [WHITE], [(0, 0, 0)]], "ascii", ["=", "="]),
        ([[None], [WHITE], [None], [None], [WHITE]], "ascii", ["=", " ", "@"]),
    ],
)
def test_cells_are_drawn_so(cells: list[list[Cell]], palette: Palette, lines: list[str]) -> None:
    assert list(draw_cells(cells, palette)) == lines


@pytest.mark.parametrize(
    ("cells", "photo", "room", "size", "is_whole"),
    [
        ((8, 8), (900, 900), (80, 40), (32, 32), True),
        ((8, 8), (900, 900), (80, 10), (16, 16), True),
        ((8, 8), (900, 900), (5, 10), (5, 5), False),
        ((64, 48), (1600, 1200), (80, 40), (64, 48), True),
        ((64, 64), (1600, 1200), (80, 40), (80, 60), False),
        ((64, 64), (1600, 1200), (86, 40), (85, 64), True),
        ((16, 1), (1600, 10), (80, 40), (80, 1), True),
        ((1, 1), (10, 4000), (80, 20), (1, 40), True),
        ((256, 256), (500, 500), (80, 10_000), (80, 80), False),
    ],
)
def test_drawing_has_the_proportions_of_its_photo(
    cells: tuple[int, int],
    photo: tuple[int, int],
    room: tuple[int, int],
    size: tuple[int, int],
    is_whole: bool,
) -> None:
    assert fit_drawing(cells, photo, room) == Fit(size, is_whole)


@pytest.mark.parametrize("palette", ["24-bit", "256", "ascii"])
@pytest.mark.parametrize(("grid", "lines"), [(8, 4), (64, 32), (7, 4)])
def test_a_grid_of_64_fits_64_columns_and_32_lines(palette: Palette, grid: int, lines: int) -> None:
    cells = [[(4 * x, 3 * y, x ^ y) for x in range(grid)] for y in range(grid)]
    drawn = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in draw_cells(cells, palette)]
    assert [len(line) for line in drawn] == [grid] * lines


@pytest.mark.parametrize(
    ("environment", "is_terminal", "encoding", "palette"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, True, "utf-8", "24-bit"),
        ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, True, "UTF-8", "24-bit"),
        ({"TERM": "xterm-direct"}, True, "utf-8", "24-bit"),
        ({"WT_SESSION": "x"}, True, "utf-8", "24-bit"),
        ({"TERM": "xterm-256color"}, True, "utf-8", "256"),
        ({"TERM": "vt100"}, True, "utf-8", "ascii"),
        ({}, True, "utf-8", "ascii"),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, True, "utf-8", "ascii"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, True, "utf-8", "ascii"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, True, "utf-8", "256"),
        ({"TERM": "xterm-256color"}, False, "utf-8", "ascii"),
        ({"TERM": "xterm-256color"}, True, "cp1252", "ascii"),
    ],
)
def test_a_terminal_gets_what_it_can_show(
    environment: dict[str, str], is_terminal: bool, encoding: str, palette: str
) -> None:
    assert choose_palette(environment, is_terminal, encoding) == palette


def test_drawings_stand_side_by_side_where_there_is_room() -> None:
    small = Drawing("2", ("ab",), 2)
    large = Drawing("4", ("cdef", "ghij"), 4)
    assert lay_out([small, large], 8) == ("2   4", "ab  cdef", "    ghij", "")
    assert lay_out([small, large], 7) == ("2", "ab", "", "4", "cdef", "ghij", "")
