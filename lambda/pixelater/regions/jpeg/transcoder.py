"""Transcoder of JPEG files: other blocks in some regions, all else bit for bit as it is.

What is not in a region's minimum coded units (MCUs) keeps its coefficients; only the difference of
the first DC value after a region is written anew, because it is coded as one (ITU-T T.81, F.1.2.1).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO

from PIL import Image, JpegImagePlugin

from pixelater.grid import cut_out
from pixelater.regions.jpeg import segments
from pixelater.regions.jpeg.baseline import make_baseline
from pixelater.regions.jpeg.entropy import State, read_blocks
from pixelater.regions.jpeg.errors import Unsuited
from pixelater.regions.jpeg.huffman import Key, Table
from pixelater.regions.jpeg.recoding import Blocks, list_units, recode
from pixelater.regions.jpeg.segments import SUBSAMPLINGS, JpegFile
from pixelater.regions.region import Box

MAX_BASELINE = 255
"""The largest number in a table of quantization that libjpeg writes in a baseline file."""


def grow(jpeg: JpegFile, box: Box) -> Box:
    """Return the box of all MCUs that a box touches, as stored, within the picture."""
    (across, down), (left, top, right, lower) = jpeg.unit, box
    return (
        left // across * across,
        top // down * down,
        min(-(-right // across) * across, jpeg.width),
        min(-(-lower // down) * down, jpeg.height),
    )


def transcode(
    jpeg: JpegFile, picture: Image.Image, boxes: Iterable[Box], head: Sequence[bytes] = ()
) -> bytes:
    """Return the file with boxes (those of whole MCUs, as stored) as they are in the picture.

    `head` are segments to write first. Raises Unsuited, also for damaged data.
    """
    jpeg = make_baseline(jpeg)
    blocks: Blocks = {}
    for box in boxes:
        blocks |= _encode_box(jpeg, picture, box)
    intervals, tables = recode(jpeg, blocks)
    parts = [b"\xff\xd8", *head, *_list_segments(jpeg, tables)]
    for number, interval in enumerate(intervals):
        parts += [bytes([0xFF, 0xD0 + (number - 1) % 8])] if number else []
        parts.append(interval)
    return b"".join([*parts, b"\xff\xd9"])


def write_segment(marker: int, content: bytes) -> bytes:
    """Return a marker segment (section B.1.1.4)."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _list_segments(jpeg: JpegFile, tables: Mapping[Key, Table]) -> Iterable[bytes]:
    if jpeg.density:  # The thumbnail that may follow (JFIF 1.02) is not written.
        yield write_segment(segments.APP0, jpeg.density.ljust(12, b"\0") + b"\0\0")
    if jpeg.adobe:
        yield write_segment(segments.APP14, jpeg.adobe)
    for number, values in sorted(jpeg.quantization.items()):
        wide = max(values) > MAX_BASELINE
        content = bytes([wide << 4 | number]) + struct.pack(">64H" if wide else ">64B", *values)
        yield write_segment(segments.DQT, content)
    yield write_segment(jpeg.marker, jpeg.frame)
    for (kind, number), table in sorted(tables.items()):
        yield write_segment(segments.DHT, table.write(kind, number))
    (scan,) = jpeg.scans
    if scan.restart_interval:
        yield write_segment(segments.DRI, struct.pack(">H", scan.restart_interval))
    yield write_segment(segments.SOS, scan.content)


def _encode_box(jpeg: JpegFile, picture: Image.Image, box: Box) -> Blocks:
    """Let Pillow encode a box with the file's tables of quantization, and read its blocks."""
    tables = [list(jpeg.quantization[c.quantization]) for c in jpeg.components]
    if max(map(max, tables)) > MAX_BASELINE:
        raise Unsuited("it is quantized with large numbers")
    mode = "L" if len(tables) == 1 else "RGB"
    factors = jpeg.components[0].across, jpeg.components[0].down
    subsampling = 0 if mode == "L" else SUBSAMPLINGS[factors]
    buffer = BytesIO()
    part = cut_out(picture, box).convert(mode)
    part.save(buffer, "JPEG", qtables=[_unfold(table) for table in tables], subsampling=subsampling)
    made = segments.parse_jpeg(buffer.getvalue())
    units = list_units(made)
    data = made.scans[0].data.replace(b"\xff\x00", b"\xff")
    start = State(0, (0,) * len(made.components))
    across, down = made.units
    blocks = read_blocks(data, units, start, across * down)
    columns, number = jpeg.units[0], len(units)
    first = box[1] // jpeg.unit[1] * columns + box[0] // jpeg.unit[0]
    return {
        first + row * columns + column: blocks[place : place + number]
        for row in range(down)
        for column in range(across)
        for place in (number * (row * across + column),)
    }


def _unfold(table: Sequence[int]) -> list[int]:
    """Return a table in the order of rows, which Pillow takes, instead of zigzag (figure A.6)."""
    return [table[place] for place in JpegImagePlugin.zigzag_index]
