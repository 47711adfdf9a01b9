"""Pixels of an opened image, in a mode that can be averaged.

Where Pillow decodes wrongly, a module of this folder decodes instead; it is imported only then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from pixelater.decode.color_modes import choose_mode, find_range
from pixelater.decode.limits import Size

JPEG_FORMATS = ("JPEG", "MPO")


@dataclass(frozen=True)
class Pixels:
    """An image in mode L, LA, RGB, RGBA or CMYK, or F with the values of black and white."""

    image: Image.Image
    black: float = 0.0
    white: float = 255.0


def read_pixels(image: Image.Image, file: BinaryIO, draft: Size | None = None) -> Pixels:
    """Decode an image that was opened from a file; a JPEG at least at the size of a draft.

    Raises what decoders raise.
    """
    if image.format in JPEG_FORMATS:
        from pixelater.decode import jpeg_end

        image = jpeg_end.load(image, file, draft)
    else:
        image.load()
    black, white = find_range(image)
    return Pixels(choose_mode(image), black, white)
