"""Owns opening a photo: which format, how large, which way up, in which colour mode.

What comes in is untrusted: the format is told by content, the pixel count is checked before
anything is decoded, and every way a decoder can fail ends in one of this module's errors.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO, TextIOBase
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image, UnidentifiedImageError

from pixelater.decode.color_modes import choose_mode, find_range
from pixelater.decode.jpeg_scans import count_scans
from pixelater.decode.orientation import find_turn
from pixelater.errors import (
    DECODER_ERRORS,
    Damaged,
    MissingDecoder,
    NotAPicture,
    PictureError,
    TooLarge,
    Truncated,
)
from pixelater.grid import SWAPPING

if TYPE_CHECKING:
    from pixelater.decode.clean_aperture import Crop

MAX_PIXELS = 64_000_000
"""Photos with more pixels are refused: decoded, they take four bytes a pixel, 256 MB."""

MAX_PIXELS_JPEG = 200_000_000
"""A JPEG is decoded in part, so it may be larger; but not one of several scans, which the decoder
holds as a whole, three bytes a pixel and more."""

MAX_SIDE = 200_000
"""A picture longer than this is no photo, and rows or columns by the million take their time."""

warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # From half our limit on.

MAX_FRAMES = 2000
MAX_FRAME_PIXELS = 2_000_000_000
"""Limits of an animation: a minute and more, and some seconds of work; the latter is that of a
JPEG's scans, too."""

DECODED_PIXELS_PER_CELL = 7.5
"""On photographs, cells are then within 4 levels of a full decode.

See docs/explanation/performance.md.
"""

COMMON_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "PPM")
"""What Pillow registers without importing all its plugins."""

SIGNATURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
"""What most photos begin with: one plugin is then enough, which saves a tenth of a start."""

HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1")
"""What a HEIC file calls itself (ISO/IEC 23008-12, annex B, and section 10.2 for mif1)."""

REFUSED_FORMATS = frozenset({"EPS", "WMF", "BUFR", "GRIB", "HDF5", "MPEG"})
"""EPS would start Ghostscript on untrusted input; the others have no decoder of their own."""

Source = bytes | str | PathLike[str] | BinaryIO
"""A photo's path, its bytes, or a seekable binary file that holds them."""


@dataclass(frozen=True)
class Photo:
    """An opened photo of width x height pixels, in a mode whose plain mean is the right one.

    The image is as stored, `turn` makes it upright. Its mode is L, LA, RGB, RGBA or CMYK, or F for
    pictures deeper than eight bits; then `black` and `white` are the values that stand for 0 and
    255. It has 1/scale of the photo's columns and rows, rounded up. `further` is the opened file
    if more pictures follow, of which `crop` is shown (None: all), `loop` how often they play (0:
    for ever, None: unsaid).
    """

    image: Image.Image
    width: int
    height: int
    format: str
    turn: Image.Transpose | None = None
    icc_profile: bytes = b""
    crop: Crop | None = None
    further: Image.Image | None = None
    loop: int | None = None
    black: float = 0.0
    white: float = 255.0
    scale: int = 1


def open_source(source: Source) -> bytes | BinaryIO:
    """Return a photo's bytes or file. Raises OSError for a path, and TypeError.

    >>> open_source(8)
    Traceback (most recent call last):
    TypeError: source must be a path, bytes or a binary file, not int
    """
    if isinstance(source, bytes):
        return source
    if isinstance(source, bytearray | memoryview):
        return bytes(source)
    if isinstance(source, str | PathLike):
        return Path(source).read_bytes()
    wanted = "source must be a path, bytes or a binary file"
    if not (hasattr(source, "read") and hasattr(source, "seek")):
        raise TypeError(f"{wanted}, not {type(source).__name__}")
    if isinstance(source, TextIOBase):
        raise TypeError(f"{wanted}, not a text file")
    return source


def open_photo(
    source: bytes | BinaryIO, grid: int, max_pixels: int | None = None, exact: bool = False
) -> Photo:
    """Decode a photo, its first picture only, in the detail that cells of `grid` need.

    A file must be seekable, and stay open as long as `further` is used.
    Photos of more than `max_pixels` are refused (default: 200 million for a JPEG that is decoded in
    part, else 64 million). Raises an error of the module errors.
    """
    file = BytesIO(source) if isinstance(source, bytes) else source
    # Pillow refuses twice this, also where a file within the file is larger, or a later frame.
    Image.MAX_IMAGE_PIXELS = (max_pixels or MAX_PIXELS) // 2
    try:
        image = _identify(file)
        width, height = image.size
        format_read = image.format or ""
        further = image if format_read != "MPO" and getattr(image, "is_animated", False) else None
        scale = 1 if exact else _choose_scale(image, grid)
        _check_size(image, max_pixels, scale, _count_scans(image, file))
        _check_first(image, file)
        crop = _find_crop(image, file)
        if scale > 1:
            # Pillow takes the largest scale at which neither side falls below what is asked for.
            drafted = image.draft(None, (width // scale, height // scale))
            scale = round(width / drafted[1][2]) if drafted else 1
        image.load()
        icc_profile = _read_profile(image)
        turn = find_turn(image)
        black, white = find_range(image)
        loop = image.info.get("loop")
        decoded = choose_mode(image).crop(crop) if further or crop else choose_mode(image)
        decoded.info = {}  # Pillow hands comments and the like on to whatever is made from it.
    except DECODER_ERRORS as error:
        raise _explain(error) from error
    if scale == 1:
        width, height = decoded.size  # The decoder of TIFF has turned it, that of HEIC may have.
    if turn in SWAPPING:
        width, height = height, width
    return Photo(
        decoded,
        width,
        height,
        format_read,
        turn,
        icc_profile,
        crop,
        further,
        loop if isinstance(loop, int) else None,
        black,
        white,
        scale,
    )


def read_frames(
    animation: Image.Image, crop: Crop | None = None
) -> Iterator[tuple[Image.Image, int]]:
    """Decode a photo's pictures (its `further`) in order, each with its duration in milliseconds.

    Durations are rounded so that their sum is right.
    Raises TooLarge for more than MAX_FRAMES, or than MAX_FRAME_PIXELS in all; Truncated, Damaged.
    """
    from PIL import ImageSequence

    start = 0.0
    limit = min(MAX_FRAMES, MAX_FRAME_PIXELS // (animation.width * animation.height))
    try:
        for number, frame in enumerate(ImageSequence.Iterator(animation)):
            if number == 0 and frame.info.get("default_image"):
                continue  # It stands in for an APNG's animation, and is no part of it.
            if number >= limit:
                raise TooLarge(f"it has more than {limit} pictures of this size")
            frame.load()  # WebP tells a duration only then.
            end = start + (frame.info.get("duration") or 0)
            shown = choose_mode(frame)
            yield shown.crop(crop) if crop else shown, round(end) - round(start)
            start = end
    except DECODER_ERRORS as error:
        raise _explain(error) from error


def _identify(file: BinaryIO) -> Image.Image:
    """Find the format by content, asking Pillow's rarer plugins only if the common ones decline."""
    head = file.read(16)
    file.seek(0)
    if not head:
        raise NotAPicture("the file is empty")
    format_ = next((name for start, name in SIGNATURES.items() if head.startswith(start)), None)
    if format_:
        import_module(f"PIL.{format_.capitalize()}ImagePlugin")
        open_it, _ = Image.OPEN[format_]
        with suppress(SyntaxError):
            return open_it(file, "")
    try:
        return Image.open(file, formats=COMMON_FORMATS)
    except UnidentifiedImageError:
        Image.init()
    allowed = [name for name in Image.ID if name not in REFUSED_FORMATS]
    try:
        return Image.open(file, formats=allowed)
    except UnidentifiedImageError as error:
        if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
            return _open_heic(file)
        raise NotAPicture("no picture format that can be read") from error


def _open_heic(file: BinaryIO) -> Image.Image:
    try:
        from pillow_heif import register_heif_opener
    except ImportError as error:
        raise MissingDecoder(
            "a HEIC photo, and its decoder, the package pillow-heif, is not installed"
        ) from error
    register_heif_opener()
    return Image.open(file, formats=("HEIF",))


def _find_crop(image: Image.Image, file: BinaryIO) -> Crop | None:
    """Find what of an AVIF is shown; Pillow applies the crops of other formats itself."""
    if image.format != "AVIF":
        return None
    from pixelater.decode import clean_aperture

    return clean_aperture.find_crop(file, *image.size)


def _check_first(image: Image.Image, file: BinaryIO) -> None:
    """Refuse a thumbnail of the photo; only in TIFF can one come first."""
    if image.format == "TIFF":
        from pixelater.decode import tiff_directory

        tiff_directory.check_first(file)


def _read_profile(image: Image.Image) -> bytes:
    found = image.info.get("icc_profile")
    if not found:
        return b""
    from pixelater.decode import profiles

    return profiles.clean_profile(found)


def _count_scans(image: Image.Image, file: BinaryIO) -> int:
    return count_scans(file) if image.format in ("JPEG", "MPO") else 1


def _check_size(image: Image.Image, max_pixels: int | None, scale: int, scans: int) -> None:
    if max_pixels is None:
        max_pixels = MAX_PIXELS_JPEG if scale > 1 and scans == 1 else MAX_PIXELS
    width, height = image.size
    if max(width, height) > MAX_SIDE:
        raise TooLarge(f"{width} x {height}: a side is longer than {MAX_SIDE:,} pixels")
    if width * height * scans > MAX_FRAME_PIXELS and scans > 1:
        raise TooLarge(f"{scans} scans of {width} x {height} pixels take too long")
    if width * height > max_pixels:
        raise TooLarge(
            f"{width} x {height} are {width * height:,} pixels, "
            f"more than the limit of {max_pixels:,}",
            width * height,
        )


def _explain(error: Exception) -> PictureError:
    """Name what a decoder's error means for the photo."""
    reason = give_reason(error)
    if isinstance(error, Image.DecompressionBombError):
        return TooLarge(f"a picture in it has more pixels than the limit ({reason})")
    if "truncated" in reason or isinstance(error, EOFError):
        return Truncated(f"the picture breaks off before its end ({reason})")
    return Damaged(f"the picture's data is damaged ({reason})")


def give_reason(error: Exception) -> str:
    """Say what an error says, or what it is if it says nothing."""
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    return str(error) or type(error).__name__


def _choose_scale(image: Image.Image, grid: int) -> int:
    """Choose to decode a JPEG at 1/2, 1/4 or 1/8, if enough pixels remain for each cell.

    The decoder then leaves out the higher frequencies of each block (T.81, section A.3.3).
    """
    if image.format not in ("JPEG", "MPO"):
        return 1
    side = min(image.size)
    return next((one for one in (8, 4, 2) if side >= grid * one * DECODED_PIXELS_PER_CELL), 1)
