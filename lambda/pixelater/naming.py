"""File names of mosaics."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from pixelater.arguments import check_type
from pixelater.encode.formats import ENCODINGS
from pixelater.mosaic import Mosaic
from pixelater.style import LOSSY


def format_prefix(grid: int, cell_size: int = 0) -> str:
    """Return what the file name of a mosaic begins with; of one of regions, the grid is 0.

    >>> format_prefix(8), format_prefix(8, cell_size=16), format_prefix(0)
    ('pixelated-8x8-', 'pixelated-16px-', 'pixelated-regions-')
    """
    if cell_size:
        return f"pixelated-{cell_size}px-"
    if not grid:
        return "pixelated-regions-"
    return f"pixelated-{grid}x{grid}-"


def is_mosaic_name(name: str) -> bool:
    """Return whether a file name begins as that of a mosaic of any grid, cell size or regions."""
    return re.match(r"pixelated-(\d+x\d+|\d+px|regions)-", name) is not None


def name_mosaic(photo_name: str, mosaic: Mosaic) -> str:
    """Name a mosaic after its photo, in the same folder; "/" separates folders, as in S3 keys.

    The suffix is kept if it fits the mosaic's format, and else replaced.

    trips/photo.jpg, grid 8, JPEG -> trips/pixelated-8x8-photo.jpg
    scan.psd, grid 8, PNG -> pixelated-8x8-scan.png
    photo.png, cells of 16 px, PNG -> pixelated-16px-photo.png
    """
    check_type("photo_name", photo_name, str, "a string")
    check_type("mosaic", mosaic, Mosaic, "a Mosaic")
    return name_planned(photo_name, mosaic.grid, mosaic.cell_size, mosaic.format)


def name_planned(photo_name: str, grid: int, cell_size: int, format: str) -> str:
    """Name a mosaic that is not made yet, as `name_mosaic` does."""
    return _name(photo_name, format_prefix(grid, cell_size), format)


def list_names(
    photo_name: str, grid: int, cell_size: int = 0, format: str = "same"
) -> dict[str, str]:
    """List the names that a photo's mosaic can have, each with the format it is written in.

    `format` is that of a style, or "lossless": the photo's, if it holds palettes and sprites. The
    most likely name comes first: of the style's format, or with the photo's suffix.
    """
    prefix = format_prefix(grid, cell_size)
    names: dict[str, str] = {}
    for written in _list_formats(PurePosixPath(photo_name).suffix.lower(), format):
        names.setdefault(_name(photo_name, prefix, written), written)
    return names


def _list_formats(suffix: str, format: str) -> list[str]:
    """List formats, the most likely first. What cannot be written otherwise becomes PNG."""
    if format == "auto":
        return ["WEBP", "PNG"]
    if format not in ("same", "lossless"):
        return [format.upper(), "PNG"]
    written = sorted(ENCODINGS, key=lambda written: suffix not in _list_suffixes(written))
    return [
        each for each in written if format == "same" or ENCODINGS[each].format.lower() not in LOSSY
    ]


def _name(photo_name: str, prefix: str, written: str) -> str:
    folder, slash, name = photo_name.rpartition("/")
    suffixes = _list_suffixes(written)
    suffix = PurePosixPath(name).suffix
    if suffix.lower() not in suffixes:
        stem = name.removesuffix(suffix) if re.fullmatch(r"\.\w{1,5}", suffix) else name
        name = stem + suffixes[0]
    return f"{folder}{slash}{prefix}{name}"


def _list_suffixes(written: str) -> tuple[str, ...]:
    return ENCODINGS[written].suffixes
