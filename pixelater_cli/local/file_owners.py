"""Owners of files: which photo a file is, or is a mosaic of, so that none is overwritten."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from pixelater_cli.errors import UnusablePath
from pixelater_cli.local import photo_search
from pixelater_cli.local.photo_search import PhotoFile

FileId = Path | tuple[int, int]
"""A path without links, or a device and inode number."""

OUT_HINT = "Choose another folder with --out, or other names with --name."


class FileOwners:
    """The photo that each file belongs to: itself, or that of a mosaic.

    A file is known by its path and, if it exists, by its inode. On file systems that ignore case,
    two spellings of a name have the same inode.
    """

    def __init__(self) -> None:
        self.photos: dict[FileId, Path] = {}
        self.path_of_inode: dict[FileId, Path] = {}
        """The path at which each inode was found."""

    def add(self, path: Path, photo: Path) -> None:
        """Add a file of a photo."""
        for place in _find_places(path):
            self.photos.setdefault(place, photo)
            if isinstance(place, tuple):
                self.path_of_inode.setdefault(place, path)

    def check(self, path: Path, photo: PhotoFile) -> None:
        """Raise UnusablePath for a path that is a photo, or a mosaic of another photo."""
        for place, owner in self._find_owners(path):
            if owner == photo.path and place in _find_places(photo.path):
                raise UnusablePath("its mosaics would overwrite it", OUT_HINT)
            if owner != photo.path:
                raise UnusablePath(f"its mosaics would overwrite {owner} or its mosaics", OUT_HINT)

    def check_free(self, path: Path) -> None:
        """Raise UnusablePath for a path that is a photo or a mosaic."""
        if any(self._find_owners(path)):
            raise UnusablePath(
                f"{path} is a photo or a mosaic", "Choose another name for the sheet or page."
            )

    def _find_owners(self, path: Path) -> Iterator[tuple[FileId, Path]]:
        """Find the owners of a file, by path and by inode.

        An inode does not count if another program has replaced its file since.
        """
        for place in _find_places(path):
            known = self.path_of_inode.get(place)
            if place in self.photos and (known is None or place in _find_places(known)):
                yield place, self.photos[place]


def _find_places(path: Path) -> Iterator[FileId]:
    yield Path(os.path.realpath(path))  # Path.resolve raises for circular links.
    with suppress(OSError):
        found = path.stat()
        yield found.st_dev, found.st_ino


def find_own_photos(photos: Iterable[PhotoFile]) -> FileOwners:
    """Return the owners with the photos, which must not be overwritten."""
    owners = FileOwners()
    for photo in photos:
        if photo is not photo_search.STDIN:
            owners.add(photo.path, photo.path)
    return owners
