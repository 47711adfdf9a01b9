"""Pixels of JPEG 2000 images that have a palette, or other than 8 bits a sample.

Pillow joins equal entries of a palette and ignores how channels are mapped; it shifts samples of
few bits instead of scaling them, and lets the lightest of more bits overflow to black. Tables
without a standard are those of ISO/IEC 15444-1 (ITU-T T.800).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageChops, Jpeg2KImagePlugin

from pixelater.decode import boxes
from pixelater.decode.color_modes import choose_mode
from pixelater.decode.known_signatures import refuse_kind
from pixelater.decode.pixels import Pixels

CODESTREAM = b"\xff\x4f\xff\x51"
SIZES, CODING, CODING_OF_ONE, QUANTIZATION = 0x51, 0x52, 0x53, 0x5C
START_OF_TILE = 0x90
"""Markers (table A.1)."""

DEPTHS_PLACE, DEPTH_STEP = 40, 3
"""Where the depth of the first sample is after its marker, and those of others (table A.9)."""

TRANSFORM_PLACE = 13
REVERSIBLE = 1
"""Where the wavelet transform is after its marker, and which has no quantization (table A.20)."""

GUARD_BIT, EXPONENT = 0x20, 0x800
"""One guard bit, and an exponent of 1, in the quantization's segment (tables A.28 and A.30)."""

SIGNED, DEPTH = 0x80, 0x7F
MOST_BITS = 16
CMYK, SYCC = 12, 18
"""Enumerated color spaces (table I.10, and T.801, table M.25)."""

OPACITY = (1, 2)
"""Types of channels: opacity, and that by which colors are multiplied (table I.16)."""

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
MIDDLE = 128


@dataclass(frozen=True)
class Palette:
    """Columns of a palette, scaled to 8 bits, and for each channel its component and column."""

    columns: tuple[bytes, ...]
    channels: tuple[tuple[int, int | None], ...]


def read(image: Image.Image, file: BinaryIO) -> Pixels:
    """Decode an opened image in a mode to average. Raises what Pillow raises."""
    file.seek(0)
    data = file.read()
    start = data.find(CODESTREAM)
    depths = _read_depths(data, start)
    if max(depths) > MOST_BITS:
        raise refuse_kind(f"a JPEG 2000 with {max(depths)} bits a sample")
    header = next((content for _, content in boxes.read_top_boxes(file, (b"jp2h",))), b"")
    found = dict(boxes.list_boxes(header))
    palette = _read_palette(found, len(depths))
    order = _read_order(found.get(b"cdef", b""))
    if palette is None and order is None and set(depths) == {8}:
        image.load()
        return Pixels(choose_mode(image))
    if palette is None and len(depths) == 1 and depths[0] > 8:
        image.load()
        white = (2.0 ** depths[0] - 1) * 2 ** (MOST_BITS - depths[0])
        return Pixels(choose_mode(image), None, 0.0, white)
    if palette is None:
        bands = _decode(data, depths)
    else:
        bands = _apply(palette, _decode(data[start:], depths, scales=False), depths)
    if order:
        bands = [bands[channel] for channel in order if channel < len(bands)]
    space = _read_space(found)
    mode = "CMYK" if space == CMYK and len(bands) == 4 else MODES[len(bands)]
    if palette and space == SYCC and len(bands) == 3:
        return Pixels(Image.merge("YCbCr", bands).convert("RGB"))
    return Pixels(Image.merge(mode, bands))


def _read_depths(data: bytes, start: int) -> list[int]:
    """Read how many bits the samples of each component have."""
    (number,) = struct.unpack_from(">H", data, start + 2 + DEPTHS_PLACE - 2)
    at = start + 2 + DEPTHS_PLACE
    return [(depth & DEPTH) + 1 for depth in data[at : at + DEPTH_STEP * number : DEPTH_STEP]]


def _decode(data: bytes, depths: Sequence[int], scales: bool = True) -> list[Image.Image]:
    """Decode a file to bands of 8 bits; without `scales`, only as far as samples are shifted."""
    image = Jpeg2KImagePlugin.Jpeg2KImageFile(BytesIO(data))
    image.load()
    if image.mode.startswith("I;16"):
        raise refuse_kind("a JPEG 2000 with a palette of more than 256 entries")
    bands = list(image.split())
    if max(depths) > 8:
        halved = Jpeg2KImagePlugin.Jpeg2KImageFile(BytesIO(_halve(data)))
        halved.load()
        for at, dark in enumerate(halved.split()):
            if depths[at] > 8:
                bands[at] = _mend_overflow(bands[at], dark)
    if scales:
        return [
            band.point(_scale(depth)) if depth < 8 else band
            for band, depth in zip(bands, depths, strict=True)
        ]
    return bands


def _scale(depth: int) -> list[int]:
    """Return the table for samples of a few bits that have been shifted to 8."""
    most = (1 << depth) - 1
    return [round((level >> 8 - depth) * 255 / most) for level in range(256)]


def _mend_overflow(band: Image.Image, dark: Image.Image) -> Image.Image:
    """Make those black samples white that are light in an image of half the contrast."""
    black = band.point([255 * (level == 0) for level in range(256)])
    light = dark.point([255 * (level >= MIDDLE) for level in range(256)])
    mended = band.copy()
    mended.paste(255, mask=ImageChops.darker(black, light))
    return mended


def _halve(data: bytes) -> bytes:
    """Return a file with half the contrast, which does not overflow.

    Without quantization, samples get one bit more than they have; else, the steps are halved: an
    exponent more, and a guard bit less, so that coefficients stay as they are (equations E-2, E-3).
    """
    changed = bytearray(data)
    segments = _list_segments(data)
    coding, quantization = segments[CODING], segments[QUANTIZATION]
    if CODING_OF_ONE in segments:
        raise refuse_kind("a JPEG 2000 whose components are coded in several ways")
    if data[coding + TRANSFORM_PLACE] == REVERSIBLE:
        first = segments[SIZES] + DEPTHS_PLACE
        (number,) = struct.unpack_from(">H", data, first - 2)
        for at in range(first, first + DEPTH_STEP * number, DEPTH_STEP):
            changed[at] += (data[at] & DEPTH) >= 8
        return bytes(changed)
    (length,) = struct.unpack_from(">H", data, quantization + 2)
    if data[quantization + 4] < GUARD_BIT:
        raise refuse_kind("a JPEG 2000 without guard bits")
    changed[quantization + 4] -= GUARD_BIT
    for at in range(quantization + 5, quantization + 2 + length, 2):
        (step,) = struct.unpack_from(">H", data, at)
        struct.pack_into(">H", changed, at, min(step + EXPONENT, 0xFFFF))
    return bytes(changed)


def _list_segments(data: bytes) -> dict[int, int]:
    """Find the places of the marker segments before the first tile."""
    found: dict[int, int] = {}
    at = data.find(CODESTREAM) + 2
    while data[at] == 0xFF and data[at + 1] != START_OF_TILE:
        found.setdefault(data[at + 1], at)
        (length,) = struct.unpack_from(">H", data, at + 2)
        at += 2 + length
    return found


def _read_palette(found: dict[bytes, bytes], components: int) -> Palette | None:
    """Read the palette and the component mapping (sections I.5.3.4 and I.5.3.5)."""
    if b"pclr" not in found:
        return None
    content = found[b"pclr"]
    entries, number = struct.unpack_from(">HB", content)
    depths = [(depth & DEPTH) + 1 for depth in content[3 : 3 + number]]
    form = "".join("B" if depth <= 8 else "H" for depth in depths)
    rows = [
        struct.unpack_from(">" + form, content, 3 + number + entry * struct.calcsize(">" + form))
        for entry in range(entries)
    ]
    columns = tuple(
        bytes(min(round(row[at] * 255 / ((1 << depth) - 1)), 255) for row in rows)
        for at, depth in enumerate(depths)
    )
    mapping = found.get(b"cmap", b"")
    channels = tuple(
        (component, column if kind == 1 else None)
        for component, kind, column in struct.iter_unpack(">HBB", mapping[: len(mapping) & ~3])
    ) or tuple((0, column) for column in range(number))
    if any(
        component >= components or (column is not None and column >= number)
        for component, column in channels
    ):
        raise struct.error("a channel of a component or column that does not exist")
    return Palette(columns, channels)


def _apply(
    palette: Palette, bands: Sequence[Image.Image], depths: Sequence[int]
) -> list[Image.Image]:
    """Look up indices, which have been shifted to 8 bits."""
    found = []
    for component, column in palette.channels:
        band, depth = bands[component], depths[component]
        if column is None:
            found.append(band.point(_scale(depth)) if depth < 8 else band)
            continue
        levels = palette.columns[column]
        last = len(levels) - 1
        found.append(band.point([levels[min(at >> 8 - depth, last)] for at in range(256)]))
    return found


def _read_order(content: bytes) -> list[int] | None:
    """Return channels, those of colors first and opacity last; None if they are in order.

    Section I.5.3.6: for each channel, what it is, and of which color, counted from 1.
    """
    channels = list(struct.iter_unpack(">3H", content[2 : 2 + (len(content) - 2) // 6 * 6]))
    colors = sorted((color, channel) for channel, kind, color in channels if kind == 0)
    opacity = [channel for channel, kind, _ in channels if kind in OPACITY]
    order = [*(channel for _, channel in colors), *opacity[:1]]
    return None if order == list(range(len(channels))) else order


def _read_space(found: dict[bytes, bytes]) -> int:
    """Return the enumerated color space, 0 for any other (table I.9)."""
    content = found.get(b"colr", b"")
    return int.from_bytes(content[3:7]) if content[:1] == b"\1" else 0
