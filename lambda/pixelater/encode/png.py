"""Encoder for mosaics as PNG: each row of cells is written once, and its repetitions as zeros.

"Portable Network Graphics (PNG) Specification (Third Edition)", with animations (section 11.3.6).
All rows of pixels under a row of cells are the same, so the first is written as it is (filter None,
section 9.2) and the others as their difference to the row above (filter Up): only zeros,
which DEFLATE repeats 258 at a time. No pixel buffer is filled: the time depends on the number of
cells, and hardly on the number of pixels.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count, pairwise

from PIL import Image

from pixelater.encode import deflate
from pixelater.encode.delays import split_delays
from pixelater.grid import Sides, spread

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOR_TYPES = {"L": 0, "RGB": 2, "P": 3, "LA": 4, "RGBA": 6}
FILTER_NONE, FILTER_UP = b"\0", b"\2"
PALETTE_SIZE = 256
SECOND_MS = 1000
UNITS_MS = (1, 10, 100, SECOND_MS)
MAX_UNITS = 0xFFFF
"""A delay is a fraction of a second, of two 16-bit numbers (section 11.3.6.2)."""

ADLER_BASE = 65521
"""RFC 1950, section 9."""


def write_png(
    frames: Sequence[Image.Image],
    width: int,
    height: int,
    icc_profile: bytes = b"",
    durations: Sequence[int] = (),
    loop: int = 0,
    sides: Sides | None = None,
) -> bytes:
    """Write cells (mode L, LA, RGB, RGBA or P), enlarged to width x height pixels, as a PNG file.

    Cells are spread evenly, unless `sides` are their edges.

    Several frames of one size and mode, with durations in milliseconds, become an animation that
    plays `loop` times (0: forever). A frame that is shown for longer than a delay can be is
    repeated. At most 256 colors in all are written as a palette, which is a third or a quarter of
    the work.
    """
    sides = sides or spread(frames[0], width, height)
    frames, palette, alphas = _find_palette(frames)
    header = struct.pack(">IIBBBBB", width, height, 8, COLOR_TYPES[frames[0].mode], 0, 0, 0)
    chunks = [write_chunk(b"IHDR", header)]
    if icc_profile:
        chunks.append(write_chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(icc_profile)))
    if palette:
        chunks.append(write_chunk(b"PLTE", palette))
    if alphas.strip(b"\xff"):
        chunks.append(write_chunk(b"tRNS", alphas))
    if durations:
        compress = partial(_compress, sides=sides)
        size = sides[0][-1], sides[1][-1]
        chunks += list_frames(frames, size, durations, loop, compress)
    else:
        chunks.append(write_chunk(b"IDAT", _compress(frames[0], sides)))
    return SIGNATURE + b"".join(chunks) + write_chunk(b"IEND", b"")


def list_frames(
    frames: Sequence[Image.Image],
    size: tuple[int, int],
    durations: Sequence[int],
    loop: int,
    compress: Callable[[Image.Image], bytes],
) -> Iterator[bytes]:
    """List the chunks of an animation; those of its frames are numbered (section 11.3.6).

    `compress` returns the zlib stream of a frame's filtered rows.
    """
    delays = split_delays(durations, UNITS_MS, MAX_UNITS)
    yield write_chunk(b"acTL", struct.pack(">II", sum(map(len, delays)), loop))
    numbers = count()
    first = True
    for cells, parts in zip(frames, delays, strict=True):
        data = compress(cells)
        for units, unit in parts:
            control = (next(numbers), *size, 0, 0, units, SECOND_MS // unit, 0, 0)
            yield write_chunk(b"fcTL", struct.pack(">IIIIIHHBB", *control))
            if first:
                yield write_chunk(b"IDAT", data)
            else:
                yield write_chunk(b"fdAT", struct.pack(">I", next(numbers)) + data)
            first = False


def write_chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk (section 5.3)."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _find_palette(frames: Sequence[Image.Image]) -> tuple[Sequence[Image.Image], bytes, bytes]:
    """Convert cells to indices of a palette if it can hold all colors: indices, colors, alphas."""
    if frames[0].mode == "P":
        colors = bytes(frames[0].getpalette() or b"")
        clear = frames[0].info.get("transparency")
        return frames, colors, b"" if clear is None else b"\xff" * clear + b"\0"
    if frames[0].mode not in ("RGB", "RGBA"):
        return frames, b"", b""
    bands = len(frames[0].getbands())
    pixels = [
        [data[i : i + bands] for i in range(0, len(data), bands)]
        for data in (cells.tobytes() for cells in frames)
    ]
    used = set().union(*pixels)
    if len(used) > PALETTE_SIZE:
        return frames, b"", b""
    # The least opaque first; tRNS need not name those that are opaque at the end.
    order = {color: i for i, color in enumerate(sorted(used, key=lambda c: (c[3:], c)))}
    indices = [
        Image.frombytes("P", cells.size, bytes(order[pixel] for pixel in values))
        for cells, values in zip(frames, pixels, strict=True)
    ]
    alphas = b"".join(color[3:] for color in order)
    return indices, b"".join(color[:3] for color in order), alphas


def _compress(cells: Image.Image, sides: Sides) -> bytes:
    """Return the zlib stream (RFC 1950) of the filtered rows of a mosaic."""
    across, down = sides
    columns, width = cells.width, across[-1]
    step = len(cells.getbands())
    lengths = [(stop - start) * step for start, stop in pairwise(across)]
    data = cells.tobytes()
    again = deflate.write_literals(FILTER_UP + b"\0")
    again += deflate.repeat(b"\0", width * step - 1)
    parts: list[deflate.TokenRun] = []
    checksum = 1
    for row, (start, stop) in enumerate(pairwise(down)):
        first, pixels = deflate.write_literals(FILTER_NONE), [FILTER_NONE]
        for column, length in enumerate(lengths, row * columns):
            pixel = data[column * step : (column + 1) * step]
            first += deflate.write_literals(pixel)
            first += deflate.repeat(pixel, length - step)
            pixels.append(pixel * (length // step))
        parts += [(first, 1), (again, stop - start - 1)]
        checksum = zlib.adler32(b"".join(pixels), checksum)
        checksum = _extend_checksum(checksum, stop - start - 1, width * step + 1)
    return b"\x78\x9c" + deflate.write_block(parts) + struct.pack(">I", checksum)


def _extend_checksum(checksum: int, rows: int, length: int) -> int:
    """Continue an Adler-32 over rows that are the filter byte 2 and length - 1 zeros.

    Each row adds 2 to the low sum, and `length` times the low sum to the high one.
    """
    low, high = checksum & 0xFFFF, checksum >> 16
    high += length * (rows * low + rows * (rows + 1))
    return (high % ADLER_BASE) << 16 | (low + 2 * rows) % ADLER_BASE
