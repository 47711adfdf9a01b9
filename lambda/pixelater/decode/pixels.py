"""Pixels of an opened image, in a mode that can be averaged.

Where Pillow decodes wrongly, a module of this folder decodes instead; it is imported only then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, cast

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


def read_pixels(
    image: Image.Image,
    file: BinaryIO,
    draft: Size | None = None,
    admit_again: Callable[[], None] | None = None,
) -> Pixels:
    """Decode an image that was opened from a file; a JPEG at least at the size of a draft.

    `admit_again` is called before a JPEG is decoded again at its full size, and may raise TooLarge.
    Raises what decoders raise.
    """
    if image.format in JPEG_FORMATS:
        from pixelater.decode import jpeg_end

        return choose_pixels(jpeg_end.load(image, file, draft, admit_again))
    reader = READERS.get(image.format or "", _load)
    return reader(image, file)


def choose_pixels(image: Image.Image) -> Pixels:
    """Return the pixels of an image that is loaded."""
    black, white = find_range(image)
    return Pixels(choose_mode(image), None, black, white)


def _load(image: Image.Image, _file: BinaryIO) -> Pixels:
    image.load()
    return choose_pixels(image)


def _read_png(image: Image.Image, file: BinaryIO) -> Pixels:
    if "transparency" not in image.info and not is_deep(image):
        return _load(image, file)
    from pixelater.decode import png_pixels

    return Pixels(*png_pixels.read(image, file))


def _read_gif(_image: Image.Image, file: BinaryIO) -> Pixels:
    from pixelater.decode import gif_frames

    return Pixels(next(iter(gif_frames.read_animation(file))))


def _read_jpeg2000(image: Image.Image, file: BinaryIO) -> Pixels:
    from pixelater.decode import jpeg2000_pixels

    return jpeg2000_pixels.read(image, file)


def _read_tiff(image: Image.Image, file: BinaryIO) -> Pixels:
    from pixelater.decode import tiff_pixels

    return tiff_pixels.read(image, file)


def _read_bmp(image: Image.Image, file: BinaryIO) -> Pixels:
    if tiles := getattr(image, "tile", []):
        from pixelater.decode import bmp_rle

        compressed = tiles[0].codec_name == bmp_rle.CODEC
        return choose_pixels(bmp_rle.read(image, file)) if compressed else _load(image, file)
    from pixelater.decode import bmp_fields

    return Pixels(bmp_fields.read(cast("bmp_fields.BmpFile", image), file))


def _read_ppm(image: Image.Image, file: BinaryIO) -> Pixels:
    for codec, _, place, settings in getattr(image, "tile", []):
        if codec == "ppm" and settings[0] == "RGB" and settings[1] > 0xFF:
            from pixelater.decode import ppm_pixels

            return ppm_pixels.read(image, file, place, settings[1])
    return _load(image, file)


def _read_tga(image: Image.Image, file: BinaryIO) -> Pixels:
    from pixelater.decode import tga_runs

    tga_runs.load(image, file)
    return choose_pixels(image)


def _read_bits(image: Image.Image, file: BinaryIO) -> Pixels:
    """Decode an image, in bitmaps of which a set bit is black: Pillow reads it as white."""
    if image.mode != "1":
        return _load(image, file)
    from PIL import ImageChops

    return choose_pixels(ImageChops.invert(image))


READERS: dict[str, Callable[[Image.Image, BinaryIO], Pixels]] = {
    "PNG": _read_png,
    "GIF": _read_gif,
    "JPEG2000": _read_jpeg2000,
    "TIFF": _read_tiff,
    "BMP": _read_bmp,
    "DIB": _read_bmp,
    "PPM": _read_ppm,
    "PSD": _read_bits,
    "TGA": _read_tga,
    "XBM": _read_bits,
}
"""Formats that Pillow decodes wrongly in part."""


def is_deep(image: Image.Image) -> bool:
    """Return whether a PNG image, which is not loaded yet, has 16 bits a value."""
    tiles = getattr(image, "tile", [])
    return any(";16" in str(tile.args) for tile in tiles)
