"""Progress on stderr: live lines and bars, on a terminal where no other lines come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from pixelater_cli import console
from pixelater_cli.results.formatting import format_pace
from pixelater_cli.terminal_text import clean

if TYPE_CHECKING:
    from pixelater_cli.aws.resources.property import ApiCall

Item = TypeVar("Item")

PATIENCE_SECONDS = 0.5
"""Time that passes without a sign of life."""


@contextmanager
def steps(total: int) -> Iterator[Callable[[ApiCall], None]]:
    """Show finished steps on stderr: in one live line on a terminal, otherwise a line each.

    A reader that goes away, as `head` does, does not stop a change halfway.
    """
    if not _shows_progress():

        def note(step: ApiCall) -> None:
            if not console.VERBOSITY.quiet:
                with suppress(BrokenPipeError):
                    console.note(f"done: {step.title}")

        yield note
        return
    from rich.console import Console
    from rich.text import Text

    number = 0
    with Console(stderr=True).status(f"0 of {total} steps") as line:

        def show(step: ApiCall) -> None:
            nonlocal number
            number += 1
            line.update(Text(f"{number} of {total} steps: {clean(step.title)}"))

        yield show


@contextmanager
def spinner(text: str, after: float = 0.0) -> Iterator[None]:
    """Show on a terminal what is going on, until it ends; if it takes longer than `after` seconds.

    What is usually fast then neither flickers nor loads rich.
    """
    if not _shows_progress():
        yield
        return
    from contextlib import ExitStack
    from threading import Timer

    shown = ExitStack()

    def show() -> None:
        from rich.console import Console
        from rich.text import Text

        shown.enter_context(Console(stderr=True).status(Text(clean(text))))

    timer = Timer(after, show)
    timer.daemon = True
    with shown:
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def wait_for_each(items: Iterable[Item], text: str) -> Iterator[Item]:
    """Yield the items; show on a terminal what is going on while one takes long."""
    waiting = iter(items)
    while True:
        with spinner(text, PATIENCE_SECONDS):
            try:
                item = next(waiting)
            except StopIteration:
                return
        yield item


def track(items: Iterable[Item], total: int, text: str = "working") -> Iterator[Item]:
    """Yield the items; show on a terminal how many are done, how fast, and the time left.

    Of a single one, show what is going on, which `text` says.
    """
    if total < 2 or not _shows_progress():
        yield from wait_for_each(items, text)
        return
    from rich import progress
    from rich.console import Console

    columns = (
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TextColumn("photos{task.fields[pace]}"),
    )
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, pace="")
        for done, item in enumerate(items, start=1):
            yield item
            bar.update(task, advance=1, pace=format_pace(done, total, bar.tasks[task].elapsed or 0))


@contextmanager
def frame_bar(text: str) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how many frames of a video are done, how fast, and the time left.

    The callback takes the number of frames that are done, and of all (0: unknown).
    """
    if not _shows_progress():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    rest = TextColumn("frames{task.fields[pace]}")
    columns = TextColumn(clean(text), markup=False), BarColumn(), MofNCompleteColumn(), rest
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None, pace="")

        def follow(done: int, total: int) -> None:
            pace = format_pace(done, total, shown.tasks[task].elapsed or 0)
            shown.update(task, completed=done, total=max(total, done) or None, pace=pace)

        yield follow


@contextmanager
def byte_bar(text: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many bytes of a total are done; the callback adds to them."""
    if not _shows_progress():
        yield lambda _number: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = TextColumn(text), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=total)
        yield lambda number: shown.advance(task, number)


def _shows_progress() -> bool:
    verbosity = console.VERBOSITY
    return console.is_terminal(sys.stderr) and not (verbosity.quiet or verbosity.verbose)
