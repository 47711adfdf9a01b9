"""Previews of many photos: those that are up to date from the cache, the others made."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from typing import BinaryIO

from pixelater_cli.local.photo_search import STDIN, PhotoFile, read_source
from pixelater_cli.local.preview_cache import PreviewCache
from pixelater_cli.local.run_cache import format_settings, take_stamp
from pixelater_cli.local.workers import JobResult, JobSource, run_all, run_on_photo
from pixelater_cli.results.preview import PreviewedPhoto


@dataclass(frozen=True)
class PreviewJob:
    """The arguments of `make_preview` for every photo."""

    budget: int
    max_pixels: int | None = None
    max_seconds: int | None = None
    max_memory: int | None = None


def make_all(
    photos: Sequence[PhotoFile], job: PreviewJob, jobs: int, cache: PreviewCache, *, force: bool
) -> Generator[tuple[PreviewedPhoto, JobResult]]:
    """Make the previews that are not in the cache, and record them; yield all in order."""
    settings = format_settings(job)
    found = [
        None if force or photo is STDIN else cache.find(photo.path, settings) for photo in photos
    ]
    todo = [photo for photo, known in zip(photos, found, strict=True) if known is None]
    stamps = [None if photo is STDIN else take_stamp(photo.path) for photo in todo]
    sources = [read_source(photo) for photo in todo]
    with closing(run_all(sources, partial(run_job, job=job), jobs)) as made:
        fresh = zip(made, stamps, strict=True)
        for photo, known in zip(photos, found, strict=True):
            if known:
                yield PreviewedPhoto(str(photo.path), **asdict(known), up_to_date=True), JobResult()
                continue
            result, stamp = next(fresh)
            if result.placeholders is None:
                yield PreviewedPhoto(str(photo.path), error=result.error, hint=result.hint), result
                continue
            if photo is not STDIN:
                cache.record(photo.path, settings, stamp, result.placeholders)
            yield PreviewedPhoto(str(photo.path), **asdict(result.placeholders)), result


def run_job(source: JobSource, job: PreviewJob) -> JobResult:
    """Make the preview of a photo."""
    return run_on_photo(source, partial(_make, job=job))


def _make(file: BinaryIO, job: PreviewJob) -> JobResult:
    from pixelater import make_preview

    placeholders = make_preview(
        file,
        job.budget,
        max_pixels=job.max_pixels,
        max_seconds=job.max_seconds,
        max_memory=job.max_memory,
    )
    return JobResult(placeholders=placeholders)
