"""Owns everything that is printed: results on stdout, progress and errors on stderr.

The only module that prints. Names of files and words of servers come from outside: `clean` makes
them printable before they reach a terminal, and rich's markup is off where they appear. How much it
says is chosen once, by --quiet and --verbose.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from pixelater_cli.errors import (
    Interrupted,
    PixelaterError,
    UnusablePath,
    UsageError,
    explain_os_error,
)
from pixelater_cli.results import DOCUMENT_VERSION, CommandResult
from pixelater_cli.results.formatting import format_count, wrap
from pixelater_cli.terminal_text import clean, paint

if TYPE_CHECKING:
    import logging

    from pixelater.thumbnails import Cell
    from pixelater_cli.results.formatting import Table

MESSAGE_COLORS = {"error:": "red", "interrupted:": "yellow", "warning:": "yellow"}


@dataclass
class Verbosity:
    """How much is said: if quiet, only what is wrong or needed; if verbose, also what is called."""

    quiet: bool = False
    log_handler: logging.Handler | None = None

    @property
    def verbose(self) -> bool:
        """Whether what pixelater's modules log is said, too."""
        return self.log_handler is not None


VERBOSITY = Verbosity()


@contextmanager
def scoped_verbosity() -> Iterator[None]:
    """Say no more and no less afterwards than before, whatever is chosen meanwhile."""
    quiet, verbose = VERBOSITY.quiet, VERBOSITY.verbose
    try:
        yield
    finally:
        set_quiet(quiet)
        set_verbose(verbose)


def set_quiet(wanted: bool) -> None:
    """Leave out from now on what is neither wrong nor needed."""
    VERBOSITY.quiet = wanted


def set_verbose(wanted: bool) -> None:
    """Say on stderr, from now on, what pixelater's modules log: each call, each file."""
    if wanted == VERBOSITY.verbose:
        return
    import logging

    class Teller(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            _tell(clean(record.getMessage()))

    log = logging.getLogger("pixelater_cli")
    if VERBOSITY.log_handler is None:
        VERBOSITY.log_handler = Teller()
        log.addHandler(VERBOSITY.log_handler)
        log.setLevel(logging.DEBUG)
    else:
        log.removeHandler(VERBOSITY.log_handler)
        log.setLevel(logging.NOTSET)
        VERBOSITY.log_handler = None


def note_verbose(*lines: str) -> None:
    """Say something on stderr, if verbose."""
    if VERBOSITY.verbose:
        note(*lines)


def show(result: CommandResult, as_json: bool) -> None:
    """Print a result on stdout, for a person or as one JSON document; failures on stderr too."""
    if as_json:
        import json
        from dataclasses import asdict

        _print(
            json.dumps({"version": DOCUMENT_VERSION, "command": result.command, **asdict(result)})
        )
        return
    for line in result.render_problems():
        _tell(clean(line))
    for part in result.render_quiet() if VERBOSITY.quiet else result.render():
        if isinstance(part, str):
            _print(paint(clean(part), result.colors, sys.stdout))
        else:
            _print_table(part)


def show_text(text: str) -> None:
    """Print text of our own on stdout, such as a document to copy."""
    _print(text)


def show_error(error: PixelaterError, command: str | None = None) -> None:
    """Print an error and its hint on stderr; with a command's name, as JSON on stdout, too."""
    kind = "interrupted" if isinstance(error, Interrupted) else "error"
    if isinstance(error, Interrupted) and is_terminal(sys.stderr):
        print("\r", end="", file=sys.stderr)  # Over the ^C that the terminal shows.
    _tell(f"{kind}: {clean(error)}")
    if error.hint:
        note(*wrap(clean(error.hint), indent="  "))
    if command is not None:
        show_json_error(error, command)


def show_json_error(error: PixelaterError, command: str) -> None:
    """Print the one document of a command that ends without its own, if stdout takes any."""
    import json

    told = {"message": str(error), "hint": error.hint, "exit_code": error.exit_code}
    with suppress(UnusablePath):  # stderr has told the error, and the exit code does.
        _print(json.dumps({"version": DOCUMENT_VERSION, "command": command, "error": told}))


def output_error(error: OSError) -> UnusablePath:
    """Say that stdout did not take what was printed."""
    reason = explain_os_error(error)
    return UnusablePath(f"cannot write to stdout: {reason}", "Send it somewhere else.")


def count_columns() -> int:
    """Count the columns there are to draw in: 80 where stdout is no terminal."""
    from shutil import get_terminal_size

    return get_terminal_size().columns if is_terminal(sys.stdout) else 80


def show_drawings(title: str, cells: Iterable[tuple[str, Sequence[Sequence[Cell]]]]) -> None:
    """Draw mosaics, each with a title, on stdout: in colours if that is a terminal with some."""
    from pixelater_cli.gallery.terminal import Drawing, choose_palette, draw_cells, lay_out

    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    palette = choose_palette(os.environ, is_terminal(sys.stdout), encoding)
    drawings = [Drawing(one, draw_cells(rows, palette), len(rows[0])) for one, rows in cells]
    _print(clean(title))
    _print("\n".join(lay_out(drawings, count_columns())))


def write_bytes(data: bytes) -> None:
    """Write a file's content to stdout, unless it is a terminal. Raises UnusablePath."""
    if sys.stdout is None or is_terminal(sys.stdout):
        raise UnusablePath(
            "a picture would garble this terminal", "Send it to a file: --out - > mosaic.jpg"
        )
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise output_error(error) from error


def stream(lines: Iterable[str]) -> None:
    """Print lines on stdout as they come, until there are no more."""
    for line in lines:
        _print(clean(line))


def note(*lines: str) -> None:
    """Say something on stderr."""
    for line in lines:
        _tell(clean(line))


def confirm(plan: Iterable[str], steps: int) -> bool:
    """Show a plan and ask whether to carry it out, if somebody sits at a terminal."""
    if not _can_ask():
        return True
    for line in plan:
        _tell(clean(line))
    _tell(f"{format_count(steps, 'step')} to do. Go on? [y/N] ")
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        return True
    _tell("Nothing was changed.")
    return False


def confirm_loss(plan: Iterable[str], steps: int, hint: str) -> bool:
    """Ask as `confirm` does before what cannot be undone; raises UsageError if nobody is there."""
    if not _can_ask():
        raise UsageError("there is nobody here to ask", hint)
    return confirm(plan, steps)


def _can_ask() -> bool:
    """Tell whether somebody sits at a terminal, and sees what is asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _print_table(table: Table) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for title in table.titles:
        right = title in table.right
        grid.add_column(
            Text(clean(title)),
            justify="right" if right else "left",
            no_wrap=right,
            overflow="fold",
        )
    for row in table.rows:
        grid.add_row(*(Text(clean(cell)) for cell in row))
    width = None if sys.stdout.isatty() else 200
    Console(file=sys.stdout, width=width).print(grid)


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream is open and a terminal."""
    return stream is not None and stream.isatty()


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise  # Whoever read has read enough.
    except OSError as error:
        raise output_error(error) from error


def _tell(text: str) -> None:
    print(paint(text, MESSAGE_COLORS, sys.stderr), file=sys.stderr, flush=True)
