"""Encoders for mosaics of one pixel a cell: of two files, the smaller one.

The encoders of `png` and `webp` repeat cells; Pillow's find what is alike among neighbors.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image

from pixelater.encode import png, webp
from pixelater.encode.formats import MAX_SEARCHED


def write_native(cells: Image.Image, format: str, icc_profile: bytes) -> bytes:
    """Write cells as a PNG or WebP of as many pixels; colors stay, also of transparent ones."""
    write = png.write_png if format == "PNG" else webp.write_webp
    own = write([cells], *cells.size, icc_profile)
    buffer = BytesIO()
    settings: dict[str, Any] = {"icc_profile": icc_profile} if icc_profile else {}
    if format == "PNG":
        cells.save(buffer, format, optimize=True, **settings)
    else:
        searches = cells.width * cells.height <= MAX_SEARCHED
        settings |= {"quality": 100, "method": 6} if searches else {"quality": 0, "method": 0}
        cells.save(buffer, format, lossless=True, exact=True, **settings)
    return min(own, buffer.getvalue(), key=len)
