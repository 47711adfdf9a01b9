"""The formats mosaics are written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Encoding:
    """How one format is written: its media type, file suffixes, modes and Pillow's settings.

    `profiles` says whether files carry a color profile. Mosaics of more than `max_pixels` become
    PNG: in formats that hardly compress, five would take more than 64 MB, and in others encoding
    takes 40 bytes of memory a pixel and more.
    """

    format: str
    media_type: str
    suffixes: tuple[str, ...]
    modes: tuple[str, ...]
    settings: tuple[tuple[str, Any], ...] = ()
    max_side: int = 2**31 - 1
    profiles: bool = True
    max_pixels: int = 2**63 - 1


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
        max_pixels=40_000_000,
    ),
    "BMP": Encoding(
        "BMP",
        "image/bmp",
        (".bmp", ".dib"),
        ("L", "RGB"),
        profiles=False,
        max_pixels=4_000_000,
    ),
    "PPM": Encoding(
        "PPM",
        "image/x-portable-anymap",
        (".ppm", ".pgm", ".pbm", ".pnm"),
        ("L", "RGB"),
        profiles=False,
        max_pixels=4_000_000,
    ),
    "TGA": Encoding(
        "TGA",
        "image/x-tga",
        (".tga",),
        ("L", "LA", "RGB", "RGBA"),
        max_side=65_535,
        profiles=False,
        max_pixels=3_000_000,
    ),
    "JPEG2000": Encoding(
        "JPEG2000",
        "image/jp2",
        (".jp2",),
        ("L", "LA", "RGB", "RGBA"),
        max_pixels=9_000_000,
    ),
    "AVIF": Encoding(
        "AVIF",
        "image/avif",
        (".avif",),
        ("RGB", "RGBA"),
        (("quality", 90), ("subsampling", "4:4:4"), ("speed", 9)),
        max_side=65_535,
        max_pixels=12_500_000,
    ),
    "KTX2": Encoding(
        "KTX2",
        "image/ktx2",
        (".ktx2",),
        ("RGB", "RGBA"),
        profiles=False,
        max_pixels=1 << 24,
    ),
}
"""Format read, or asked for -> how it is written. What is missing here goes out as PNG."""

ANIMATED = ("GIF", "PNG", "WEBP")
"""Formats whose several images can be written as an animation."""

ANIMATIONS = (*ANIMATED, "AVIF", "FLI")
"""Formats whose several images are one; elsewhere they are pages, layers or other photos."""

WORTH_SPLICING = 0.75
"""With a larger share of distinct rows in a JPEG, encoding the whole image is as fast."""

MAX_SEARCHED = 100_000
"""Cells up to which WebP tries hardest at one pixel a cell: it takes 17 microseconds a cell, where
fast ways take one."""
