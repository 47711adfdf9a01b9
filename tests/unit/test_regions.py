"""Regions: what is hidden, and that nothing else changes."""

from __future__ import annotations

import io
import random
import struct
import zlib
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from PIL import Image, ImageOps, ImageSequence, JpegImagePlugin

from pixelater.encode.png import SIGNATURE, write_chunk
from pixelater.errors import TooLarge
from pixelater.regions.hiding import Hiding, find_cells
from pixelater.regions.photo import RedactedPhoto, pixelate_regions
from pixelater.regions.region import (
    BadRegion,
    Box,
    Percent,
    Region,
    find_box,
    parse_region,
    parse_regions,
)
from pixelater.style import Style

SIZE = 48, 36
BOX = 10, 5, 34, 29
REGION = Region(10, 5, 24, 24)
EDGES = [(10 + 4 * i, 5 + 4 * j) for i in range(6) for j in range(6)]
"""Six cells of 4 x 4 pixels on each side."""


def make_noise(mode: str, size: tuple[int, int] = SIZE, seed: int = 1) -> Image.Image:
    bands = len(mode) if mode != "L" else 1
    data = random.Random(seed).randbytes(size[0] * size[1] * bands)
    return Image.frombytes(mode, size, data)


def save(image: Image.Image, format: str, **settings: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **settings)
    return buffer.getvalue()


def read(made: RedactedPhoto) -> Image.Image:
    image = Image.open(io.BytesIO(made.data))
    image.load()
    return image


def blank(image: Image.Image, box: Box = BOX) -> bytes:
    """Return all pixels but those of a box."""
    rest = image.copy()
    rest.paste(0, box) if len(rest.getbands()) == 1 else rest.paste(
        (0,) * len(rest.getbands()), box
    )
    return rest.tobytes()


def list_pixels(image: Image.Image, box: Box) -> list[Any]:
    return list(image.crop(box).get_flattened_data())


@pytest.mark.parametrize(
    ("format", "mode"),
    [
        ("PNG", "L"),
        ("PNG", "LA"),
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("TIFF", "L"),
        ("TIFF", "RGB"),
        ("TIFF", "RGBA"),
        ("TIFF", "CMYK"),
        ("BMP", "RGB"),
        ("PPM", "RGB"),
        ("PPM", "L"),
        ("TGA", "RGB"),
        ("TGA", "RGBA"),
        ("JPEG2000", "RGB"),
        ("JPEG2000", "L"),
    ],
)
def test_nothing_outside_changes_and_cells_are_exact_means(format: str, mode: str) -> None:
    photo = make_noise(mode)
    if mode.endswith("A"):
        photo.putalpha(255)
    made = pixelate_regions(save(photo, format), [REGION])
    shown = read(made)
    assert (made.format, shown.mode, shown.size) == (format, mode, SIZE)
    assert blank(shown) == blank(photo)
    for left, top in EDGES:
        cell = left, top, left + 4, top + 4
        (color,) = set(list_pixels(shown, cell))
        for value, band in zip(
            color if isinstance(color, tuple) else (color,), photo.split(), strict=True
        ):
            pixels = list_pixels(band, cell)
            assert abs(value - sum(pixels) / 16) <= 0.5


def test_lossless_webp_stays_so() -> None:
    photo = make_noise("RGB")
    shown = read(pixelate_regions(save(photo, "WEBP", lossless=True), [REGION]))
    assert (shown.format, blank(shown)) == ("WEBP", blank(photo))


def test_gray_of_16_bits_keeps_them() -> None:
    values = [random.Random(2).randrange(65536) for _ in range(SIZE[0] * SIZE[1])]
    photo = Image.new("I;16", SIZE)
    photo.putdata(values)
    shown = read(pixelate_regions(save(photo, "PNG"), [REGION]))
    (color,) = set(list_pixels(shown.convert("I"), (10, 5, 14, 9)))
    mean = sum(list_pixels(photo.convert("I"), (10, 5, 14, 9))) / 16
    assert shown.mode == "I;16"
    assert blank(shown.convert("I")) == blank(photo.convert("I"))
    assert abs(color - mean) <= 0.5


def make_deep_png(seed: int, size: tuple[int, int] = SIZE) -> bytes:
    """Write a PNG of 16-bit colors."""
    data = random.Random(seed).randbytes(size[0] * size[1] * 6)
    rows = [b"\0" + data[row * size[0] * 6 : (row + 1) * size[0] * 6] for row in range(size[1])]
    header = struct.pack(">IIBBBBB", *size, 16, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return SIGNATURE + b"".join(write_chunk(name, data) for name, data in chunks)


def read_deep(data: bytes) -> list[tuple[int, ...]]:
    """Return the 16-bit colors of a PNG whose rows have the filters None or Up."""
    start = data.index(b"IDAT") + 4
    rows = zlib.decompress(data[start:])
    width = SIZE[0] * 6
    above = bytes(width)
    colors: list[tuple[int, ...]] = []
    for row in range(SIZE[1]):
        kind, *values = rows[row * (width + 1) : (row + 1) * (width + 1)]
        if kind == 2:
            values = [(a + b) % 256 for a, b in zip(values, above, strict=True)]
        above = bytes(values)
        colors += struct.iter_unpack(">HHH", above)
    return colors


def test_colors_of_16_bits_keep_them() -> None:
    photo = make_deep_png(3)
    made = pixelate_regions(photo, [REGION])
    before, after = read_deep(photo), read_deep(made.data)
    inside = [y * SIZE[0] + x for y in range(BOX[1], BOX[3]) for x in range(BOX[0], BOX[2])]
    assert [c for i, c in enumerate(after) if i not in inside] == [
        c for i, c in enumerate(before) if i not in inside
    ]
    cell = [y * SIZE[0] + x for y in range(5, 9) for x in range(10, 14)]
    (color,) = {after[i] for i in cell}
    means = [sum(values) / 16 for values in zip(*(before[i] for i in cell), strict=True)]
    assert all(abs(a - b) <= 0.5 for a, b in zip(color, means, strict=True))


def test_cells_weight_colors_by_alpha() -> None:
    photo = Image.new("RGBA", (4, 4), (200, 0, 0, 255))
    photo.paste((0, 250, 0, 0), (2, 0, 4, 4))
    shown = read(pixelate_regions(save(photo, "PNG"), [Region(0, 0, 4, 4)], Hiding(1)))
    assert set(list_pixels(shown, (0, 0, 4, 4))) == {(200, 0, 0, 128)}


@pytest.mark.parametrize("turn", range(1, 9))
def test_regions_are_those_of_the_upright_photo(turn: int) -> None:
    photo = make_noise("RGB")
    exif = Image.Exif()
    exif[0x0112] = turn
    data = save(photo, "PNG", exif=exif)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    made = pixelate_regions(data, [Region(3, 4, 10, 20)], Hiding(1))
    shown = read(made)
    assert shown.size == upright.size == (made.width, made.height)
    assert blank(shown, (3, 4, 13, 24)) == blank(upright, (3, 4, 13, 24))
    assert not shown.getexif()


def test_solid_regions_have_one_color() -> None:
    shown = read(
        pixelate_regions(save(make_noise("L"), "PNG"), [REGION], Hiding(color=(255, 0, 0)))
    )
    assert (shown.mode, set(list_pixels(shown, BOX))) == ("RGB", {(255, 0, 0)})


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "CMYK"])
def test_solid_regions_are_opaque_in_every_mode(mode: str) -> None:
    photo = Image.new(mode, SIZE)
    data = save(photo, "TIFF" if mode == "CMYK" else "PNG")
    shown = read(pixelate_regions(data, [REGION], Hiding(color=(255, 255, 255))))
    assert set(list_pixels(shown.convert("RGBA"), BOX)) == {(255, 255, 255, 255)}


def test_ellipses_leave_corners() -> None:
    photo = make_noise("RGB")
    how = Hiding(color=(0, 0, 0), ellipse=True)
    shown = read(pixelate_regions(save(photo, "PNG"), [REGION], how))
    corner, middle = (10, 5), (22, 17)
    assert shown.getpixel(corner) == photo.getpixel(corner)
    assert shown.getpixel(middle) == (0, 0, 0)
    assert blank(shown) == blank(photo)


def test_inverted_regions_stay_sharp() -> None:
    photo = make_noise("RGB")
    shown = read(pixelate_regions(save(photo, "PNG"), [REGION], Hiding(3, invert=True)))
    assert shown.crop(BOX).tobytes() == photo.crop(BOX).tobytes()
    assert len(set(list_pixels(shown, (0, 0, 10, 36)))) == 3


def test_overlapping_regions_are_averaged_from_the_photo() -> None:
    photo = make_noise("L")
    regions = [Region(0, 0, 20, 20), Region(10, 10, 20, 20)]
    both = read(pixelate_regions(save(photo, "PNG"), regions, Hiding(1)))
    alone = read(pixelate_regions(save(photo, "PNG"), regions[1:], Hiding(1)))
    assert list_pixels(both, (10, 10, 30, 30)) == list_pixels(alone, (10, 10, 30, 30))


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
@pytest.mark.parametrize("inner", [Region(8, 8, 16, 8), Region(8, 8, 32, 24, 12)])
@pytest.mark.parametrize("inner_first", [True, False])
def test_region_within_another_shows_nothing_of_it(
    format: str, inner: Region, inner_first: bool
) -> None:
    photo, outer = save(make_noise("RGB"), format), Region(0, 0, 48, 36)
    regions = [inner, outer] if inner_first else [outer, inner]
    wanted = read(pixelate_regions(photo, [outer], Hiding(2)))
    assert read(pixelate_regions(photo, regions, Hiding(2))).tobytes() == wanted.tobytes()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF"])
def test_regions_have_cells_of_their_own(format: str) -> None:
    photo = save(make_noise("L"), format)
    own = pixelate_regions(photo, [Region(8, 8, 16, 16, 1)], Hiding(4))
    all_of_them = pixelate_regions(photo, [Region(8, 8, 16, 16)], Hiding(1))
    assert own == all_of_them


def test_regions_of_two_pixels_are_hidden() -> None:
    shown = read(pixelate_regions(save(make_noise("L"), "PNG"), [Region(4, 4, 2, 2)], Hiding(6)))
    assert len(set(list_pixels(shown, (4, 4, 6, 6)))) == 1


@pytest.mark.parametrize(
    ("region", "pad", "box"),
    [
        (Region(10, 5, 24, 24), 0, (10, 5, 34, 29)),
        (Region(-4, -4, 8, 8), 0, (0, 0, 4, 4)),
        (Region(40, 30, 100, 100), 0, (40, 30, 48, 36)),
        (Region(47, 35, 1, 1), 0, (47, 35, 48, 36)),
        (parse_region("25%,50%,50%,50%"), 0, (12, 18, 36, 36)),
        (parse_region("1%,1%,1%,1%"), 0, (0, 0, 1, 1)),
        (Region(10, 10, 10, 20), 3, (7, 7, 23, 33)),
        (Region(10, 10, 10, 20), Percent(Fraction(25)), (7, 5, 23, 35)),
        (Region(50, 10, 4, 4), 3, (47, 7, 48, 17)),
    ],
)
def test_boxes_have_all_pixels_that_a_region_touches(region: Region, pad: Any, box: Box) -> None:
    assert find_box(region, SIZE, pad) == box


@pytest.mark.parametrize("region", [Region(48, 0, 5, 5), Region(0, -5, 5, 5), Region(0, 36, 1, 1)])
def test_regions_outside_the_photo_are_refused(region: Region) -> None:
    with pytest.raises(BadRegion):
        pixelate_regions(save(make_noise("L"), "PNG"), [region])


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,4,5", "a,2,3,4", "1,2,0,4", "1,2,3,-4", "1.5,2,3,4", "1%%,2,3,4"]
)
def test_malformed_regions_are_refused(text: str) -> None:
    with pytest.raises(BadRegion):
        parse_region(text)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"7",
        b'["1,2,3"]',
        b'[{"x": 1, "y": 2, "width": 3}]',
        b'[{"x": 1.5, "y": 2, "width": 3, "height": 4}]',
        b'[{"x": true, "y": 2, "width": 3, "height": 4}]',
        b'{"a.jpg": "1,2,3,4"}',
        b'{"a.jpg": ["1,2,3,4"], "a.jpg": ["5,6,7,8"]}',
        b'[{"x": 1, "x": 9, "y": 2, "width": 3, "height": 4}]',
        b"[" * 100_000,
    ],
)
def test_malformed_files_of_regions_are_refused(data: bytes) -> None:
    with pytest.raises(BadRegion):
        parse_regions(data)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (7, 5), (6, 6), (123, 45), (4000, 3)])
def test_cells_are_of_one_size_to_a_pixel(size: tuple[int, int]) -> None:
    lengths = [{stop - start for start, stop in pairwise(edges)} for edges in find_cells(size, 6)]
    assert all(max(each) - min(each) <= 1 for each in lengths)
    assert len(find_cells(size, 6)[size[0] > size[1]]) - 1 == max(1, min(6, min(size) // 2))


@pytest.mark.parametrize("sampling", [0, 1, 2])
def test_jpeg_keeps_its_tables_and_no_metadata(sampling: int) -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret"
    photo = save(
        make_noise("RGB"), "JPEG", quality=77, subsampling=sampling, exif=exif, comment=b"secret"
    )
    made = pixelate_regions(photo, [REGION])
    shown, before = (JpegImagePlugin.JpegImageFile(io.BytesIO(data)) for data in (made.data, photo))
    assert shown.quantization == before.quantization
    assert JpegImagePlugin.get_sampling(shown) == sampling
    assert b"secret" not in made.data


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_jpeg_of_other_modes_keeps_them(mode: str) -> None:
    made = pixelate_regions(save(make_noise(mode), "JPEG"), [REGION])
    assert (made.format, read(made).mode) == ("JPEG", mode)


def make_frames(mode: str) -> list[Image.Image]:
    return [Image.new(mode, SIZE, color) for color in ("red", "green", "blue")]


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_all_frames_of_animations_are_hidden(format: str) -> None:
    frames = make_frames("RGB")
    for x, frame in enumerate(frames):
        frame.putpixel((10 + x, 10), (255, 255, 255))
        frame.putpixel((x, 0), (255, 255, 255))
    settings = {"lossless": True} if format == "WEBP" else {}
    photo = save(
        frames[0],
        format,
        save_all=True,
        append_images=frames[1:],
        duration=[100, 200, 300],
        loop=0,
        **settings,
    )
    made = pixelate_regions(photo, [REGION], Hiding(1))
    film = Image.open(io.BytesIO(made.data))
    shown = [frame.convert("RGB") for frame in ImageSequence.Iterator(film)]
    assert (made.format, len(shown)) == (format, 3)
    for before, after in zip(frames, shown, strict=True):
        assert len(set(list_pixels(after, BOX))) == 1
        assert blank(after) == blank(before)


def test_gif_of_too_many_colors_becomes_png() -> None:
    gray = Image.new("P", (256, 64))
    gray.putpalette([value for level in range(256) for value in (level, level, 255 - level)])
    gray.putdata([*range(256)] * 64)
    photo = gray.convert("RGB")
    made = pixelate_regions(save(gray, "GIF"), [Region(0, 0, 250, 60)], Hiding(2))
    assert made.format == "PNG"
    assert blank(read(made).convert("RGB"), (0, 0, 250, 60)) == blank(photo, (0, 0, 250, 60))


def test_no_regions_hide_nothing_and_say_so() -> None:
    photo = make_noise("RGB")
    made = pixelate_regions(save(photo, "PNG"), [])
    assert (made.boxes, made.warnings) == ((), ("nothing is hidden",))
    assert read(made).tobytes() == photo.tobytes()


def test_limits_are_those_of_mosaics() -> None:
    with pytest.raises(TooLarge):
        pixelate_regions(save(make_noise("RGB"), "PNG"), [REGION], max_pixels=100)
    with pytest.raises(TooLarge):
        pixelate_regions(save(make_noise("RGB", (2000, 2000)), "PNG"), [REGION], max_memory=60)


def test_another_format_can_be_chosen() -> None:
    made = pixelate_regions(save(make_noise("RGB"), "BMP"), [REGION], style=Style("webp"))
    assert made.format == "WEBP"
