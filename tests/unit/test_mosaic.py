"""What a mosaic is called, which grids there can be, and what its owner is warned of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from pixelater import GRIDS, BadGrids, Mosaic, Style, name_mosaic, parse_grids, pixelate
from pixelater.encode.formats import ENCODINGS
from pixelater.encode.jpeg import choose_subsampling
from pixelater.naming import list_names
from tests.pictures import encode, make_noise, make_scene, pixels


def test_default_grids_are_five() -> None:
    mosaics = pixelate(encode(make_scene()))
    assert tuple(mosaic.grid for mosaic in mosaics) == GRIDS == (8, 16, 32, 48, 64)


def test_mosaic_has_size_cells_and_media_type() -> None:
    (made,) = pixelate(encode(make_scene(), "JPEG"), [16])
    told = (made.columns, made.rows, made.width, made.height, made.format, made.media_type)
    assert told == (16, 16, 120, 90, "JPEG", "image/jpeg")


@pytest.mark.parametrize(
    ("photo", "format", "name"),
    [
        ("photo.jpg", "JPEG", "pixelated-8x8-photo.jpg"),
        ("trips/photo.jpg", "JPEG", "trips/pixelated-8x8-photo.jpg"),
        ("my photo+1.JPEG", "JPEG", "pixelated-8x8-my photo+1.JPEG"),
        ("año/été.png", "PNG", "año/pixelated-8x8-été.png"),
        ("scan.psd", "PNG", "pixelated-8x8-scan.png"),
        ("really-a-jpeg.png", "JPEG", "pixelated-8x8-really-a-jpeg.jpg"),
        ("no-suffix", "WEBP", "pixelated-8x8-no-suffix.webp"),
        ("v1.2 of the house", "PNG", "pixelated-8x8-v1.2 of the house.png"),
        (".hidden", "PNG", "pixelated-8x8-.hidden.png"),
    ],
)
def test_mosaic_name_follows_photo_and_format(photo: str, format: str, name: str) -> None:
    assert name_mosaic(photo, Mosaic(8, 8, 8, 9, 9, format, "", b"")) == name


def test_grids_are_parsed() -> None:
    assert parse_grids("8, 16,8,64") == (8, 16, 64)


@pytest.mark.parametrize("text", ["", "8,,16", "0", "-8", "8x8", "4097", "٨", "1e3"])
def test_invalid_grid_is_named(text: str) -> None:
    with pytest.raises(BadGrids, match="is not a grid: grids are whole numbers from 1 to 4096"):
        parse_grids(text)


@pytest.mark.parametrize(
    ("size", "cells", "warnings"),
    [
        ((100, 100), (64, 64), ()),
        ((64, 64), (64, 64), ("hides nothing: every pixel is its own cell",)),
        ((20, 30), (20, 30), ("hides nothing: every pixel is its own cell",)),
        ((20, 300), (20, 64), ("the photo has fewer pixels than cells on one side",)),
    ],
)
def test_side_shorter_than_grid_has_a_cell_a_pixel(
    size: tuple[int, int], cells: tuple[int, int], warnings: tuple[str, ...]
) -> None:
    (made,) = pixelate(encode(make_noise("L", size)), [64])
    assert ((made.columns, made.rows), made.warnings) == (cells, warnings)


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("trips/a.jpg", {"trips/pixelated-8x8-a.jpg", "trips/pixelated-8x8-a.png"}),
        ("scan.psd", {"pixelated-8x8-scan.png"}),
        ("a.TIFF", {"pixelated-8x8-a.TIFF", "pixelated-8x8-a.jpg"}),
        ("noname", {"pixelated-8x8-noname.jpg"}),
    ],
)
def test_names_begin_with_that_of_the_photos_format(key: str, names: set[str]) -> None:
    listed = list(list_names(key, 8))
    assert names <= set(listed)
    assert len(listed) == len(set(listed)) == 11
    kept = [name for name in listed if name.endswith(f"-{key.rpartition('/')[2]}")]
    assert kept in ([], listed[:1])


@given(
    key=st.lists(st.sampled_from([".", "/", "a", ".jpg", ".PNG", ".psd", ".tar", "é"])).map(
        "".join
    ),
    grid=st.sampled_from([8, 48]),
)
def test_names_listed_are_those_of_all_formats(key: str, grid: int) -> None:
    listed = list(list_names(key, grid))
    assert set(listed) == {
        name_mosaic(key, Mosaic(grid, 0, 0, 0, 0, one, "", b"")) for one in ENCODINGS
    }
    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
def test_busy_jpeg_is_optimized(mode: str) -> None:
    photo = encode(make_noise(mode, (350, 350)), "TIFF")
    (plain,) = pixelate(photo, [350], Style("jpeg", 100))
    (optimized,) = pixelate(photo, [350], Style("jpeg", 100, optimize=True))
    assert len(optimized.data) < len(plain.data)
    assert pixels(optimized).tobytes() == pixels(plain).tobytes()


@pytest.mark.parametrize(
    ("cells", "size", "subsampling"),
    [
        ((8, 8), (4000, 3000), "4:2:0"),
        ((64, 64), (4000, 3000), "4:2:0"),
        ((100, 100), (4000, 3000), "4:4:4"),
        ((64, 64), (1200, 1600), "4:4:4"),
        ((2, 2), (1001, 1000), "4:2:0"),
        ((2, 2), (1000, 1000), "4:4:4"),
        ((48, 30), (1632, 1020), "4:2:0"),
        ((48, 30), (1631, 1020), "4:4:4"),
        ((48, 30), (1632, 1019), "4:4:4"),
    ],
)
def test_small_cells_and_pictures_are_not_subsampled(
    cells: tuple[int, int], size: tuple[int, int], subsampling: str
) -> None:
    assert choose_subsampling(*cells, *size) == subsampling


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_large_jpeg_without_chroma_is_written(mode: str) -> None:
    photo = make_noise(mode, (8, 8)).resize((1200, 1000), Image.Resampling.NEAREST)
    (mosaic,) = pixelate(encode(photo, "TIFF"), [8], Style("jpeg", 100))
    difference = ImageChops.difference(pixels(mosaic), photo)
    assert max(max(band.tobytes()) for band in difference.split()) <= 2


@pytest.mark.parametrize(("grid", "side", "levels"), [(48, 480, 39), (8, 64, 1), (30, 900, 34)])
def test_jpeg_of_small_cells_is_near_their_mean(grid: int, side: int, levels: int) -> None:
    """With 4:2:0, pixels would be off by up to 143, 124 and 148 levels."""
    photo = make_noise("RGB", (grid, grid)).resize((side, side), Image.Resampling.NEAREST)
    (mosaic,) = pixelate(encode(photo), [grid], Style("jpeg"))
    difference = ImageChops.difference(pixels(mosaic), photo)
    assert max(max(band.tobytes()) for band in difference.split()) <= levels


def test_jpeg_of_smallest_grid_is_compared_with_exact_formats() -> None:
    photo = encode(make_scene(), "JPEG")
    coarse, fine = pixelate(photo, [8, 16], compare=True)
    (exact,) = pixelate(photo, [8], Style("auto"))
    assert (coarse.exact_bytes, fine.exact_bytes) == (len(exact.data), 0)


@pytest.mark.parametrize(
    ("format", "grids", "style", "compare"),
    [
        ("PNG", [8], "same", True),
        ("JPEG", [33], "same", True),
        ("JPEG", [8], "png", True),
        ("JPEG", [8], "same", False),
    ],
)
def test_other_mosaics_are_not_compared(
    format: str, grids: list[int], style: str, compare: bool
) -> None:
    (mosaic,) = pixelate(encode(make_scene(), format), grids, Style(style), compare=compare)
    assert mosaic.exact_bytes == 0
