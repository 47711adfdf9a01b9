"""Owns the way from bytes to a picture and back: open safely, turn upright, encode clean.

What goes in is untrusted: the format is told by content, the pixel count is checked before
anything is decoded, and every way a decoder can fail ends in one of this module's errors.
What goes out carries no metadata of the photo but its colour profile.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from math import isfinite
from typing import Any, cast

from PIL import ExifTags, Image, UnidentifiedImageError

MAX_PIXELS = 64_000_000
"""Photos with more pixels are refused: two copies at four bytes a pixel then fit 512 MB."""

Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit warns on stderr; `open_photo` has one limit.

COMMON_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "PPM")
"""What Pillow registers without importing all its plugins."""

REFUSED_FORMATS = frozenset({"EPS", "WMF", "BUFR", "GRIB", "HDF5", "MPEG"})
"""EPS would start Ghostscript on untrusted input; the others have no decoder of their own."""

DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    AttributeError,
    NotImplementedError,
    MemoryError,
    struct.error,
    zlib.error,
)
"""What Pillow's plugins let out on malformed data. Only decoding happens where these are caught."""


PROFILE_SPACES = {"L": b"GRAY", "LA": b"GRAY", "RGB": b"RGB ", "RGBA": b"RGB ", "CMYK": b"CMYK"}

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class PictureError(Exception):
    """A photo that cannot be pixelated; the message says why, in words for its owner."""


class NotAPicture(PictureError):
    """No decoder recognises the data."""


class TooLarge(PictureError):
    """More pixels than the cap, read from the header before decoding."""


class Truncated(PictureError):
    """The data ends before the picture does."""


class Damaged(PictureError):
    """The data is recognised, but not decodable."""


@dataclass(frozen=True)
class Encoding:
    """How one format is written: its media type, file suffixes, modes and Pillow's settings."""

    format: str
    media_type: str
    suffixes: tuple[str, ...]
    modes: tuple[str, ...]
    settings: tuple[tuple[str, Any], ...] = ()
    max_side: int = 2**31 - 1


PNG = Encoding("PNG", "image/png", (".png", ".apng"), ("L", "LA", "RGB", "RGBA"))
JPEG = Encoding(
    "JPEG",
    "image/jpeg",
    (".jpg", ".jpeg", ".jpe", ".jfif"),
    ("L", "RGB", "CMYK"),
    (("quality", 90),),
    max_side=65_500,
)
ENCODINGS: dict[str, Encoding] = {
    "JPEG": JPEG,
    "MPO": JPEG,
    "PNG": PNG,
    "GIF": Encoding("GIF", "image/gif", (".gif",), ("P",), max_side=65_535),
    "WEBP": Encoding(
        "WEBP",
        "image/webp",
        (".webp",),
        ("RGB", "RGBA"),
        (("lossless", True), ("quality", 0), ("method", 1)),
        max_side=16_383,
    ),
    "TIFF": Encoding(
        "TIFF",
        "image/tiff",
        (".tif", ".tiff"),
        ("L", "LA", "RGB", "RGBA", "CMYK"),
        (("compression", "tiff_lzw"),),
    ),
    "BMP": Encoding("BMP", "image/bmp", (".bmp", ".dib"), ("L", "RGB", "RGBA")),
    "PPM": Encoding(
        "PPM", "image/x-portable-anymap", (".ppm", ".pgm", ".pbm", ".pnm"), ("L", "RGB")
    ),
    "TGA": Encoding("TGA", "image/x-tga", (".tga",), ("L", "LA", "RGB", "RGBA"), max_side=65_535),
    "JPEG2000": Encoding("JPEG2000", "image/jp2", (".jp2",), ("L", "LA", "RGB", "RGBA")),
    "AVIF": Encoding(
        "AVIF",
        "image/avif",
        (".avif",),
        ("RGB", "RGBA"),
        (("quality", 90), ("subsampling", "4:4:4"), ("speed", 9)),
        max_side=65_535,
    ),
}
"""Format read -> how it is written. What is missing here goes out as PNG."""


@dataclass(frozen=True)
class Photo:
    """An opened photo: decoded, upright, in a mode whose plain mean is the right one.

    The image's mode is L, LA, RGB, RGBA or CMYK, or F for pictures deeper than eight bits; then
    `black` and `white` are the values that stand for 0 and 255.
    """

    image: Image.Image
    format: str
    icc_profile: bytes = b""
    animated: bool = False
    black: float = 0.0
    white: float = 255.0


def open_photo(data: bytes, max_pixels: int = MAX_PIXELS) -> Photo:
    """Decode a photo, its first picture only, and turn it upright.

    Raises NotAPicture, TooLarge, Truncated or Damaged.
    """
    try:
        image = _identify(data)
        width, height = image.size
        if width * height > max_pixels:
            raise TooLarge(
                f"{width} x {height} pixels are {width * height / 1e6:.1f} million, "
                f"more than the limit of {max_pixels / 1e6:g} million"
            )
        format_read = image.format or ""
        animated = format_read != "MPO" and getattr(image, "is_animated", False)
        image.load()
        icc_profile = image.info.get("icc_profile") or b""
        upright = _turn_upright(image)
        black, white = _find_range(upright)
        decoded = _choose_mode(upright)
        decoded.info = {}  # Pillow hands comments and the like on to whatever is made from it.
        return Photo(decoded, format_read, icc_profile, animated, black, white)
    except DECODER_ERRORS as error:
        raise _explain(error) from error


def choose_encoding(photo: Photo) -> Encoding:
    """Keep the photo's own format where it can be written at this size, else take PNG."""
    encoding = ENCODINGS.get(photo.format, PNG)
    writable = encoding.format in Image.SAVE and max(photo.image.size) <= encoding.max_side
    return encoding if writable else PNG


def fit_cells(cells: Image.Image, photo: Photo, encoding: Encoding) -> Image.Image:
    """Bring averaged cells into a mode that the encoding can write, with no more loss than needed.

    The cells are few, so this costs nothing; the full-size mosaic is then painted in that mode.
    """
    if cells.mode == "F":
        slope = 255 / ((photo.white - photo.black) or 1)
        black = photo.black
        cells = cells.point(lambda value: value * slope + (0.5 - black * slope)).convert("L")
    if encoding.modes == ("P",):
        return _build_palette(cells)
    if cells.mode in encoding.modes:
        return cells
    if cells.mode == "CMYK":
        return _convert_cmyk(cells, photo.icc_profile)
    return cells.convert("RGBA" if cells.mode in ("LA", "RGBA") else "RGB")


def encode(
    mosaic: Image.Image, encoding: Encoding, icc_profile: bytes, transparent: int | None = None
) -> bytes:
    """Write a painted mosaic, with the photo's colour profile where it describes the mode written.

    A profile's colour space is in bytes 16 to 19 of its header (ICC.1:2022, section 7.2.8).
    `transparent` is the entry of a palette that is not to be seen.
    """
    settings = dict(encoding.settings)
    if icc_profile[16:20] == PROFILE_SPACES.get(mosaic.mode):
        settings["icc_profile"] = icc_profile
    if transparent is not None:
        settings["transparency"] = transparent
    buffer = BytesIO()
    mosaic.save(buffer, encoding.format, **settings)
    return buffer.getvalue()


def _identify(data: bytes) -> Image.Image:
    """Find the format by content, asking Pillow's rarer plugins only if the common ones decline."""
    if not data:
        raise NotAPicture("the file is empty")
    try:
        return Image.open(BytesIO(data), formats=COMMON_FORMATS)
    except UnidentifiedImageError:
        Image.init()
    allowed = [name for name in Image.ID if name not in REFUSED_FORMATS]
    try:
        return Image.open(BytesIO(data), formats=allowed)
    except UnidentifiedImageError as error:
        raise NotAPicture("no picture format that can be read") from error


def _explain(error: Exception) -> PictureError:
    """Name what a decoder's error means for the photo."""
    reason = str(error) or type(error).__name__
    if "truncated" in reason or isinstance(error, EOFError):
        return Truncated(f"the picture breaks off before its end ({reason})")
    return Damaged(f"the picture's data is damaged ({reason})")


def _turn_upright(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation (Exif 3.0, tag 0x0112). Pillow's TIFF decoder already has."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except DECODER_ERRORS:
        return image  # Damaged metadata is no reason to refuse a sound picture.
    turn = TURNS.get(orientation or 1)
    return image if turn is None else image.transpose(turn)


def _choose_mode(image: Image.Image) -> Image.Image:
    """Convert to a mode whose plain mean is right: no palettes, no single bits, no clipping."""
    if image.mode.startswith("I"):
        return image.convert("I").convert("F")
    if image.mode == "LAB":
        from PIL import ImageCms

        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return ImageCms.buildTransform(lab, srgb, "LAB", "RGB").apply(image)
    if image.has_transparency_data:
        return image.convert("LA" if image.mode in ("1", "L", "LA", "La") else "RGBA")
    if image.mode in ("L", "RGB", "CMYK", "F"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _find_range(image: Image.Image) -> tuple[float, float]:
    """Tell which values of a deep picture stand for black and white.

    16-bit files use their whole range. 32-bit integers and floats have no rule, so the smallest of
    the customary ranges (0..1, 0..255, 0..65535) that holds all values is taken, else their own.
    """
    if image.mode.startswith("I;16"):
        return 0.0, 65535.0
    if image.mode not in ("I", "F"):
        return 0.0, 255.0
    low, high = cast("tuple[float, float]", image.getextrema())
    if not (isfinite(low) and isfinite(high)):
        raise Damaged("its values are not all numbers")
    ranges = (1.0, 255.0, 65535.0) if image.mode == "F" else (65535.0,)
    return next(((0.0, top) for top in ranges if low >= 0 and high <= top), (low, high))


def _build_palette(cells: Image.Image) -> Image.Image:
    """Give the cells a palette of their own colours, with one transparent entry if any needs it.

    GIF knows only wholly transparent and opaque; half and more counts as opaque.
    """
    if cells.mode not in ("LA", "RGBA"):
        return cells.convert("RGB").quantize(256, Image.Quantize.MEDIANCUT)
    clear = cells.getchannel("A").point(lambda alpha: 255 if alpha < 128 else 0)
    paletted = cells.convert("RGB").quantize(255, Image.Quantize.MEDIANCUT)
    paletted.paste(255, mask=clear)
    paletted.info["transparency"] = 255
    return paletted


def _convert_cmyk(cells: Image.Image, icc_profile: bytes) -> Image.Image:
    """Bring CMYK cells to sRGB, through their profile if there is a sound one."""
    if icc_profile[16:20] != b"CMYK":
        return cells.convert("RGB")
    from PIL import ImageCms

    srgb = ImageCms.createProfile("sRGB")
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(icc_profile))
        return ImageCms.buildTransform(profile, srgb, "CMYK", "RGB").apply(cells)
    except (OSError, ImageCms.PyCMSError):
        return cells.convert("RGB")  # The profile is damaged; its colours are then anyone's guess.
