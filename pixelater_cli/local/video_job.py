"""Videos of a run: whole frames for each grid, or regions hidden in one file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pixelater_cli import console, progress
from pixelater_cli.errors import PixelaterError, explain_os_error
from pixelater_cli.local.files import prepare_folder
from pixelater_cli.local.part_files import PartFile
from pixelater_cli.local.photo_search import PhotoFile
from pixelater_cli.local.run_cache import take_stamp
from pixelater_cli.local.workers import JobResult, catch_bug
from pixelater_cli.results.run import HiddenKind, PixelatedPhoto, PixelatedVideo, SavedMosaic
from pixelater_cli.video.writer import VideoError

if TYPE_CHECKING:
    from pixelater_cli.local.workers import Job
    from pixelater_cli.local.writer import MosaicWriter
    from pixelater_cli.video.pixelate import Audio, Editor, VideoSummary
    from pixelater_cli.video.region_editor import RegionSummary

MP4, WEBM = ".mp4", ".webm"
FORMATS = {MP4: "MP4", WEBM: "WebM"}
"""Suffix -> format of the videos that are written."""


def make_videos(
    videos: Sequence[PhotoFile], job: Job, writer: MosaicWriter, audio: Audio, *, again: bool
) -> Iterator[PixelatedVideo]:
    """Make and save the videos that are not up to date; yield all in order."""
    for video in videos:
        known = None if again else writer.find(video)
        yield _to_video(known) if known else _make_or_explain(video, job, writer, audio)


def _make_or_explain(
    video: PhotoFile, job: Job, writer: MosaicWriter, audio: Audio
) -> PixelatedVideo:
    """Make a video; a bug is its error, as for photos, and the others are still made."""
    made: list[PixelatedVideo] = []

    def make() -> JobResult:
        made.append(_make(video, job, writer, audio))
        return JobResult()

    result = catch_bug(make)
    console.note_verbose(*result.traceback.splitlines())
    failed = PixelatedVideo(str(video.path), error=result.error, hint=result.hint)
    finished = made[0] if made else failed
    if job.regions and not finished.mosaics:
        _remove_earlier([_name(video, grid, writer) for grid in job.grids], video, writer)
    return finished


def _to_video(known: PixelatedPhoto) -> PixelatedVideo:
    """Return a video that is up to date."""
    return PixelatedVideo(known.photo, known.mosaics, known.warnings, up_to_date=True)


def _make(video: PhotoFile, job: Job, writer: MosaicWriter, audio: Audio) -> PixelatedVideo:
    from pixelater_cli.video.pixelate import VideoSummary
    from pixelater_cli.video.region_editor import RegionSummary

    name = str(video.path)
    summary, hidden, parts = VideoSummary(), RegionSummary(), list[PartFile]()
    try:
        check_look(job)
        prepare_folder(writer.out)
        stamp = take_stamp(video.path)
        paths = [place_video(video, grid, writer) for grid in job.grids]
        for path in paths:
            part = PartFile(path, b"", sync=True)
            part.write()
            parts.append(part)
        editor = _choose_editor(video.path, job, hidden)
        _pixelate(video.path, parts, _choose_suffix(video.path)[1:], editor, summary, audio)
        if job.regions and not hidden.tallies and not job.regions.copied:
            return PixelatedVideo(name, nothing=job.regions.sought, frames=summary.frames)
        statuses = [_finish(part) for part in parts]
    except PixelaterError as error:
        return PixelatedVideo(name, error=str(error), hint=error.hint)
    finally:
        for part in parts:
            part.discard()
    written = [
        (grid, path, 0, status)
        for grid, path, status in zip(job.grids, paths, statuses, strict=True)
    ]
    for path in paths:
        writer.folders.add(path.parent)
        writer.owners.add(path, video.path)
    warnings = tuple(summary.notes)
    if job.regions and not hidden.tallies:
        warnings += ("nothing is hidden",)
    writer.cache.record(video.path, writer.settings, stamp, written, warnings)
    saved = tuple(SavedMosaic(grid, str(path), status.st_size) for grid, path, _, status in written)
    found = tuple(
        HiddenKind(kind, tally.frames, tally.most, round(tally.score, 3))
        for kind, tally in hidden.tallies.items()
    )
    return PixelatedVideo(name, saved, warnings, frames=summary.frames, hidden=found)


def check_look(job: Job) -> None:
    """Raise VideoError for what photos have only."""
    from pixelater import Style

    if not job.regions and (job.style.cell_size or job.style != Style(job.style.format)):
        raise VideoError("videos take --grids only", "Omit the other options of looks.")


def _choose_suffix(path: Path) -> str:
    return WEBM if path.suffix.lower() == WEBM else MP4


def _name(video: PhotoFile, grid: int, writer: MosaicWriter) -> Path:
    from pixelater.naming import format_prefix

    named, suffix = PurePosixPath(video.name), _choose_suffix(video.path)
    usual = named.with_name(f"{format_prefix(grid)}{named.stem}{suffix}").as_posix()
    return writer.out / writer.template.name(usual, grid, 0, video.parent)


def place_video(video: PhotoFile, grid: int, writer: MosaicWriter) -> Path:
    """Return the path of a video. Raises UnusablePath if it cannot go there."""
    path = _name(video, grid, writer)
    suffix = _choose_suffix(video.path)
    if writer.template.is_file and path.suffix.lower() != suffix:
        problem = f"its mosaic is {FORMATS[suffix]}, which {path} does not say"
        raise VideoError(problem, f"Name the file with the suffix {suffix}")
    writer.owners.check(path, video)
    writer.check_replaceable(path)
    return path


def _pixelate(
    path: Path,
    parts: Sequence[PartFile],
    container: str,
    editor: Editor,
    summary: VideoSummary,
    audio: Audio,
) -> None:
    from pixelater_cli.video.pixelate import pixelate_video

    with progress.frame_bar(path.name) as follow:
        places = [part.place for part in parts]
        pixelate_video(path, places, container, editor, summary, audio, follow)


def _choose_editor(path: Path, job: Job, summary: RegionSummary) -> Editor:
    from pixelater_cli.local.video_finders import list_trackers, make_given
    from pixelater_cli.video.pixelate import GridEditor
    from pixelater_cli.video.region_editor import RegionEditor

    if not job.regions:
        return GridEditor(job.grids)
    given = make_given(job.regions.list_regions(path), job.regions.how.pad)
    return RegionEditor(given, list_trackers(job.regions), job.regions.how, summary)


def _finish(part: PartFile) -> os.stat_result:
    """Give a written video its name."""
    try:
        part.sync_written()
    except OSError as error:
        raise VideoError(f"cannot write {part.path}: {explain_os_error(error)}") from error
    return part.commit()


def _remove_earlier(paths: Sequence[Path], video: PhotoFile, writer: MosaicWriter) -> None:
    """Remove what an earlier run has made: it would be taken for current."""
    for path in paths:
        if writer.cache.is_owner(path, video.path):
            with suppress(OSError):  # The video has an error of its own.
                path.unlink()
