"""Owns making the mosaics of many photos: in this process, or in several where that pays.

Python runs one thread at a time, and half of the engine's work is Python's or holds its lock: two
threads are a fifth faster than one, two processes nearly twice as fast.
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pixelater_cli.errors import HEIC_HINT, PixelaterError
from pixelater_cli.local.files import open_whole

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

    from pixelater import Mosaic, PictureError, Style
    from pixelater.thumbnails import PhotoThumbnails

WORTH_PROCESSES = 4
"""With fewer photos, starting processes (a fifth of a second) takes longer than it saves."""


@dataclass(frozen=True)
class Job:
    """What is wanted of every photo: the arguments of `pixelate`, and whether to make a preview."""

    grids: tuple[int, ...]
    style: Style
    max_pixels: int | None = None
    exact: bool = False
    preview: bool = False


@dataclass(frozen=True)
class JobResult:
    """The mosaics of one photo, or the reason why there are none, and what to do about it.

    `traceback` is that of a bug.
    """

    mosaics: tuple[Mosaic, ...] = field(default=(), repr=False)
    error: str = ""
    hint: str = ""
    traceback: str = field(default="", compare=False, repr=False)
    preview: PhotoThumbnails | None = None
    seconds: float = field(default=0.0, compare=False)


Source = Path | bytes
"""A photo's file, or what came in on stdin."""

Item = TypeVar("Item")


def count_cpus() -> int:
    """Count the CPUs this process may use: in a container, often fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_jobs(sources: Sequence[Source], order: Job, jobs: int) -> Generator[JobResult]:
    """Make the mosaics of photos, `jobs` of them at a time, and give them in their order.

    Never are more than twice as many photos as jobs in work, or finished and not yet fetched.
    """
    return run_all(sources, partial(run_job, order=order), jobs)


def run_job(source: Source, order: Job) -> JobResult:
    """Make the mosaics of one photo."""
    from pixelater import PictureError, pixelate

    started = time.monotonic()
    try:
        with open_whole(source) if isinstance(source, Path) else BytesIO(source) as file:
            mosaics = pixelate(
                file, order.grids, order.style, max_pixels=order.max_pixels, exact=order.exact
            )
            preview = None
            if order.preview:
                from pixelater.thumbnails import make_thumbnails

                preview = make_thumbnails(file, mosaics, order.max_pixels)
    except PixelaterError as error:
        return JobResult(error=str(error), hint=error.hint)
    except PictureError as error:
        return JobResult(error=str(error), hint=_advise(error))
    return JobResult(mosaics, preview=preview, seconds=time.monotonic() - started)


def _advise(error: PictureError) -> str:
    """Say what to do about a photo that cannot be pixelated."""
    from pixelater import (
        BadCrop,
        MissingDecoder,
        MosaicFailed,
        NotAPicture,
        ThumbnailOnly,
        TooLarge,
    )

    match error:
        case MissingDecoder():
            return HEIC_HINT
        case NotAPicture() | ThumbnailOnly() | BadCrop():
            return "Leave it out, or save it as JPEG or PNG first."
        case TooLarge() if error.pixels:
            return f"If you know where it comes from, allow it: --max-pixels {error.pixels}"
        case TooLarge():
            return "Save a smaller copy of it, and take that."
        case MosaicFailed():
            return "Write another format, like this: --format jpeg"
    return "Copy it again from where it came from; this file has lost a part."


def run_all(
    items: Sequence[Item], work: Callable[[Item], JobResult], jobs: int
) -> Generator[JobResult]:
    """Do some work on every item. None takes another down with it, by a bug or a dying process.

    Its processes end when it is closed.
    """
    jobs = min(jobs, len(items))
    if jobs == 1 or len(items) < WORTH_PROCESSES:
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
    """Get what was made of an item. A bug that ends the work on it is reported as its error.

    Raises BrokenExecutor, of which nobody knows yet which item is to blame.
    """
    try:
        return get()
    except Exception as error:
        from concurrent.futures import BrokenExecutor
        from traceback import format_exception

        if isinstance(error, BrokenExecutor):
            raise
        return JobResult(
            error=f"a bug in pixelater ended the work on it: {type(error).__name__}: {error}",
            hint="Report it, with the photo and what --verbose tells.",
            traceback="".join(format_exception(error)),
        )


def _run_alone(item: Item, work: Callable[[Item], JobResult]) -> JobResult:
    """Do the work in a process of its own: if that dies, this item is to blame."""
    from concurrent.futures.process import BrokenProcessPool

    with _start(1) as pool:
        try:
            return _catch_bug(_submit(pool, work, item).result)
        except BrokenProcessPool:
            return JobResult(
                error="decoding it ended the process, for want of memory or by a defect",
                hint="Try it alone, or do fewer at a time: --jobs 1",
            )


def _start(jobs: int) -> ProcessPoolExecutor:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    return ProcessPoolExecutor(jobs, get_context("spawn"), _follow_parent)


def _submit(
    pool: ProcessPoolExecutor, work: Callable[[Item], JobResult], item: Item
) -> Future[JobResult]:
    """Give work to a pool, which may start a process for it, one that is deaf to Ctrl-C.

    Ctrl-C reaches every process of a terminal, also one that is still loading modules. A process
    inherits what is blocked; here it is blocked no longer than that.
    """
    import signal

    if sys.platform == "win32":  # There it is deaf as soon as it runs.
        return pool.submit(work, item)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(work, item)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _follow_parent() -> None:
    """End with the parent process, however it ends, and not before.

    The parent alone hears Ctrl-C, and then finishes with its workers.
    """
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
