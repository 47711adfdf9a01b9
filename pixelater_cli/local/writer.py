"""Owns saving the mosaics of many photos: over no photo, and over no other's mosaics."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from functools import cached_property
from pathlib import Path

from pixelater_cli.errors import PixelaterError, UnusablePath
from pixelater_cli.local import photo_search
from pixelater_cli.local.files import prepare_folder, write_whole
from pixelater_cli.local.name_template import NameTemplate
from pixelater_cli.local.photo_search import PhotoFile
from pixelater_cli.local.run_cache import CacheEntry, RunCache, Stamp, take_stamp
from pixelater_cli.local.workers import Job, JobResult, run_jobs
from pixelater_cli.results.formatting import format_count
from pixelater_cli.results.run import PixelatedPhoto, SavedMosaic, format_warnings

FileId = Path | tuple[int, int]
"""Where a file is: its path without links, or its device and number."""

OUT_HINT = "Choose another folder with --out, or other names with --name."


class FileOwners:
    """Whose each file is: photos are their own, a mosaic is its photo's.

    A file is known by its path, and by the number the system gives it where it is there already:
    by that, two spellings of a name are one file where capitals do not matter.
    """

    def __init__(self) -> None:
        self.photos: dict[FileId, Path] = {}
        self.numbered: dict[FileId, Path] = {}
        """By what path each number was found."""

    def add(self, path: Path, photo: Path) -> None:
        """Note that a file is a photo's."""
        for place in _find_places(path):
            self.photos.setdefault(place, photo)
            if isinstance(place, tuple):
                self.numbered.setdefault(place, path)

    def check(self, path: Path, photo: PhotoFile) -> None:
        """Refuse a path that is a photo, or a mosaic of another. Raises UnusablePath."""
        for place, owner in self._find_owners(path):
            if owner == photo.path and place in _find_places(photo.path):
                raise UnusablePath("its mosaics would overwrite it", OUT_HINT)
            if owner != photo.path:
                raise UnusablePath(f"its mosaics would overwrite {owner} or its mosaics", OUT_HINT)

    def check_free(self, path: Path) -> None:
        """Refuse a path that is a photo or a mosaic. Raises UnusablePath."""
        if any(self._find_owners(path)):
            raise UnusablePath(
                f"{path} is a photo, or a mosaic of one",
                "Choose another name for the sheet or page.",
            )

    def _find_owners(self, path: Path) -> Iterator[tuple[FileId, Path]]:
        """Find whose a file is by path, and whose by number.

        Where another program has replaced the file that had a number, that is anew in use.
        """
        for place in _find_places(path):
            was = self.numbered.get(place)
            if place in self.photos and (was is None or place in _find_places(was)):
                yield place, self.photos[place]


class MosaicWriter:
    """Saves mosaics in one folder under names of one kind, and remembers how they were made."""

    def __init__(
        self,
        out: Path,
        template: NameTemplate,
        settings: str,
        cache: RunCache,
        owners: FileOwners,
        *,
        replace: bool,
    ) -> None:
        self.out = out
        self.template = template
        self.settings = settings
        self.cache = cache
        self.owners = owners
        self.replace = replace

    @cached_property
    def known(self) -> frozenset[str]:
        """The mosaics of earlier runs in this folder, whatever their names: absolute paths."""
        return self.cache.list_mosaics()

    def make_all(
        self, photos: Sequence[PhotoFile], job: Job, jobs: int, *, force: bool
    ) -> Generator[tuple[PixelatedPhoto, JobResult]]:
        """Make and save the mosaics of the photos that are not up to date; yield all in order."""
        found = [None if force else self.find(photo) for photo in photos]
        todo = [photo for photo, known in zip(photos, found, strict=True) if known is None]
        stamps = [take_stamp(photo.path) for photo in todo]
        if todo:
            prepare_folder(self.out)
        sources = [photo_search.read_source(photo) for photo in todo]
        with closing(run_jobs(sources, job, jobs)) as made:
            fresh = zip(todo, made, stamps, strict=True)
            for known in found:
                if known:
                    yield known, JobResult()
                else:
                    photo, result, stamp = next(fresh)
                    yield self.save(photo, result, stamp), result

    def find(self, photo: PhotoFile) -> PixelatedPhoto | None:
        """Find the mosaics of a photo if an earlier run made them just so; they are then its."""
        entry = None if photo is photo_search.STDIN else self.cache.find(photo.path, self.settings)
        if entry is None:
            return None
        for _, path, _, _ in entry.mosaics:
            self.owners.add(Path(path), photo.path)
        return self._describe(photo, entry)

    def _describe(self, photo: PhotoFile, entry: CacheEntry) -> PixelatedPhoto:
        """Put what is remembered into the words of a result, with paths as they would be now."""
        mosaics = tuple(
            SavedMosaic(grid, str(self.out / os.path.relpath(path, self.out)), stamp[0], saved)
            for grid, path, saved, stamp in entry.mosaics
        )
        return PixelatedPhoto(str(photo.path), mosaics, entry.warnings, up_to_date=True)

    def save(self, photo: PhotoFile, made: JobResult, stamp: Stamp | None) -> PixelatedPhoto:
        """Save the mosaics of one photo, or say why not. `stamp` was taken before it was read."""
        from pixelater import name_mosaic

        if made.error:
            return PixelatedPhoto(str(photo.path), error=made.error, hint=made.hint)
        saved: list[SavedMosaic] = []
        written: list[tuple[int, Path, int, os.stat_result]] = []
        error, hint = "", ""
        try:
            paths = [
                self.out / self.template.name(name_mosaic(photo.name, mosaic), mosaic.grid)
                for mosaic in made.mosaics
            ]
            for path in paths:
                self.owners.check(path, photo)
                self._check_ours(path)
            for mosaic, path in zip(made.mosaics, paths, strict=True):
                status = write_whole(path, mosaic.data)
                self.owners.add(path, photo.path)
                written.append((mosaic.grid, path, mosaic.saved, status))
                saved.append(SavedMosaic(mosaic.grid, str(path), len(mosaic.data), mosaic.saved))
        except PixelaterError as reason:
            error, hint = str(reason), reason.hint or OUT_HINT
        warnings = format_warnings((mosaic.grid, mosaic.warnings) for mosaic in made.mosaics)
        if written:
            sound = photo is not photo_search.STDIN and not error
            stamp = stamp if sound else None
            self.cache.record(photo.path, self.settings, stamp, written, warnings)
        if error and saved:
            error += f"; {len(saved)} of {format_count(len(made.mosaics), 'mosaic')} were saved"
        return PixelatedPhoto(str(photo.path), tuple(saved), warnings, error, hint)

    def _check_ours(self, path: Path) -> None:
        """Refuse to replace a file that no earlier run made, unless told to. Raises UnusablePath.

        What is called like a mosaic is taken for one.
        """
        from pixelater.naming import is_mosaic_name

        place = os.path.abspath(path)  # noqa: PTH100
        known = self.replace or is_mosaic_name(path.name) or place in self.known
        if not known and os.path.lexists(path):
            raise UnusablePath(
                f"{path} is there already, and no run we know of made it",
                "Choose another folder with --out or other names with --name, or replace it with "
                "--force.",
            )


def _find_places(path: Path) -> Iterator[FileId]:
    yield Path(os.path.realpath(path))  # Path.resolve raises for links in a circle.
    with suppress(OSError):
        found = path.stat()
        yield found.st_dev, found.st_ino


def find_own_photos(photos: Iterable[PhotoFile]) -> FileOwners:
    """Start with photos that are to be overwritten by nothing."""
    owners = FileOwners()
    for photo in photos:
        if photo is not photo_search.STDIN:
            owners.add(photo.path, photo.path)
    return owners
