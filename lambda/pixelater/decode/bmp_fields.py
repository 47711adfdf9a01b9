"""BMP images that Pillow does not open, or decodes inexactly: fields of bits, and long palettes.

The format is that of https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapv5header.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import reduce
from io import BytesIO
from typing import Any, BinaryIO, cast

from PIL import BmpImagePlugin, Image, ImageChops, ImageFile

HEADERS = (40, 52, 56, 108, 124)
"""Sizes of BITMAPINFOHEADER and its successors."""

NO_COMPRESSION, BIT_FIELDS, ALPHA_BIT_FIELDS = 0, 3, 6
COLORS_PLACE, MASKS_PLACE = 46, 54
MAX_PALETTE_BITS = 8
MASKS_WITH_ALPHA = 56
"""Headers of this size and more have a mask of alpha."""

RGB_555 = (0x7C00, 0x3E0, 0x1F, 0)
WHOLE_BYTES = (0, 0xFF, 0xFF00, 0xFF0000, 0xFF000000)
"""What Pillow decodes rightly (PIL/BmpImagePlugin.py, _bitmap)."""

WITH_ALPHA = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
MEANS_ALPHA = 108
"""From headers of this size on, a mask of alpha also counts for 32 bits without compression: for
Chromium, whatever its bits are."""


@dataclass(frozen=True)
class Fields:
    """How pixels are stored: their size, where they begin, and the bits of R, G, B and A."""

    width: int
    height: int
    bits: int
    start: int
    is_top_down: bool
    masks: tuple[int, ...]


class BmpFile(ImageFile.ImageFile):
    """A BMP image that Pillow does not decode."""

    format = "BMP"
    format_description = "BMP with fields of bits"

    def __init__(self, file: BinaryIO, fields: Fields) -> None:
        self.fields = fields
        super().__init__(cast("Any", file), "")

    def _open(self) -> None:
        self._size = self.fields.width, self.fields.height
        self._mode = "RGBA" if self.fields.masks[3] else "RGB"


def open_photo(file: BinaryIO) -> Image.Image | None:
    """Open a BMP file with fields of bits, or a long palette; None if Pillow opens it itself."""
    file.seek(0)
    head = file.read(MASKS_PLACE + 16).ljust(MASKS_PLACE + 16, b"\0")
    start, size, width, height = struct.unpack_from("<IIii", head, 10)
    bits, compression = struct.unpack_from("<HI", head, 28)
    (colors,) = struct.unpack_from("<I", head, COLORS_PLACE)
    masks = struct.unpack_from("<4I", head, MASKS_PLACE)
    if size >= HEADERS[0] and bits <= MAX_PALETTE_BITS and colors > 1 << bits:
        return BmpImagePlugin.BmpImageFile(_cut_palette(file, start or 14 + size + 4 * colors))
    if compression == NO_COMPRESSION and bits == 32 and size >= MEANS_ALPHA and masks[3]:
        return BmpFile(file, Fields(width, abs(height), bits, start, height < 0, WITH_ALPHA))
    if size < MASKS_WITH_ALPHA and compression != ALPHA_BIT_FIELDS:
        masks = (*masks[:3], 0)
    if compression not in (BIT_FIELDS, ALPHA_BIT_FIELDS) or bits not in (16, 32):
        return None
    is_known = masks == RGB_555 if bits == 16 else all(mask in WHOLE_BYTES for mask in masks)
    is_known &= compression == BIT_FIELDS  # Pillow does not know the other.
    if size not in HEADERS or is_known or not all(masks[:3]) or not all(map(_is_field, masks)):
        return None
    return BmpFile(file, Fields(width, abs(height), bits, start, height < 0, masks))


def _cut_palette(file: BinaryIO, start: int) -> BinaryIO:
    """Return a BMP file without the colors that no pixel can have: Pillow wants 256 at most."""
    file.seek(0)
    data = bytearray(file.read())
    struct.pack_into("<I", data, 10, start)
    (bits,) = struct.unpack_from("<H", data, 28)
    struct.pack_into("<I", data, COLORS_PLACE, 1 << bits)
    return BytesIO(data)


def _is_field(mask: int) -> bool:
    """Return whether the bits of a mask are next to each other; there may be none."""
    lowest = mask & -mask
    return mask + lowest & mask == 0


def read(image: BmpFile, file: BinaryIO) -> Image.Image:
    """Decode an image: each field to 8 bits, by repeating its own."""
    fields = image.fields
    row = (fields.width * fields.bits // 8 + 3) & ~3
    file.seek(fields.start)
    data = file.read(row * fields.height)
    if len(data) < row * fields.height:
        raise OSError("image file is truncated")
    mode = "RGBA" if fields.bits == 32 else "LA"
    order = 1 if fields.is_top_down else -1
    stored = Image.frombytes(mode, image.size, data, "raw", mode, row, order).split()
    bands = [_extract(stored, mask) for mask in fields.masks if mask]
    return Image.merge(image.mode, bands)


def _extract(stored: tuple[Image.Image, ...], mask: int) -> Image.Image:
    """Extract a field from the bytes of pixels, the lowest first."""
    lowest = (mask & -mask).bit_length() - 1
    width = mask.bit_length() - lowest
    moves: dict[int, list[tuple[int, int]]] = {}
    for target in range(8):
        source = lowest + width - 1 - target % width
        moves.setdefault(source // 8, []).append((source % 8, 7 - target))
    parts = [
        stored[byte].point(
            [sum((level >> taken & 1) << put for taken, put in pairs) for level in range(256)]
        )
        for byte, pairs in moves.items()
    ]
    return reduce(ImageChops.add, parts)
