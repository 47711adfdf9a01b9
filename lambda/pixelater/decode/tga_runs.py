"""TGA images whose runs go on in the next row, which Pillow refuses.

Version 2 of the format forbids such runs, but files have them, and other programs read them
(Truevision TGA File Format Specification, run-length packets).
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, BinaryIO, cast

from PIL import Image, ImageFile

CODEC, REFUSAL = "tga_rle", "buffer overrun"
"""Pillow's name of the decoder, and what it says."""

REPEATED = 0x80
"""Set in the head of a packet that has one pixel for many."""


def load(image: Image.Image, file: BinaryIO) -> None:
    """Load an opened image. Raises what Pillow raises."""
    tiles = list(getattr(image, "tile", []))
    try:
        image.load()
    except OSError as error:
        if REFUSAL not in str(error) or [tile.codec_name for tile in tiles] != [CODEC]:
            raise
        opened = cast("ImageFile.ImageFile", image)
        (tile,) = tiles
        rawmode, order, bits = cast("tuple[Any, Any, int]", tile.args)
        file.seek(tile.offset)
        width = (bits + 7) // 8
        pixels = expand(file.read(), width, image.width * image.height)
        opened.fp = BytesIO(pixels)
        opened.tile = [tile._replace(codec_name="raw", offset=0, args=(rawmode, 0, order))]
        opened.load()


def expand(data: bytes, width: int, number: int) -> bytes:
    """Expand packets to so many pixels, each of some bytes. Raises OSError if there are fewer."""
    parts: list[bytes] = []
    at = found = 0
    while found < number and at < len(data):
        count = (data[at] & ~REPEATED) + 1
        if data[at] & REPEATED:
            parts.append(data[at + 1 : at + 1 + width] * count)
            at += 1 + width
        else:
            parts.append(data[at + 1 : at + 1 + width * count])
            at += 1 + width * count
        found += count
    pixels = b"".join(parts)[: number * width]
    if len(pixels) < number * width:
        raise OSError("image file is truncated")
    return pixels
