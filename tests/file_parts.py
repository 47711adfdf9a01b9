"""What a mosaic's file consists of, and may consist of."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from io import BytesIO

from PIL import Image

ALLOWED: dict[str, set[str | int]] = {
    "JPEG": {"SOI", "APP0 JFIF", "APP2 ICC_PROFILE", "DQT", "SOF", "DHT", "DRI", "SOS", "EOI"},
    "PNG": {"IHDR", "iCCP", "PLTE", "tRNS", "acTL", "fcTL", "IDAT", "fdAT", "IEND"},
    "WEBP": {"VP8X", "ICCP", "ANIM", "ANMF", "VP8L"},
    "GIF": {"NETSCAPE2.0", "control", "picture"},
    "TIFF": {256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 317, 34675},
    "AVIF": {"av01", "Exif: none"},
}
"""What mosaics may consist of. TIFF: the tags of a plain picture, and the profile."""


def list_parts(format: str, data: bytes) -> Iterator[str | int]:
    """List what a file consists of, by its format's specification; nothing may follow the end."""
    if format == "JPEG":
        yield from _list_segments(data)
    elif format == "PNG":
        yield from _list_chunks(data[8:], ">", 8, 4, 1)
    elif format == "WEBP":
        assert len(data) == 8 + int.from_bytes(data[4:8], "little")
        yield from _list_chunks(data[12:], "<", 8, 0, 2)
    elif format == "GIF":
        yield from _list_blocks(data)
    elif format == "TIFF":
        tags = Image.open(BytesIO(data)).getexif()
        yield from (int(tag) for tag in tags)
    else:
        yield "av01" if b"av01" in data else "unknown"
        yield "Exif: found" if re.search(rb"Exif|mime|XMP", data) else "Exif: none"


def _list_segments(data: bytes) -> Iterator[str]:
    """ITU-T T.81, section B.1.1.3; the names are those of its table B.1."""
    names = {0xC0: "SOF", 0xC4: "DHT", 0xDB: "DQT", 0xDD: "DRI", 0xDA: "SOS", 0xFE: "COM"}
    yield "SOI"
    at = 2
    while data[at + 1] != 0xDA:
        assert data[at] == 0xFF
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        name = names.get(marker, f"marker {marker:x}")
        if 0xE0 <= marker <= 0xEF:
            signature = data[at + 4 : at + 2 + length].partition(b"\0")[0].decode("latin-1")
            name = f"APP{marker - 0xE0} {signature}"
            assert signature != "JFIF" or length == 16  # without its thumbnail
        yield name
        at += 2 + length
    yield "SOS"
    (end,) = re.finditer(rb"\xff[\x01-\xcf\xd8-\xff]", data[at + 2 :])
    assert data[at + 2 + end.start() :] == b"\xff\xd9"
    yield "EOI"


def _list_chunks(data: bytes, order: str, head: int, tail: int, even: int) -> Iterator[str]:
    """List the chunks of a PNG (length, name) or of a RIFF file (name, length)."""
    while data:
        length, name = struct.unpack(f"{order}I4s", data[:8])
        if order == "<":
            name, length = struct.unpack("<4sI", data[:8])
        assert head + length + tail <= len(data)
        yield name.decode().strip()
        data = data[head + length + -length % even + tail :]


def _list_blocks(data: bytes) -> Iterator[str]:
    """GIF89a specification, sections 18 to 27."""
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 128 else 0)
    while data[at] != 0x3B:
        if data[at] == 0x21:
            names = {0xF9: "control", 0xFF: data[at + 3 : at + 14].decode("latin-1")}
            yield names.get(data[at + 1], f"extension {data[at + 1]:x}")
            at += 2
        else:
            yield "picture"
            at += 11 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 128 else 0)
        while data[at]:
            at += 1 + data[at]
        at += 1
    assert at == len(data) - 1
