"""Pixels of BMP images that are compressed by run lengths (BI_RLE4, BI_RLE8).

Pillow lets a run of single pixels go on in the next row, where encoders fill rows up; and it
refuses an image that ends early. The format is that of
https://learn.microsoft.com/windows/win32/gdi/bitmap-compression.
"""

from __future__ import annotations

from typing import BinaryIO

from PIL import Image

from pixelater.decode.limits import Size

CODEC = "bmp_rle"
"""Pillow's name."""

END_OF_LINE, END_OF_BITMAP, DELTA = 0, 1, 2
HALVES = [bytes((byte >> 4, byte & 15)) for byte in range(256)]
"""The two indices in a byte of BI_RLE4."""


def read(image: Image.Image, file: BinaryIO) -> Image.Image:
    """Decode an opened image. Raises OSError if it is cut off."""
    tile = getattr(image, "tile")[0]  # noqa: B009 (ImageFile has it, Image has not)
    _, halves, order = tile.args
    file.seek(tile.offset)
    indices = decode(file.read(), image.size, halves)
    decoded = Image.frombytes("L", image.size, indices, "raw", "L", 0, order)
    if image.mode == "1":
        return decoded.point([0] + [255] * 255)
    if image.mode == "P" and image.palette:
        decoded.putpalette(image.palette.palette, image.palette.rawmode or "RGB")
    return decoded


def decode(data: bytes, size: Size, halves: bool) -> bytes:
    """Decode the indices of pixels, in the order of rows in the file; what is skipped is 0."""
    width, height = size
    indices = bytearray(width * height)
    at = x = y = 0
    while y < height and (x < width or y < height - 1):
        if at + 2 > len(data):
            raise OSError("image file is truncated")
        number, value = data[at : at + 2]
        at += 2
        if number:
            run = (HALVES[value] * 128 if halves else bytes([value]) * 255)[:number]
        elif value == END_OF_LINE:
            x, y = 0, y + 1
            continue
        elif value == END_OF_BITMAP:
            break
        elif value == DELTA:
            x, y = x + sum(data[at : at + 1]), y + sum(data[at + 1 : at + 2])
            at += 2
            continue
        else:
            length = (value + 1) // 2 if halves else value
            run = data[at : at + length]
            if len(run) < length:
                raise OSError("image file is truncated")
            run = b"".join(HALVES[byte] for byte in run)[:value] if halves else run
            at += length + length % 2
        shown = run[: max(width - x, 0)]
        place = y * width + x
        indices[place : place + len(shown)] = shown
        x += len(run)
    return bytes(indices)
