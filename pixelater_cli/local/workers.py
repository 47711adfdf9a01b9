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

MIN_PHOTOS = 4
"""With fewer photos, starting processes takes longer (a fifth of a second) than it saves."""

ALLOW = "If you trust its source, allow it with"
SMALLER = "Use a smaller copy."


@dataclass(frozen=True)
class Job:
    """The arguments of `pixelate` for every photo, and whether to make a preview."""

    grids: tuple[int, ...]
    style: Style
    max_pixels: int | None = None
    exact: bool = False
    preview: bool = False
    max_seconds: int | None = None
    max_memory: int | None = None
    max_written: int | None = None


@dataclass(frozen=True)
class JobResult:
    """The mosaics of a photo, or its placeholders, or an error with a hint.

    `traceback` is that of a bug. `messages` are what its decoder wrote to stderr, and its warnings.
    """

    mosaics: tuple[Mosaic, ...] = field(default=(), repr=False)
    error: str = ""
    hint: str = ""
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
    return run_on_photo(source, partial(_pixelate, job=job))


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
    error = f"{result.error}: {messages[0]}" if result.error else ""
    return replace(result, error=error, messages=tuple(messages))


def _catch_error(source: JobSource, work: Callable[[BinaryIO], JobResult]) -> JobResult:
    from pixelater import PictureError

    try:
        with open_whole(source) if isinstance(source, Path) else BytesIO(source) as file:
            return work(file)
    except PixelaterError as error:
        return JobResult(error=str(error), hint=error.hint)
    except PictureError as error:
        return JobResult(error=str(error), hint=advise(error))


def _pixelate(file: BinaryIO, job: Job) -> JobResult:
    from pixelater import pixelate

    mosaics = pixelate(
        file,
        job.grids,
        job.style,
        max_pixels=job.max_pixels,
        max_seconds=job.max_seconds,
        max_memory=job.max_memory,
        max_written=job.max_written,
        exact=job.exact,
        compare=True,
    )
    preview = None
    if job.preview:
        from pixelater.thumbnails import make_thumbnails

        preview = make_thumbnails(file, mosaics, job.max_pixels)
    return JobResult(mosaics, preview=preview)


def advise(error: PictureError) -> str:
    """Return a hint for a photo that cannot be pixelated."""
    from pixelater import (
        BadCrop,
        MissingDecoder,
        MosaicFailed,
        NotAPicture,
        ThumbnailOnly,
        TooLarge,
        Truncated,
    )

    hint = error.remedy
    match error:
        case MissingDecoder() if not hint:
            hint = HEIC_HINT
        case NotAPicture() | ThumbnailOnly() | BadCrop() if not hint:
            hint = "Omit it, or save it as JPEG or PNG first."
        case TooLarge():
            allow = f"{ALLOW} --{error.option} {error.needed}"
            hint = allow if error.option else SMALLER
        case MosaicFailed() if not hint:
            hint = "Choose another format, such as --format jpeg"
        case Truncated():
            hint = "Copy it again from its source; a part of this file is missing."
    return hint or "The file is corrupt: copy it again from its source."


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
        yield from (_catch_bug(partial(work, item)) for item in items)
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
            yield _catch_bug(waiting.popleft().result)
    while waiting:
        yield _catch_bug(waiting.popleft().result)


def _catch_bug(get: Callable[[], JobResult]) -> JobResult:
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
            return _catch_bug(_submit(pool, work, item).result)
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
