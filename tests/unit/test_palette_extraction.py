"""Palettes that are extracted from cells."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixelater.palette.extract import extract_palette
from pixelater.palette.oklab import to_oklab
from pixelater.palette.palette import BadPalette
from tests.pictures import make_noise, make_scene


@given(count=st.integers(1, 256), width=st.integers(1, 30), seed=st.integers(0, 2**32))
def test_palette_has_as_many_colors_as_asked_at_most(count: int, width: int, seed: int) -> None:
    cells = make_noise("RGB", (width, 9), seed)
    colors = extract_palette(cells, count).colors
    assert 1 <= len(colors) <= count
    assert list(colors) == sorted(colors, key=to_oklab)


def test_few_colors_are_kept_as_they_are() -> None:
    cells = Image.new("RGB", (8, 8), (9, 90, 200))
    cells.putpixel((3, 3), (255, 0, 1))
    cells.putpixel((5, 3), (1, 2, 3))
    assert extract_palette(cells, 3).colors == ((1, 2, 3), (9, 90, 200), (255, 0, 1))


def test_small_colorful_detail_gets_a_color() -> None:
    """Twelve green cells among 4,000 brown ones: a cat's eyes."""
    shades = Image.linear_gradient("L").resize((64, 64))
    cells = Image.merge("RGB", [shades.point(lambda v, k=k: v * k // 10) for k in (9, 7, 5)])
    for column in (*range(20, 26), *range(40, 46)):
        cells.putpixel((column, 30), (70, 150, 40))
    colors = extract_palette(cells, 12).colors
    assert any(
        abs(red - 70) + abs(green - 150) + abs(blue - 40) < 12 for red, green, blue in colors
    )


def test_one_color_is_the_mean_of_all() -> None:
    cells = Image.new("RGB", (2, 1), (0, 100, 7))
    cells.putpixel((1, 0), (100, 0, 10))
    assert extract_palette(cells, 1).colors == ((50, 50, 9),)


def test_transparent_cells_do_not_count() -> None:
    cells = Image.new("RGBA", (4, 4), (250, 0, 0, 127))
    with pytest.raises(BadPalette, match="all of the picture is transparent"):
        extract_palette(cells, 4)
    cells.putpixel((0, 0), (1, 2, 3, 128))
    assert extract_palette(cells, 4).colors == ((1, 2, 3),)


@pytest.mark.parametrize("count", [0, 257])
def test_number_of_colors_is_limited(count: int) -> None:
    with pytest.raises(ValueError, match=f"count: {count} is not from 1 to 256"):
        extract_palette(Image.new("RGB", (1, 1)), count)


def test_extraction_is_the_same_everywhere() -> None:
    cells = make_scene((60, 44))
    cells.paste(make_noise("RGB", (20, 10), 3).resize((20, 40), Image.Resampling.NEAREST), (40, 0))
    digest = hashlib.sha256(b"".join(extract_palette(cells, k).data for k in (2, 16, 100)))
    assert digest.hexdigest()[:16] == "9f99541ca8ed0ded"
