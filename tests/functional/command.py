"""The command line as tests run it: within this process, or in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from pixelater_cli.app import main

SECONDS = 120

Arguments = Sequence[str | Path]
Environment = dict[str, str]
Snapshot = Any
"""A message as __snapshots__ has it, which is equal to text: syrupy's fixture `snapshot`."""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


def run_here(arguments: Arguments, folder: Path, environment: Mapping[str, str]) -> Done:
    """Run a command in this process.

    The folder, the environment and the streams are exchanged meanwhile; stdin is empty. What a
    process would print of an error that nobody catches is printed, too.
    """
    out, err = BytesIO(), BytesIO()
    stdout = TextIOWrapper(out, "utf-8", write_through=True)
    stderr = TextIOWrapper(err, "utf-8", "backslashreplace", write_through=True)
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(stdout),
        redirect_stderr(stderr),
    ):
        _exchange_environment(patch, {"COLUMNS": "80", **environment})
        patch.chdir(folder)
        patch.setattr(sys, "stdin", TextIOWrapper(BytesIO(), "utf-8"))
        try:
            code = main([os.fspath(argument) for argument in arguments])
        except Exception:  # noqa: BLE001 (a bug: it ends a process with a traceback and this code)
            traceback.print_exc(file=stderr)
            code = 1
    return Done(code, out.getvalue().decode(), err.getvalue().decode())


def _exchange_environment(patch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
    """Put other variables in the place of those there are, touching none that stay the same."""
    for name in os.environ.keys() - environment.keys():
        patch.delenv(name)
    for name, value in environment.items():
        if os.environ.get(name) != value:
            patch.setenv(name, value)


def run_process(arguments: Arguments, folder: Path, environment: Mapping[str, str]) -> Done:
    """Run a command in a process of its own, as a shell does; stdin is empty."""
    done = subprocess.run(
        [sys.executable, "-m", "pixelater_cli", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())
