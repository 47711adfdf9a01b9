"""Pictures of requests to Rekognition, decoded as it decodes them.

https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
https://docs.aws.amazon.com/rekognition/latest/dg/error-handling.html
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pixelater_cli.emulator.strict.refusal import Refusal

if TYPE_CHECKING:
    from PIL import Image

MAX_OBJECT_BYTES = 15 * 2**20

MIN_SIDE = 80

MAX_PIXELS = 100_000_000
"""Not a limit of Rekognition, but of the emulator: an image of 300 MB."""

SIXTEEN_BITS = "I"
"""How the modes of PNG files with 16 bits of gray begin."""


def decode(data: bytes) -> Image.Image:
    """Decode a JPEG or PNG file as RGB. JPEG is made upright, PNG is not, as by Rekognition.

    Raises Refusal.
    """
    from PIL import ImageOps

    from pixelater.decode.identify import open_image
    from pixelater.errors import DECODER_ERRORS

    try:
        image = open_image(io.BytesIO(data), ("JPEG", "PNG"))
        if image is None:
            raise refuse_format()
        if min(image.size) < MIN_SIDE:
            raise refuse_parameters()
        if image.width * image.height > MAX_PIXELS:
            raise refuse_size(f"This emulator decodes {MAX_PIXELS // 10**6} megapixels at most.")
        if image.format == "PNG":
            return _to_rgb(image)
        ImageOps.exif_transpose(image, in_place=True)
        return _to_rgb(image)
    except DECODER_ERRORS as error:
        raise refuse_format() from error


def _to_rgb(image: Image.Image) -> Image.Image:
    """Convert an image to RGB; what is transparent is white."""
    from PIL import Image as Pillow

    if image.mode.startswith(SIXTEEN_BITS):
        return image.convert("I").point(lambda level: level / 256).convert("L").convert("RGB")
    if image.has_transparency_data:
        ground = Pillow.new("RGBA", image.size, "white")
        image = Pillow.alpha_composite(ground, image.convert("RGBA"))
    return image.convert("RGB")


def refuse_format() -> Refusal:
    """Return the refusal of what is neither JPEG nor PNG, or damaged."""
    return Refusal(400, "InvalidImageFormatException", "Request has invalid image format")


def refuse_parameters() -> Refusal:
    """Return the refusal of parameters that contradict each other, and of small pictures."""
    return Refusal(400, "InvalidParameterException", "Request has invalid parameters")


def refuse_size(message: str = "Image size is too large") -> Refusal:
    """Return the refusal of a picture that has too many bytes, or pixels."""
    return Refusal(400, "ImageTooLargeException", message)
