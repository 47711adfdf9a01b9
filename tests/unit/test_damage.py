"""Damaged photos, several hundred over all formats: each ends in mosaics or in a typed error."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO
from typing import Any

import pytest

from pixelater import PictureError, pixelate
from tests.pictures import encode, make_noise, make_scene

FORMATS = ["AVIF", "BMP", "DDS", "GIF", "ICO", "JPEG", "JPEG2000", "MPO", "PCX", "PNG"]
FORMATS += ["PPM", "QOI", "SGI", "TGA", "TIFF", "WEBP"]
ANIMATED = ["GIF", "PNG", "WEBP"]
PROGRESSIVE: dict[str, dict[str, Any]] = {
    "JPEG": {"progressive": True},
    "TIFF": {"compression": "tiff_lzw"},
}


def make_photos(format: str) -> list[bytes]:
    """Make sound photos of a format: a plain one, and its odder kinds where it has some."""
    scene = make_scene((64, 48))
    photos = [encode(scene, format)]
    if format in PROGRESSIVE:
        photos.append(encode(scene, format, **PROGRESSIVE[format]))
    if format in ANIMATED:
        buffer = BytesIO()
        others = [make_noise("RGB", (64, 48), seed) for seed in range(3)]
        scene.save(buffer, format, save_all=True, append_images=others, duration=50)
        photos.append(buffer.getvalue())
    return photos


def make_variants(photo: bytes) -> list[bytes]:
    """Cut a photo at every twentieth, flip bytes, lie in the header, fill in zeros, repeat it."""
    chance = random.Random(len(photo))
    cut = [photo[: len(photo) * part // 20] for part in range(1, 20)]
    flipped = []
    for count in (1, 3, 10, 30):
        for _ in range(4):
            damaged = bytearray(photo)
            for _ in range(count):
                damaged[chance.randrange(len(photo))] ^= 1 << chance.randrange(8)
            flipped.append(bytes(damaged))
    lying = []
    for _ in range(8):
        damaged = bytearray(photo)
        damaged[chance.randrange(4, 40)] = 255
        lying.append(bytes(damaged))
    middle = len(photo) // 2
    others = [photo[:middle] + bytes(middle), photo[:middle] + photo, photo[:16] + photo]
    return [*cut, *flipped, *lying, *others]


def ends_well(data: bytes) -> bool:
    """Whether a photo becomes mosaics or is refused; anything else lets its exception out."""
    try:
        pixelate(data, (8,), max_pixels=1_000_000)
    except PictureError:
        return False
    return True


@pytest.mark.parametrize("format", FORMATS)
def test_damaged_photo_gives_mosaics_or_picture_error(format: str) -> None:
    for photo in make_photos(format):
        assert ends_well(photo)
        refused = [variant for variant in make_variants(photo) if not ends_well(variant)]
        assert refused


def test_damaged_photos_are_more_than_300() -> None:
    photos = [photo for name in FORMATS for photo in make_photos(name)]
    assert sum(len(make_variants(photo)) for photo in photos) > 300


@pytest.mark.parametrize("name", [b"zTXt", b"iTXt", b"iCCP"])
def test_zip_bomb_in_png_is_not_unpacked(name: bytes) -> None:
    bomb = zlib.compress(bytes(200_000_000), 9)
    head = {b"zTXt": b"Comment\0\0", b"iTXt": b"Comment\0\1\0\0\0", b"iCCP": b"profile\0\0"}[name]
    data = head + bomb
    chunk = struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    photo = encode(make_scene())
    ends_well(photo[:33] + chunk + photo[33:])


@pytest.mark.parametrize("format", ["PNG", "BMP", "TGA", "QOI", "PPM", "GIF"])
def test_header_with_billions_of_pixels_is_refused(format: str) -> None:
    places = {"PNG": (16, ">II"), "BMP": (18, "<ii"), "TGA": (12, "<HH"), "QOI": (4, ">II")}
    photo = bytearray(encode(make_scene((64, 48)), format))
    if format == "PPM":
        photo[:] = photo.replace(b"64 48", b"99999 99999")
    else:
        place, sides = places.get(format, (6, "<HH"))
        size = (65_000, 65_000) if sides == "<HH" else (99_999, 99_999)
        struct.pack_into(sides, photo, place, *size)
    assert not ends_well(bytes(photo))
