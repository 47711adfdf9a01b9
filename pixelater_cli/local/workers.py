"""Pixelation of many photos, in this process or in worker processes.

Half of the library's work holds Python's global interpreter lock: two threads are a fifth faster
than one, two processes nearly twice as fast.
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from pixelater_cli.errors import HEIC_HINT, PixelaterError
from pixelater_cli.local.files import open_whole

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

    from pixelater import Mosaic, PictureError, Preview, Style
    from pixelater.thumbnails import PhotoThumbnails
    from pixelater_cli.local.face_check import FaceCheck
    from pixelater_cli.local.region_job import RegionJob
    from pixelater_function.found_regions import HiddenRegion

MIN_PHOTOS = 4
"""With fewer photos, starting processes takes longer (a fifth of a second) than it saves."""


@dataclass(frozen=True)
class Job:
    """The arguments of `pixelate` for every photo, and what else to make of it.

    `check_faces` counts the cells on its largest face.
    """

    grids: tuple[int, ...]
    style: Style
    max_pixels: int | None = None
    exact: bool = False
    preview: bool = False
    max_seconds: int | None = None
    max_memory: int | None = None
    max_written: int | None = None
    regions: RegionJob | None = None
    mipmaps: bool = False
    check_faces: bool = False


@dataclass(frozen=True)
class JobResult:
    """The mosaics of a photo, or its placeholders, or an error with a hint.

    Of a photo with hidden regions, `regions` are these; `nothing` says what was not found, if it
    has none and is not written. `checked` are its faces, if they were wanted.

    `traceback` is that of a bug. `messages` are what its decoder wrote to stderr, and its warnings;
    they explain an error, except if it is only a limit that the photo exceeds (`is_too_large`).
    """

    mosaics: tuple[Mosaic, ...] = field(default=(), repr=False)
    error: str = ""
    hint: str = ""
    regions: tuple[HiddenRegion, ...] = ()
    nothing: str = ""
    checked: FaceCheck | None = None
    is_too_large: bool = field(default=False, compare=False, repr=False)
    traceback: str = field(default="", compare=False, repr=False)
    preview: PhotoThumbnails | None = None
    placeholders: Preview | None = None
    seconds: float = field(default=0.0, compare=False)
    messages: tuple[str, ...] = field(default=(), compare=False)


JobSource = Path | bytes
"""A photo's file, or the bytes on stdin."""

Item = TypeVar("Item")


def count_cpus() -> int:
    """Return the number of CPUs that this process may use, which containers may limit."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_jobs(sources: Sequence[JobSource], job: Job, jobs: int) -> Generator[JobResult]:
    """Pixelate photos, `jobs` at the same time, and yield the results in order.

    At most twice as many photos as jobs are in work, or finished and not yet yielded.
    """
    return run_all(sources, partial(run_job, job=job), jobs)


def run_job(source: JobSource, job: Job) -> JobResult:
    """Pixelate a photo. What its decoder wrote to stderr becomes a part of the result."""
    path = source if isinstance(source, Path) else None
    return run_on_photo(source, partial(_pixelate, job=job, path=path))


def run_on_photo(source: JobSource, work: Callable[[BinaryIO], JobResult]) -> JobResult:
    """Apply `work` to a photo. Errors of it, and what its decoder wrote, are in the result."""
    from pixelater.decode.messages import catch_messages

    started = time.monotonic()
    with catch_messages() as messages:
        result = _catch_error(source, work)
    if not result.error:
        result = replace(result, seconds=time.monotonic() - started)
    if not messages:
        return result
    explained = result.error and not result.is_too_large
    error = f"{result.error}: {messages[0]}" if explained else result.error
    return replace(result, error=error, messages=tuple(messages))


def _catch_error(source: JobSource, work: Callable[[BinaryIO], JobResult]) -> JobResult:
    from pixelater import PictureError, TooLarge

    try:
        with open_whole(source) if isinstance(source, Path) else BytesIO(source) as file:
            return work(file)
    except PixelaterError as error:
        return JobResult(error=str(error), hint=error.hint)
    except PictureError as error:
        is_too_large = isinstance(error, TooLarge)
        return JobResult(error=str(error), hint=advise(error), is_too_large=is_too_large)


def _pixelate(file: BinaryIO, job: Job, path: Path | None) -> JobResult:
    from pixelater import pixelate

    limits = {
        "max_pixels": job.max_pixels,
        "max_seconds": job.max_seconds,
        "max_memory": job.max_memory,
        "max_written": job.max_written,
    }
    mosaics: tuple[Mosaic, ...]
    regions: tuple[HiddenRegion, ...] = ()
    if job.regions:
        from pixelater_cli.local.region_job import hide_in_photo, to_mosaic

        hidden = hide_in_photo(file, path, job.regions, job.style, limits)
        if not hidden.regions and not job.regions.copied:
            return JobResult(nothing=job.regions.sought)
        mosaics, regions = (to_mosaic(hidden.photo),), hidden.regions
    else:
        mosaics = pixelate(file, job.grids, job.style, exact=job.exact, compare=True, **limits)
    checked = None
    if job.check_faces:
        from pixelater_cli.local.face_check import check_faces

        checked = check_faces(file, job.grids, job.style, job.max_pixels)
    preview = None
    if job.preview:
        from pixelater.thumbnails import make_thumbnails

        preview = make_thumbnails(file, mosaics, job.max_pixels)
    if job.mipmaps:
        from pixelater_cli.local.mipmap_files import add_mipmaps

        mosaics = tuple(add_mipmaps(mosaics))
    return JobResult(mosaics, regions=regions, checked=checked, preview=preview)


def advise(error: PictureError) -> str:
    """Return a hint for a photo that cannot be pixelated, where pixelater may be extended."""
    from pixelater import MissingDecoder, advice

    if isinstance(error, MissingDecoder) and not error.remedy:
        return HEIC_HINT
    return advice.advise(error)


def run_all(
    items: Sequence[Item], work: Callable[[Item], JobResult], jobs: int
) -> Generator[JobResult]:
    """Apply `work` to every item; a bug or a crash for one does not affect the others.

    The worker processes end when the generator is closed.
    """
    jobs = min(jobs, len(items))
    if jobs == 1 or len(items) < MIN_PHOTOS:
        from pixelater.decode.messages import detach_stderr

        detach_stderr()
        yield from (catch_bug(partial(work, item)) for item in items)
        return
    from concurrent.futures.process import BrokenProcessPool

    done = 0
    pool = _start(jobs)
    try:
        for made in _fetch(pool, items, work, 2 * jobs):
            yield made
            done += 1
    except BrokenProcessPool:
        yield from (_run_alone(item, work) for item in items[done:])
    finally:
        pool.shutdown(cancel_futures=True)


def _fetch(
    pool: ProcessPoolExecutor, items: Sequence[Item], work: Callable[[Item], JobResult], most: int
) -> Iterator[JobResult]:
    waiting: deque[Future[JobResult]] = deque()
    for item in items:
        waiting.append(_submit(pool, work, item))
        if len(waiting) >= most:
            yield catch_bug(waiting.popleft().result)
    while waiting:
        yield catch_bug(waiting.popleft().result)


def catch_bug(get: Callable[[], JobResult]) -> JobResult:
    """Return the result of an item; a bug becomes its error.

    Raises BrokenExecutor if a process crashed, whichever item caused it.
    """
    try:
        return get()
    except Exception as error:
        from concurrent.futures import BrokenExecutor
        from traceback import format_exception

        if isinstance(error, BrokenExecutor):
            raise
        return JobResult(
            error=f"bug in pixelater: {type(error).__name__}: {error}",
            hint="Report it, with the photo and the output of --verbose.",
            traceback="".join(format_exception(error)),
        )


def _run_alone(item: Item, work: Callable[[Item], JobResult]) -> JobResult:
    """Apply `work` in a separate process: if that crashes, this item is the cause."""
    from concurrent.futures.process import BrokenProcessPool

    with _start(1) as pool:
        try:
            return catch_bug(_submit(pool, work, item).result)
        except BrokenProcessPool:
            return JobResult(
                error="the worker process crashed while decoding it (out of memory, or a bug)",
                hint="Process fewer photos at the same time: --jobs 1",
            )


def _start(jobs: int) -> ProcessPoolExecutor:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    return ProcessPoolExecutor(jobs, get_context("spawn"), _follow_parent)


def _submit(
    pool: ProcessPoolExecutor, work: Callable[[Item], JobResult], item: Item
) -> Future[JobResult]:
    """Submit work to a pool, which may start a process for it that ignores Ctrl-C.

    Ctrl-C reaches every process of a terminal, even one that is still loading modules. A process
    inherits blocked signals, so SIGINT is blocked while it starts.
    """
    import signal

    if sys.platform == "win32":  # _follow_parent is enough.
        return pool.submit(work, item)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(work, item)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _follow_parent() -> None:
    """Ignore Ctrl-C, which the parent process handles, and exit when the parent ends."""
    import signal
    from multiprocessing import parent_process
    from threading import Thread

    def wait() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=wait, daemon=True).start()
