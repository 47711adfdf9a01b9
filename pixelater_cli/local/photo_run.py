"""A run over photos and videos: prepared, planned, made and summed up."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixelater_cli import console, progress
from pixelater_cli.errors import UnusablePath
from pixelater_cli.local import photo_search, workers
from pixelater_cli.local.output_file import Output
from pixelater_cli.local.photo_search import Search
from pixelater_cli.local.preview_output import Gallery
from pixelater_cli.local.workers import JobResult

if TYPE_CHECKING:
    from pixelater_cli.gallery.hidden_page import Report
    from pixelater_cli.local.writer import MosaicWriter
    from pixelater_cli.results.problems import LeftFile
    from pixelater_cli.results.run import PixelatedPhoto, PixelatedVideo, RunResult
    from pixelater_cli.results.run_plan import RunPlan
    from pixelater_cli.results.spritesheet import SpritesheetResult
    from pixelater_cli.video.pixelate import Audio


def prepare(
    paths: Sequence[str],
    output: Output,
    job: workers.Job,
    sheets: frozenset[str],
    given: tuple[str, Audio],
    *,
    replace: bool,
    require_photos: bool,
) -> tuple[Search, MosaicWriter]:
    """Find the photos, and the mosaics that earlier runs made of them in the same folder.

    `given` are --format, if the command line has it, and what becomes of the sound of videos.
    """
    from pixelater_cli.local.file_owners import find_own_photos
    from pixelater_cli.local.run_cache import format_settings, load_cache
    from pixelater_cli.local.video_search import can_read_videos
    from pixelater_cli.local.writer import MosaicWriter

    cache = load_cache(output.folder)
    known = sheets | cache.list_mosaics()
    videos = can_read_videos()
    search = photo_search.search_words(paths, Path(output.out), known, videos=videos)
    if require_photos:
        photo_search.require_photos(search)
    output.check_photos(search.photos, search.videos)
    format_option, audio = given
    useless = list_useless(search, format_option, audio, check_faces=job.check_faces)
    console.note(*(f"warning: {words}" for words in useless))
    if job.regions:
        seen = [each.path for each in (*search.photos, *search.videos)]
        unknown = job.regions.list_unknown(seen)
        console.note(*(f"warning: --regions: no photo is named {name}" for name in unknown))
    settings = format_settings(
        dataclasses.replace(job, preview=False, check_faces=False),
        output.template.text,
        audio if search.videos else "",
    )
    owners = find_own_photos(search.photos)
    for path in photo_search.list_foreign_mosaics(search, known):
        owners.add(path, path)
    names = output.folder, output.template
    return search, MosaicWriter(*names, settings, cache, owners, replace=replace)


def list_useless(
    search: Search, format_option: str, audio: Audio, *, check_faces: bool
) -> Iterator[str]:
    """List options that have no effect on what was found."""
    if check_faces and search.videos:
        yield "--check-faces has no effect on videos, whose faces are not checked"
    if audio == "drop" and not search.videos:
        yield "--audio drop has no effect: there is no video"
    if format_option and search.videos and not search.photos:
        yield f"--format {format_option} has no effect on videos, which become MP4 or WebM"


def make_plan(
    out: str, search: Search, job: workers.Job, writer: MosaicWriter, force: bool
) -> RunPlan:
    """Plan what would be written, and what is up to date."""
    from pixelater_cli.local.run_plan import plan_photos, plan_videos
    from pixelater_cli.results.run_plan import RunPlan

    planned = plan_photos(search, job, writer, again=force)
    videos = plan_videos(search.videos, job, writer, again=force)
    return RunPlan(out, planned, len(search.passed_over), _list_left(search), videos)


def make_all(
    search: Search,
    job: workers.Job,
    writer: MosaicWriter,
    gallery: Gallery,
    jobs: int,
    audio: Audio,
    *,
    again: bool,
) -> tuple[list[PixelatedPhoto], list[PixelatedVideo]]:
    """Make and save all mosaics, those of videos last; what is up to date only `again`."""
    films: list[PixelatedVideo] = []
    try:
        force = again or gallery.wanted or job.check_faces
        work = writer.make_all(search.photos, job, jobs, force=force)
        with closing(work) as made:
            done = _follow(made, len(search.photos), gallery)
        if search.videos:
            from pixelater_cli.local.video_job import make_videos

            films += make_videos(search.videos, job, writer, audio, again=again)
    finally:
        writer.cache.save()
    return done, films


def _follow(
    made: Iterator[tuple[PixelatedPhoto, JobResult]], total: int, gallery: Gallery
) -> list[PixelatedPhoto]:
    """Collect the results; meanwhile show progress, or the mosaics, and log each photo."""
    done = []
    # Drawings take the place of a bar.
    for photo, result in progress.track(made, 1 if gallery.show else total, "pixelating"):
        done.append(photo)
        gallery.add(photo.photo, result.preview)
        how = f"{result.seconds:.2f} s" if photo.mosaics else "failed"
        how = "up to date" if photo.up_to_date else how
        notes = (f"{photo.photo}: {message}" for message in result.messages)
        console.note_verbose(f"{photo.photo}: {how}", *notes, *result.traceback.splitlines())
    return done


def pass_through(paths: Sequence[str], job: workers.Job, output: Output) -> None:
    """Write the mosaic of one photo to stdout."""
    from pixelater_cli.local.face_check import list_warnings

    search = photo_search.search_words(paths, Path("-"))
    photo_search.require_photos(search)
    output.check_photos(search.photos)
    (photo,) = search.photos
    with progress.spinner("pixelating", progress.PATIENCE_SECONDS):
        (made,) = workers.run_jobs([photo_search.read_source(photo)], job, jobs=1)
    console.note_verbose(*made.messages, *made.traceback.splitlines())
    if made.error:
        raise UnusablePath(f"{photo.path}: {made.error}", made.hint)
    if made.nothing:
        raise UnusablePath(
            f"{photo.path}: no {made.nothing} found", "Add --copy-unchanged to write it anyway."
        )
    (mosaic,) = made.mosaics
    warnings = *mosaic.warnings, *list_warnings(made.checked)
    console.note(*(f"warning: {photo.path}: {warning}" for warning in warnings))
    console.write_bytes(mosaic.data)


def sum_up(
    out: str,
    done: Sequence[PixelatedPhoto],
    films: Sequence[PixelatedVideo],
    search: Search,
    shown: tuple[str, str],
    job: workers.Job,
    seconds: float,
) -> RunResult:
    """Return the result of a run: `shown` are the paths of sheet and page."""
    from pixelater_cli.results.run import PixelatedPhoto, RunResult

    missing = (
        PixelatedPhoto(str(path), error=reason, hint=photo_search.advise(reason))
        for path, reason in search.problems
    )
    photos, passed_over = (*done, *missing), len(search.passed_over)
    left = _list_left(search)
    sought = job.regions.kinds if job.regions else ()
    took = round(seconds, 3)
    return RunResult(out, photos, passed_over, took, *shown, left, tuple(films), sought)


def make_report(
    job: workers.Job,
    done: Sequence[PixelatedPhoto],
    films: Sequence[PixelatedVideo],
    search: Search,
) -> Report | None:
    """Return what a page tells of a run that hides regions; None for other runs."""
    if not job.regions:
        return None
    from pixelater_cli.gallery.hidden_page import Report

    left = (*search.problems, *search.not_pixelated)
    return Report(done, films, [(str(path), reason) for path, reason in left])


def _list_left(search: Search) -> tuple[LeftFile, ...]:
    from pixelater_cli.results.problems import LeftFile

    return tuple(LeftFile(str(path), kind) for path, kind in search.not_pixelated)


def draw_sheet(
    paths: Sequence[str],
    sheet: str,
    job: workers.Job,
    placing: tuple[Any, int, int],
    jobs: int,
    *,
    overwrite: bool,
) -> SpritesheetResult:
    """Write a spritesheet instead of mosaics; `placing` are the arguments of SheetOptions."""
    from pixelater_cli.local.spritesheet_output import SheetOptions, write_spritesheet

    return write_spritesheet(paths, sheet, job, SheetOptions(*placing), jobs, overwrite=overwrite)
