"""Results on stdout, messages and questions on stderr; the only module that prints.

Names of files and answers of servers are untrusted: `clean` escapes their control characters, and
rich's markup is off where they appear.
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
from pixelater_cli.results.formatting import wrap
from pixelater_cli.terminal_text import clean, color_first_word

if TYPE_CHECKING:
    import logging

    from pixelater.thumbnails import Cell, Color
    from pixelater_cli.gallery.terminal import Palette as Depth
    from pixelater_cli.results.formatting import Table

LINES_AROUND = 3
"""Lines around a drawing: its title, a blank one, and the prompt."""

MESSAGE_COLORS = {"error:": "red", "interrupted:": "yellow", "warning:": "yellow"}


@dataclass
class Verbosity:
    """What is printed: if quiet, only errors and requested results; if verbose, log records too."""

    quiet: bool = False
    log_handler: logging.Handler | None = None

    @property
    def verbose(self) -> bool:
        """Whether the log records of pixelater's modules are printed."""
        return self.log_handler is not None


VERBOSITY = Verbosity()


@contextmanager
def scoped_verbosity() -> Iterator[None]:
    """Restore the verbosity at the end."""
    quiet, verbose = VERBOSITY.quiet, VERBOSITY.verbose
    try:
        yield
    finally:
        set_quiet(quiet)
        set_verbose(verbose)


def set_quiet(wanted: bool) -> None:
    """Print only errors and requested results from now on."""
    VERBOSITY.quiet = wanted


def set_verbose(wanted: bool) -> None:
    """Print the log records of pixelater's modules on stderr from now on: AWS calls and files."""
    if wanted == VERBOSITY.verbose:
        return
    import logging

    class StderrHandler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            with suppress(BrokenPipeError):  # What is logged goes on without its reader.
                _print_message(clean(record.getMessage()))

    log = logging.getLogger("pixelater_cli")
    if VERBOSITY.log_handler is None:
        VERBOSITY.log_handler = StderrHandler()
        log.addHandler(VERBOSITY.log_handler)
        log.setLevel(logging.DEBUG)
    else:
        log.removeHandler(VERBOSITY.log_handler)
        log.setLevel(logging.NOTSET)
        VERBOSITY.log_handler = None


def note_verbose(*lines: str) -> None:
    """Print lines on stderr, if verbose."""
    if VERBOSITY.verbose:
        note(*lines)


def show(result: CommandResult, as_json: bool) -> None:
    """Print a result on stdout, as text or as one JSON document; with text, problems on stderr."""
    if as_json:
        _print(format_document(result))
        return
    for line in result.render_problems():
        _print_message(clean(line))
    for part in result.render_quiet() if VERBOSITY.quiet else result.render():
        if isinstance(part, str):
            _print(color_first_word(clean(part), result.colors, sys.stdout))
        else:
            _print_table(part)
    note_unless_quiet(*result.render_advice())


def format_document(result: CommandResult) -> str:
    """Format the JSON document of a result."""
    import json
    from dataclasses import asdict

    return json.dumps({"version": DOCUMENT_VERSION, "command": result.command, **asdict(result)})


def show_text(text: str) -> None:
    """Print trusted text on stdout, such as an IAM policy."""
    _print(text)


def show_error(error: PixelaterError, command: str | None = None) -> None:
    """Print an error and its hint on stderr; with a command's name, also as JSON on stdout."""
    kind = "interrupted" if isinstance(error, Interrupted) else "error"
    if isinstance(error, Interrupted) and is_terminal(sys.stderr):
        print("\r", end="", file=sys.stderr)  # Over the ^C that the terminal shows.
    _print_message(f"{kind}: {clean(error)}")
    if error.hint:
        note(*wrap(clean(error.hint), indent="  "))
    if command is not None:
        show_json_error(error, command)


def show_json_error(error: PixelaterError, command: str) -> None:
    """Print the document of a command that failed, if stdout is writable."""
    import json

    fields = {"message": str(error), "hint": error.hint, "exit_code": error.exit_code}
    with suppress(UnusablePath):  # stderr and the exit code report the error.
        _print(json.dumps({"version": DOCUMENT_VERSION, "command": command, "error": fields}))


def output_error(error: OSError) -> UnusablePath:
    """Return the error for a stdout that is not writable."""
    reason = explain_os_error(error)
    return UnusablePath(f"cannot write to stdout: {reason}", "Redirect it to another file or disk.")


def count_columns() -> int:
    """Return the width of the terminal in columns; 80 if stdout is not a terminal."""
    from shutil import get_terminal_size

    return get_terminal_size().columns if is_terminal(sys.stdout) else 80


def measure_room() -> tuple[int, int]:
    """Return the columns and lines for a drawing: what title and prompt leave of the terminal.

    Other streams have 80 columns, and any number of lines.
    """
    from shutil import get_terminal_size

    lines = get_terminal_size().lines if is_terminal(sys.stdout) else 10_000
    return count_columns(), max(lines - LINES_AROUND, 1)


def show_drawings(title: str, cells: Iterable[tuple[str, Sequence[Sequence[Cell]]]]) -> None:
    """Draw mosaics, each with a title, on stdout: in color if it is a terminal with colors."""
    from pixelater_cli.gallery.terminal import Drawing, draw_cells, lay_out

    palette = _choose_depth()
    drawings = [Drawing(name, draw_cells(rows, palette), len(rows[0])) for name, rows in cells]
    _print(clean(title))
    _print("\n".join(lay_out(drawings, count_columns())))


def shows_colors() -> bool:
    """Return whether stdout is a terminal with colors."""
    return _choose_depth() != "ascii"


def list_palettes(palettes: Iterable[tuple[str, Sequence[Color]]]) -> None:
    """Draw palettes with their titles in a terminal with colors, in rows."""
    from pixelater_cli.gallery.swatches import list_rows

    _print("\n".join(list_rows(palettes, _choose_depth(), count_columns())))


def show_palettes(palettes: Iterable[tuple[Sequence[str], Sequence[Color]]]) -> None:
    """Draw palettes in a terminal with colors, each with its digits below its title."""
    from pixelater_cli.gallery.swatches import draw_swatches

    depth, columns = _choose_depth(), count_columns()
    for title, colors in palettes:
        _print("\n".join([*map(clean, title), *draw_swatches(colors, depth, columns), ""]))


def _choose_depth() -> Depth:
    from pixelater_cli.gallery.terminal import choose_palette

    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    return choose_palette(os.environ, is_terminal(sys.stdout), encoding)


def write_bytes(data: bytes) -> None:
    """Write a file's content to stdout, unless it is a terminal. Raises UnusablePath."""
    if sys.stdout is None or is_terminal(sys.stdout):
        raise UnusablePath(
            "stdout is a terminal, which cannot show an image file",
            "Redirect it to a file: --out - > mosaic.jpg",
        )
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise output_error(error) from error


def stream(lines: Iterable[str]) -> None:
    """Print lines on stdout as they arrive."""
    for line in lines:
        _print(clean(line))


def note(*lines: str) -> None:
    """Print lines on stderr."""
    for line in lines:
        _print_message(clean(line))


def note_unless_quiet(*lines: str) -> None:
    """Print lines on stderr that are neither errors nor warnings."""
    if not VERBOSITY.quiet:
        note(*lines)


def confirm(plan: Iterable[str], question: str, hint: str = "") -> bool:
    """Show a plan and ask whether to apply it.

    Without a terminal, return True, or raise UsageError if there is a `hint` (loss of data).
    """
    if not can_ask():
        if hint:
            raise UsageError("cannot ask for confirmation without a terminal", hint)
        return True
    for line in plan:
        _print_message(clean(line))
    _print_message(f"{question} [y/N] ")
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        return True
    _print_message("Nothing was changed.")
    return False


def can_ask() -> bool:
    """Return whether there is a terminal to ask at."""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def _print_table(table: Table) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for title in table.titles:
        right = title in table.right
        grid.add_column(
            Text(clean(title)), justify="right" if right else "left", no_wrap=right, overflow="fold"
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
        raise  # The reader has closed the pipe.
    except OSError as error:
        raise output_error(error) from error


def _print_message(text: str) -> None:
    print(color_first_word(text, MESSAGE_COLORS, sys.stderr), file=sys.stderr, flush=True)
