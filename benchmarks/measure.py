"""Owns measuring: a command as a whole process, in the operating system's own accounting."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Cost:
    """What a run took: CPU and wall seconds, and the most memory resident at once, in MiB."""

    cpu: float
    wall: float
    memory: float


def run(command: list[str], standard_input: str = "") -> Cost:
    """Run a command once. Raises CalledProcessError if it fails."""
    if sys.platform == "win32":
        raise NotImplementedError("Windows does not say what one child has used")
    started = time.monotonic()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(standard_input.encode())
    process.stdin.close()
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=errors)
    wall = time.monotonic() - started
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def take_median(costs: list[Cost]) -> Cost:
    """Take the median of each figure."""
    return Cost(
        median(cost.cpu for cost in costs),
        median(cost.wall for cost in costs),
        median(cost.memory for cost in costs),
    )
