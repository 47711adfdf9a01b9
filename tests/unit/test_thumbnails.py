"""Thumbnails of mosaics: one pixel for each cell, whatever the look."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pixelater import Style, pixelate
from pixelater.thumbnails import list_cells, make_thumbnails
from tests.pictures import encode, make_noise, make_scene

NOISE = encode(make_noise("RGB", (100, 75)))
SCENE = encode(make_scene((130, 90)), "JPEG", quality=95)

STYLES = [
    Style("png"),
    Style("png", cells="square"),
    Style("png", cell_size=16),
    Style("png", cell_size=30, size="x3"),
    Style("png", cells="square", size="native"),
    Style("png", cell_size=16, palette="pico-8"),
    Style("png", cell_size=99),
    Style("webp", cell_size=1),
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("photo", [NOISE, SCENE], ids=["noise", "scene"])
@pytest.mark.parametrize("grid", [7, 9])
def test_thumbnails_have_the_colors_of_the_cells(photo: bytes, style: Style, grid: int) -> None:
    (native,) = pixelate(photo, [grid], replace(style, size="native"))
    (mosaic,) = pixelate(photo, [grid], style)
    (expected,) = make_thumbnails(photo, [native]).mosaics
    (thumbnail,) = make_thumbnails(photo, [mosaic]).mosaics
    assert list_cells(thumbnail) == list_cells(expected)


def test_partial_cells_of_a_jpeg_keep_their_color() -> None:
    """The last column, of 2 pixels, is red; the photo is white."""
    image = make_scene((66, 32))
    image.paste("white", (0, 0, 66, 32))
    image.paste("red", (64, 0, 66, 32))
    (mosaic,) = pixelate(encode(image), [8], Style("jpeg", cell_size=16, quality=100))
    (thumbnail,) = make_thumbnails(encode(image), [mosaic]).mosaics
    row = list_cells(thumbnail)[0]
    assert [cell is not None and cell[1] < 60 for cell in row] == [False] * 4 + [True]
