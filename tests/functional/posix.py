"""What only POSIX systems have: named pipes, root, and a signal that no process can catch.

Tests of it are skipped on Windows.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

IS_ROOT = sys.platform != "win32" and os.geteuid() == 0
"""Whether the tests run as root, who may read and write everywhere."""


def make_pipe(path: Path) -> None:
    """Make a named pipe."""
    if sys.platform == "win32":
        pytest.skip("Windows has no named pipes in folders")
    os.mkfifo(path)


def kill(process: int) -> None:
    """End a process that cannot do anything about it."""
    if sys.platform == "win32":
        pytest.skip("Windows has no SIGKILL")
    os.kill(process, signal.SIGKILL)
