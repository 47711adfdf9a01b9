"""Thumbnails of mosaics: one pixel for each cell, whatever the look."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pixelater import Style, pixelate
from pixelater.thumbnails import list_cells, make_thumbnails
from pixelater_cli.gallery.contact_sheet import SIDE, TILE_GAP, TITLE, make_sheet
from tests.pictures import decode, encode, make_noise, make_scene

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


@pytest.mark.parametrize("size", ["photo", "native", "x5"])
@pytest.mark.parametrize(
    ("style", "cover"),
    [
        (Style("png"), (1, 1)),
        (Style("png", cells="square"), (1, 1)),
        (Style("png", cell_size=16), (1.12, 16 * 5 / 75)),
        (Style("png", cell_size=25), (1, 1)),
        (Style("png", cell_size=99), (1.98, 1)),
    ],
)
def test_thumbnails_know_what_whole_cells_would_cover(
    style: Style, cover: tuple[float, float], size: str
) -> None:
    """In 100 x 75 pixels, seven cells of 16 pixels would cover 112."""
    (mosaic,) = pixelate(NOISE, [7], replace(style, size=size))
    (thumbnail,) = make_thumbnails(NOISE, [mosaic]).mosaics
    assert thumbnail.cover == pytest.approx(cover, abs=0.02)


def test_a_sheet_shows_partial_cells_in_their_size() -> None:
    """Of 40 pixels in cells of 16, the last 8 are a fifth of the width."""
    image = make_scene((40, 40))
    image.paste("white", (0, 0, 40, 40))
    image.paste("red", (32, 0, 40, 40))
    photo = encode(image)
    preview = make_thumbnails(photo, pixelate(photo, [8], Style("png", cell_size=16)))
    sheet = decode(make_sheet(["photo"], [preview])).convert("RGB")
    row = [sheet.getpixel((x, TILE_GAP + TITLE + 20)) for x in range(sheet.width)]
    reds = [color == (255, 0, 0) for color in row]
    assert reds[SIDE + 2 * TILE_GAP :].count(True) == SIDE // 5
