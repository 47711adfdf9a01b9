"""PNG files and animations of any bit depth, laid out as tests want them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

Chunk = tuple[bytes, bytes]
"""A type and data."""

GRAY, RGB, PALETTE, GRAY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
"""Color types."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RED, GREEN, BLUE, CLEAR = (
    (255, 0, 0, 255),
    (0, 255, 0, 255),
    (0, 0, 255, 255),
    (0, 0, 0, 0),
)


class Frame(NamedTuple):
    """A frame of one color (RGBA), shown for 100 ms."""

    left: int
    top: int
    width: int
    height: int
    color: tuple[int, int, int, int]
    disposal: int = 0
    blending: int = 0


def chunk(name: bytes, data: bytes, crc: int | None = None) -> bytes:
    """Lay out a chunk, with its checksum or another."""
    checksum = zlib.crc32(name + data) if crc is None else crc
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)


def make_png(
    rows: Sequence[Sequence[int]],
    depth: int,
    color_type: int,
    *before: Chunk,
    after: Sequence[Chunk] = (),
) -> bytes:
    """Lay out a PNG from rows of values, with chunks before and after its data."""
    channels = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGB_ALPHA: 4}[color_type]
    width = len(rows[0]) // channels
    header = struct.pack(">IIBBBBB", width, len(rows), depth, color_type, 0, 0, 0)
    data = b"".join(b"\0" + pack(row, depth) for row in rows)
    return SIGNATURE + b"".join(
        chunk(name, content)
        for name, content in (
            (b"IHDR", header),
            *before,
            (b"IDAT", zlib.compress(data)),
            *after,
            (b"IEND", b""),
        )
    )


def pack(values: Sequence[int], depth: int) -> bytes:
    """Pack values of 1 to 16 bits, the first in the highest bits; rows are filled with zeros."""
    bits = "".join(f"{value:0{depth}b}" for value in values)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8)


def make_apng(
    size: tuple[int, int],
    frames: Sequence[Frame],
    default: tuple[int, int, int, int] | None = None,
    numbers: Sequence[int] | None = None,
    plays: int = 0,
) -> bytes:
    """Lay out an animation; the first frame is the image for all viewers unless there is another.

    `numbers` replace those of the sequence.
    """
    left = list(numbers or range(2 * len(frames)))
    chunks = [
        chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, RGB_ALPHA, 0, 0, 0)),
        chunk(b"acTL", struct.pack(">II", len(frames), plays)),
    ]
    if default:
        chunks.append(chunk(b"IDAT", fill(*size, default)))
    for place, frame in enumerate(frames):
        area = (frame.width, frame.height, frame.left, frame.top)
        control = (*area, 100, 1000, frame.disposal, frame.blending)
        chunks.append(chunk(b"fcTL", struct.pack(">IIIIIHHBB", left.pop(0), *control)))
        data = fill(frame.width, frame.height, frame.color)
        if place or default:
            chunks.append(chunk(b"fdAT", struct.pack(">I", left.pop(0)) + data))
        else:
            chunks.append(chunk(b"IDAT", data))
    return SIGNATURE + b"".join(chunks) + chunk(b"IEND", b"")


def fill(width: int, height: int, color: tuple[int, int, int, int]) -> bytes:
    """Compress the data of an image of one color."""
    return zlib.compress((b"\0" + bytes(color) * width) * height)
