"""The Typer app: its commands and options, and the exit codes of errors."""

from __future__ import annotations

import errno
import os
import sys
import time
import warnings
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from io import TextIOWrapper
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated, Any

import typer

from pixelater_cli import __version__, console
from pixelater_cli.cli import trust
from pixelater_cli.cli.config import (
    CONFIG_NAME,
    CONFIGURATION,
    find_misspelled_variables,
    load_config,
)
from pixelater_cli.cli.help import RUN_AGAIN
from pixelater_cli.cli.lazy_group import COMMAND_NAMES, STARTED, TYPER_SETTINGS, LazyGroup
from pixelater_cli.cli.usage_errors import to_usage_error
from pixelater_cli.errors import Interrupted, PixelaterError, UsageError

EXIT_CODES = (
    "Exit codes: 0 success, 1 something failed, 2 wrong command line or settings, "
    "3 something would change (--plan, status) or you answered no, 130 interrupted by Ctrl-C. "
    "For examples, see the help of a command: pixelater run --help"
)

app = typer.Typer(
    name="pixelater",
    cls=LazyGroup,
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=True,
    **TYPER_SETTINGS,
)

WRONG_COMMAND_LINE: Any = typer.BadParameter.__mro__[1]
"""The parent of Typer's errors for a wrong command line. It has no public name."""

NO_ARGUMENTS: Any = next(
    kind for kind in WRONG_COMMAND_LINE.__subclasses__() if kind.__name__ == "NoArgsIsHelpError"
)
"""Typer's error for a program called without arguments. Its message is the help page."""

NO_ROOM = {errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""Errors of a stdout whose disk is full, when Typer or rich writes to it."""


def show_version(wanted: bool) -> None:
    """Print the version and exit, if it is wanted."""
    if wanted:
        console.show_text(f"pixelater {__version__}")
        raise typer.Exit


@app.callback()
def describe(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            help="Settings file; default: pixelater.toml in this folder.",
            metavar="FILE",
            envvar="PIXELATER_CONFIG",
            show_envvar=False,
        ),
    ] = None,
    trust_config: Annotated[  # noqa: ARG001 (its callback does it)
        bool, typer.Option("--trust-config", help=trust.HELP, callback=trust.trust_config)
    ] = False,
    version: Annotated[  # noqa: ARG001 (its callback does it)
        bool,
        typer.Option(
            "--version", "-V", help="Print the version.", is_eager=True, callback=show_version
        ),
    ] = False,
) -> None:
    """Pixelate photos into mosaics of 8x8 to 64x64 cells, on this machine or in AWS."""
    _silence_pillow()
    context.meta[STARTED] = context.obj
    path = context.obj = config or Path(CONFIG_NAME)
    for name, meant in find_misspelled_variables(os.environ):
        console.note(f"warning: unknown environment variable {name}; did you mean {meant}?")
    if config or os.path.lexists(path):
        # `doctor` reports a broken file and goes on.
        with suppress(UsageError) if context.invoked_subcommand == "doctor" else nullcontext():
            loaded = context.meta[CONFIGURATION] = load_config(path)
            context.default_map = {name: loaded.choose(name) for name in COMMAND_NAMES}


def main(arguments: Sequence[str] | None = None, started: float | None = None) -> int:
    """Run a command, that of the process if there are no arguments; return its exit code.

    `started` is when it began (`time.monotonic`), if that was before: commands that are to end in
    time take it from their context.

    A program may run several commands, one after the other: verbosity and warning filters are
    restored after each.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, TextIOWrapper):  # None if it is closed
        sys.stdout.reconfigure(errors="backslashreplace")
    name = _find_command(words)
    command = name if "--json" in _cut_at_dashes(words) else None
    with console.scoped_verbosity(), warnings.catch_warnings():
        try:
            return _run_app(arguments, time.monotonic() if started is None else started)
        except PixelaterError as error:
            console.show_error(error, command)
            return error.exit_code
        except NO_ARGUMENTS as error:
            error.show()
            return UsageError.exit_code
        except WRONG_COMMAND_LINE as error:
            console.show_error(to_usage_error(error, words, name), command)
            return UsageError.exit_code


def _run_app(arguments: Sequence[str] | None, started: float) -> int:
    """Run a command and return its exit code. Raises PixelaterError, and Typer's own errors."""
    width = min(max(24, get_terminal_size().columns - 2), 100)  # That of help pages.
    try:
        code = app(arguments, "pixelater", standalone_mode=False, terminal_width=width, obj=started)
    except SystemExit as ended:  # By Typer's completion, or SIGTERM.
        code = ended.code
    except OSError as error:
        if error.errno not in NO_ROOM or error.filename is not None:
            raise
        raise console.output_error(error) from error
    if code == Interrupted.exit_code:  # Before any command had begun.
        raise Interrupted(RUN_AGAIN)
    return int(code or 0)


def _silence_pillow() -> None:
    """Silence Pillow's log and warnings: the library reports problems of photos itself."""
    import logging

    log = logging.getLogger("PIL")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    warnings.filterwarnings("ignore", module="PIL")


def _find_command(arguments: list[str]) -> str:
    """Return the name of the command, even if its options cannot be parsed."""
    named = [word for word in _cut_at_dashes(arguments) if not word.startswith("-")]
    known = [word for word in named if word in COMMAND_NAMES]
    return (*known, *named, "")[0]


def _cut_at_dashes(words: list[str]) -> list[str]:
    """Return the words before "--", after which no word is an option."""
    return words[: words.index("--")] if "--" in words else words
