"""Pixels of PNG images that have 16 bits a value, or a transparent color.

Pillow keeps the high byte of 16-bit colors, and compares transparent colors with values it has
scaled. Section numbers are those of "Portable Network Graphics (PNG) Specification (Third
Edition)".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from PIL import Image, ImageChops

from pixelater.decode.color_modes import choose_mode
from pixelater.decode.decoder_errors import decode_data
from pixelater.decode.png_chunks import list_chunks, read_chunk

GRAY, RGB, GRAY_ALPHA = 0, 2, 4
"""Color types (section 11.2.1)."""

DEPTH_PLACE = 24
"""Where the bit depth is; the color type follows."""

SCALES = {2: 0x55, 4: 0x11}
"""Bit depths whose values Pillow multiplies, so that they use the whole range."""

Deep = tuple[Image.Image, Image.Image]
"""The high and the low bytes of 16-bit values."""


def read(image: Image.Image, file: BinaryIO) -> tuple[Image.Image, Image.Image | None]:
    """Decode an opened image in a mode to average, with the low bytes if it has 16 bits.

    Raises what Pillow raises.
    """
    file.seek(DEPTH_PLACE)
    depth, color_type = file.read(2)
    key = image.info.get("transparency")
    if depth == 16:
        deep = _decode_deep(image, file, color_type)
        return deep if key is None else _hide(deep, key if isinstance(key, tuple) else (key,))
    image.load()
    if isinstance(key, int) and image.mode == "L":
        image.info["transparency"] = (key & 2**depth - 1) * SCALES.get(depth, 1)
    elif isinstance(key, tuple):
        image.info["transparency"] = tuple(value & 0xFF for value in key)
    return choose_mode(image), None


def _decode_deep(image: Image.Image, file: BinaryIO, color_type: int) -> Deep:
    """Decode the bytes of 16-bit values, which are in network byte order (section 7.1)."""
    chunks = [chunk for chunk in list_chunks(file) if chunk.name == b"IDAT"]
    data = b"".join(read_chunk(file, chunk) for chunk in chunks)

    def decode(mode: str, rawmode: str) -> Image.Image:
        interlaced = image.info.get("interlace", 0)
        return decode_data(mode, image.size, data, "zip", (rawmode, interlaced))

    if color_type == GRAY:
        high, low = decode("LA", "LA").split()
        return high, low
    if color_type == GRAY_ALPHA:
        bands = decode("RGBA", "RGBA").split()
        return Image.merge("LA", bands[0::2]), Image.merge("LA", bands[1::2])
    mode = "RGB" if color_type == RGB else "RGBA"
    return decode(mode, mode + ";16B"), decode(mode, mode + ";16L")


def _hide(deep: Deep, key: Sequence[int]) -> Deep:
    """Add alpha, which is 0 where all values are those of a color (section 11.3.1.1)."""
    high, low = deep
    differs = Image.new("L", high.size)
    for image, values in ((high, [v >> 8 for v in key]), (low, [v & 0xFF for v in key])):
        for band, value in zip(image.split(), values, strict=True):
            table = [255 * (level != value) for level in range(256)]
            differs = ImageChops.lighter(differs, band.point(table))
    return _add_alpha(high, differs), _add_alpha(low, differs)


def _add_alpha(image: Image.Image, alpha: Image.Image) -> Image.Image:
    return Image.merge(image.mode + "A", [*image.split(), alpha])
