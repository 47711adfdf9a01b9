"""Encoders for mosaics of one pixel a cell: of two files, the smaller one.

The encoders of `png` and `webp` repeat cells; Pillow's find what is alike among neighbors.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from pixelater.encode import png, webp


def write_native(cells: Image.Image, format: str, icc_profile: bytes) -> bytes:
    """Write cells as a PNG or WebP of as many pixels; colors stay, also of transparent ones."""
    write = png.write_png if format == "PNG" else webp.write_webp
    own = write([cells], *cells.size, icc_profile)
    buffer = BytesIO()
    settings = {"icc_profile": icc_profile} if icc_profile else {}
    if format == "PNG":
        cells.save(buffer, format, optimize=True, **settings)
    else:
        cells.save(buffer, format, lossless=True, exact=True, quality=100, method=6, **settings)
    return min(own, buffer.getvalue(), key=len)
