"""Files whose parts cost more than their size tells: refused before they are decoded."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from pixelater import TooLarge, pixelate
from pixelater.decode.jpeg2000_parts import measure
from tests.pictures import encode, make_scene

MB = 1 << 20
FLAT = Image.new("RGB", (64, 64))
JP2 = encode(FLAT, "JPEG2000")
CODESTREAM = JP2[JP2.index(b"\xff\x4f\xff\x51") :]


def make_segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def make_sizes(side: int, tile: int, components: int = 3) -> bytes:
    fields = struct.pack(">H8IH", 0, side, side, 0, 0, tile, tile, 0, 0, components)
    return make_segment(0x51, fields + b"\7\1\1" * components)


def make_coding(precinct: int, layers: int = 1, block: int = 4) -> bytes:
    """Make a COD of six resolutions with precincts of 2 ** precinct pixels, as in a byte."""
    style = bytes([1, 0]) + struct.pack(">H", layers) + bytes([1, 5, block, block, 0, 1])
    return make_segment(0x52, style + bytes([precinct * 0x11] * 6))


def make_codestream(side: int, tile: int, coding: bytes = b"", tile_coding: bytes = b"") -> bytes:
    """Make a codestream whose coding is another in the header, or in that of its first tile."""
    at = 2 + 2 + int.from_bytes(CODESTREAM[4:6])
    start = CODESTREAM.index(b"\xff\x90")
    header = CODESTREAM[at:start]
    data = tile_coding + b"\xff\x93" + bytes(1000)
    part = make_segment(0x90, struct.pack(">HIBB", 0, 12 + len(data), 0, 1))
    sizes = make_sizes(side, tile)
    return b"\xff\x4f" + sizes + header + coding + part + data + b"\xff\xd9"


@pytest.mark.parametrize(
    ("stream", "megabytes"),
    [
        (JP2, 0),
        (make_codestream(8000, 8000), 17),
        (make_codestream(2000, 64), 10),
        (make_codestream(2040, 8), 685),
        (make_codestream(2000, 2000, make_coding(1)), 6893),
        (make_codestream(2000, 2000, tile_coding=make_coding(2)), 1727),
        (make_codestream(2000, 2000, make_coding(15, block=0)), 274),
        (make_codestream(2000, 2000, make_coding(8, layers=65_535)), 145),
    ],
    ids=["photo", "64 MP", "tiles", "8x8 tiles", "2x2", "4x4 in a tile", "blocks", "layers"],
)
def test_parts_of_jpeg2000_are_measured(stream: bytes, megabytes: int) -> None:
    assert measure(BytesIO(stream)).bytes // MB == megabytes


def test_jpeg2000_of_too_many_segments_is_refused() -> None:
    segments = make_segment(0x64, b"") * 300_001
    with pytest.raises(TooLarge, match="more than 300,000 segments"):
        measure(BytesIO(b"\xff\x4f" + segments))


def make_png(side: int) -> bytes:
    png = encode(Image.new("RGBA", (16, 16)), "PNG")
    header = struct.pack(">II", side, side) + png[24:29]
    return png[:16] + header + struct.pack(">I", zlib.crc32(b"IHDR" + header)) + png[33:]


def make_ico(side: int) -> bytes:
    png = make_png(side)
    return b"\0\0\1\0\1\0" + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(png), 22) + png


def make_icns(data: bytes) -> bytes:
    size = len(data)
    return b"icns" + struct.pack(">I", 16 + size) + b"ic07" + struct.pack(">I", 8 + size) + data


def make_blp(side: int) -> bytes:
    """Make a texture of 16 x 16 that is a progressive JPEG of side x side."""
    photo = encode(Image.new("RGB", (16, 16)), "JPEG", progressive=True)
    frame = photo.index(b"\xff\xc2")
    header = photo[: frame + 5] + struct.pack(">HH", side, side) + photo[frame + 9 :]
    places = struct.pack("<32I", 28 + 128 + 4 + 20, *[0] * 15, len(header) - 20, *[0] * 15)
    size = struct.pack("<iIIIii", 0, 0, 16, 16, 5, 0)
    return b"BLP1" + size + places + struct.pack("<I", 20) + header


def make_raw_blp(bytes_: int) -> bytes:
    """Make a texture of 16 x 16 with more pixels than that."""
    places = struct.pack("<32I", 28 + 128 + 1024, *[0] * 15, bytes_, *[0] * 15)
    head = b"BLP1" + struct.pack("<iIIIii", 1, 8, 16, 16, 5, 0)
    return head + places + bytes(1024) + bytes(bytes_)


def make_tiled_tiff(side: int) -> bytes:
    """Make a TIFF of 16 x 16 with one tile of side x side."""
    data = zlib.compress(bytes(1000))
    tags = [
        *((256, 3, 16), (257, 3, 16), (258, 3, 8), (259, 3, 8), (262, 3, 1), (277, 3, 1)),
        *((322, 4, side), (323, 4, side), (324, 4, 8), (325, 4, len(data))),
    ]
    entries = b"".join(
        struct.pack("<HHI", tag, form, 1) + value.to_bytes(4, "little") for tag, form, value in tags
    )
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory


def make_gif(blocks: bytes) -> bytes:
    gif = encode(Image.new("L", (8, 8)), "GIF")
    start = gif.index(b",")
    return gif[:start] + blocks + gif[start:]


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        (make_codestream(1000, 1000, make_coding(1)), "of memory"),
        (make_icns(encode(Image.new("RGB", (1000, 1000)), "JPEG2000")), "16,384"),
        (make_icns(make_png(129)), "16,384"),
        (make_blp(7900), "of memory"),
        (make_raw_blp(62_000_000), "of CPU time"),
        (make_tiled_tiff(30_000), "of memory"),
        (make_gif(b"!\xfe" + b"\1a" * 1_100_000 + b"\0"), "more than 1,000,000 blocks"),
        (make_gif(b"!\xfe\0" * 1_100_000), "more than 1,000,000 blocks"),
        (make_gif(b"\0" * 1_100_000), "more than 1,000,000 blocks"),
    ],
    ids=[
        "JPEG 2000",
        "ICNS with JPEG 2000",
        "ICNS with PNG",
        "BLP",
        "BLP of more bytes",
        "tile of TIFF",
        "GIF sub-blocks",
        "GIF extensions",
        "GIF gaps",
    ],
)
def test_costly_parts_are_refused_from_the_header(photo: bytes, reason: str) -> None:
    with pytest.raises(TooLarge, match=reason):
        pixelate(photo)


def test_icon_is_refused_before_it_is_opened_which_decodes_it() -> None:
    with pytest.raises(TooLarge, match="of memory"):
        pixelate(make_ico(7900), max_memory=200)


@pytest.mark.parametrize(
    "photo",
    [
        make_icns(encode(make_scene().resize((128, 128)), "JPEG2000")),
        make_icns(encode(make_scene().resize((128, 128)).convert("RGBA"), "PNG")),
        encode(make_scene().resize((64, 64)), "ICO"),
        make_gif(b"!\xfe" + b"\1a" * 1000 + b"\0"),
        encode(make_scene(), "JPEG2000", tile_size=(32, 32)),
        encode(make_scene(), "TIFF", compression="tiff_adobe_deflate"),
    ],
    ids=["ICNS with JPEG 2000", "ICNS with PNG", "ICO", "GIF", "JPEG 2000 tiles", "TIFF"],
)
def test_ordinary_parts_are_accepted(photo: bytes) -> None:
    assert len(pixelate(photo)) == 5
