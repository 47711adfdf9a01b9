"""Looks of mosaics: square cells, cell sizes, sizes of files, palettes and crisp cells."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pixelater import Mosaic, Style, TooLarge, name_mosaic, pixelate
from pixelater.layout import find_layouts
from pixelater.naming import is_mosaic_name
from pixelater.palette.builtin import BUILT_IN, find_palette
from pixelater.palette.nearest import find_nearest
from tests.pictures import encode, make_noise, make_scene
from tests.unit.test_animation import encode_animation

LENGTHS = st.integers(1, 300)
GRIDS = st.integers(1, 70)
PNG = encode(make_scene((200, 150)), "PNG")


def _open(mosaic: Mosaic) -> Image.Image:
    return Image.open(BytesIO(mosaic.data))


def _read(mosaic: Mosaic) -> Image.Image:
    return _open(mosaic).convert("RGB")


def _make(photo: bytes = PNG, grid: int = 8, **style: Any) -> Mosaic:
    (made,) = pixelate(photo, [grid], Style(**style), exact=True)
    return made


@given(width=LENGTHS, height=LENGTHS, grid=GRIDS)
def test_square_cells_are_square_to_a_pixel(width: int, height: int, grid: int) -> None:
    """Only the last ones of the shorter side may be what remains."""
    (layout,) = find_layouts((width, height), [grid], Style(cells="square"))
    (across, down), longer = layout.sides, max(width, height)
    assert (across[0], down[0], across[-1], down[-1]) == (0, 0, width, height)
    assert max(layout.columns, layout.rows) == min(grid, longer)
    long, short = (across, down) if width >= height else (down, across)
    lengths = [stop - start for start, stop in pairwise(long)]
    lengths += [stop - start for start, stop in pairwise(short)][:-1]
    assert max(lengths) - min(lengths) <= 1
    assert 0 < short[-1] - short[-2] <= max(lengths) + 1


@given(width=LENGTHS, height=LENGTHS, side=st.integers(1, 400))
def test_cell_size_cuts_exact_squares_from_the_top_left(width: int, height: int, side: int) -> None:
    (layout,) = find_layouts((width, height), [8], Style(cell_size=side))
    for edges, length in zip(layout.sides, (width, height), strict=True):
        assert edges == (*range(0, length, side), length)


@settings(max_examples=30)
@given(width=st.integers(1, 60), height=st.integers(1, 60), grid=GRIDS)
def test_square_cells_are_exact_means(width: int, height: int, grid: int) -> None:
    photo = make_noise("RGB", (width, height))
    made = _make(encode(photo, "PNG"), grid, cells="square", size="native", format="png")
    cells = _read(made)
    (layout,) = find_layouts((width, height), [grid], Style(cells="square"))
    assert cells.size == (layout.columns, layout.rows)
    for row, (top, bottom) in enumerate(pairwise(layout.sides[1])):
        for column, (left, right) in enumerate(pairwise(layout.sides[0])):
            data = photo.crop((left, top, right, bottom)).tobytes()
            found = cells.getpixel((column, row))
            assert isinstance(found, tuple)
            for band in range(3):
                values = data[band::3]
                assert abs(found[band] - sum(values) / len(values)) <= 1


@pytest.mark.parametrize("format", ["png", "webp"])
@pytest.mark.parametrize("cells", ["photo", "square"])
def test_native_pixels_are_the_cells_of_the_large_file(format: str, cells: str) -> None:
    native = _make(size="native", cells=cells, format=format)
    large = _read(_make(cells=cells, format=format))
    small = _read(native)
    assert small.size == (native.columns, native.rows) == (native.width, native.height)
    (layout,) = find_layouts((200, 150), [8], Style(cells=cells))
    for row, y in enumerate(layout.sides[1][:-1]):
        for column, x in enumerate(layout.sides[0][:-1]):
            assert small.getpixel((column, row)) == large.getpixel((x, y))


@pytest.mark.parametrize(
    ("format", "most"), [("PNG", 0), ("WEBP", 0), ("GIF", 2), ("TIFF", 0), ("BMP", 0), ("JPEG", 60)]
)
@pytest.mark.parametrize("style", [{"cell_size": 16}, {"cells": "square"}])
def test_partial_cells_are_painted_where_they_are(
    format: str, most: int, style: dict[str, Any]
) -> None:
    """In 200 x 150 pixels, the last ones of 16 have 8 and 6, and of 7 in a row 12."""
    photo = encode(make_scene((200, 150)), format)
    small = _read(_make(photo, 7, size="native", format="png", **style))
    large = _read(_make(photo, 7, **style))
    (layout,) = find_layouts((200, 150), [7], Style(**style))
    for row, down in enumerate(pairwise(layout.sides[1])):
        for column, across in enumerate(pairwise(layout.sides[0])):
            corners = [(x, y) for x in (across[0], across[1] - 1) for y in (down[0], down[1] - 1)]
            shown = [large.getpixel(corner) for corner in corners]
            assert max(_compare(small.getpixel((column, row)), color) for color in shown) <= most


def _compare(first: Any, second: Any) -> int:
    return max(abs(int(a) - int(b)) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("format", ["png", "webp"])
@pytest.mark.parametrize("times", [1, 2, 8])
def test_xn_repeats_each_native_pixel(format: str, times: int) -> None:
    native = _read(_make(size="native", cells="square", format=format))
    made = _make(size=f"x{times}", cells="square", format=format)
    size = native.width * times, native.height * times
    assert (made.width, made.height) == size
    assert _read(made).tobytes() == native.resize(size, Image.Resampling.NEAREST).tobytes()


@pytest.mark.parametrize("format", ["png", "webp", "auto"])
@pytest.mark.parametrize("dither", ["none", "floyd", "bayer4", "blue"])
@pytest.mark.parametrize("palette", ["pico-8", "gameboy", "ega"])
def test_every_color_is_in_the_palette(format: str, dither: str, palette: str) -> None:
    made = _make(grid=40, format=format, dither=dither, palette=palette)
    used = _read(made).getcolors(256) or []
    assert used
    assert {color for _, color in used} <= set(BUILT_IN[palette].colors)


def test_without_dither_each_cell_has_the_nearest_color() -> None:
    plain = _read(_make(grid=32, size="native"))
    colors = find_palette("pico-8").colors
    made = _open(_make(grid=32, size="native", palette="pico-8"))
    assert made.mode == "P"
    assert made.tobytes() == find_nearest(plain, colors).tobytes()


@pytest.mark.parametrize("format", ["JPEG", "GIF", "TIFF", "BMP", "AVIF", "JPEG2000"])
def test_palette_survives_the_format_of_each_photo(format: str) -> None:
    made = _make(encode(make_scene((200, 150)), format), 16, palette="c64", dither="floyd")
    assert made.format == ("PNG" if format in ("JPEG", "AVIF") else format)
    used = {color for _, color in _read(made).getcolors(256) or []}
    assert len(used) > 1
    assert used <= set(BUILT_IN["c64"].colors)


@pytest.mark.parametrize("number", [1, 4, 16, 256])
def test_number_is_that_of_the_photos_own_colors(number: int) -> None:
    used = _read(_make(grid=64, palette=number, format="png")).getcolors(256) or []
    assert len(used) == number


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_animation_has_one_palette_and_does_not_flicker(format: str) -> None:
    photo = encode_animation(format, "RGB")
    made = _make(photo, 2, palette="pico-8", dither="floyd")
    assert made.warnings[-1].startswith("floyd would flicker in an animation")
    ordered = _make(photo, 2, palette="pico-8", dither="bayer4")
    assert made.data == ordered.data
    image = _open(made)
    assert getattr(image, "n_frames", 1) > 1
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        used = {color for _, color in image.convert("RGB").getcolors(256) or []}
        assert used <= set(BUILT_IN["pico-8"].colors)


@pytest.mark.parametrize("format", ["png", "webp"])
def test_transparent_cells_stay_transparent_in_a_palette(format: str) -> None:
    photo = make_scene((64, 64)).convert("RGBA")
    photo.paste((0, 0, 0, 0), (0, 0, 32, 64))
    made = _open(_make(encode(photo, "PNG"), 4, palette="pico-8", format=format))
    alpha = made.convert("RGBA").getchannel("A")
    assert alpha.crop((0, 0, 32, 64)).getextrema() == (0, 0)
    assert alpha.crop((32, 0, 64, 64)).getextrema() == (255, 255)


@pytest.mark.parametrize("options", [{}, {"cell_size": 9}, {"cells": "square"}])
def test_crisp_cell_has_the_color_of_its_larger_part(options: dict[str, Any]) -> None:
    """Mixed from red and blue, the mean would be purple."""
    photo = Image.new("RGB", (64, 64), "red")
    photo.paste((0, 0, 255), (0, 0, 20, 64))
    made = _make(encode(photo, "PNG"), 4, kernel="crisp", size="native", format="png", **options)
    used = {color for _, color in _read(made).getcolors(256) or []}
    assert used == {(255, 0, 0), (0, 0, 255)}


def test_mosaic_of_a_cell_size_is_named_after_it() -> None:
    made = _make(cell_size=16)
    assert (made.columns, made.rows, made.grid, made.cell_size) == (13, 10, 13, 16)
    assert name_mosaic("trips/photo.png", made) == "trips/pixelated-16px-photo.png"
    assert is_mosaic_name("pixelated-16px-photo.png")


def test_cells_too_small_are_refused_with_the_size_that_would_do() -> None:
    photo = encode(Image.new("L", (5000, 2)), "PNG")
    with pytest.raises(TooLarge, match=r"it has 5,000 cells of 1 px .* cells of 2 px would do"):
        _make(photo, cell_size=1)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"cells": "round"}, ValueError, "cells: 'round' is not one of photo, square"),
        ({"cell_size": 0}, ValueError, "cell_size: 0 is not from 1 to 65535"),
        ({"cell_size": "9"}, TypeError, "cell_size must be an integer, not str"),
        ({"size": "x0"}, ValueError, "size: 'x0' is not photo, native, or x1 to x100"),
        ({"size": "x101"}, ValueError, "size: 'x101' is not photo, native, or x1 to x100"),
        ({"size": 8}, TypeError, "size must be a string, not int"),
        ({"palette": "vga"}, ValueError, "palette: 'vga' is not a built-in palette"),
        ({"palette": 0}, ValueError, "palette: 0 is not from 1 to 256"),
        ({"palette": b"?"}, ValueError, "palette: "),
        ({"palette": 1.5}, TypeError, "palette must be a name, bytes, a Palette or a number"),
        ({"dither": "fs"}, ValueError, "dither: 'fs' is not one of none, floyd"),
        ({"dither_strength": 1.5}, ValueError, "dither_strength: 1.5 is not from 0 to 1"),
        ({"dither_strength": "1"}, TypeError, "dither_strength must be a number, not str"),
        ({"tone": "loud"}, ValueError, "tone: 'loud' is not one of fit, keep"),
        ({"kernel": "max"}, ValueError, "kernel: 'max' is not one of mean, crisp"),
        ({"format": "jpg", "palette": 4}, ValueError, "format: jpeg cannot hold a palette"),
    ],
)
def test_wrong_look_is_named(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{message}"):
        Style(**arguments)
