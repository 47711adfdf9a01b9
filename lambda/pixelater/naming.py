"""File names of mosaics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from pixelater.arguments import check_type
from pixelater.encode.formats import ENCODINGS
from pixelater.mosaic import Mosaic


def format_prefix(grid: int, cell_size: int = 0) -> str:
    """Return what the file name of a mosaic begins with.

    >>> format_prefix(8), format_prefix(8, cell_size=16)
    ('pixelated-8x8-', 'pixelated-16px-')
    """
    if cell_size:
        return f"pixelated-{cell_size}px-"
    return f"pixelated-{grid}x{grid}-"


def is_mosaic_name(name: str) -> bool:
    """Return whether a file name begins as that of a mosaic of any grid or cell size."""
    return re.match(r"pixelated-(\d+x\d+|\d+px)-", name) is not None


def name_mosaic(photo_name: str, mosaic: Mosaic) -> str:
    """Name a mosaic after its photo, in the same folder; "/" separates folders, as in S3 keys.

    The suffix is kept if it fits the mosaic's format, and else replaced.

    trips/photo.jpg, grid 8, JPEG -> trips/pixelated-8x8-photo.jpg
    scan.psd, grid 8, PNG -> pixelated-8x8-scan.png
    photo.png, cells of 16 px, PNG -> pixelated-16px-photo.png
    """
    check_type("photo_name", photo_name, str, "a string")
    check_type("mosaic", mosaic, Mosaic, "a Mosaic")
    prefix = format_prefix(mosaic.grid, mosaic.cell_size)
    return _name(photo_name, prefix, mosaic.format)


def list_names(photo_name: str, grid: int) -> Iterator[str]:
    """List the names that a photo's mosaic can have, one for each format.

    The one with the photo's suffix, which is the most likely, comes first.
    """
    suffix = PurePosixPath(photo_name).suffix.lower()
    formats = sorted(ENCODINGS, key=lambda written: suffix not in _list_suffixes(written))
    yield from dict.fromkeys(_name(photo_name, format_prefix(grid), written) for written in formats)


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
