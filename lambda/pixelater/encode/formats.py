"""The formats mosaics are written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Encoding:
    """How one format is written: its media type, file suffixes, modes and Pillow's settings.

    `profiles` says whether files carry a color profile.
    """

    format: str
    media_type: str
    suffixes: tuple[str, ...]
    modes: tuple[str, ...]
    settings: tuple[tuple[str, Any], ...] = ()
    max_side: int = 2**31 - 1
    profiles: bool = True


PNG = Encoding("PNG", "image/png", (".png", ".apng"), ("L", "LA", "RGB", "RGBA"))

JPEG = Encoding(
    "JPEG", "image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"), ("L", "RGB", "CMYK"), max_side=65_500
)

ENCODINGS: dict[str, Encoding] = {
    "JPEG": JPEG,
    "MPO": JPEG,
    "PNG": PNG,
    "GIF": Encoding("GIF", "image/gif", (".gif",), ("P",), max_side=65_535, profiles=False),
    "WEBP": Encoding("WEBP", "image/webp", (".webp",), ("RGB", "RGBA"), max_side=16_383),
    "TIFF": Encoding(
        "TIFF",
        "image/tiff",
        (".tif", ".tiff"),
        ("L", "LA", "RGB", "RGBA", "CMYK"),
        (("compression", "tiff_lzw"),),
    ),
    "BMP": Encoding("BMP", "image/bmp", (".bmp", ".dib"), ("L", "RGB"), profiles=False),
    "PPM": Encoding(
        "PPM",
        "image/x-portable-anymap",
        (".ppm", ".pgm", ".pbm", ".pnm"),
        ("L", "RGB"),
        profiles=False,
    ),
    "TGA": Encoding(
        "TGA", "image/x-tga", (".tga",), ("L", "LA", "RGB", "RGBA"), max_side=65_535, profiles=False
    ),
    "JPEG2000": Encoding("JPEG2000", "image/jp2", (".jp2",), ("L", "LA", "RGB", "RGBA")),
    "AVIF": Encoding(
        "AVIF",
        "image/avif",
        (".avif",),
        ("RGB", "RGBA"),
        (("quality", 90), ("subsampling", "4:4:4"), ("speed", 9)),
        max_side=65_535,
    ),
}
"""Format read -> how it is written. What is missing here goes out as PNG."""

ANIMATED = ("GIF", "PNG", "WEBP")
"""Formats whose several images can be written as an animation."""

ANIMATIONS = (*ANIMATED, "AVIF", "FLI")
"""Formats whose several images are one; elsewhere they are pages, layers or other photos."""
