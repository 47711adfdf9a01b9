"""Palette files that are written, and palettes drawn in a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pixelater.palette.files import parse_palette
from pixelater.palette.palette import Palette
from pixelater_cli.errors import UsageError
from pixelater_cli.gallery.swatches import draw_rows, draw_swatches, list_rows
from pixelater_cli.local.palette_files import WRITERS, find_writer

BYTES = st.integers(0, 255)
PALETTES = st.builds(
    Palette,
    st.text(max_size=9),
    st.lists(st.tuples(BYTES, BYTES, BYTES), min_size=1, max_size=256).map(tuple),
)
TWO = Palette("two", ((29, 43, 83), (255, 0, 77)))


@pytest.mark.parametrize("suffix", WRITERS)
@given(palette=PALETTES)
@example(Palette("\0\n1 2 3", ((0, 0, 0),)))
@example(Palette("", tuple((0, 0, blue) for blue in range(20))))
def test_written_file_has_the_same_colors_in_order(suffix: str, palette: Palette) -> None:
    data = WRITERS[suffix](palette)
    assert parse_palette(data).colors == palette.colors


@pytest.mark.parametrize(
    ("suffix", "size", "head"),
    [
        (".hex", 14, b"1d2b53\nff004d\n"),
        (".gpl", 74, b"GIMP Palette\nName: two\n"),
        (".pal", 39, b"JASC-PAL\r\n0100\r\n2\r\n29 43 83\r\n255 0 77\r\n"),
        (".act", 772, b"\x1d\x2b\x53\xff\x00\x4d\0"),
        (".ase", 92, b"ASEF\0\1\0\0\0\0\0\2\0\1\0\0\0\x22\0\x07\0001\0d\0002\0b"),
        (".aco", 84, b"\0\1\0\2\0\0\x1d\x1d\x2b\x2b\x53\x53\0\0"),
        (".png", 0, b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_file_has_the_bytes_of_its_format(suffix: str, size: int, head: bytes) -> None:
    data = WRITERS[suffix](TWO)
    assert data.startswith(head)
    assert len(data) == size or not size


def test_act_file_ends_with_number_of_colors() -> None:
    assert WRITERS[".act"](TWO)[-4:] == b"\0\2\xff\xff"


def test_suffix_in_capitals_is_known_and_another_is_refused() -> None:
    assert find_writer(Path("MINE.HEX"))(TWO) == b"1d2b53\nff004d\n"
    with pytest.raises(UsageError, match=r"mine\.txt does not have the suffix"):
        find_writer(Path("mine.txt"))


RED, BLUE = (255, 0, 0), (0, 0, 255)
RED_CODES, BLUE_CODES = "38;2;255;0;0;48;2;255;0;0", "38;2;0;0;255;48;2;0;0;255"


def test_few_colors_have_two_columns_each() -> None:
    expected = f"\x1b[{RED_CODES}m▀▀\x1b[{BLUE_CODES}m▀▀\x1b[0m"
    assert draw_rows([RED, BLUE], "24-bit") == (expected,)


@pytest.mark.parametrize(("count", "lines", "signs"), [(17, 1, 17), (64, 1, 32), (216, 4, 32)])
def test_many_colors_have_a_row_of_at_most_32_columns(count: int, lines: int, signs: int) -> None:
    drawn = draw_rows([(number, 0, 0) for number in range(count)], "24-bit")
    assert len(drawn) == lines
    assert drawn[0].count("▀") == signs


def test_rows_are_next_to_their_titles_where_there_is_room() -> None:
    red = f"\x1b[{RED_CODES}m▀▀\x1b[0m"
    palettes = [("red: 1", [RED]), ("again: 1", [RED])]
    assert list(list_rows(palettes, "24-bit", 42)) == [f"red: 1    {red}", f"again: 1  {red}"]
    assert list(list_rows(palettes, "24-bit", 41)) == ["red: 1", red, "", "again: 1", red, ""]
    (first, second, *_) = list_rows([("web", [RED] * 216)], "24-bit", 80)
    assert (first[:6], second[:6]) == ("web  \x1b", "     \x1b")


def test_swatches_run_down_the_columns_with_their_digits() -> None:
    red, blue = f"\x1b[{RED_CODES}m▀▀▀\x1b[0m ff0000", f"\x1b[{BLUE_CODES}m▀▀▀\x1b[0m 0000ff"
    assert draw_swatches([RED, BLUE, RED], "24-bit", 30) == (f"{red}  {red}", blue)
    assert draw_swatches([RED, BLUE], "24-bit", 10) == (red, blue)
    assert draw_swatches([RED], "256", 80) == ("\x1b[38;5;196;48;5;196m▀▀▀\x1b[0m ff0000",)
