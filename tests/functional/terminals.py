"""Owns answering a command's question at a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def answer(word: str, cwd: Path, environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Run `pixelater` at a pseudo-terminal, type a word, and give exit code and what was shown."""
    import pty

    terminal, theirs = pty.openpty()
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
    shown = os.read(terminal, 1 << 16).decode()
    os.close(terminal)
    return done.returncode, shown
