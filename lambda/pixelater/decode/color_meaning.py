"""What a file states about the meaning of its values.

It states a color profile (ICC), or primaries and a transfer function, from which a profile is
built. Of several statements, the first that is valid and applies counts, in the order of the
format's standard, as in Chromium. EXIF's ColorSpace and InteroperabilityIndex and TIFF's
WhitePoint, PrimaryChromaticities and TransferFunction are ignored, as in Chromium and libvips.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from pixelater.decode.color_modes import GRAY_MODES
from pixelater.decode.colors import SRGB, Colors, use_code_points, use_profile
from pixelater.errors import UnsupportedFormat

if TYPE_CHECKING:
    from PIL import Image

NCLX = b"nclx"
"""Color information that is code points (ISO/IEC 14496-12, section 12.1.5)."""

UNSPECIFIED, BT_709, SRGB_TRANSFER = 2, 1, 13

ROMM_RGB = 21
NOT_CONVERTED = {
    1: "YCbCr",
    3: "YCbCr",
    4: "YCbCr",
    9: "PhotoYCC",
    11: "CMY",
    13: "YCCK",
    14: "Lab",
    19: "CIEJab",
    20: "e-sRGB",
    22: "YPbPr",
    23: "YPbPr",
    24: "e-sYCC",
}
"""Enumerated color spaces of JPEG 2000 (T.801, table M.25). OpenJPEG converts sYCC only."""

BMP_HEADER = 14
BMP_V5_BYTES = 124
EMBEDDED = b"DEBM"
"""The color space type PROFILE_EMBEDDED of BITMAPV5HEADER, "MBED" as a little-endian number."""


def find_colors(image: Image.Image, mode: str, file: BinaryIO) -> Colors:
    """Find what the values of a photo mean, which are averaged in a mode.

    The position of the file is kept.
    """
    if image.mode == "LAB":
        return SRGB  # It has been converted.
    find = FINDERS.get(image.format or "", _find_in_info)
    place = file.tell()
    try:
        found = find(image, file, mode in GRAY_MODES)
        return next((colors for colors in found if colors.fits(mode)), SRGB)
    except (struct.error, LookupError):
        return SRGB  # The image can be decoded even if its metadata cannot.
    finally:
        file.seek(place)


def _find_in_info(image: Image.Image, _: BinaryIO, __: bool) -> Iterator[Colors]:
    """Take the profile that Pillow's plugin has found."""
    if profile := image.info.get("icc_profile"):
        yield from use_profile(profile)


def _find_in_png(_: Image.Image, file: BinaryIO, is_gray: bool) -> Iterator[Colors]:
    from pixelater.decode import png_colors

    return png_colors.find_colors(file, is_gray)


def _find_in_avif(image: Image.Image, file: BinaryIO, is_gray: bool) -> Iterator[Colors]:
    """Read the color information of the track or item (ISO/IEC 14496-12, section 12.1.5).

    A profile comes first, as in libavif.
    """
    from pixelater.decode import boxes

    yield from _find_in_info(image, file, is_gray)
    tracks, items = boxes.list_properties(file)
    for name, content in next(iter(tracks or items), ()):
        if name == b"colr" and content[:4] == NCLX:
            primaries, transfer = struct.unpack_from(">2H", content, 4)
            yield from _use_nclx(primaries, transfer, is_gray)


def _find_in_heif(image: Image.Image, file: BinaryIO, is_gray: bool) -> Iterator[Colors]:
    """Take what pillow-heif has found."""
    yield from _find_in_info(image, file, is_gray)
    if points := image.info.get("nclx_profile"):
        yield from _use_nclx(points["color_primaries"], points["transfer_characteristics"], is_gray)


def _use_nclx(primaries: int, transfer: int, is_gray: bool) -> Iterator[Colors]:
    """Use code points; the decoder has spread those of narrow range.

    Video is shown as sRGB, as in Chromium, and so is what is not specified.
    """
    from pixelater.decode.code_points import VIDEO

    primaries = BT_709 if primaries == UNSPECIFIED else primaries
    transfer = SRGB_TRANSFER if transfer in (UNSPECIFIED, *VIDEO) else transfer
    return use_code_points(primaries, transfer, is_gray=is_gray)


def _find_in_jpeg_2000(_: Image.Image, file: BinaryIO, is_gray: bool) -> Iterator[Colors]:
    """Read the color specifications (T.800, section I.5.3.3).

    Their methods are an enumerated color space (1), a profile (2, 3) and code points (5); see
    T.800, table I.9, and T.801, table M.22. Raises UnsupportedFormat for a color space that is
    not converted, if there is no other specification.
    """
    from pixelater.decode import boxes

    headers = boxes.read_top_boxes(file, (b"jp2h",))
    specifications = [each for _name, header in headers for each in boxes.pick(header, b"colr")]
    for content in specifications:
        match content[0]:
            case 1:
                yield from _use_enumerated(*struct.unpack_from(">I", content, 3))
            case 2 | 3:
                yield from use_profile(content[3:])
            case 5:
                primaries, transfer, _matrix, full_range = struct.unpack_from(">3HB", content, 3)
                yield from use_code_points(primaries, transfer, full_range & 0x80, is_gray=is_gray)
    for content in specifications:
        _check_enumerated(*struct.unpack_from(">BxxI", content))


def _use_enumerated(space: int) -> Iterator[Colors]:
    """Use an enumerated color space. sRGB, gray and sYCC (16 to 18) are sRGB once decoded."""
    if space == ROMM_RGB:
        from pixelater.decode import display_profiles

        yield Colors(
            display_profiles.build_rgb_profile(
                display_profiles.ROMM_PRIMARIES, display_profiles.ROMM_CURVE
            )
        )
    elif space not in NOT_CONVERTED:
        yield SRGB


def _check_enumerated(method: int, space: int) -> None:
    if method == 1 and space in NOT_CONVERTED:
        from pixelater.decode.known_signatures import KnownFormat

        known = KnownFormat(f"a JPEG 2000 image in {NOT_CONVERTED[space]} colors", "image")
        raise UnsupportedFormat(known.message, known.remedy)


def _find_in_bmp(_: Image.Image, file: BinaryIO, __: bool) -> Iterator[Colors]:
    """Read an embedded profile, stored at an offset from the header (BITMAPV5HEADER)."""
    from pixelater.decode.profiles import MAX_BYTES

    file.seek(BMP_HEADER)
    header = file.read(BMP_V5_BYTES)
    (size,) = struct.unpack_from("<I", header)
    if size == BMP_V5_BYTES and header[56:60] == EMBEDDED:
        start, length = struct.unpack_from("<2I", header, 112)
        file.seek(BMP_HEADER + start)
        yield from use_profile(file.read(min(length, MAX_BYTES)))


Finder = Callable[["Image.Image", BinaryIO, bool], Iterator[Colors]]

FINDERS: dict[str, Finder] = {
    "PNG": _find_in_png,
    "AVIF": _find_in_avif,
    "HEIF": _find_in_heif,
    "JPEG2000": _find_in_jpeg_2000,
    "BMP": _find_in_bmp,
}
