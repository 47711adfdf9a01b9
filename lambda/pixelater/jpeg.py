"""Owns writing mosaics as JPEG: rows of blocks that look alike are encoded once and repeated.

JPEG (ITU-T T.81) codes a picture in rows of minimum coded units, 8 or 16 pixels high. Under one
row of cells they are all the same, so a mosaic has few distinct ones. Those are encoded, by
Pillow, as one low picture with a restart marker after every row (T.81, section E.1.4): a marker
resets the coder, so the bytes between two of them stand for themselves and can be copied. Then the
height in the frame header is set (section B.2.2), the segments are laid out in the order of the
mosaic, and their markers are numbered anew, modulo 8. The result decodes to the same pixels as
a picture encoded as a whole with the same settings.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from io import BytesIO
from itertools import groupby
from typing import Any

from PIL import Image, ImageFile

from pixelater.blocks import find_edges, paint

ImageFile.MAXBLOCK = 1 << 22
"""Pillow gives the encoder a buffer by pixels that busy pictures overrun; up to a megapixel, this
holds any, and larger mosaics are not busy."""

WORTH_SPLICING = 0.75
"""With a larger share of distinct rows than this, encoding the whole is as fast."""

ROWS_AT_A_TIME = 4
"""Rows of units in one call of the encoder: few enough to stay in the processor's cache."""

RESTART = re.compile(rb"\xff[\xd0-\xd7]")
"""In coded data a 0xFF is followed by 0x00, so nothing else looks like a restart marker."""

FRAME_HEADERS = (0xC0, 0xC1)
START_OF_SCAN = 0xDA
END_OF_IMAGE = b"\xff\xd9"

Pattern = tuple[int, ...]
"""Which row of cells each pixel row of a row of units shows."""


def write_jpeg(cells: Image.Image, width: int, height: int, **settings: Any) -> bytes:
    """Write cells (mode L, RGB or CMYK), enlarged to width x height pixels, as a JPEG file.

    `settings` are those of Pillow's encoder: quality, icc_profile, optimize, subsampling.
    """
    unit = 16 if cells.mode == "RGB" and settings.get("subsampling") in (None, "4:2:0") else 8
    patterns = list(_find_patterns(height, cells.height, unit))
    distinct = list(dict.fromkeys(patterns))
    if len(distinct) > WORTH_SPLICING * len(patterns):
        return _encode(paint(cells, width, height), settings)
    bands = paint(cells, width, cells.height)
    at_a_time = len(distinct) if settings.get("optimize") else ROWS_AT_A_TIME
    header = b""
    segments: dict[Pattern, bytes] = {}
    for start in range(0, len(distinct), at_a_time):
        some = distinct[start : start + at_a_time]
        data = _encode(_stack(bands, some), {**settings, "restart_marker_rows": 1})
        header, coded = _split(data)
        segments.update(zip(some, RESTART.split(coded), strict=True))
    body = bytearray(_set_height(header, height))
    for number, pattern in enumerate(patterns):
        body += segments[pattern]
        body += b"\xff" + bytes([0xD0 + number % 8])
    body[-2:] = END_OF_IMAGE
    return bytes(body)


def _find_patterns(height: int, rows: int, unit: int) -> Iterator[Pattern]:
    """List the patterns of all rows of units; the last is filled up with its last pixel row."""
    edges = find_edges(height, rows)
    shown = [row for row in range(rows) for _ in range(edges[row], edges[row + 1])]
    shown += shown[-1:] * (-height % unit)
    for start in range(0, len(shown), unit):
        yield tuple(shown[start : start + unit])


def _stack(bands: Image.Image, patterns: list[Pattern]) -> Image.Image:
    """Paint rows of units one below the other; `bands` has one pixel row for each row of cells."""
    width = bands.width
    stack = Image.new(bands.mode, (width, sum(map(len, patterns))))
    y = 0
    for row, run in groupby(row for pattern in patterns for row in pattern):
        number = len(list(run))
        part = bands.resize((width, number), Image.Resampling.NEAREST, (0, row, width, row + 1))
        stack.paste(part, (0, y))
        y += number
    return stack


def _encode(image: Image.Image, settings: dict[str, Any]) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "JPEG", **settings)
    return buffer.getvalue()


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Split a file after its scan header: everything up to there, and the coded data."""
    end = 2
    while True:
        marker, length = data[end + 1], int.from_bytes(data[end + 2 : end + 4])
        end += 2 + length
        if marker == START_OF_SCAN:
            return data[:end], data[end : -len(END_OF_IMAGE)]


def _set_height(header: bytes, height: int) -> bytes:
    """Set the number of lines in the frame header (T.81, section B.2.2)."""
    place = 2
    while header[place + 1] not in FRAME_HEADERS:
        place += 2 + int.from_bytes(header[place + 2 : place + 4])
    return header[: place + 5] + struct.pack(">H", height) + header[place + 7 :]
