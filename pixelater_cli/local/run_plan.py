"""What a run would write. Of photos, only headers are read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from pixelater_cli.errors import PixelaterError
from pixelater_cli.local import photo_search
from pixelater_cli.local.file_owners import OUT_HINT
from pixelater_cli.local.files import open_whole
from pixelater_cli.local.photo_search import PhotoFile, Search
from pixelater_cli.local.workers import Job, advise
from pixelater_cli.local.writer import MosaicWriter
from pixelater_cli.results.run_plan import PlannedMosaic, PlannedPhoto, PlannedVideo

if TYPE_CHECKING:
    from pixelater.decode.cost import Header


class _HeaderRead(Exception):
    """Ends the reading of a photo after its header."""

    def __init__(self, header: Header) -> None:
        super().__init__()
        self.header = header


def plan_photos(
    search: Search, job: Job, writer: MosaicWriter, *, again: bool
) -> tuple[PlannedPhoto, ...]:
    """Plan the mosaics of all photos; those up to date are made `again` only if it is wanted."""
    planned = [_plan(photo, job, writer, again=again) for photo in search.photos]
    missing = [
        PlannedPhoto(str(path), error=reason, hint=photo_search.advise(reason))
        for path, reason in search.problems
    ]
    return (*planned, *missing)


def _plan(photo: PhotoFile, job: Job, writer: MosaicWriter, *, again: bool) -> PlannedPhoto:
    from pixelater import PictureError

    name = str(photo.path)
    if not again and writer.find(photo):
        return PlannedPhoto(name, up_to_date=True)
    try:
        mosaics = tuple(_plan_mosaics(photo, job, writer))
    except PictureError as error:
        return PlannedPhoto(name, error=str(error), hint=advise(error))
    except PixelaterError as error:
        return PlannedPhoto(name, error=str(error), hint=error.hint or OUT_HINT)
    for mosaic in mosaics:
        writer.owners.add(Path(mosaic.path), photo.path)
    return PlannedPhoto(name, mosaics)


def plan_videos(
    videos: Sequence[PhotoFile], job: Job, writer: MosaicWriter, *, again: bool
) -> tuple[PlannedVideo, ...]:
    """Plan the mosaics of videos, which are not opened."""
    return tuple(_plan_video(video, job, writer, again=again) for video in videos)


def _plan_video(video: PhotoFile, job: Job, writer: MosaicWriter, *, again: bool) -> PlannedVideo:
    from pixelater_cli.local.video_job import check_look, place_video

    name = str(video.path)
    if not again and writer.find(video):
        return PlannedVideo(name, up_to_date=True)
    try:
        check_look(job)
        paths = {grid: place_video(video, grid, writer) for grid in job.grids}
    except PixelaterError as error:
        return PlannedVideo(name, error=str(error), hint=error.hint or OUT_HINT)
    for path in paths.values():
        writer.owners.add(path, video.path)
    mosaics = (
        PlannedMosaic(grid, str(path), os.path.lexists(path)) for grid, path in paths.items()
    )
    return PlannedVideo(name, tuple(mosaics))


def _plan_mosaics(photo: PhotoFile, job: Job, writer: MosaicWriter) -> Iterator[PlannedMosaic]:
    """Yield the mosaics of a photo. Raises PixelaterError and PictureError."""
    from pixelater.encode import encoder
    from pixelater.layout import find_layouts

    header = _read_header(photo, job)
    size = header.width, header.height
    if job.regions:  # What detectors find is known only after decoding.
        from pixelater.regions.writing import list_encodings

        encodings = list_encodings(header, job.style)
        named = encodings[:1] if writer.template.is_file else encodings
        path, *others = (writer.find_place(photo, 0, 0, encoding.format) for encoding in named)
        alternative = str(others[0]) if others else ""
        yield PlannedMosaic(0, str(path), os.path.lexists(path), alternative)
        return
    for layout in find_layouts(size, job.grids, job.style):
        encodings = encoder.list_encodings(header.format, layout.size, header.has_alpha, job.style)
        path, *others = (
            writer.find_place(photo, layout.grid, layout.cell_size, encoding.format)
            for encoding in encodings
        )
        alternative = str(others[0]) if others else ""
        yield PlannedMosaic(layout.grid, str(path), os.path.lexists(path), alternative)


def _read_header(photo: PhotoFile, job: Job) -> Header:
    """Read the header of a photo that is not refused because of it."""
    from pixelater.admission import admit, read_limits
    from pixelater.decode.photo import open_photo

    limits = read_limits(job.max_pixels, job.max_seconds, job.max_memory, job.max_written)

    def stop(header: Header) -> None:
        admit(header, job.grids if not job.regions else (1,), job.style, limits)
        raise _HeaderRead(header)

    source = photo_search.read_source(photo)
    with closing(open_whole(source) if isinstance(source, Path) else BytesIO(source)) as file:
        try:
            open_photo(
                file, max(job.grids) or 1, limits.pixels, job.exact, stop, job.style.cell_size
            )
        except _HeaderRead as read:
            return read.header
    raise AssertionError("the header was not read")
