"""What the benchmarks measure."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.measure import run

MIB = 2**20

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is measured on Windows")


def test_memory_of_a_command_is_not_that_of_the_benchmark() -> None:
    grown = bytearray(b"x") * (150 * MIB)
    assert run([sys.executable, "-c", "pass"]).memory < 100
    assert run([sys.executable, "-c", "b'x' * (150 << 20)"]).memory > 150
    del grown


def test_cpu_and_wall_seconds_are_those_of_the_command() -> None:
    cost = run([sys.executable, "-c", "import time; time.sleep(0.2)"])
    assert cost.wall > 0.2
    assert 0 < cost.cpu < cost.wall


def test_input_reaches_the_command() -> None:
    script = "import sys; sys.exit(sys.stdin.read() != 'photo')"
    assert run([sys.executable, "-c", script], "photo").cpu > 0
    with pytest.raises(subprocess.CalledProcessError):
        run([sys.executable, "-c", script], "other")
