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
    """An image in mode L, LA, RGB, RGBA or CMYK, or F with the values of black and white.

    Of 16-bit values in other modes than F, `image` has the high bytes and `low` the low ones.
    """

    image: Image.Image
    low: Image.Image | None = None
    black: float = 0.0
    white: float = 255.0


def read_pixels(image: Image.Image, file: BinaryIO, draft: Size | None = None) -> Pixels:
    """Decode an image that was opened from a file; a JPEG at least at the size of a draft.

    Raises what decoders raise.
    """
    if image.format in JPEG_FORMATS:
        from pixelater.decode import jpeg_end

        image = jpeg_end.load(image, file, draft)
    elif image.format == "PNG" and ("transparency" in image.info or is_deep(image)):
        from pixelater.decode import png_pixels

        return Pixels(*png_pixels.read(image, file))
    elif image.format == "GIF":
        from pixelater.decode import gif_frames

        return Pixels(next(iter(gif_frames.read_animation(file))))
    elif image.format == "JPEG2000":
        from pixelater.decode import jpeg2000_pixels

        return jpeg2000_pixels.read(image, file)
    elif image.format == "PPM" and (tile := _find_deep_tile(image)):
        from pixelater.decode import ppm_pixels

        return ppm_pixels.read(image, file, *tile)
    elif image.format == "TIFF":
        from pixelater.decode import tiff_pixels

        return tiff_pixels.read(image, file)
    elif image.format == "XBM":
        from PIL import ImageChops

        # A set bit is the foreground, which is drawn in black: Pillow reads it as white.
        image = ImageChops.invert(image)
    else:
        image.load()
    black, white = find_range(image)
    return Pixels(choose_mode(image), None, black, white)


def is_deep(image: Image.Image) -> bool:
    """Return whether a PNG image, which is not loaded yet, has 16 bits a value."""
    tiles = getattr(image, "tile", [])
    return any(";16" in str(tile.args) for tile in tiles)


def _find_deep_tile(image: Image.Image) -> tuple[int, int] | None:
    """Return where the samples of a binary PPM begin, and the greatest, if it is beyond 8 bits."""
    for codec, _, place, settings in getattr(image, "tile", []):
        if codec == "ppm" and settings[0] == "RGB" and settings[1] > 0xFF:
            return place, settings[1]
    return None
