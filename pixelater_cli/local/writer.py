"""Mosaics of many photos on disk, written without overwriting photos or mosaics of others."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path

from pixelater_cli.errors import PixelaterError, UnusablePath
from pixelater_cli.local import photo_search
from pixelater_cli.local.cache_lines import CacheEntry, Stamp
from pixelater_cli.local.file_owners import OUT_HINT, FileOwners
from pixelater_cli.local.files import prepare_folder, sync_folder
from pixelater_cli.local.name_template import NameTemplate
from pixelater_cli.local.part_files import (
    PartFile,
    interrupts_deferred,
    remove_leftovers,
    write_all,
)
from pixelater_cli.local.photo_search import PhotoFile
from pixelater_cli.local.run_cache import RunCache, take_stamp
from pixelater_cli.local.workers import Job, JobResult, run_jobs
from pixelater_cli.results.formatting import format_count
from pixelater_cli.results.run import PixelatedPhoto, SavedMosaic, format_warnings, to_saved_regions


class MosaicWriter:
    """Writes mosaics into one folder with names of one template, and records them in the cache."""

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
        self.started_ns = time.time_ns()
        self.folders: set[Path] = set()
        """Folders that mosaics were written to."""
        self.known_folders: set[Path] = set()
        """Folders of mosaics that are up to date."""

    @cached_property
    def known(self) -> frozenset[str]:
        """Absolute paths of the mosaics of earlier runs in this folder."""
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
        try:
            with closing(run_jobs(sources, job, jobs)) as made:
                fresh = zip(todo, made, stamps, strict=True)
                for known in found:
                    if known:
                        yield known, JobResult()
                    else:
                        photo, result, stamp = next(fresh)
                        with interrupts_deferred():
                            saved = self.save(photo, result, stamp)
                        yield saved, result
        finally:
            self._finish()

    def _finish(self) -> None:
        """Wait until the names of the mosaics are on the disk, and remove what killed runs left."""
        above = {parent for folder in self.folders for parent in folder.parents}
        kept = {self.out.parent, *(path for path in above if path.is_relative_to(self.out))}
        for folder in self.folders | kept if self.folders else ():
            with suppress(OSError):  # The mosaics have their names; the folder may be gone.
                sync_folder(folder)
        for folder in self.folders | self.known_folders | {self.out}:
            remove_leftovers(folder)

    def find(self, photo: PhotoFile) -> PixelatedPhoto | None:
        """Return a photo whose mosaics are up to date; they then belong to it."""
        entry = None if photo is photo_search.STDIN else self.cache.find(photo.path, self.settings)
        if entry is None:
            return None
        for _, path, _, _ in entry.mosaics:
            self.owners.add(Path(path), photo.path)
            self.known_folders.add(Path(path).parent)
        return self._to_result(photo, entry)

    def _to_result(self, photo: PhotoFile, entry: CacheEntry) -> PixelatedPhoto:
        """Return the result of a photo that is up to date, with paths below the output folder."""
        mosaics = tuple(
            SavedMosaic(grid, str(self.out / os.path.relpath(path, self.out)), stamp[0], saved)
            for grid, path, saved, stamp in entry.mosaics
        )
        return PixelatedPhoto(str(photo.path), mosaics, entry.warnings, up_to_date=True)

    def save(self, photo: PhotoFile, made: JobResult, stamp: Stamp | None) -> PixelatedPhoto:
        """Save the mosaics of a photo, whose stamp was taken before it was read."""
        from pixelater_cli.local.face_check import list_warnings
        from pixelater_cli.local.mipmap_files import name_level

        if made.nothing or made.error:
            return self._skip(photo, made)
        saved: list[SavedMosaic] = []
        written: list[tuple[int, Path, int, os.stat_result]] = []
        replaced: list[str] = []
        error, hint = "", ""
        hides = any(mosaic.grid == 0 for mosaic in made.mosaics)
        try:
            paths = [
                self.find_place(
                    replace(photo, name=name_level(photo.name, mosaic)),
                    *(mosaic.grid, mosaic.cell_size, mosaic.format),
                )
                for mosaic in made.mosaics
            ]
            replaced = self._find_replaced(paths, photo)
            files = [(path, mosaic.data) for path, mosaic in zip(paths, made.mosaics, strict=True)]
            statuses = write_all(files, partial(self._check_unchanged, photo))
            for mosaic, path, status in zip(made.mosaics, paths, statuses, strict=True):
                self.folders.add(path.parent)
                self.owners.add(path, photo.path)
                written.append((mosaic.grid, path, mosaic.saved, status))
                sizes = len(mosaic.data), mosaic.saved, mosaic.exact_bytes
                cells = made.checked.cells.get(mosaic.grid) if made.checked else None
                saved.append(SavedMosaic(mosaic.grid, str(path), *sizes, cells))
            if hides and self.cache.has_changed(photo.path, stamp):
                error = self._drop_earlier(photo, paths)
        except PixelaterError as reason:
            error, hint = str(reason), reason.hint or OUT_HINT
            if hides:
                error = "; ".join(filter(None, (error, self._drop_earlier(photo))))
        warnings = format_warnings((mosaic.grid, mosaic.warnings) for mosaic in made.mosaics)
        warnings += tuple(list_warnings(made.checked))
        if written:
            reusable = photo is not photo_search.STDIN and not error
            stamp = stamp if reusable else None
            self.cache.record(photo.path, self.settings, stamp, written, warnings)
            warnings += tuple(f"its mosaics replaced those of {other}" for other in replaced)
        if error and saved:
            error += f"; {len(saved)} of {format_count(len(made.mosaics), 'mosaic')} were saved"
        regions = to_saved_regions(made.regions)
        faces = to_saved_regions(made.checked.faces if made.checked else ())
        result = str(photo.path), tuple(saved), warnings, error, hint
        return PixelatedPhoto(*result, regions=regions, faces=faces)

    def _skip(self, photo: PhotoFile, made: JobResult) -> PixelatedPhoto:
        """Return a photo that is not written. What earlier runs have hidden in it is removed."""
        name, nothing, error = str(photo.path), made.nothing, made.error
        problem = self._drop_earlier(photo)
        if problem:
            error = f"{error or f'no {nothing} found'}; {problem}"
        return PixelatedPhoto(name, error=error, hint=made.hint, nothing="" if error else nothing)

    def _drop_earlier(self, photo: PhotoFile, kept: Sequence[Path] = ()) -> str:
        """Remove what earlier runs have hidden in a photo, in any format: it is not current.

        Returns a problem, or "".
        """
        try:
            for path in self._find_earlier_regions(photo):
                if path not in kept:
                    path.unlink(missing_ok=True)
        except OSError as reason:
            return f"an earlier output cannot be removed: {reason.strerror}"
        return ""

    def _find_earlier_regions(self, photo: PhotoFile) -> Iterator[Path]:
        """Find files with hidden regions of a photo that earlier runs have made."""
        from pixelater.naming import list_names

        for usual in list_names(photo.name, 0):
            path = self.out / self.template.name(usual, 0, 0, photo.parent)
            if self.cache.is_owner(path, photo.path):
                yield path

    def find_place(self, photo: PhotoFile, grid: int, cell_size: int, format: str) -> Path:
        """Return the path of a mosaic of a photo. Raises UnusablePath if it cannot go there."""
        from pixelater.naming import name_planned

        usual = name_planned(photo.name, grid, cell_size, format)
        path = self.out / self.template.name(usual, grid, cell_size, photo.parent)
        if self.template.is_file:
            _check_suffix(path, format)
        self.owners.check(path, photo)
        self.check_replaceable(path)
        return path

    def _find_replaced(self, paths: Iterable[Path], photo: PhotoFile) -> list[str]:
        """Return the other photos whose mosaics are at these paths, as far as the cache knows."""
        others = {self.cache.find_other_owner(path, photo.path) for path in paths}
        return sorted(others - {""})

    def _check_unchanged(self, photo: PhotoFile, part: PartFile, status: os.stat_result) -> None:
        """Raise UnusablePath for a file that another run has written since this one began.

        Both would otherwise call their photos done, and have the mosaics of one. A file with the
        same content is no harm. `status` is that of the new file, which tells the present.
        """
        try:
            found = part.path.stat()
        except OSError:
            return
        times = found.st_mtime_ns, found.st_ctime_ns
        if not self.started_ns <= min(times) <= max(times) <= status.st_ctime_ns:
            return
        own = (found.st_dev, found.st_ino) in self.owners.photos
        if own or self.cache.is_owner(part.path, photo.path):
            return
        if found.st_size != len(part.data) or part.path.read_bytes() != part.data:
            raise UnusablePath(
                f"{part.path} was written by another run at the same time",
                "Run one after the other, or choose another folder with --out.",
            )

    def check_replaceable(self, path: Path) -> None:
        """Raise UnusablePath for a foreign file, unless it is to be replaced.

        A file with the name of a mosaic is regarded as one.
        """
        from pixelater.naming import is_mosaic_name

        place = os.path.abspath(path)  # noqa: PTH100
        known = self.replace or is_mosaic_name(path.name) or place in self.known
        if not known and os.path.lexists(path):
            raise UnusablePath(
                f"{path} already exists and was not created by pixelater",
                "Choose another folder with --out or other names with --name, or overwrite it with "
                "--force.",
            )


def _check_suffix(path: Path, format: str) -> None:
    """Raise UnusablePath for a mosaic in another format than the name of its file says."""
    from pixelater.encode.formats import ENCODINGS

    if path.suffix.lower() not in ENCODINGS[format].suffixes:
        suffix = ENCODINGS[format].suffixes[0]
        problem = f"its mosaic is {format}, which {path} does not say"
        raise UnusablePath(problem, f"Name the file with the suffix {suffix}")
