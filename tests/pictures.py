"""Owns the pictures that tests make: no test reads a picture from disk."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO
from typing import Any, cast

from PIL import Image, ImageCms

from pixelater import Mosaic
from pixelater.encode.ktx2 import IDENTIFIER, read_ktx2


def make_noise(mode: str, size: tuple[int, int], seed: int = 0) -> Image.Image:
    """Make a picture of random pixels."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    data = random.Random(seed).randbytes(size[0] * size[1] * bands)
    return Image.frombytes(mode, size, data)


def make_scene(size: tuple[int, int] = (120, 90)) -> Image.Image:
    """Make an RGB picture no turn or mirror image of which equals it."""
    across = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90).resize(size)
    down = Image.linear_gradient("L").resize(size)
    scene = Image.merge("RGB", (across, down, Image.new("L", size, 90)))
    scene.paste((250, 20, 20), (0, 0, size[0] // 3, size[1] // 4))
    return scene


def encode(image: Image.Image, format: str = "PNG", **settings: Any) -> bytes:
    """Encode a picture with Pillow."""
    buffer = BytesIO()
    image.save(buffer, format, **settings)
    return buffer.getvalue()


def decode(data: bytes) -> Image.Image:
    """Decode a picture with Pillow, or the first level of a texture."""
    if data.startswith(IDENTIFIER):
        return read_ktx2(data)[0]
    image = Image.open(BytesIO(data))
    image.load()
    return image


def pixels(mosaic: Mosaic) -> Image.Image:
    """Decode a mosaic."""
    return decode(mosaic.data)


ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2))
"""PNG, section 8.2: each pass's first column and row, and its steps; the last has the odd rows."""


def encode_interlaced(image: Image.Image) -> bytes:
    """Encode an RGB picture as an interlaced PNG, which Pillow reads but does not write."""
    rows = b""
    for left, top, across, down in (*ADAM7, (0, 1, 1, 2)):
        for y in range(top, image.height, down):
            line = b"".join(
                bytes(cast("tuple[int, ...]", image.getpixel((x, y))))
                for x in range(left, image.width, across)
            )
            rows += b"\0" + line if line else b""
    header = struct.pack(">IIBBBBB", *image.size, 8, 2, 0, 0, 1)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def make_rgb_profile(**primaries: tuple[float, float, float]) -> bytes:
    """Make a profile like sRGB's, but with other primaries: rXYZ, gXYZ, bXYZ (ICC.1:2022, 10.31).

    Their places are looked up in the tag table (section 7.3).
    """
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for at in range(132, 132 + 12 * int.from_bytes(profile[128:132]), 12):
        name = profile[at : at + 4].decode()
        if name in primaries:
            place = int.from_bytes(profile[at + 4 : at + 8]) + 8
            numbers = (round(value * 65536) for value in primaries[name])
            profile[place : place + 12] = struct.pack(">3i", *numbers)
    return bytes(profile)


def make_cmyk_profile() -> bytes:
    """Make a small CMYK profile that leads to Lab: each ink, alone, makes the paper darker.

    One table, of two points for each ink (ICC.1:2022, section 10.11, lut8Type).
    """
    inks = ((c, m, y, k) for c in (0, 1) for m in (0, 1) for y in (0, 1) for k in (0, 1))
    points = bytes(
        value
        for c, m, y, k in inks
        for value in ((255 - 40 * (c + m + y)) * (1 - k), 128 - 60 * c + 60 * m, 128 + 60 * y)
    )
    identity = struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9)))
    ramp = bytes(range(256))
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + identity + ramp * 4 + points + ramp * 3
    header = bytearray(128)
    header[8:24] = b"\x02\x40\0\0prtrCMYKLab "
    header[36:40] = b"acsp"
    header[68:80] = struct.pack(">3i", 63190, 65536, 54061)
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    tags = (b"A2B0", table), (b"wtpt", white)
    start = 128 + 4 + 12 * len(tags)
    entries, body = struct.pack(">I", len(tags)), b""
    for name, data in tags:
        padded = data + bytes(-len(data) % 4)
        entries += name + struct.pack(">II", start + len(body), len(data))
        body += padded
    header[0:4] = struct.pack(">I", start + len(body))
    return bytes(header) + entries + body


def encode_endless_fli() -> bytes:
    """Encode a black FLI of 9 x 9 pixels whose three pictures are shown for two years each.

    It can be read, and no animation that is written can say so long a time. Pillow writes no FLI.
    """
    frame = struct.pack("<IHH8xIH10x", 32, 0xF1FA, 1, 16, 13)  # A chunk of type 13: all black.
    size = 128 + 3 * len(frame)
    header = struct.pack("<IHHHHHHI108x", size, 0xAF11, 3, 9, 9, 8, 3, 2**32 - 1)
    return header + frame * 3
