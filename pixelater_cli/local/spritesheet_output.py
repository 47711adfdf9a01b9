"""`pixelater run --spritesheet`: makes the sprites of photos, and writes their sheet."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from pixelater_cli import progress
from pixelater_cli.errors import UnusablePath, UsageError, on_interrupt
from pixelater_cli.local import photo_search, workers
from pixelater_cli.local.file_owners import find_own_photos
from pixelater_cli.local.files import prepare_folder, read_whole, write_whole
from pixelater_cli.local.photo_search import PhotoFile
from pixelater_cli.local.spritesheet import (
    APP,
    SheetOptions,
    find_data_path,
    make_spritesheet,
)
from pixelater_cli.results.spritesheet import SpritePhoto, SpritesheetResult

__all__ = ["SheetOptions", "check_sheet", "write_spritesheet"]

SPRITE_FORMATS = ("png", "webp", "gif")
"""Formats of sprites that are exact, and that hold all frames."""

UNFINISHED = "no spritesheet was written; run it again"


def write_spritesheet(
    paths: Sequence[str],
    sheet: str,
    job: workers.Job,
    options: SheetOptions,
    jobs: int,
    *,
    overwrite: bool,
) -> SpritesheetResult:
    """Write the sheet of all photos, and its description next to it.

    Whether it is trimmed and padded is the job's style. Raises UsageError, NoPhotos, and
    UnusablePath for files that cannot be written, or that are another's unless `overwrite`.
    """
    started = time.monotonic()
    style = job.style
    path, data_path = Path(sheet), find_data_path(Path(sheet))
    check_sheet(path, job)
    # A photo at this place must be found, so that it is not overwritten.
    earlier = {os.path.abspath(path)} if photo_search.is_contact_sheet(path) else set()  # noqa: PTH100
    search = photo_search.search_words(paths, Path("-"), earlier)
    photo_search.require_photos(search)
    _check_free(path, data_path, search.photos, overwrite=overwrite)
    format_ = style.format if style.format in SPRITE_FORMATS else "png"
    job = replace(job, style=replace(style, format=format_, trim=False, pot=False), preview=False)
    sources = [photo_search.read_source(photo) for photo in search.photos]
    with on_interrupt(UNFINISHED), closing(workers.run_jobs(sources, job, jobs)) as made:
        results = list(progress.track(made, len(sources)))
    shown = [
        SpritePhoto(str(photo.path), _list_warnings(result), result.error, result.hint)
        for photo, result in zip(search.photos, results, strict=True)
    ]
    shown += [
        SpritePhoto(str(lost), error=reason, hint=photo_search.advise(reason))
        for lost, reason in search.problems
    ]
    named = [
        (photo.name, result.mosaics[0])
        for photo, result in zip(search.photos, results, strict=True)
        if not result.error
    ]
    if not named:
        seconds = round(time.monotonic() - started, 3)
        return SpritesheetResult("", "", 0, 0, 0, 0, tuple(shown), seconds)
    options = replace(options, trim=style.trim, pot=style.pot)
    drawn = make_spritesheet(named, path.name, options)
    prepare_folder(path.parent, "the folder of the sheet", "--spritesheet")
    write_whole(path, drawn.png)
    write_whole(data_path, drawn.data)
    seconds = round(time.monotonic() - started, 3)
    written = (str(path), str(data_path), *drawn.size, drawn.frames, len(drawn.png))
    return SpritesheetResult(*written, tuple(shown), seconds)


def check_sheet(path: Path, job: workers.Job) -> None:
    """Raise UsageError for a sheet that cannot be made of a job's mosaics."""
    if path.suffix.lower() != ".png":
        raise UsageError(
            f"--spritesheet: {path} is not a PNG file", "Use a name such as sheet.png."
        )
    if not job.style.times:
        raise UsageError(
            "--spritesheet needs sprites of cells, not of the photos' size",
            "Add --size native, or --size x2.",
        )
    if len(job.grids) > 1 and not job.style.cell_size:
        raise UsageError(
            f"--spritesheet has one sprite of each photo, and there are {len(job.grids)} grids",
            f"Choose one grid, such as --grids {job.grids[-1]}",
        )


def _list_warnings(result: workers.JobResult) -> tuple[str, ...]:
    return tuple(warning for mosaic in result.mosaics for warning in mosaic.warnings)


def _check_free(
    path: Path, data_path: Path, photos: Sequence[PhotoFile], *, overwrite: bool
) -> None:
    """Raise UnusablePath for a photo, and without `overwrite` for a file of another program."""
    owners = find_own_photos(photos)
    owners.check_free(path)
    owners.check_free(data_path)
    for file, is_own in (
        (path, photo_search.is_contact_sheet),
        (data_path, _is_description),
    ):
        if os.path.lexists(file) and not overwrite and not is_own(file):
            raise UnusablePath(
                f"{file} already exists and was not created by pixelater",
                "Choose another name, or overwrite it with --force.",
            )


def _is_description(path: Path) -> bool:
    """Return whether a file is the description of a sheet of pixelater."""
    with suppress(UnusablePath):
        return f'"app": "{APP}"'.encode() in read_whole(path)
    return False
