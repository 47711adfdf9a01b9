"""JPEG photos with hidden regions: outside of their units, no coefficient changes.

Pixels are Pillow's, which decodes with libjpeg; in 4:2:0 and 4:2:2, it interpolates chroma over the
border of a unit, by one pixel.
"""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageOps

from pixelater.regions.hiding import Hiding
from pixelater.regions.jpeg.entropy import COEFFICIENTS
from pixelater.regions.jpeg.errors import DamagedData, Unsuited
from pixelater.regions.jpeg.huffman import Table, extend, parse_tables
from pixelater.regions.jpeg.planes import make_planes
from pixelater.regions.jpeg.scans import read_scan
from pixelater.regions.jpeg.segments import parse_jpeg
from pixelater.regions.photo import RedactedPhoto, pixelate_regions
from pixelater.regions.region import Box, Region

REGION = Region(20, 20, 30, 20)


def make_photo(mode: str = "RGB", size: tuple[int, int] = (90, 70), seed: int = 1) -> Image.Image:
    """Draw something between noise and a smooth picture."""
    bands = 1 if mode == "L" else len(mode)
    number = 12 * 9 * bands
    small = Image.frombytes(mode, (12, 9), random.Random(seed).randbytes(number))
    return small.resize(size, Image.Resampling.BICUBIC)


def save(image: Image.Image, **settings: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **{"quality": 90, **settings})
    return buffer.getvalue()


def read_blocks(data: bytes) -> dict[tuple[int, int, int], list[int]]:
    """Return the coefficients by component and place in pixels of luma."""
    jpeg = parse_jpeg(data)
    planes = make_planes(jpeg)
    for scan in jpeg.scans:
        read_scan(jpeg, scan, planes)
    blocks = {}
    for index, plane in enumerate(planes):
        step = jpeg.unit[0] // plane.across, jpeg.unit[1] // plane.down
        for row in range(plane.rows):
            for column in range(plane.columns):
                place = plane.find(column, row)
                values = plane.values[place : place + COEFFICIENTS]
                blocks[index, column * step[0], row * step[1]] = list(values)
    return blocks


def find_changes(photo: bytes, made: bytes) -> set[tuple[int, int]]:
    before, after = read_blocks(photo), read_blocks(made)
    assert before.keys() == after.keys()
    return {(x, y) for (_, x, y), block in before.items() if block != after[_, x, y]}


def is_inside(place: tuple[int, int], boxes: tuple[Box, ...]) -> bool:
    """Return whether a place is in a box; at the edges of a photo, units reach beyond them."""
    x, y = place
    return any(
        left <= x < -(-right // 16) * 16 and top <= y < -(-lower // 16) * 16
        for left, top, right, lower in boxes
    )


def check(photo: bytes, made: RedactedPhoto) -> None:
    assert made.warnings == ()
    changed = find_changes(photo, made.data)
    assert changed
    assert all(is_inside(place, made.boxes) for place in changed)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_no_coefficient_outside_changes(
    mode: str, subsampling: int, optimize: bool, progressive: bool
) -> None:
    photo = save(
        make_photo(mode), subsampling=subsampling, optimize=optimize, progressive=progressive
    )
    check(photo, pixelate_regions(photo, [REGION]))


@pytest.mark.parametrize("interval", [1, 2, 5, 6, 7, 1000])
def test_restart_intervals_stay(interval: int) -> None:
    photo = save(make_photo(), restart_marker_blocks=interval)
    made = pixelate_regions(photo, [REGION, Region(80, 60, 5, 5)])
    check(photo, made)
    assert parse_jpeg(made.data).scans[0].restart_interval == interval


@pytest.mark.parametrize("seed", range(40))
def test_any_regions_of_any_photo(seed: int) -> None:
    chance = random.Random(seed)
    size = chance.randint(1, 80), chance.randint(1, 80)
    photo = save(
        make_photo(chance.choice(["L", "RGB"]), size, seed),
        quality=chance.choice([5, 50, 95, 100]),
        subsampling=chance.randrange(3),
        optimize=chance.random() < 0.5,
        restart_marker_blocks=chance.choice([0, 3]),
    )
    regions = [
        Region(
            chance.randrange(size[0]), chance.randrange(size[1]), *chance.choices(range(1, 40), k=2)
        )
        for _ in range(chance.randint(1, 3))
    ]
    how = Hiding(chance.randint(1, 7), chance.choice([None, (9, 200, 30)]), chance.random() < 0.3)
    made = pixelate_regions(photo, regions, how)
    changed = find_changes(photo, made.data)
    assert made.warnings == ()
    assert all(is_inside(place, made.boxes) for place in changed)
    assert Image.open(io.BytesIO(made.data)).convert("RGB").size == size


@pytest.mark.parametrize(("subsampling", "ring"), [(0, 0), (1, 1), (2, 1)])
def test_no_pixel_outside_changes(subsampling: int, ring: int) -> None:
    photo = save(make_photo(), subsampling=subsampling)
    made = pixelate_regions(photo, [REGION])
    ((left, top, right, lower),) = made.boxes
    images = [Image.open(io.BytesIO(data)).convert("RGB") for data in (photo, made.data)]
    for image in images:
        image.paste(0, (left - ring, top - ring, right + ring, lower + ring))
    assert images[0].tobytes() == images[1].tobytes()


def test_regions_have_their_cells() -> None:
    photo = save(make_photo(), quality=100, subsampling=0)
    made = pixelate_regions(photo, [Region(16, 16, 48, 48)], Hiding(3))
    before, after = (Image.open(io.BytesIO(data)).convert("RGB") for data in (photo, made.data))
    for left in (16, 32, 48):
        for top in (16, 32, 48):
            cell = left, top, left + 16, top + 16
            mean = Image.new("RGB", (16, 16), before.crop(cell).reduce(16).getpixel((0, 0)))
            assert max(ImageChops.difference(mean, after.crop(cell)).tobytes()) <= 3


@pytest.mark.parametrize("turn", range(1, 9))
def test_orientation_is_all_that_stays_of_exif(turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = turn, "secret"
    photo = save(make_photo(), exif=exif, subsampling=0)
    made = pixelate_regions(photo, [REGION], Hiding(color=(0, 0, 0)))
    shown = Image.open(io.BytesIO(made.data))
    assert dict(shown.getexif()) == ({0x0112: turn} if turn > 1 else {})
    before, after = (
        ImageOps.exif_transpose(Image.open(io.BytesIO(data))) for data in (photo, made.data)
    )
    ((left, top, right, lower),) = made.boxes
    assert (left <= 20, top <= 20, right >= 50, lower >= 40) == (True,) * 4
    assert max(after.crop(made.boxes[0]).tobytes()) < 4
    for image in (before, after):
        image.paste(0, made.boxes[0])
    assert before.tobytes() == after.tobytes()


def test_nothing_private_stays() -> None:
    image = make_photo()
    exif = Image.Exif()
    exif[0x010E] = "secret"
    photo = save(image, exif=exif, comment=b"secret", xmp=b"<x>secret</x>")
    made = pixelate_regions(photo + b"secret", [REGION])
    assert b"secret" not in made.data
    assert made.warnings == ()


def test_color_profiles_stay() -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made = pixelate_regions(save(make_photo(), icc_profile=profile), [REGION])
    assert Image.open(io.BytesIO(made.data)).info["icc_profile"] == profile


def test_other_jpeg_files_are_encoded_again() -> None:
    made = pixelate_regions(save(make_photo("CMYK")), [REGION])
    assert made.warnings == ("encoded again, as it is neither gray nor YCbCr",)


def test_all_but_regions_is_encoded_again() -> None:
    made = pixelate_regions(save(make_photo()), [REGION], Hiding(invert=True))
    assert made.warnings == ("encoded again, as most of it is hidden",)


def test_tables_are_extended_by_longer_codes() -> None:
    table = Table((1, 2), b"\x01\x02")
    longer = extend(table, b"\x02\x03\x04")
    assert longer is not None
    assert longer.codes == {1: (0, 1), 2: (2, 2), 3: (0xC000, 16), 4: (0xC001, 16)}


def test_a_table_without_room_is_not_extended() -> None:
    full = Table((1, *range(2, 17)), bytes(range(16)))
    assert extend(full, [7]) == full
    assert extend(full, [99]) is None


@pytest.mark.parametrize("content", [b"\0", bytes(16), b"\0" + b"\3" + bytes(15) + b"abc"])
def test_damaged_tables_are_refused(content: bytes) -> None:
    with pytest.raises(DamagedData):
        parse_tables(content)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8", b"\xff\xd8\xff\xd9", save(make_photo())[:300], b"\xff\xd8" + b"x" * 99],
)
def test_damaged_files_are_not_kept(data: bytes) -> None:
    with pytest.raises(Unsuited):
        parse_jpeg(data)
