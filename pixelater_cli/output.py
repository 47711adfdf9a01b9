"""Owns everything that is printed: results on stdout, progress and errors on stderr.

The only module that prints. Names of files and words of servers come from outside: `clean` makes
them printable before they reach a terminal, and rich's markup is off where they appear.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pixelater_cli.errors import PixelaterError, UnusablePath
from pixelater_cli.results import VERSION

if TYPE_CHECKING:
    from pixelater_cli.aws.facts import Step
    from pixelater_cli.results.deploy import DeployResult
    from pixelater_cli.results.destroy import DestroyResult
    from pixelater_cli.results.emulate import EmulatedPhoto, EmulateResult
    from pixelater_cli.results.rollback import RollbackResult
    from pixelater_cli.results.run import PixelatedPhoto, RunResult
    from pixelater_cli.results.status import StatusResult

    Result = (
        RunResult | DeployResult | StatusResult | DestroyResult | RollbackResult | EmulateResult
    )

Item = TypeVar("Item")


def clean(text: object) -> str:
    r"""Make outside text safe to print: control characters and undecodable bytes become escapes.

    >>> clean("two\nlines.jpg")
    'two\\nlines.jpg'
    """
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in str(text)
    )


def show(result: Result, as_json: bool) -> None:
    """Print a result on stdout, for a person or as one JSON document; failures on stderr too."""
    if as_json:
        import json

        _print(json.dumps({"version": VERSION, "command": result.command, **asdict(result)}))
    elif result.command == "run":
        _show_run(result)
    elif result.command == "deploy":
        _show_deploy(result)
    elif result.command == "status":
        _show_status(result)
    elif result.command == "destroy":
        _show_destroy(result)
    elif result.command == "rollback":
        _print(
            f"{result.function}: version {result.function_version} runs, no longer {result.left}"
        )
    else:
        _show_emulate(result)


def show_version(version: str) -> None:
    """Print the version on stdout."""
    _print(f"pixelater {version}")


def show_error(error: PixelaterError) -> None:
    """Print an error and its hint on stderr."""
    _tell(f"error: {clean(error)}")
    if error.hint:
        _tell(f"  {clean(error.hint)}")


def tell_step(step: Step) -> None:
    """Report a finished step on stderr."""
    _tell(f"done: {clean(step.title)}")


@contextmanager
def status(text: str) -> Iterator[None]:
    """Say on a terminal what is going on, for as long as it does."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


def track(items: Iterable[Item], total: int) -> Iterator[Item]:
    """Pass items on, with a progress bar on stderr if it is a terminal and there are several."""
    if total < 2 or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track as follow

    console = Console(stderr=True)
    yield from follow(items, "photos", total, console=console, transient=True)


def _show_run(result: RunResult) -> None:
    done = [photo for photo in result.photos if photo.mosaics]
    for photo in result.photos:
        _tell_troubles(photo)
        if photo.mosaics and len(done) == 1:
            _print("\n".join(f"{clean(one.path)}  {_size(one.bytes)}" for one in photo.mosaics))
        elif photo.mosaics:
            total = sum(mosaic.bytes for mosaic in photo.mosaics)
            _print(f"{clean(photo.photo)}  {_count(len(photo.mosaics), 'mosaic')}, {_size(total)}")
    mosaics = [mosaic for photo in done for mosaic in photo.mosaics]
    failed = sum(bool(photo.error) for photo in result.photos)
    parts = [f"{_count(len(done), 'photo')} done, {_count(len(mosaics), 'mosaic')}"]
    parts.append(f"{_size(sum(mosaic.bytes for mosaic in mosaics))} in {clean(result.out)}")
    saved = sum(mosaic.saved for mosaic in mosaics)
    if saved:
        more_or_less = "less" if saved > 0 else "more"
        parts.append(f"{_size(abs(saved))} {more_or_less} than in the photos' own formats")
    if failed:
        parts.append(f"{failed} failed")
    if result.passed_over:
        parts.append(f"{_count(result.passed_over, 'other file')} passed over")
    _print(f"{', '.join(parts)} ({result.seconds:.1f} s)")


def _show_deploy(result: DeployResult) -> None:
    where = f" at {clean(result.endpoint_url)}" if result.endpoint_url else ""
    _print(f"Account {result.account}, {result.region}{where}")
    if not result.steps:
        _print("Everything is as it should be: nothing to change.")
    elif not result.applied:
        _print("\n".join(_word_changes(result)))
        _print(f"{_count(len(result.steps), 'step')} to do; nothing was changed.")
    else:
        _print(f"{_count(len(result.steps), 'step')} done.")
    if result.applied:
        _print(f"Photos go to      s3://{result.source_bucket}")
        _print(f"Mosaics appear in s3://{result.destination_bucket}")


def _show_status(result: StatusResult) -> None:
    where = f" at {clean(result.endpoint_url)}" if result.endpoint_url else ""
    _print(f"Account {result.account}, {result.region}{where}")
    for one in result.resources:
        details = f"  {', '.join(one.details)}" if one.details else ""
        _print(clean(f"  {one.state:<8} {one.resource}{details}"))
    if result.function_version is not None:
        _print(f"Version {result.function_version} runs.")
    if result.failures is not None:
        _print(f"{_count(result.failures, 'event')} in the failure queue.")
    for line in result.errors[-3:]:
        _print(f"  {clean(line)}")
    _print(f"{_count(len(result.errors), 'error')} in the log of the last hour.")


def _show_destroy(result: DestroyResult) -> None:
    where = f" at {clean(result.endpoint_url)}" if result.endpoint_url else ""
    _print(f"Account {result.account}, {result.region}{where}")
    for name in result.kept:
        _print(f"  keep {clean(name)}")
    if not result.steps:
        _print(f"Nothing is left of stack {result.stack} to remove.")
    elif result.applied:
        _print(f"{_count(len(result.steps), 'step')} done.")
    else:
        _print("\n".join(f"  {clean(step.title)}" for step in result.steps))
        _print(f"{_count(len(result.steps), 'step')} to do; nothing was changed.")


def _word_changes(result: DeployResult) -> Iterator[str]:
    for change in result.changes:
        details = f" ({', '.join(change.details)})" if change.details else ""
        yield clean(f"  {change.action} {change.resource}{details}")


def confirm(result: DeployResult | DestroyResult) -> bool:
    """Show a plan and ask whether to carry it out, if somebody sits at a terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    if result.command == "deploy":
        _tell("\n".join(_word_changes(result)))
    else:
        _tell("\n".join(f"  {clean(step.title)}" for step in result.steps))
    _tell(f"{_count(len(result.steps), 'step')} to do. Go on? [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _show_emulate(result: EmulateResult) -> None:
    done = [photo for photo in result.photos if photo.mosaics]
    _print(f"Deployed to an AWS on this machine in {_count(result.steps, 'step')}.")
    _print(f"{result.source_bucket} -> pixelater-function -> {result.destination_bucket}\n")
    if done:
        _print_table(result.out, done)
    for photo in result.photos:
        _tell_troubles(photo)
    if done:
        same = sum(photo.identical for photo in done)
        verdict = "yes" if same == len(done) else f"no: {len(done) - same} of {len(done)} differ"
        _print(f"\nBytes identical to `pixelater run`: {verdict}")


def _print_table(out: str, photos: list[EmulatedPhoto]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("Photo", overflow="fold")
    table.add_column("Event to five", justify="right", no_wrap=True)
    table.add_column("Size", justify="right", no_wrap=True)
    table.add_column(Text(f"Saved in {clean(out)}"), overflow="fold")
    for photo in photos:
        duration = f"{photo.milliseconds:.0f} ms {'cold' if photo.cold else 'warm'}"
        key = clean(photo.key)
        for mosaic in photo.mosaics:
            saved = clean(Path(mosaic.path).relative_to(out).as_posix())
            table.add_row(Text(key), duration, _size(mosaic.bytes), Text(saved))
            key = duration = ""
    width = None if sys.stdout.isatty() else 200
    console = Console(file=sys.stdout, width=width)
    console.print(table)


def _tell_troubles(photo: PixelatedPhoto | EmulatedPhoto) -> None:
    for warning in photo.warnings:
        _tell(f"warning: {clean(photo.photo)}: {clean(warning)}")
    if photo.error:
        _tell(f"error: {clean(photo.photo)}: {clean(photo.error)}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _size(number: int) -> str:
    return f"{number / 1e6:.1f} MB" if number >= 999_500 else f"{number / 1e3:.0f} kB"


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise  # Whoever read has read enough.
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnusablePath(f"cannot write the result: {reason}") from error


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
