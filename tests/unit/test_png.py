"""PNG files that Pillow decodes wrongly or refuses: deep, transparent, with odd chunks."""

from __future__ import annotations

import random
import struct
import zlib

import pytest
from PIL import ImageCms

from pixelater import Damaged, Style, Truncated, pixelate
from tests.pictures import decode, encode, make_scene, pixels
from tests.pngs import (
    GRAY,
    GRAY_ALPHA,
    PALETTE,
    RGB,
    RGB_ALPHA,
    SIGNATURE,
    Chunk,
    chunk,
    make_png,
)

ROW = [0x80, 0x40, 0x20] * 4
PLAIN = make_png([ROW] * 4, 8, RGB)
LARGE_TEXT = b"x" * 1_500_000


def look(photo: bytes) -> tuple[object, object]:
    """Return the upper left and the lower right pixel of a mosaic."""
    mosaic = pixels(pixelate(photo, [2])[0]).convert("RGBA")
    return mosaic.getpixel((0, 0)), mosaic.getpixel((mosaic.width - 1, mosaic.height - 1))


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("hides_white", [False, True])
def test_transparent_gray_of_any_depth_is_transparent(depth: int, hides_white: bool) -> None:
    white = 2**depth - 1
    rows = [[white] * 8] * 4 + [[0] * 8] * 4
    key = struct.pack(">H", white if hides_white else 0)
    photo = make_png(rows, depth, GRAY, (b"tRNS", key))
    clear, shown = (0, 0, 0, 0), (0, 0, 0, 255) if hides_white else (255, 255, 255, 255)
    assert look(photo) == ((clear, shown) if hides_white else (shown, clear))


@pytest.mark.parametrize("other", [0x1235, 0x1334, 0x0034])
def test_transparent_deep_gray_is_compared_in_full(other: int) -> None:
    photo = make_png([[0x1234] * 8] * 4 + [[other] * 8] * 4, 16, GRAY, (b"tRNS", b"\x12\x34"))
    level = round(other / 257)
    assert look(photo) == ((0, 0, 0, 0), (level, level, level, 255))


@pytest.mark.parametrize("other", [(65535, 32768, 1), (65535, 32769, 0), (65279, 32768, 0)])
def test_transparent_deep_color_is_compared_in_full(other: tuple[int, ...]) -> None:
    key = (65535, 32768, 0)
    photo = make_png(
        [[*key] * 4] * 2 + [[*other] * 4] * 2, 16, RGB, (b"tRNS", struct.pack(">3H", *key))
    )
    assert look(photo) == ((0, 0, 0, 0), (*(round(value / 257) for value in other), 255))


def test_transparent_color_has_the_bits_of_the_image() -> None:
    """What is above them is ignored, as in libpng."""
    key = struct.pack(">3H", 0x180, 0x240, 0x320)
    photo = make_png([ROW] * 2 + [[1, 2, 3] * 4] * 2, 8, RGB, (b"tRNS", key))
    assert look(photo) == ((0, 0, 0, 0), (1, 2, 3, 255))


def test_transparent_entries_of_palette_are_transparent() -> None:
    palette = (b"PLTE", bytes((9, 9, 9, 200, 100, 50)))
    photo = make_png([[0] * 8] * 4 + [[1] * 8] * 4, 2, PALETTE, palette, (b"tRNS", b"\0\x80"))
    assert look(photo) == ((0, 0, 0, 0), (200, 100, 50, 128))


@pytest.mark.parametrize(
    ("color_type", "channels"), [(GRAY, 1), (RGB, 3), (GRAY_ALPHA, 2), (RGB_ALPHA, 4)]
)
def test_deep_values_are_averaged_at_full_depth(color_type: int, channels: int) -> None:
    """Half of the pixels have a low byte that alone lifts the mean above one half."""
    rows = [[0x1F00] * channels * 4, [0x20FF] * channels * 4]
    if color_type in (GRAY_ALPHA, RGB_ALPHA):
        rows = [[0xFFFF if (at + 1) % channels == 0 else v for at, v in enumerate(r)] for r in rows]
    mosaic = pixels(pixelate(make_png(rows, 16, color_type), [1])[0])
    assert mosaic.convert("L").getpixel((0, 0)) == round((0x1F00 + 0x20FF) / 2 / 257) == 32


def test_deep_colors_are_weighted_by_deep_alpha() -> None:
    rows = [[60000, 0, 0, 0x0180], [0, 0, 60000, 0xFF00]]
    mosaic = pixels(pixelate(make_png(rows, 16, RGB_ALPHA), [1])[0]).convert("RGBA")
    total = 0x0180 + 0xFF00
    red, blue = (round(60000 / 257 * alpha / total) for alpha in (0x0180, 0xFF00))
    assert mosaic.getpixel((0, 0)) == (red, 0, blue, round(total / 2 / 257))


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    "extra",
    [
        (b"zTXt", b"Comment\0\0" + zlib.compress(LARGE_TEXT)),
        (b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(LARGE_TEXT)),
        (b"zTXt", b"Comment\0\7" + zlib.compress(b"x")),
        (b"tEXt", b"transparency\0none"),
        (b"tEXt", b"duration\0long"),
        (b"tEXt", b"exif\0Exif"),
        (b"gAMA", b"\0"),
        (b"cHRM", b"\0"),
        (b"sRGB", b""),
        (b"pHYs", b"\0"),
        (b"acTL", b"\0"),
        (b"eXIf", b"not EXIF"),
        (b"prVt", bytes(9)),
    ],
)
def test_metadata_are_no_reason_to_refuse(extra: Chunk, after: bool) -> None:
    photo = make_png([ROW] * 4, 8, RGB, *(() if after else (extra,)), after=(extra,) * after)
    assert pixelate(photo, [2])[0].data == pixelate(PLAIN, [2])[0].data


@pytest.mark.parametrize("name", [b"tEXt", b"iCCP", b"pHYs", b"tRNS", b"eXIf", b"prVt"])
def test_wrong_checksum_of_ancillary_chunk_is_ignored(name: bytes) -> None:
    place = PLAIN.index(b"IDAT") - 4
    photo = PLAIN[:place] + chunk(name, bytes(20), crc=1) + PLAIN[place:]
    assert pixelate(photo, [2])[0].data == pixelate(PLAIN, [2])[0].data


@pytest.mark.parametrize("name", [b"IHDR", b"PLTE"])
def test_wrong_checksum_of_critical_chunk_is_damage(name: bytes) -> None:
    palette = (b"PLTE", bytes(range(12)))
    photo = make_png([[0, 1, 2, 3]] * 4, 2, PALETTE, palette)
    place = photo.index(name) + 4 + (13 if name == b"IHDR" else 12)
    with pytest.raises(Damaged, match="bad header checksum"):
        pixelate(photo[:place] + b"\0\0\0\0" + photo[place + 4 :], [2])


@pytest.mark.parametrize(
    "tail",
    [
        b"",
        b"\0\0",
        b"\0\0\0\0IEND",
        b"\0\0\0\x76IDAT",
        b"\0\0\0\x76IDATab",
        b"\xff\xff\xff\xffIDATab",
        b"\0\0\0\x20PLTEabc",
        b"\0\0\0\5tEXtab",
        b"\0\0\0\x20eXIfabc",
        bytes(30),
    ],
)
def test_image_that_ends_without_iend_is_whole(tail: bytes) -> None:
    photo = PLAIN[:-12] + tail
    assert pixelate(photo, [2])[0].data == pixelate(PLAIN, [2])[0].data


def test_wrong_checksum_of_image_data_is_ignored() -> None:
    photo = PLAIN[:-16] + bytes(4) + PLAIN[-12:]
    assert pixelate(photo, [2])[0].data == pixelate(PLAIN, [2])[0].data


def test_wrong_checksum_of_pixels_is_damage() -> None:
    """It is that of zlib, behind the compressed pixels."""
    data = zlib.compress(b"".join(b"\0" + bytes(ROW) for _ in range(4)))
    start = PLAIN.index(b"IDAT") - 4
    with pytest.raises(Damaged, match="broken data stream"):
        pixelate(PLAIN[:start] + chunk(b"IDAT", data[:-1] + b"a"), [2])


@pytest.mark.parametrize("cut", [1, 20, 400])
def test_image_without_its_last_pixels_is_truncated(cut: int) -> None:
    values = random.Random(0)
    photo = make_png([[values.randrange(256) for _ in range(60)] for _ in range(20)], 8, RGB)
    with pytest.raises(Truncated, match=r"\(image file is truncated\)"):
        pixelate(photo[: -16 - 4 - cut], [2])


def test_color_profile_of_more_than_a_megabyte_is_kept() -> None:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    plain = encode(make_scene(), icc_profile=bytes(profile))
    padded = bytes(profile) + bytes(1_200_000)
    place = plain.index(b"iCCP") - 4
    end = place + 12 + int.from_bytes(plain[place : place + 4])
    large = chunk(b"iCCP", b"a\0\0" + zlib.compress(padded))
    mosaic = pixels(pixelate(plain[:place] + large + plain[end:], [8], Style("png"))[0])
    assert mosaic.info["icc_profile"] == decode(plain).info["icc_profile"]


def test_deep_image_cut_off_is_truncated() -> None:
    values = random.Random(0)
    photo = make_png([[values.randrange(65536) for _ in range(60)] for _ in range(20)], 16, RGB)
    data = photo[photo.index(b"IDAT") + 4 : -16]
    cut = chunk(b"IDAT", data[: len(data) // 2])
    header = SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", 20, 20, 16, RGB, 0, 0, 0))
    with pytest.raises(Truncated):
        pixelate(header + cut + chunk(b"IEND", b""), [2])
