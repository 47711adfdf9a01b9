"""The header of an opened image, as far as costs depend on it. Nothing is decoded."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, prod
from typing import TYPE_CHECKING, BinaryIO, cast

from PIL import Image

from pixelater.decode.cost import Header
from pixelater.decode.cost_table import OWN_DECODERS, SLOW_TIFF
from pixelater.decode.jpeg_scans import count_scans
from pixelater.decode.pixels import is_deep

if TYPE_CHECKING:
    from PIL import ImageFile

    from pixelater.decode.photo import Animation

DEEP_FORMATS = ("PNG", "TIFF")
"""Formats whose colors of 16 bits are held as two images, of their high and low bytes."""

COMMENT_BYTES = 84
"""A comment in a plain PPM takes 10 us, as much as so many bytes of numbers
(PIL/PpmImagePlugin.py, _ignore_comments)."""

TILE_PIXEL_NS = 12.0
"""A pixel of a TIFF's tile beyond the image."""

BYTE = 8

TILE_WIDTH, TILE_HEIGHT, ROWS_PER_STRIP, BITS, SAMPLES, PLANAR, SEPARATE = (
    322,
    323,
    278,
    258,
    277,
    284,
    2,
)
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
    header = Header(
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
    return _add_parts(header, image, file)


def read_nested(image: Image.Image, format: str) -> Header:
    """Read the header of an image that was opened from inside a file of a format."""
    file = cast("BinaryIO", cast("ImageFile.ImageFile", image).fp)
    scans = count_scans(file) if image.format == "JPEG" else 1
    header = read_header(image, file, None, scans, 1)
    return replace(header, format=format, nested=True)


def _add_parts(header: Header, image: Image.Image, file: BinaryIO) -> Header:
    """Add what the parts of an image take, whose size and number a file can choose."""
    if header.format == "JPEG2000":
        from pixelater.decode import jpeg2000_parts

        place = file.tell()
        parts = jpeg2000_parts.measure(file)
        file.seek(place)
        twice = parts.depth > BYTE and image.mode != "I;16"
        return replace(header, times=1 + twice, extra_bytes=parts.bytes, extra_ns=parts.ns)
    if header.format == "TIFF":
        area, values = _measure_segment(image)
        return replace(
            header,
            extra_bytes=area * values,
            extra_ns=max(area - header.pixels, 0) * TILE_PIXEL_NS,
        )
    return header


def _measure_segment(image: Image.Image) -> tuple[int, int]:
    """Return the pixels of a TIFF's strip or tile, which is decoded as a whole, and bytes for each.

    A tile can be larger than the image. Strips of JPEG are decoded to four bytes a pixel.
    """
    layout = getattr(image, "layout", None)
    if layout is not None:
        area = layout.segments.width * layout.segments.height
        return area, ceil(layout.bits / 8) * (1 if layout.is_planar else layout.samples)
    tags = getattr(image, "tag_v2", {})
    width, height = image.size
    tile = tags.get(TILE_WIDTH), tags.get(TILE_HEIGHT)
    area = prod(tile) if all(tile) else width * min(tags.get(ROWS_PER_STRIP) or height, height)
    samples = 1 if tags.get(PLANAR) == SEPARATE else tags.get(SAMPLES, 1)
    least = 4 if image.mode == "YCbCr" or "jpeg" in image.info.get("compression", "") else 1
    return area, max(least, samples * ceil(max(tags.get(BITS, (1,))) / 8))


def _find_codec(image: Image.Image) -> str:
    tiles = getattr(image, "tile", ())
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
