"""GIF files whose frames are laid out as tests want them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

Color = tuple[int, int, int]

WIDTH_OF_CODES = 9
CLEAR, END = 256, 257
CODES_BEFORE_CLEAR = 200
"""So that codes do not become wider."""


@dataclass(frozen=True)
class Frame:
    """A frame of rows of indices, with a transparent one or none, and colors of its own or none."""

    left: int
    top: int
    rows: tuple[tuple[int, ...], ...]
    disposal: int = 0
    key: int | None = None
    palette: tuple[Color, ...] = ()
    delay: int = 10


def make_gif(
    size: tuple[int, int],
    frames: Sequence[Frame],
    palette: Sequence[Color] = (),
    background: int = 0,
    loop: int | None = None,
) -> bytes:
    """Lay out a GIF; `loop` is what the application extension says."""
    flags = 0xF7 if palette else 0x70
    data = b"GIF89a" + struct.pack("<HHBBB", *size, flags, background, 0) + lay_out(palette)
    if loop is not None:
        data += b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", loop) + b"\0"
    for frame in frames:
        flags = frame.disposal << 2 | (frame.key is not None)
        data += b"!\xf9\x04" + struct.pack("<BHBx", flags, frame.delay, frame.key or 0)
        area = frame.left, frame.top, len(frame.rows[0]), len(frame.rows)
        data += b"," + struct.pack("<HHHHB", *area, 0x87 if frame.palette else 0)
        data += lay_out(frame.palette) + compress([index for row in frame.rows for index in row])
    return data + b";"


def lay_out(palette: Sequence[Color]) -> bytes:
    """Lay out 256 colors, if there are any."""
    colors = b"".join(map(bytes, palette))
    return colors.ljust(768, b"\0") if palette else b""


def compress(indices: Sequence[int]) -> bytes:
    """Write indices as codes that repeat nothing, in sub-blocks."""
    codes = [CLEAR]
    for place, index in enumerate(indices):
        codes += [CLEAR, index] if place and place % CODES_BEFORE_CLEAR == 0 else [index]
    bits = sum(code << WIDTH_OF_CODES * at for at, code in enumerate([*codes, END]))
    data = bits.to_bytes((WIDTH_OF_CODES * (len(codes) + 1) + 7) // 8, "little")
    blocks = (data[at : at + 255] for at in range(0, len(data), 255))
    return b"\x08" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"
