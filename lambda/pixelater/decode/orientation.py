"""Orientation of photos."""

from __future__ import annotations

from PIL import ExifTags, Image

from pixelater.errors import DECODER_ERRORS

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def find_turn(image: Image.Image) -> Image.Transpose | None:
    """Return how to turn an image upright, from EXIF (Exif 3.0, tag 0x0112).

    Only EXIF counts, as in browsers: Image.getexif would also search XMP, and texts of a PNG that
    hold EXIF. Pillow's TIFF plugin has applied the orientation already, unless its type is BYTE.
    """
    try:
        orientation = _read_exif(image).get(ExifTags.Base.Orientation)
    except DECODER_ERRORS:
        return None  # The image can be decoded even if its metadata cannot.
    if isinstance(orientation, bytes) and len(orientation) == 1:
        orientation = orientation[0]  # A value of type BYTE.
    return TURNS.get(orientation or 1)


def _read_exif(image: Image.Image) -> Image.Exif:
    if image.format == "TIFF":
        return image.getexif()
    exif = Image.Exif()
    if "exif" in image.info:
        exif.load(image.info["exif"])
    return exif
