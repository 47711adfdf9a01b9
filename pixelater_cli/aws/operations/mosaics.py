"""Owns telling which objects are the mosaics of a photo, and whether they are up to date.

Pure. The names are the engine's: a mosaic keeps its photo's suffix, or takes that of its own format
where a photo's name tells another, so one of a few keys is the mosaic's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pixelater import GRIDS
from pixelater.naming import format_prefix, list_names
from pixelater_cli.aws.stack import Stack
from pixelater_function.delivery import ETAG_FIELD, VERSION_FIELD


@dataclass(frozen=True, slots=True)
class S3Object:
    """An object as S3 lists it; `etag` without its quotation marks."""

    key: str
    modified: datetime
    etag: str = ""
    bytes: int = 0

    @property
    def in_parts(self) -> bool:
        """Whether it was uploaded in parts: `modified` is then when the upload began."""
        return "-" in self.etag


Find = Callable[[str], S3Object | None]
"""Finds an object by its key."""

Metadata = Callable[[str], Mapping[str, str]]
"""Reads the metadata of an object that is there."""


def is_source_key(stack: Stack, key: str) -> bool:
    """Tell whether an upload of this key runs the function, as its trigger and the function say."""
    wanted = key.startswith(stack.prefix) and key.endswith(stack.suffix)
    return wanted and not key.endswith("/")


def list_grids(stack: Stack) -> tuple[int, ...]:
    """List the grids of a stack's mosaics."""
    return stack.grids or GRIDS


def find_mosaic(photo: S3Object, grid: int, mosaics: Find, photos: Find) -> S3Object | None:
    """Find a photo's mosaic of one grid, whatever its format.

    A mosaic under another suffix than its photo's is not taken for it if a photo of that name is
    there: it is that photo's.
    """
    folder, slash, own_name = photo.key.rpartition("/")
    begin = f"{folder}{slash}{format_prefix(grid)}"
    for name in list_names(photo.key, grid):
        found = mosaics(name)
        if found is None:
            continue
        its_photo = name.removeprefix(begin)
        if its_photo == own_name or photos(f"{folder}{slash}{its_photo}") is None:
            return found
    return None


def find_missing_grids(
    photo: S3Object, grids: tuple[int, ...], mosaics: Find, photos: Find, metadata: Metadata
) -> str:
    """Say what a photo lacks: mosaics that are missing or older than it is; "" if nothing.

    A mosaic that is younger than its photo is up to date. Otherwise its metadata decides, which
    names the photo's ETag: S3 lists times in whole seconds, for an upload in parts the time at
    which it began, and the same photo uploaded again needs no new mosaics.
    """
    missing = []
    old = []
    for grid in grids:
        found = find_mosaic(photo, grid, mosaics, photos)
        if found is None:
            missing.append(grid)
        elif not _is_current(photo, found, metadata):
            old.append(grid)
    reasons = [
        f"{word}: {', '.join(map(str, some))}"
        for word, some in (("missing", missing), ("older", old))
        if some
    ]
    return "; ".join(reasons)


def names_source(metadata: Mapping[str, str], etag: str, version_id: str = "") -> bool | None:
    """Tell whether a mosaic's metadata names this upload of its photo; None if it names none.

    Versions decide where both are known, else ETags.
    """
    if ETAG_FIELD not in metadata:
        return None
    if version_id and VERSION_FIELD in metadata:
        return metadata[VERSION_FIELD] == version_id
    return metadata[ETAG_FIELD] == etag


def _is_current(photo: S3Object, found: S3Object, metadata: Metadata) -> bool:
    if found.modified > photo.modified and not photo.in_parts:
        return True
    named = names_source(metadata(found.key), photo.etag)
    return found.modified >= photo.modified if named is None else named
