"""Pixels of TIFF images whose strips or tiles are WebP images, which Pillow's libtiff may not read.

The compression is libtiff's (https://libtiff.gitlab.io/libtiff/functions/TIFFSetField.html, and
tif_webp.c): 8-bit samples, 3 or 4 of them, and each segment is a WebP of its size.
"""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

from PIL import Image

from pixelater.decode import embedded
from pixelater.decode.identify import open_image
from pixelater.decode.limits import Size
from pixelater.decode.tiff_layout import Layout
from pixelater.errors import TooLarge

MODES = {3: "RGB", 4: "RGBA"}
"""Number of samples -> mode."""

MAX_SEGMENTS = 20_000
"""No photo has as many; each takes time, however small it is."""


def decompress(layout: Layout, file: BinaryIO) -> Image.Image:
    """Decompress strips or tiles as an image of bytes, whose rows end with those of whole tiles.

    Raises OSError for a segment that is not a WebP of its size, and TooLarge.
    """
    segments = layout.segments
    mode = MODES[layout.samples]
    across = -(-layout.width // segments.width)
    down = -(-layout.height // segments.height)
    if across * down > MAX_SEGMENTS:
        raise TooLarge(f"it has more than {MAX_SEGMENTS:,} strips or tiles")
    picture = Image.new(mode, (across * segments.width, layout.height))
    places = zip(segments.offsets[: across * down], segments.byte_counts, strict=False)
    for number, (offset, count) in enumerate(places):
        left, top = number % across * segments.width, number // across * segments.height
        height = min(segments.height, layout.height - top)
        size = segments.width, segments.height if segments.is_tiled else height
        file.seek(offset)
        picture.paste(_decode(BytesIO(file.read(count)), size, mode), (left, top))
    return Image.frombytes("L", (picture.width * layout.samples, layout.height), picture.tobytes())


def _decode(segment: BinaryIO, size: Size, mode: str) -> Image.Image:
    """Decode a segment, whose canvas is allocated while it is opened."""
    image = None
    if set(embedded.list_webp(segment)) == {size}:
        image = open_image(segment, ["WEBP"])
    if image is None:
        raise OSError(f"a strip or tile is not a WebP image of {size[0]} x {size[1]} pixels")
    image.load()
    return image.convert(mode)
