"""The command line within another program: what it returns, and what it leaves as it was."""

from __future__ import annotations

import logging
import os
import re
import signal
import warnings
from pathlib import Path
from typing import Any

import pytest

from pixelater_cli.app import main
from pixelater_cli.console import VERBOSITY
from tests.functional.conftest import Pixelater

LINES = [
    ("run photo.jpg --grids 8 --force", 0),
    ("run gone.jpg photo.jpg --grids 8 --force --json", 1),
    ("run gone.jpg --verbose", 1),
    ("run photo.jpg --grids 8 --force --quiet", 0),
    ("run --nope", 2),
    ("nope --json", 2),
    ("run --help", 0),
    ("--version", 0),
    ("status --region eu-central-1", 1),
    ("deploy --plan --endpoint-url ftp://localhost --json", 2),
]


def read_state() -> list[Any]:
    """Return what a command might leave changed in the process that runs it."""
    log, pillow = logging.getLogger("pixelater_cli"), logging.getLogger("PIL")
    return [
        (VERBOSITY.quiet, VERBOSITY.verbose),
        (log.level, log.handlers[:], pillow.level),
        warnings.filters[:],
        [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        (dict(os.environ), Path.cwd()),
    ]


@pytest.mark.parametrize(("line", "code"), LINES)
def test_command_leaves_its_process_as_it_was(
    pixelater: Pixelater, photo: Path, line: str, code: int
) -> None:
    before = read_state()
    assert pixelater(*line.split()).code == code
    assert read_state() == before


@pytest.mark.parametrize(("line", "code"), LINES)
def test_command_within_a_process_prints_what_a_process_does(
    pixelater: Pixelater, cli_process: Pixelater, photo: Path, line: str, code: int
) -> None:
    there, here = cli_process(*line.split()), pixelater(*line.split())
    assert (there.code, here.code, here.err) == (code, code, there.err)
    seconds = r'(?<="seconds": )[\d.]+|[\d.]+ s\b'
    assert re.sub(seconds, "N", here.out) == re.sub(seconds, "N", there.out)


def test_main_runs_the_command_of_the_process_if_none_is_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["pixelater", "--version"])
    assert main() == 0
    assert capsys.readouterr().out.startswith("pixelater 0.")
