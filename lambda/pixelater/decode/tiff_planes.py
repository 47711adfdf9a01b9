"""Samples of TIFF images, separated into planes of one kind of sample each.

Pillow decompresses all but WebP: to it, a row of samples is a row of gray bytes. Section numbers
are those of TIFF 6.0.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from itertools import accumulate
from math import gcd
from typing import BinaryIO, Literal

from PIL import Image, TiffImagePlugin

from pixelater.decode.deep import Deep
from pixelater.decode.tiff_layout import FLOAT, FLOATING_POINT, HORIZONTAL, SIGNED, WEBP, Layout
from pixelater.errors import TooLarge
from pixelater.grid import cut_out

MAX_BYTES = 256_000_000
"""Samples with more bytes are refused; here, they are held several times."""

SHORT, LONG = 3, 4

FLOAT_MODES = {
    (1, 16): ("F;16", "F;16B"),
    (1, 32): ("F;32", "F;32B"),
    (SIGNED, 8): ("F;8S", "F;8S"),
    (SIGNED, 16): ("F;16S", "F;16BS"),
    (SIGNED, 32): ("F;32S", "F;32BS"),
    (FLOAT, 32): ("F;32F", "F;32BF"),
    (FLOAT, 64): ("F;64F", "F;64BF"),
}
"""Format and bits -> Pillow's raw modes of values, the lowest byte first, and last."""


def read_planes(layout: Layout, file: BinaryIO, order: str) -> list[Deep]:
    """Read unsigned samples of up to 16 bits: a plane for each, scaled to 8 or 16 bits."""
    size = layout.width, layout.height

    def to_image(data: bytes) -> Image.Image:
        return Image.frombytes("L", size, data)

    planes: list[Deep] = []
    for data, samples, order_now in _read_rows(layout, file, order):
        if layout.bits == 8:
            planes += [(to_image(data[at::samples]), None) for at in range(samples)]
        elif layout.bits == 16:
            low, high = (0, 1) if order_now == "<" else (1, 0)
            planes += [
                (
                    to_image(data[2 * at + high :: 2 * samples]),
                    to_image(data[2 * at + low :: 2 * samples]),
                )
                for at in range(samples)
            ]
        else:
            highs, lows = _widen(data, layout.width * samples, layout.height, layout.bits)
            planes += [
                (
                    to_image(highs[at::samples]),
                    to_image(lows[at::samples]) if layout.bits > 8 else None,
                )
                for at in range(samples)
            ]
    return planes


def read_numbers(layout: Layout, file: BinaryIO, order: str) -> list[Image.Image]:
    """Read samples of any format as floating-point images (F)."""
    size = layout.width, layout.height
    width = layout.bits // 8
    planes = []
    for data, samples, order_now in _read_rows(layout, file, order):
        for at in range(samples):
            plane = bytearray(len(data) // samples)
            for byte in range(width):
                plane[byte::width] = data[at * width + byte :: samples * width]
            if layout.format == FLOAT and layout.bits == 16:
                values = array("f")
                for (value,) in struct.iter_unpack(order_now + "e", plane):
                    values.append(value)
                planes.append(Image.frombytes("F", size, values.tobytes(), "raw", "F;32NF"))
            else:
                rawmode = FLOAT_MODES[layout.format, layout.bits][order_now == ">"]
                planes.append(Image.frombytes("F", size, bytes(plane), "raw", rawmode))
    return planes


def _read_rows(layout: Layout, file: BinaryIO, order: str) -> Iterator[tuple[bytes, int, str]]:
    """Decompress the rows of an image, or of each of its planes, and undo the predictor.

    Yields them with the samples of a pixel, and the order of bytes in a sample. Planes that nobody
    uses are left out; they may be empty.
    """
    segments = layout.segments
    samples, planes = (1, layout.used_samples) if layout.is_planar else (layout.samples, 1)
    run = (segments.width * samples * layout.bits + 7) // 8
    across = -(-layout.width // segments.width) if segments.width else 0
    down = -(-layout.height // segments.height) if segments.height else 0
    number = across * down
    if not number or len(segments.offsets) < number * planes:
        raise OSError("image file is truncated: it has too few strips or tiles")
    if run * across * layout.height * planes > MAX_BYTES:
        raise TooLarge(f"its samples take more than {MAX_BYTES // 10**6} MB")
    row = (layout.width * samples * layout.bits + 7) // 8
    for plane in range(planes):
        places = slice(plane * number, (plane + 1) * number)
        if layout.compression == WEBP:
            from pixelater.decode import tiff_webp

            image = tiff_webp.decompress(layout, file)
        else:
            image = _decompress(layout, file, run * across, run, places)
        order_now = order
        if layout.predictor == HORIZONTAL:
            width = layout.bits // 8
            data, order_now = _add_up(image.tobytes(), run, samples, width, order)
            image = Image.frombytes("L", image.size, data)
        elif layout.predictor == FLOATING_POINT:
            data = _unite(image.tobytes(), run, samples, layout.bits // 8)
            image, order_now = Image.frombytes("L", image.size, data), ">"
        if image.width > row:
            image = cut_out(image, (0, 0, row, image.height))
        yield image.tobytes(), samples, order_now


def _decompress(layout: Layout, file: BinaryIO, row: int, run: int, places: slice) -> Image.Image:
    """Decompress strips or tiles as an image of bytes: to Pillow, in a file of a gray image."""
    segments = layout.segments
    offsets, counts = segments.offsets[places], segments.byte_counts[places]
    tags: dict[int, tuple[int, tuple[int, ...]]] = {
        256: (LONG, (row,)),
        257: (LONG, (layout.height,)),
        258: (SHORT, (8,)),
        259: (SHORT, (layout.compression,)),
        262: (SHORT, (1,)),
        266: (SHORT, (layout.fill_order,)),
        277: (SHORT, (1,)),
    }
    if segments.is_tiled:
        tags |= {322: (LONG, (run,)), 323: (LONG, (segments.height,))}
        tags |= {324: (LONG, offsets), 325: (LONG, counts)}
    else:
        tags |= {273: (LONG, offsets), 278: (LONG, (segments.height,)), 279: (LONG, counts)}
    file.seek(8)
    body = bytearray(8) + file.read()
    body += bytes(len(body) % 2)
    entries = b""
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f"<{len(values)}{'H' if kind == SHORT else 'I'}", *values)
        if len(packed) > 4:
            body += packed
            packed = struct.pack("<I", len(body) - len(packed))
        entries += struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    body[:8] = b"II*\0" + struct.pack("<I", len(body))
    body += struct.pack("<H", len(tags)) + entries + bytes(4)
    image = TiffImagePlugin.TiffImageFile(BytesIO(body))
    allocate(image)
    image.load()
    return image


def allocate(image: Image.Image) -> None:
    """Allocate an opened TIFF image.

    The plugin would do it after comparing the size with Pillow's limit, which belongs to the
    program (PIL/TiffImagePlugin.py, load_prepare).
    """
    image.im = Image.new(image.mode, getattr(image, "_tile_size", image.size), None).im


def _add_up(data: bytes, run: int, samples: int, width: int, order: str) -> tuple[bytes, str]:
    """Add each sample to the one to its left (section 14), in runs of bytes.

    Returns them in the machine's order of bytes.
    """
    codes: dict[int, Literal["B", "H", "I"]] = {1: "B", 2: "H", 4: "I"}
    code = codes[width]
    values = array(code, data)
    native = "<" if sys.byteorder == "little" else ">"
    if order != native:
        values.byteswap()
    step = run // width
    part = 0 if native == "<" else 8 // width - 1
    for start in range(0, len(values), step):
        for at in range(start, start + samples):
            sums = array("Q", accumulate(values[at : start + step : samples]))
            lows = memoryview(sums).cast("B").cast(code)[part :: 8 // width]
            values[at : start + step : samples] = array(code, lows.tobytes())
    return values.tobytes(), native


def _unite(data: bytes, run: int, samples: int, width: int) -> bytes:
    """Add up bytes, and unite those of each number, of which all first ones are stored first.

    Adobe Photoshop TIFF Technical Note 3: the first is the highest.
    """
    added, _ = _add_up(data, run, samples, 1, ">")
    united = bytearray(len(added))
    numbers = run // width
    for start in range(0, len(added), run):
        for byte in range(width):
            first = start + byte * numbers
            united[start + byte : start + run : width] = added[first : first + numbers]
    return bytes(united)


def _widen(data: bytes, values: int, rows: int, bits: int) -> tuple[bytes, bytes]:
    """Widen values of 1 to 15 bits to 16, by repeating their bits: high and low bytes.

    Several values share a group of bytes. Each byte of a result consists of some bits of each byte
    of the group, which tables find.
    """
    group = bits // gcd(bits, 8)
    in_group = 8 // gcd(bits, 8)
    groups = -(-values // in_group)
    row = (values * bits + 7) // 8
    filling = bytes(groups * group - row)
    whole = b"".join(data[at : at + row] + filling for at in range(0, row * rows, row))
    results = []
    for part in (0, 8):
        widened = bytearray(groups * in_group * rows)
        for value in range(in_group):
            total = 0
            for byte, table in _make_tables(bits, value, part):
                total |= int.from_bytes(whole[byte::group].translate(table))
            widened[value::in_group] = total.to_bytes(groups * rows)
        step = groups * in_group
        results.append(
            bytes(widened)
            if step == values
            else b"".join(widened[at : at + values] for at in range(0, step * rows, step))
        )
    return results[0], results[1]


@cache
def _make_tables(bits: int, value: int, part: int) -> list[tuple[int, bytes]]:
    """Make the tables from each byte of a group to 8 bits of a widened value, from bit `part`."""
    sources: dict[int, list[tuple[int, int]]] = {}
    for target in range(8):
        source = value * bits + (part + target) % bits
        sources.setdefault(source // 8, []).append((7 - source % 8, 7 - target))
    return [
        (
            byte,
            bytes(sum((level >> taken & 1) << put for taken, put in moves) for level in range(256)),
        )
        for byte, moves in sources.items()
    ]
