"""Owns the one job of the engine: a photo's bytes in, a mosaic's bytes for each grid out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from pixelater import blocks, picture

GRIDS = (8, 16, 32, 48, 64)
MAX_GRID = 4096


class BadGrids(ValueError):
    """A list of grids that cannot be used; the message says which entry and why."""


@dataclass(frozen=True)
class Mosaic:
    """One photo at one grid: the encoded file and what is in it.

    `columns` and `rows` are the cells there are: fewer than `grid` where the photo has fewer
    pixels on that side. `warnings` are sentences for the photo's owner.
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


def pixelate(
    data: bytes, grids: Iterable[int] = GRIDS, *, max_pixels: int = picture.MAX_PIXELS
) -> tuple[Mosaic, ...]:
    """Make the mosaics of a photo, one for each grid, in the order of `grids`.

    Raises a picture.PictureError (NotAPicture, TooLarge, Truncated, Damaged).
    """
    photo = picture.open_photo(data, max_pixels)
    return tuple(_make_mosaic(photo, grid) for grid in grids)


def name_mosaic(photo_name: str, mosaic: Mosaic) -> str:
    """Name a mosaic after its photo, in the same folder; "/" separates folders, as in S3 keys.

    The suffix stays where it tells the mosaic's format, and follows the format elsewhere.

    trips/photo.jpg, grid 8, JPEG -> trips/pixelated-8x8-photo.jpg
    scan.psd, grid 8, PNG -> pixelated-8x8-scan.png
    """
    folder, slash, name = photo_name.rpartition("/")
    suffixes = picture.ENCODINGS[mosaic.format].suffixes
    suffix = PurePosixPath(name).suffix
    if suffix.lower() not in suffixes:
        stem = name.removesuffix(suffix) if re.fullmatch(r"\.\w{1,5}", suffix) else name
        name = stem + suffixes[0]
    return f"{folder}{slash}pixelated-{mosaic.grid}x{mosaic.grid}-{name}"


def parse_grids(text: str) -> tuple[int, ...]:
    """Read grids as people write them, "8,16,32". Raises BadGrids."""
    grids = []
    for entry in text.split(","):
        word = entry.strip()
        if not (word.isascii() and word.isdigit() and 1 <= int(word) <= MAX_GRID):
            raise BadGrids(f"{word!r} is not a grid: grids are whole numbers from 1 to {MAX_GRID}")
        grids.append(int(word))
    return tuple(dict.fromkeys(grids))


def _make_mosaic(photo: picture.Photo, grid: int) -> Mosaic:
    width, height = photo.image.size
    columns, rows = min(grid, width), min(grid, height)
    encoding = picture.choose_encoding(photo)
    means = blocks.average(photo.image, columns, rows)
    cells = picture.fit_cells(means, photo, encoding)
    painted = blocks.paint(cells, width, height)
    transparent = cells.info.get("transparency")
    return Mosaic(
        grid,
        columns,
        rows,
        width,
        height,
        encoding.format,
        encoding.media_type,
        picture.encode(painted, encoding, photo.icc_profile, transparent),
        tuple(_find_warnings(photo, grid)),
    )


def _find_warnings(photo: picture.Photo, grid: int) -> Iterator[str]:
    width, height = photo.image.size
    if width <= grid and height <= grid:
        yield f"a {grid} x {grid} grid hides nothing of {width} x {height} pixels"
    elif width < grid or height < grid:
        yield f"{width} x {height} pixels have fewer than {grid} cells on one side"
    if photo.animated:
        yield "only the first picture of several was pixelated"
