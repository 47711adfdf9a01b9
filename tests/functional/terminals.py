"""Commands at a pseudo-terminal, which Windows does not have."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest


def answer(word: str, cwd: Path, environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Run `pixelater` at a pseudo-terminal, type a word, and give exit code and what was shown."""
    terminal, theirs = _open_terminal()
    os.write(terminal, f"{word}\n".encode())
    done = subprocess.run(
        [sys.executable, "-m", "pixelater_cli", *arguments],
        cwd=cwd,
        env=environment | {"TERM": "dumb"},
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    os.close(theirs)
    return done.returncode, _read_all(terminal)


def run_at_terminal(environment: dict[str, str], folder: Path, *arguments: str) -> str:
    """Run a command on a terminal of 80 columns, and give what it shows, control codes and all."""
    ours, theirs = _open_terminal()
    with subprocess.Popen(
        [sys.executable, "-m", "pixelater_cli", *arguments],
        cwd=folder,
        env=environment | {"TERM": "xterm-256color", "COLUMNS": "80"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        return _read_all(ours)


def _read_all(terminal: int) -> str:
    """Read what is shown until nobody holds the other end any more, and close this one."""
    said = b""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # Linux's way to say so.
            break
        if not chunk:
            break
        said += chunk
    os.close(terminal)
    return said.decode()


def await_sign(
    environment: dict[str, str], folder: Path, sign: str, data: bytes, *arguments: str
) -> tuple[int, bytes]:
    """Run a command whose stderr is a terminal; send `data` when it shows a sign of life there."""
    ours, theirs = _open_terminal()
    with subprocess.Popen(
        [sys.executable, "-m", "pixelater_cli", *arguments],
        cwd=folder,
        env=environment | {"TERM": "xterm-256color", "COLUMNS": "80"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        said = b""
        while sign.encode() not in said:
            assert select.select([ours], [], [], 60)[0], said
            said += os.read(ours, 65536)
        os.close(theirs)
        out, _ = process.communicate(data, timeout=60)
    os.close(ours)
    return process.returncode, out


def _open_terminal() -> tuple[int, int]:
    """Open both ends of a pseudo-terminal: ours, and the command's."""
    if sys.platform == "win32":
        pytest.skip("Windows has no pseudo-terminals")
    import pty

    return pty.openpty()
