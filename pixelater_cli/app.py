"""Owns the command line as a whole: the Typer app, its commands, and errors becoming exit codes."""

from __future__ import annotations

import logging
import signal
import sys
import warnings
from io import TextIOWrapper
from types import FrameType
from typing import Annotated, NoReturn

import typer

from pixelater_cli import __version__, output
from pixelater_cli.commands.backfill import backfill
from pixelater_cli.commands.deploy import deploy
from pixelater_cli.commands.destroy import destroy
from pixelater_cli.commands.emulate import emulate
from pixelater_cli.commands.failures import failures
from pixelater_cli.commands.logs import logs
from pixelater_cli.commands.push import push
from pixelater_cli.commands.rollback import rollback
from pixelater_cli.commands.run import run
from pixelater_cli.commands.status import status
from pixelater_cli.errors import PixelaterError

app = typer.Typer(
    name="pixelater",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    run,
    deploy,
    push,
    status,
    logs,
    failures,
    backfill,
    rollback,
    destroy,
    emulate,
):
    app.command()(command)


def tell_version(wanted: bool) -> None:
    """Print the version and stop, if asked to."""
    if wanted:
        output.show_version(__version__)
        raise typer.Exit


@app.callback()
def describe(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=tell_version),
    ] = False,
) -> None:
    """Turn photos into mosaics of 8x8 to 64x64 cells: on this machine, or in AWS."""


def main() -> NoReturn:
    """Run a command; end with its exit code, or with that of the error it raised."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _leave)
    logging.getLogger("PIL").addHandler(logging.NullHandler())
    warnings.filterwarnings("ignore", module="PIL")
    if isinstance(sys.stdout, TextIOWrapper):  # None if it is closed
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="pixelater")
    except PixelaterError as error:
        output.show_error(error)
        sys.exit(error.exit_code)
    sys.exit(0)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """End as after Ctrl-C: what is running is ended first, and temporary files go."""
    sys.exit(128 + number)
