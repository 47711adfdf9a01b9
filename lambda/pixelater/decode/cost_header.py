"""The header of an opened image, as far as costs depend on it. Nothing is decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from pixelater.decode.cost import Header
from pixelater.decode.cost_table import OWN_DECODERS, SLOW_TIFF
from pixelater.decode.pixels import is_deep

if TYPE_CHECKING:
    from pixelater.decode.photo import Animation

DEEP_FORMATS = ("PNG", "TIFF")
"""Formats whose colors of 16 bits are held as two images, of their high and low bytes."""

COMMENT_BYTES = 84
"""A comment in a plain PPM takes 10 us, as much as so many bytes of numbers
(PIL/PpmImagePlugin.py, _ignore_comments)."""

COUNTED = ("WEBP", "AVIF", "FLI")
"""Formats whose plugins know the number of frames from a header."""


def read_header(
    image: Image.Image,
    file: BinaryIO,
    animation: Animation | None,
    scans: int,
    scale: int,
) -> Header:
    """Read the header of an image that was opened and is not loaded yet.

    The position of the file is kept.
    """
    format_ = image.format or ""
    place = file.tell()
    size = file.seek(0, 2)
    if _find_codec(image) == "ppm_plain":
        file.seek(0)
        size += COMMENT_BYTES * file.read().count(b"#")
    frames = _count_frames(image, animation)
    file.seek(place)
    transparent = "transparency" in image.info or (
        image.mode == "P" and image.has_transparency_data
    )
    return Header(
        format_,
        _find_codec(image),
        image.mode,
        *image.size,
        size,
        frames,
        scans,
        scale,
        _count_coefficients(image),
        transparent,
        format_ in DEEP_FORMATS and is_deep(image),
    )


def _find_codec(image: Image.Image) -> str:
    tiles = getattr(image, "tile", ())
    if not tiles and image.info.get("compression") == "webp":
        return "TIFF, WebP"
    if image.format in OWN_DECODERS or not tiles:
        return image.format or ""
    codec: str = tiles[0][0]
    if codec == "libtiff" and str(image.info.get("compression")).startswith(SLOW_TIFF):
        return "libtiff, slow"
    return codec


def _count_frames(image: Image.Image, animation: Animation | None) -> int:
    """Count the frames of an animation; 1 for formats whose images are pages."""
    if animation is None:
        return 1
    if not isinstance(animation, Image.Image):
        return len(animation.frames)
    return int(getattr(image, "n_frames", 1)) if image.format in COUNTED else 1


def _count_coefficients(image: Image.Image) -> float:
    """Return the number of coefficients for each pixel of a JPEG (ITU-T T.81, section A.1.1)."""
    factors: list[tuple[int, int]] = [
        (across, down) for _, across, down, _ in getattr(image, "layer", ())
    ]
    if not factors:
        return 3.0
    most = max(across for across, _ in factors) * max(down for _, down in factors)
    return sum(across * down for across, down in factors) / max(most, 1)
