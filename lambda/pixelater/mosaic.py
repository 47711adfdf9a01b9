"""Owns the one job of the engine: a photo's bytes in, a mosaic's bytes for each grid out."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from PIL import Image

from pixelater import blocks, encoding, means, picture
from pixelater.encoding import Style
from pixelater.errors import MosaicFailed
from pixelater.picture import Source

GRIDS = (8, 16, 32, 48, 64)
MAX_GRID = 4096
DEFAULT_STYLE = Style()

ENCODER_ERRORS = (
    OSError,
    ValueError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)
"""What Pillow's encoders and ours let out for a photo they cannot write: OverflowError for a number
that a format has no room for, RuntimeError, which RecursionError is too, and so on. TypeError,
LookupError and AssertionError are bugs, and are not among them."""


class BadGrids(ValueError):
    """A list of grids that cannot be used; the message says which entry and why."""


@dataclass(frozen=True)
class Mosaic:
    """One photo at one grid: the encoded file and what is in it.

    `columns` and `rows` are the cells there are: fewer than `grid` where the photo has fewer
    pixels on that side. `warnings` are sentences for the photo's owner. `saved` is the number of
    bytes that style "auto" saves against the photo's own format.
    """

    grid: int
    columns: int
    rows: int
    width: int
    height: int
    format: str
    media_type: str
    data: bytes = field(repr=False)
    warnings: tuple[str, ...] = ()
    saved: int = 0


def pixelate(
    source: Source,
    grids: Sequence[int] = GRIDS,
    style: Style = DEFAULT_STYLE,
    *,
    max_pixels: int | None = None,
    exact: bool = False,
) -> tuple[Mosaic, ...]:
    """Make the mosaics of a photo, given as bytes or as a file: one for each grid, in that order.

    A JPEG larger than its cells need is decoded in part, within a few levels of its full decode;
    `exact` decodes it all. Raises an errors.PictureError (NotAPicture, MissingDecoder, TooLarge,
    Truncated, Damaged, ThumbnailOnly, BadCrop, MosaicFailed).
    """
    return tuple(make_mosaics(source, grids, style, max_pixels=max_pixels, exact=exact))


def make_mosaics(
    source: Source,
    grids: Sequence[int] = GRIDS,
    style: Style = DEFAULT_STYLE,
    *,
    max_pixels: int | None = None,
    exact: bool = False,
) -> Iterator[Mosaic]:
    """Do the same one mosaic at a time: the photo is opened first, so errors come first too.

    A file must stay open until the last mosaic is made.
    """
    photo = picture.open_photo(source, max(grids), max_pixels, exact)
    if photo.further is None or not encoding.animates(photo, style):
        stills = zip(grids, _average(photo, photo.image, grids), strict=True)
        return (_make_mosaic(photo, [cells], grid, style) for grid, cells in stills)
    films: dict[int, list[Image.Image]] = {grid: [] for grid in grids}
    durations = []
    for frame, duration in picture.read_frames(photo.further, photo.crop):
        durations.append(duration)
        for grid, cells in zip(grids, _average(photo, frame, grids), strict=True):
            films[grid].append(cells)
    return (_make_mosaic(photo, films[grid], grid, style, durations) for grid in grids)


def name_mosaic(photo_name: str, mosaic: Mosaic) -> str:
    """Name a mosaic after its photo, in the same folder; "/" separates folders, as in S3 keys.

    The suffix stays where it tells the mosaic's format, and follows the format elsewhere.

    trips/photo.jpg, grid 8, JPEG -> trips/pixelated-8x8-photo.jpg
    scan.psd, grid 8, PNG -> pixelated-8x8-scan.png
    """
    return _name(photo_name, mosaic.grid, mosaic.format)


def list_names(photo_name: str, grid: int) -> Iterator[str]:
    """List the names that a photo's mosaic may have, in whatever format it is written.

    That with the photo's own suffix comes first: it nearly always is the one.
    """
    suffix = PurePosixPath(photo_name).suffix.lower()
    formats = sorted(encoding.ENCODINGS, key=lambda one: suffix not in _list_suffixes(one))
    told = set()
    for name in (_name(photo_name, grid, one) for one in formats):
        if name not in told:
            told.add(name)
            yield name


def parse_grids(text: str) -> tuple[int, ...]:
    """Read grids as people write them, "8,16,32". Raises BadGrids."""
    grids = []
    for entry in text.split(","):
        word = entry.strip()
        if not (word.isascii() and word.isdigit() and 1 <= int(word) <= MAX_GRID):
            raise BadGrids(f"{word!r} is not a grid: grids are whole numbers from 1 to {MAX_GRID}")
        grids.append(int(word))
    return tuple(dict.fromkeys(grids))


def _name(photo_name: str, grid: int, written: str) -> str:
    folder, slash, name = photo_name.rpartition("/")
    suffixes = _list_suffixes(written)
    suffix = PurePosixPath(name).suffix
    if suffix.lower() not in suffixes:
        stem = name.removesuffix(suffix) if re.fullmatch(r"\.\w{1,5}", suffix) else name
        name = stem + suffixes[0]
    return f"{folder}{slash}pixelated-{grid}x{grid}-{name}"


def _list_suffixes(written: str) -> tuple[str, ...]:
    return encoding.ENCODINGS[written].suffixes


def _average(photo: picture.Photo, image: Image.Image, grids: Sequence[int]) -> list[Image.Image]:
    """Average one picture of a photo to upright cells, for each grid."""
    upright = [
        (
            blocks.find_edges(photo.width, min(grid, photo.width)),
            blocks.find_edges(photo.height, min(grid, photo.height)),
        )
        for grid in grids
    ]
    stored = [blocks.turn_edges(*sides, photo.turn) for sides in upright]
    with _explained("averaging it"):
        cells = means.average(image, stored, photo.scale)
    return cells if photo.turn is None else [one.transpose(photo.turn) for one in cells]


def _make_mosaic(
    photo: picture.Photo,
    frames: list[Image.Image],
    grid: int,
    style: Style,
    durations: Sequence[int] = (),
) -> Mosaic:
    def write(one: encoding.Encoding) -> bytes:
        with _explained(f"writing a mosaic of it as {one.format}"):
            return encoding.write_mosaic(frames, photo, one, style, durations)

    written = [(write(one), one) for one in encoding.choose_encodings(photo, style)]
    data, chosen = min(written, key=lambda pair: len(pair[0]))
    saved = 0
    if style.format == "auto":
        (own,) = encoding.choose_encodings(photo, DEFAULT_STYLE)
        as_own = next((some for some, one in written if one is own), None) or write(own)
        saved = len(as_own) - len(data)
    return Mosaic(
        grid,
        *frames[0].size,
        photo.width,
        photo.height,
        chosen.format,
        chosen.media_type,
        data,
        tuple(_find_warnings(photo, grid, len(frames))),
        saved,
    )


@contextmanager
def _explained(task: str) -> Iterator[None]:
    """Turn what an encoder lets out into MosaicFailed."""
    try:
        yield
    except ENCODER_ERRORS as error:
        raise MosaicFailed(f"{task} failed ({picture.give_reason(error)})") from error


def _find_warnings(photo: picture.Photo, grid: int, frames: int) -> Iterator[str]:
    width, height = photo.width, photo.height
    if width <= grid and height <= grid:
        yield f"hides nothing, as each of the {width} x {height} pixels is a cell of its own"
    elif width < grid or height < grid:
        yield f"{width} x {height} pixels do not make that many cells on both sides"
    if photo.further is not None and frames == 1:
        yield "only the first picture of several was pixelated"
