"""Videos of a run: whole frames for each grid, or faces and given regions hidden in one file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pixelater_cli import progress
from pixelater_cli.errors import PixelaterError, explain_os_error
from pixelater_cli.local.files import prepare_folder
from pixelater_cli.local.part_files import PartFile
from pixelater_cli.local.photo_search import PhotoFile
from pixelater_cli.local.region_job import explained
from pixelater_cli.local.run_cache import take_stamp
from pixelater_cli.results.run import PixelatedPhoto, SavedMosaic
from pixelater_cli.video.tracking import Box
from pixelater_cli.video.writer import VideoError

if TYPE_CHECKING:
    from pixelater_cli.local.region_job import RegionJob
    from pixelater_cli.local.workers import Job
    from pixelater_cli.local.writer import MosaicWriter
    from pixelater_cli.video.pixelate import Audio, Editor, VideoSummary
    from pixelater_detectors.boxes import Detection
    from pixelater_detectors.faces import FaceDetector

SIDE, THRESHOLD = 768, 0.2
"""Size and threshold with which faces in frames are searched; see docs/explanation/privacy.md."""

WEBM = ".webm"


def make_videos(
    videos: Sequence[PhotoFile], job: Job, writer: MosaicWriter, audio: Audio, *, again: bool
) -> Iterator[PixelatedPhoto]:
    """Make and save the videos that are not up to date; yield all in order."""
    for video in videos:
        known = None if again else writer.find(video)
        yield known or _make(video, job, writer, audio)


def _make(video: PhotoFile, job: Job, writer: MosaicWriter, audio: Audio) -> PixelatedPhoto:
    from pixelater_cli.video.pixelate import VideoSummary

    name = str(video.path)
    summary, parts = VideoSummary(), list[PartFile]()
    try:
        _check(job)
        prepare_folder(writer.out)
        stamp = take_stamp(video.path)
        suffix = WEBM if video.path.suffix.lower() == WEBM else ".mp4"
        paths = [_place(video, grid, suffix, writer) for grid in job.grids]
        for path in paths:
            part = PartFile(path, b"", sync=True)
            part.write()
            parts.append(part)
        _pixelate(video.path, parts, suffix.removeprefix("."), job, summary, audio)
        if job.regions and not summary.boxes and not job.regions.copied:
            _remove_earlier(paths, video, writer)
            return PixelatedPhoto(name, nothing=job.regions.sought)
        statuses = [_finish(part) for part in parts]
    except PixelaterError as error:
        return PixelatedPhoto(name, error=str(error), hint=error.hint)
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
    warnings = () if summary.boxes or not job.regions else ("nothing is hidden",)
    writer.cache.record(video.path, writer.settings, stamp, written, warnings)
    saved = tuple(SavedMosaic(grid, str(path), status.st_size) for grid, path, _, status in written)
    return PixelatedPhoto(name, saved, warnings)


def _check(job: Job) -> None:
    """Raise VideoError for what photos have only."""
    from pixelater import Style

    if job.regions:
        how = job.regions.how
        if "text" in job.regions.kinds:
            raise VideoError("text is not found in videos", "Hide faces: --only faces")
        if how.ellipse or how.invert or job.regions.thorough:
            raise VideoError(
                "videos take rectangles only", "Omit --ellipse, --invert and --thorough."
            )
    elif job.style.cell_size or job.style != Style(job.style.format):
        raise VideoError("videos take --grids only", "Omit the other options of looks.")


def _place(video: PhotoFile, grid: int, suffix: str, writer: MosaicWriter) -> Path:
    from pixelater.naming import format_prefix

    named = PurePosixPath(video.name)
    usual = named.with_name(f"{format_prefix(grid)}{named.stem}{suffix}").as_posix()
    path = writer.out / writer.template.name(usual, grid, 0, video.parent)
    writer.owners.check(path, video)
    writer.check_replaceable(path)
    return path


def _pixelate(
    path: Path,
    parts: Sequence[PartFile],
    container: str,
    job: Job,
    summary: VideoSummary,
    audio: Audio,
) -> None:
    from pixelater_cli.video.pixelate import GridEditor, RegionEditor, RegionStyle, pixelate_video

    editor: Editor
    if job.regions:
        how = job.regions.how
        style = RegionStyle(how.cells, how.color, pad=0.0)
        editor = RegionEditor(_choose_detection(path, job.regions), style, summary)
    else:
        editor = GridEditor(job.grids)
    with progress.frame_bar(path.name) as follow:
        places = [part.place for part in parts]
        pixelate_video(path, places, container, editor, summary, audio, follow)


def _choose_detection(path: Path, job: RegionJob) -> Callable[[Any], list[Box]]:
    """Return what finds the boxes of a frame, as it is stored."""
    from pixelater.regions.region import BadRegion, find_box
    from pixelater_cli.video.pixelate import PAD
    from pixelater_detectors.boxes import Detection, turn_back

    given = job.list_regions(path)
    detector = _load_detector() if job.kinds else None

    def find(frame: Any) -> list[Box]:
        turns = frame.rotation // 90 % 4
        stored = frame.width, frame.height
        size = stored if turns % 2 == 0 else (stored[1], stored[0])
        found = []
        for region in given:
            try:
                box = find_box(region, size, job.how.pad)
            except BadRegion as error:
                raise VideoError(str(error)) from error
            found.append(Detection("region", *box, 1.0))
        if detector:
            image = frame.reformat(format="rgb24").to_image()
            upright = image.rotate(90 * turns, expand=True) if turns else image
            threshold = THRESHOLD if job.threshold is None else job.threshold
            faces = detector.find_at(upright, SIDE, threshold)
            found += [_grow(face, job, PAD) for face in faces]
        shown = (turn_back(box, turns, stored) for box in found)
        return [(box.left, box.top, box.right, box.lower) for box in shown]

    return find


def _grow(face: Detection, job: RegionJob, share: float) -> Detection:
    """Grow a box as measured, or by the padding that was given."""
    from pixelater.regions.region import Percent
    from pixelater_detectors.boxes import Detection

    width, height = face.right - face.left, face.lower - face.top
    across, down = width * share, height * share
    if not job.pads:
        pad = job.how.pad
        across, down = (
            (float(pad.value) * width / 100, float(pad.value) * height / 100)
            if isinstance(pad, Percent)
            else (pad, pad)
        )
    edges = face.left - across, face.top - down, face.right + across, face.lower + down
    return Detection(face.kind, *edges, face.score)


@cache
def _load_detector() -> FaceDetector:
    from pixelater_cli.local.model_store import find_folder
    from pixelater_detectors.models import read_model

    with explained():
        from pixelater_detectors.faces import FaceDetector

        return FaceDetector(read_model("faces", [find_folder()]))


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
            with suppress(FileNotFoundError):
                path.unlink()
