"""The clean aperture (clap) of an AVIF file: which part of the decoded image is shown.

Pillow and libavif decode the whole image and leave cropping to the application; what was cropped
away may be private. Section numbers without a standard are those of ISO/IEC 14496-12
(boxes); which image and properties count is as in libavif 1.4 (avifDecoderReset in src/read.c),
and so is the arithmetic (avifCropRectFromCleanApertureBox in src/avif.c).
"""

from __future__ import annotations

import struct
from typing import BinaryIO, NamedTuple

from pixelater.decode.boxes import Properties, list_properties
from pixelater.errors import BadCrop

Crop = tuple[int, int, int, int]
"""Left, top, right and lower edge, as Pillow crops."""

TURNS = (b"irot", b"imir")


class CleanAperture(NamedTuple):
    """A size, and how far its center is from the image's, as fractions (section 12.1.4)."""

    width: int
    width_divisor: int
    height: int
    height_divisor: int
    across: int
    across_divisor: int
    down: int
    down_divisor: int


def find_crop(file: BinaryIO, width: int, height: int) -> Crop | None:
    """Return the part of an AVIF file's decoded image that is shown; None is all of it.

    The position of the file is kept. Raises BadCrop for a part that is invalid or not supported,
    and struct.error for damaged boxes.
    """
    aperture = _find_aperture(file)
    if aperture is None:
        return None
    left, right = _cut_side(width, *aperture[:2], *aperture[4:6])
    top, bottom = _cut_side(height, *aperture[2:4], *aperture[6:])
    return left, top, right, bottom


def _cut_side(
    side: int, length: int, divisor: int, offset: int, offset_divisor: int
) -> tuple[int, int]:
    """Find where a side is cut: it shall be between whole pixels (ISO/IEC 23000-22, 7.3.6.7)."""
    if length <= 0 or divisor <= 0 or offset_divisor <= 0 or length % divisor:
        raise BadCrop(f"its crop (clap) is {length}/{divisor} pixels long")
    length //= divisor
    start, rest = divmod((side - length) * offset_divisor + 2 * offset, 2 * offset_divisor)
    if rest:
        raise BadCrop("its crop (clap) begins within a pixel")
    if start < 0 or start + length > side:
        raise BadCrop(f"its crop (clap), {start} to {start + length}, is not within 0 to {side}")
    return start, start + length


def _find_aperture(file: BinaryIO) -> CleanAperture | None:
    """Find the clean aperture of what is decoded: tracks, or the primary item."""
    tracks, items = list_properties(file)
    if tracks:
        apertures = set(map(_read_aperture, tracks))
        if len(apertures) > 1:
            raise BadCrop("its pictures are cropped (clap) in different ways")
        return apertures.pop()
    first, *tiles = map(_read_aperture, items or [[]])
    if any(tiles):
        raise BadCrop("its tiles are cropped (clap) one by one")
    return first


def _read_aperture(properties: Properties) -> CleanAperture | None:
    """Read the clean aperture of one image. Cropping comes first (ISO/IEC 23000-22, 7.3.6.7)."""
    names = [name for name, _ in properties]
    if b"clap" not in names:
        return None
    place = names.index(b"clap")
    if names.count(b"clap") > 1 or not set(TURNS).isdisjoint(names[:place]):
        raise BadCrop("it is cropped (clap) twice, or turned before that")
    return CleanAperture(*struct.unpack_from(">8i", properties[place][1]))
