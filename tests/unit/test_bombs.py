"""Small files that would decode to much, or for long: refused by their headers."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from pixelater import TooLarge, pixelate
from pixelater.decode.gif_frames import read_animation
from pixelater.decode.jpeg_scans import count_scans
from pixelater.decode.limits import MAX_FRAMES
from pixelater.decode.png_chunks import write_chunk
from tests.pictures import encode, make_scene

START_OF_SCAN = b"\xff\xda"


def make_png_header(width: int, height: int) -> bytes:
    """Make a PNG that says how large it is, and goes no further than a few bytes."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))]
    chunks += [(b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def make_ico() -> bytes:
    """Make an icon of 16 x 16, says its directory, that is a PNG of 256 megapixels."""
    png = make_png_header(16_000, 16_000)
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(png), 22)
    return b"\0\0\1\0\1\0" + entry + png


def make_icns() -> bytes:
    png = make_png_header(16_000, 16_000)
    return (
        b"icns" + struct.pack(">I", 16 + len(png)) + b"ic07" + struct.pack(">I", 8 + len(png)) + png
    )


def make_gif() -> bytes:
    """Make an animation of 10 x 10 the second frame of which says 60,000 x 60,000."""
    screen = struct.pack("<HHBBB", 10, 10, 0x80, 0, 0) + bytes([255, 0, 0, 0, 255, 0])
    frames = b"".join(
        b"\x21\xf9\x04\0\x0a\0\0\0\x2c"
        + struct.pack("<HHHHB", 0, 0, side, side, 0)
        + bytes([2, 2, 0x44, 0x01, 0])
        for side in (1, 60_000)
    )
    return b"GIF89a" + screen + frames + b";"


def make_reaching_gif(side: int) -> bytes:
    """Make a GIF of 10 x 10 the only frame of which reaches further, and is to be cleared."""
    screen = struct.pack("<HHBBB", 10, 10, 0x80, 0, 0) + bytes([255, 0, 0, 0, 255, 0])
    frame = struct.pack("<HHHHB", 0, 0, side, side, 0) + bytes([2, 2, 0x44, 0x01, 0])
    return b"GIF89a" + screen + b"\x21\xf9\x04\x08\x0a\0\0\0\x2c" + frame + b";"


def make_webp(side: int) -> bytes:
    """Make the headers of an extended WebP with a canvas of side x side pixels, and an image."""
    image = encode(Image.new("RGB", (8, 8)), "WEBP")[12:]
    canvas = b"VP8X" + struct.pack("<II", 10, 0) + (side - 1).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", 4 + len(canvas) + len(image)) + b"WEBP" + canvas + image


def make_blp() -> bytes:
    """Make a texture of 16 x 16 that is a JPEG of 9000 x 9000, its header apart from its data."""
    photo = encode(Image.new("RGB", (16, 16)), "JPEG")
    frame = photo.index(b"\xff\xc0")
    header = photo[: frame + 5] + struct.pack(">HH", 9000, 9000) + photo[frame + 9 :]
    start = 28 + 128 + 4 + 20
    places = struct.pack("<32I", start, *[0] * 15, len(header) - 20, *[0] * 15)
    return (
        b"BLP1"
        + struct.pack("<iIIIii", 0, 0, 16, 16, 5, 0)
        + places
        + struct.pack("<I", 20)
        + header
    )


def make_progressive(side: int, scans: int) -> bytes:
    """Make a progressive JPEG whose last scan comes again and again."""
    photo = encode(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    last = photo[photo.rindex(START_OF_SCAN) : -2]
    return photo[:-2] + last * scans + photo[-2:]


def make_separate(side: int) -> bytes:
    """Make a JPEG that is not progressive, yet has a scan for each component."""
    photo = encode(Image.new("RGB", (16, 16)), "JPEG", subsampling="4:4:4")
    start, frame = photo.index(START_OF_SCAN), photo.index(b"\xff\xc0")
    header = photo[: frame + 5] + struct.pack(">HH", side, side) + photo[frame + 9 : start]
    scans = (
        START_OF_SCAN + struct.pack(">HBBBBBB", 8, 1, number, 0, 0, 63, 0) + bytes(1000)
        for number in (1, 2, 3)
    )
    return header + b"".join(scans) + b"\xff\xd9"


@pytest.mark.parametrize(
    "photo",
    [
        make_png_header(2**31 - 1, 2**31 - 1),
        make_png_header(1, 60_000_000),
        make_png_header(60_000_000, 1),
        make_ico(),
        make_icns(),
        make_gif(),
        make_reaching_gif(60_000),
        make_webp(16_384),
        make_blp(),
        make_progressive(2000, 3000),
        make_separate(14_000),
    ],
    ids=[
        "PNG",
        "tall",
        "wide",
        "ICO",
        "ICNS",
        "GIF",
        "GIF cleared",
        "WebP",
        "BLP",
        "progressive",
        "a scan per component",
    ],
)
def test_bomb_is_refused_at_any_limit_of_pillow(
    photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with pytest.raises(TooLarge):
        pixelate(photo)


def test_limit_of_pillow_itself_is_named() -> None:
    with pytest.raises(TooLarge, match="256,000,000 pixels, and Pillow reads up to 178,956,970"):
        pixelate(make_ico(), max_pixels=1 << 30, max_memory=99_999, max_seconds=9999)


@pytest.mark.parametrize(
    ("photo", "scans"),
    [
        (encode(make_scene(), "JPEG"), 1),
        (encode(make_scene().convert("L"), "JPEG"), 1),
        (make_separate(16), 3),
        (make_progressive(16, 0), 6),
        (make_progressive(16, 5), 11),
        (encode(make_scene(), "JPEG")[:30], 1),
        (b"", 1),
    ],
)
def test_jpeg_scans_are_counted(photo: bytes, scans: int) -> None:
    file = BytesIO(photo)
    assert (count_scans(file), file.tell()) == (scans, 0)


def make_png_of_chunks(count: int) -> bytes:
    png = encode(Image.new("L", (8, 8)), "PNG")
    return png[:33] + write_chunk(b"teSt", b"") * count + png[33:]


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        (make_png_of_chunks(200_001), "more than 200,000 chunks"),
        (b"\xff\xd8" + b"\xff\xe5\0\2" * 100_001, "more than 100,000 segments"),
        (b"\xff\xd8" + b"\xff" * 100_001, "more than 100,000 segments"),
        (b"\xff\xd8\xff\xe5\0\2" + b"\1" * 100_001, "more than 100,000 segments"),
        (b"P3\n10 10\n255\n" + b"#\n" * 4_000_000 + b"1 2 3 " * 100, "of CPU time"),
    ],
    ids=["PNG chunks", "JPEG segments", "JPEG fill bytes", "JPEG gaps", "PPM comments"],
)
def test_many_parts_are_refused_before_they_are_read(photo: bytes, reason: str) -> None:
    with pytest.raises(TooLarge, match=reason):
        pixelate(photo)


def test_frames_beyond_the_limit_are_not_listed() -> None:
    gif = encode(Image.new("P", (1, 1)), "GIF")
    frame = gif[gif.index(b",") : -1]
    head = gif[: gif.index(b",")]
    animation = read_animation(BytesIO(head + frame * 5000 + b";"))
    assert len(animation.frames) == MAX_FRAMES + 1


def test_some_segments_fill_bytes_and_chunks_are_read() -> None:
    jpeg = encode(Image.new("L", (8, 8), 90), "JPEG")
    padded = jpeg[:2] + b"\xff\xe5\0\2" * 1000 + b"\xff" * 1000 + jpeg[2:]
    assert pixelate(padded, [1])[0].data == pixelate(jpeg, [1])[0].data
    assert pixelate(make_png_of_chunks(1000), [1])[0].format == "PNG"
