"""Encoder for whole pictures as PNG, of 8 or 16 bits, and as animations.

"Portable Network Graphics (PNG) Specification (Third Edition)". Pillow filters and compresses 8
bits; it has no colors of 16.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO

from PIL import Image, ImageChops

from pixelater.encode import png

FILTER_UP = 2


def write_png(
    frames: Sequence[Image.Image],
    icc_profile: bytes = b"",
    durations: Sequence[int] = (),
    loop: int = 0,
    low: Image.Image | None = None,
) -> bytes:
    """Write an image of mode L, LA, RGB or RGBA, or several of one mode as an animation.

    With `low`, the image has the high bytes of 16-bit values, and `low` the others. Several frames
    have `durations` in milliseconds, and play `loop` times (0: forever).
    """
    first = frames[0]
    depth = 16 if low else 8
    kind = png.COLOR_TYPES[first.mode]
    chunks = [png.write_chunk(b"IHDR", struct.pack(">IIBBBBB", *first.size, depth, kind, 0, 0, 0))]
    if icc_profile:
        named = b"ICC Profile\0\0" + zlib.compress(icc_profile)
        chunks.append(png.write_chunk(b"iCCP", named))
    if durations:
        chunks += png.list_frames(frames, first.size, durations, loop, _compress)
    else:
        data = _compress_deep(first, low) if low else _compress(first)
        chunks.append(png.write_chunk(b"IDAT", data))
    return png.SIGNATURE + b"".join(chunks) + png.write_chunk(b"IEND", b"")


def _compress(image: Image.Image) -> bytes:
    """Return the zlib stream of the filtered rows, as Pillow writes it."""
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return b"".join(data for name, data in _list_chunks(buffer.getvalue()) if name == b"IDAT")


def _list_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(png.SIGNATURE)
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        yield data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        place += length + 12


def _compress_deep(high: Image.Image, low: Image.Image) -> bytes:
    """Return the zlib stream of rows of 16-bit values, each the difference to the row above."""
    bands = len(high.getbands())
    length = high.width * bands * 2
    values = bytearray(length * high.height)
    values[::2], values[1::2] = high.tobytes(), low.tobytes()
    rows = Image.frombytes("L", (length, high.height), bytes(values))
    above = ImageChops.offset(rows, 0, 1)
    above.paste(0, (0, 0, length, 1))
    differences = ImageChops.subtract_modulo(rows, above)
    filtered = Image.new("L", (length + 1, high.height), FILTER_UP)
    filtered.paste(differences, (1, 0))
    return zlib.compress(filtered.tobytes())
