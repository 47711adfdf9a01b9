"""Limits on the size of photos, checked before anything is decoded.

Pillow's own limit, `Image.MAX_IMAGE_PIXELS`, belongs to the program that uses the library, and to
all of its threads: the library neither sets nor needs it.
"""

from __future__ import annotations

from pixelater.errors import TooLarge

MAX_PIXELS = 64_000_000
"""Photos with more pixels are refused: decoded, they take four bytes a pixel, 256 MB."""

MAX_PIXELS_JPEG = 200_000_000
"""A JPEG is decoded in part, so it may be larger; but not one of several scans, which the decoder
holds as a whole, three bytes a pixel and more."""

MAX_SIDE = 200_000
"""An image longer than this is not a photo, and millions of rows or columns take long."""

MAX_FRAMES = 2000
MAX_FRAME_PIXELS = 2_000_000_000
"""Limits of an animation: a minute and more, and some seconds of work; the latter is also that of
a JPEG's scans."""

Size = tuple[int, int]


def check_size(size: Size, max_pixels: int) -> None:
    """Raise TooLarge for more than `max_pixels`, or for a side longer than MAX_SIDE."""
    width, height = size
    if max(size) > MAX_SIDE:
        raise TooLarge(f"{width} x {height}: a side is longer than {MAX_SIDE:,} pixels")
    if width * height > max_pixels:
        raise TooLarge(
            f"{width} x {height} are {width * height:,} pixels, "
            f"more than the limit of {max_pixels:,}",
            width * height,
        )


def check_scans(size: Size, scans: int) -> None:
    """Raise TooLarge for a JPEG whose scans take too long to decode."""
    width, height = size
    if scans > 1 and width * height * scans > MAX_FRAME_PIXELS:
        raise TooLarge(f"{scans} scans of {width} x {height} pixels take too long")
