"""Encoder for mosaics as JPEG: equal rows of blocks are encoded once and repeated.

JPEG (ITU-T T.81) codes an image in rows of minimum coded units, 8 or 16 pixels high. Under one
row of cells they are all the same, so a mosaic has few distinct ones. Those are encoded, by
Pillow, as one low image with a restart marker after every row (T.81, section E.1.4): a marker
resets the coder, so the bytes between two of them can be copied. Then the height in the frame
header is set (section B.2.2), the segments are put in the order of the mosaic, and their markers
are numbered again, modulo 8. The result decodes to the same pixels as an image encoded as a whole
with the same settings.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from io import BytesIO
from itertools import islice, pairwise
from operator import mul
from typing import Any, Self

from PIL import Image

from pixelater.encode.formats import WORTH_SPLICING
from pixelater.grid import Edges, Sides, paint, spread

ROWS_AT_A_TIME = 8
"""Rows of units in one call of the encoder: few enough to stay in the processor's cache."""

RESTART = re.compile(rb"\xff[\xd0-\xd7]")
"""In coded data a 0xFF is followed by 0x00, so nothing else looks like a restart marker."""

MAPPED_MODES = {"RGB": "RGBX"}
"""Pillow keeps RGB in four bytes a pixel, and maps memory under that name (Image.frombuffer)."""

UNIT_BYTES = 5 * 16 * 16
"""Noise in CMYK takes 4.2 bytes a pixel at quality 100, which is most. Memory that is reserved and
not written costs nothing."""

MIN_ROOM = 1 << 16
"""For headers and tables, in bytes."""

SMALLEST_SHARED = 34
"""Pixels of a cell's side in which any pixel in the middle is in one chroma unit of 4:2:0, of 16
pixels, of the cell, and so are its neighbors, with which decoders interpolate. Below, colors in the
middle are off by up to 16 levels; see docs/explanation/performance.md."""

SMALL = 1_000_000
"""Pixels of a picture whose file is small in any case."""

FRAME_HEADERS = (0xC0, 0xC1)
START_OF_SCAN = 0xDA
END_OF_IMAGE = b"\xff\xd9"

Pattern = tuple[int, ...]
"""The row of cells that each pixel row of a row of units shows."""


def choose_subsampling(columns: int, rows: int, width: int, height: int) -> str:
    """Choose chroma subsampling: none (4:4:4) for small cells and pictures.

    4:2:0 makes the files of others a third smaller; it mixes the colors of cells near their edges.
    """
    small = width * height <= SMALL or min(width // columns, height // rows) < SMALLEST_SHARED
    return "4:4:4" if small else "4:2:0"


def write_jpeg(
    cells: Image.Image, width: int, height: int, sides: Sides | None = None, **settings: Any
) -> bytes:
    """Write cells (mode L, RGB or CMYK), enlarged to width x height pixels, as a JPEG file.

    Cells are spread evenly, unless `sides` are their edges. `settings` are those of Pillow's
    encoder: quality, icc_profile, optimize, subsampling.
    """
    unit = 16 if cells.mode == "RGB" and settings.get("subsampling") in (None, "4:2:0") else 8
    across, down = sides or spread(cells, width, height)
    patterns = list(_find_patterns(down, unit))
    distinct = list(dict.fromkeys(patterns))
    if len(distinct) > WORTH_SPLICING * len(patterns):
        return _encode(paint(cells, width, height, (across, down)), settings)
    lines = _paint_lines(cells, across)
    at_a_time = len(distinct) if settings.get("optimize") else ROWS_AT_A_TIME
    canvas = bytearray(len(lines[0]) * unit * min(at_a_time, len(distinct)))
    header = b""
    segments: dict[Pattern, bytes] = {}
    for start in range(0, len(distinct), at_a_time):
        batch = distinct[start : start + at_a_time]
        image = _stack(lines, batch, canvas, cells.mode, width)
        data = _encode(image, {**settings, "restart_marker_rows": 1})
        header, coded = _split(data, height)
        segments.update(zip(batch, RESTART.split(coded), strict=True))
    parts = [header]
    for number, pattern in enumerate(patterns):
        parts += segments[pattern], b"\xff" + bytes([0xD0 + number % 8])
    parts[-1] = END_OF_IMAGE
    return b"".join(parts)


def _find_patterns(edges: Edges, unit: int) -> Iterator[Pattern]:
    """List the patterns of all rows of units; the last is filled up with its last pixel row."""
    shown = [row for row, (start, stop) in enumerate(pairwise(edges)) for _ in range(start, stop)]
    shown += shown[-1:] * (-len(shown) % unit)
    for start in range(0, len(shown), unit):
        yield tuple(shown[start : start + unit])


def _paint_lines(cells: Image.Image, edges: Edges) -> list[bytes]:
    """Return one line of pixels for each row of cells, as Pillow stores them in memory."""
    data = cells.tobytes("raw", MAPPED_MODES.get(cells.mode, cells.mode))
    size = len(data) // (cells.width * cells.height)
    pixels = iter([data[start : start + size] for start in range(0, len(data), size)])
    lengths = [stop - start for start, stop in pairwise(edges)]
    return [b"".join(map(mul, islice(pixels, cells.width), lengths)) for _ in range(cells.height)]


def _stack(
    lines: list[bytes], patterns: list[Pattern], canvas: bytearray, mode: str, width: int
) -> Image.Image:
    """Write rows of units to the canvas, and return an image of it that is not a copy."""
    length = len(lines[0])
    shown = [row for pattern in patterns for row in pattern]
    place = memoryview(canvas)
    for y, row in enumerate(shown):
        place[y * length : (y + 1) * length] = lines[row]
    mode = MAPPED_MODES.get(mode, mode)
    return Image.frombuffer(mode, (width, len(shown)), canvas, "raw", mode, 0, 1)


def _encode(image: Image.Image, settings: dict[str, Any]) -> bytes:
    buffer = BytesIO()
    buffer.name = "mosaic.jpg"  # Knowing the format by this, Pillow loads no other plugin.
    if settings.get("optimize"):
        units = (image.width // 16 + 1) * (image.height // 16 + 1)
        settings = {**settings, "extra": _Room(units * UNIT_BYTES + MIN_ROOM)}
    image.save(buffer, **settings)
    return buffer.getvalue()


class _Room(bytes):
    """No bytes, of a length that makes Pillow's encoder reserve enough of them.

    To optimize, its buffer must hold the whole file. Pillow goes by pixels, which busy images
    overrun, and adds the length of `extra` bytes to write (PIL/JpegImagePlugin.py, _save). The
    other way, ImageFile.MAXBLOCK, is one for all threads of the program.
    """

    length: int

    def __new__(cls, length: int, content: bytes = b"") -> Self:
        room = super().__new__(cls, content)
        room.length = length
        return room

    def __len__(self) -> int:
        return super().__len__() + self.length

    def __add__(self, other: Any) -> bytes:
        return _Room(self.length, super().__add__(other))


def _split(data: bytes, height: int) -> tuple[bytes, bytes]:
    """Split a file after its scan header, in front of which the height is set (section B.2.2)."""
    end, frame = 2, 0
    while True:
        marker, length = data[end + 1], int.from_bytes(data[end + 2 : end + 4])
        if marker in FRAME_HEADERS:
            frame = end
        end += 2 + length
        if marker == START_OF_SCAN:
            header = data[: frame + 5] + struct.pack(">H", height) + data[frame + 7 : end]
            return header, data[end : -len(END_OF_IMAGE)]
