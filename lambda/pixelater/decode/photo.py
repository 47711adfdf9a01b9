"""Opening of photos: format, size, orientation and color mode.

Photos are untrusted: the format is identified by content, the number of pixels is checked before
anything is decoded, and whatever a decoder raises becomes a PictureError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO, UnsupportedOperation
from os import PathLike, fsdecode
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from pixelater.decode import cost_header, decoder_errors
from pixelater.decode.color_meaning import find_colors
from pixelater.decode.color_modes import choose_mode
from pixelater.decode.colors import SRGB, Colors
from pixelater.decode.identify import identify
from pixelater.decode.jpeg_scans import count_scans, is_lossless
from pixelater.decode.limits import (
    MAX_FRAME_PIXELS,
    MAX_FRAMES,
    MAX_PIXELS,
    MAX_PIXELS_JPEG,
    check_scans,
    check_size,
)
from pixelater.decode.orientation import find_turn
from pixelater.decode.pixels import JPEG_FORMATS, read_pixels
from pixelater.errors import DECODER_ERRORS, TooLarge
from pixelater.grid import SWAPPING, cut_out

if TYPE_CHECKING:
    from pixelater.decode.apng import Animation as Apng
    from pixelater.decode.clean_aperture import Crop
    from pixelater.decode.cost import Header
    from pixelater.decode.gif_frames import Animation as Gif

    Animation = Image.Image | Apng | Gif

DECODED_PIXELS_PER_CELL = 7.5
"""On photographs, cells are then within 4 levels of a full decode.

See docs/explanation/performance.md.
"""

AGAIN = 3
"""How often a JPEG without its last marker is decoded once more."""

WANTED_SOURCE = "a path, bytes or a binary file"

Source = bytes | str | PathLike[str] | BinaryIO
"""A photo's path, its bytes, or a binary file that holds them."""


@dataclass(frozen=True)
class Photo:
    """An opened photo of width x height pixels, in a mode whose pixels can be averaged.

    `image` is as stored; `transpose` makes it upright. Its mode is L, LA, RGB, RGBA or CMYK, or F
    for more than eight bits; `black` and `white` are then the values of 0 and 255. Of 16-bit
    colors, it has the high bytes and `low` the low ones. It has 1/scale of the photo's columns and
    rows, rounded up. `animation` is the opened file if more images
    follow.
    `crop` is the part of each that is shown (None: all), `loop` how often they play (0: forever,
    None: not specified).
    """

    image: Image.Image
    width: int
    height: int
    format: str
    transpose: Image.Transpose | None = None
    colors: Colors = SRGB
    crop: Crop | None = None
    animation: Animation | None = None
    loop: int | None = None
    black: float = 0.0
    white: float = 255.0
    scale: int = 1
    low: Image.Image | None = None


def open_source(source: Source) -> bytes | BinaryIO:
    """Return a photo's bytes, or a seekable file. Raises OSError, TypeError and ValueError.

    >>> open_source(8)
    Traceback (most recent call last):
    TypeError: source must be a path, bytes or a binary file, not int
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    try:
        if isinstance(source, str | PathLike):
            return _read_path(source)
        if hasattr(source, "read") and not isinstance(source, type):
            return _check_file(source)
    except UnsupportedOperation as error:
        raise ValueError("source: the file is not open for reading") from error
    except ValueError as error:  # A closed file, or a path with a null character.
        raise ValueError(f"source: {error}") from error
    raise TypeError(f"source must be {WANTED_SOURCE}, not {type(source).__name__}")


def _read_path(source: str | PathLike[str]) -> bytes:
    try:
        path = fsdecode(source)
    except TypeError as error:
        raise TypeError(f"source: {error}") from error
    if not path:
        raise ValueError("the path is empty")
    return Path(path).read_bytes()


def _check_file(file: BinaryIO) -> bytes | BinaryIO:
    """Return a binary file, or all of it if it is not seekable."""
    if isinstance(file.read(0), str):
        raise TypeError(f"source must be {WANTED_SOURCE}, not a text file")
    seekable = file.seekable() if hasattr(file, "seekable") else hasattr(file, "tell")
    return file if seekable else file.read()


def open_photo(
    source: bytes | BinaryIO,
    grid: int,
    max_pixels: int | None = None,
    exact: bool = False,
    admit: Callable[[Header], None] | None = None,
    cell_size: int | None = None,
) -> Photo:
    """Decode the first image of a photo, in the detail that cells of `grid` or `cell_size` need.

    A file must be seekable, and stay open as long as `animation` is used. Raises PictureError, also
    for more than `max_pixels` (default: 200 million for a JPEG that is decoded in part, else 64
    million). `admit` is called with the header before the image is decoded, also with those of
    images inside an icon or a texture, and may raise, too.
    """
    file = BytesIO(source) if isinstance(source, bytes) else source
    try:
        image = identify(file, max_pixels or MAX_PIXELS, admit)
        width, height = image.size
        format_read = image.format or ""
        animation = _find_animation(image, file)
        scale = 1 if exact else _choose_scale(image, file, grid, cell_size)
        scans = count_scans(file) if format_read in JPEG_FORMATS else 1
        most = MAX_PIXELS_JPEG if scale > 1 and scans == 1 else MAX_PIXELS
        check_scans(image.size, scans)
        check_size(image.size, max_pixels or most)
        admit_again = None
        if admit:
            header = cost_header.read_header(image, file, animation, scans, scale)
            admit(header)
            admit_again = partial(admit, replace(header, scale=1, times=AGAIN))
        crop = _find_crop(image, file)
        draft = (width // scale, height // scale) if scale > 1 else None
        if draft:
            # Pillow takes the largest scale at which neither side falls below what is asked for.
            drafted = image.draft(None, draft)
            scale = round(width / drafted[1][2]) if drafted else 1
        pixels = read_pixels(image, file, draft, admit_again)
        transpose = find_turn(image)
        loop = image.info.get("loop") if animation is image else getattr(animation, "loop", None)
        decoded = pixels.image
        colors = find_colors(image, decoded.mode, file)
        if crop:
            decoded = cut_out(decoded, crop)
        elif animation:
            decoded = decoded.copy()  # The next frame is drawn over this one.
        decoded.info = {}  # Pillow passes comments on to copies.
    except DECODER_ERRORS as error:
        raise decoder_errors.explain(error, file) from error
    if scale == 1:
        width, height = decoded.size  # The plugin of TIFF has turned it, that of HEIC may have.
    if transpose in SWAPPING:
        width, height = height, width
    return Photo(
        decoded,
        width,
        height,
        format_read,
        transpose,
        colors,
        crop,
        animation,
        loop if isinstance(loop, int) else None,
        pixels.black,
        pixels.white,
        scale,
        pixels.low,
    )


def read_frames(
    animation: Animation, crop: Crop | None = None
) -> Iterator[tuple[Image.Image, int]]:
    """Decode the images of an animation in order, each with its duration in milliseconds.

    Durations are rounded so that the sum is exact.
    Raises TooLarge for more than MAX_FRAMES, or than MAX_FRAME_PIXELS in all; Truncated, Damaged.
    """
    images: Iterable[Image.Image]
    if isinstance(animation, Image.Image):
        from PIL import ImageSequence

        images = ImageSequence.Iterator(animation)
    else:
        images = animation
    start = 0.0
    limit = min(MAX_FRAMES, MAX_FRAME_PIXELS // (animation.width * animation.height))
    try:
        for number, frame in enumerate(images):
            if number >= limit:
                raise TooLarge(f"it has more than {limit} pictures of this size")
            frame.load()  # The duration of a WebP is unknown before.
            end = start + (frame.info.get("duration") or 0)
            shown = choose_mode(frame)
            yield cut_out(shown, crop) if crop else shown, round(end) - round(start)
            start = end
    except DECODER_ERRORS as error:
        raise decoder_errors.explain(error) from error


def _find_animation(image: Image.Image, file: BinaryIO) -> Animation | None:
    if image.format == "GIF":
        from pixelater.decode import gif_frames

        gif = gif_frames.read_animation(file)
        return gif if len(gif.frames) > 1 else None
    if image.format == "PNG":
        from pixelater.decode import png_chunks

        if not png_chunks.is_animated(file):
            return None
        from pixelater.decode import apng

        return apng.read_animation(file)
    return image if image.format != "MPO" and getattr(image, "is_animated", False) else None


def _find_crop(image: Image.Image, file: BinaryIO) -> Crop | None:
    """Return the part of an AVIF that is shown; Pillow crops other formats itself."""
    if image.format != "AVIF":
        return None
    from pixelater.decode import clean_aperture

    return clean_aperture.find_crop(file, *image.size)


def _choose_scale(image: Image.Image, file: BinaryIO, grid: int, cell_size: int | None) -> int:
    """Choose 1/2, 1/4 or 1/8 of a JPEG's size if enough pixels remain for each cell.

    The decoder then leaves out the higher frequencies of each block (T.81, section A.3.3).
    """
    if image.format not in JPEG_FORMATS or is_lossless(file):
        return 1
    return find_scale(cell_size, 1) if cell_size else find_scale(min(image.size), grid)


def find_scale(side: int, cells: int) -> int:
    """Return the divisor that leaves enough pixels for each cell of a side of so many pixels."""
    return next(
        (scale for scale in (8, 4, 2) if side >= cells * scale * DECODED_PIXELS_PER_CELL), 1
    )
