"""Measuring of a command as a whole process, in the operating system's own accounting."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

LAUNCHER = """
import os, sys, time
null = os.open(os.devnull, os.O_WRONLY)
started = time.monotonic()
child = os.posix_spawnp(
    sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)]
)
_, status, usage = os.wait4(child, 0)
wall = time.monotonic() - started
print(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)
sys.exit(status != 0)
"""
"""Starts the command: on Linux, the peak of a process includes that of the process that started it
(exec_mmap in fs/exec.c keeps it), and a benchmark grows."""


@dataclass(frozen=True)
class Cost:
    """What a run took: CPU and wall seconds, and the most memory resident at once, in MiB."""

    cpu: float
    wall: float
    memory: float


def run(
    command: list[str], standard_input: str = "", environment: Mapping[str, str] | None = None
) -> Cost:
    """Run a command once. Raises CalledProcessError if it fails."""
    if sys.platform == "win32":
        raise NotImplementedError("Windows does not say what one child has used")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LAUNCHER, *command],
        input=standard_input.encode(),
        capture_output=True,
        check=True,
        env=environment,
    )
    return Cost(*map(float, done.stdout.split()))


def take_median(costs: list[Cost]) -> Cost:
    """Take the median of each figure."""
    return Cost(
        median(cost.cpu for cost in costs),
        median(cost.wall for cost in costs),
        median(cost.memory for cost in costs),
    )
