"""Memory usage of an environment on Linux; 0 on other systems.

It is the resident memory of the process and its descendants, as in Lambda's limit. RLIMIT_AS would
also count reserved memory, and fail threads and allocators that reserve a lot.
"""

from __future__ import annotations

import os
import sys
from mmap import PAGESIZE
from pathlib import Path

MEASURED = sys.platform == "linux" and Path("/proc/self/statm").exists()
"""Whether this system reports memory usage."""


def measure(process: int) -> float:
    """Return the megabytes that a process and its descendants use now."""
    if not MEASURED:
        return 0.0
    total, left = 0.0, [process]
    while left:
        current = left.pop()
        try:
            total += int(_read(f"/proc/{current}/statm").split()[1]) * PAGESIZE / 2**20
            left += _list_children(current)
        except (FileNotFoundError, ProcessLookupError):  # The process has exited.
            continue
    return total


def measure_peak(process: int) -> float:
    """Return the peak memory of a process in megabytes; 0 if it has exited.

    `pixelater_function.log` measures the function's own process, in whole megabytes.
    """
    try:
        lines = _read(f"/proc/{process}/status").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    peak = next((line.split()[1] for line in lines if line.startswith(b"VmHWM:")), "0")
    return int(peak) / 1024


def _list_children(process: int) -> list[int]:
    """List the processes that the threads of a process started."""
    threads = os.listdir(f"/proc/{process}/task")  # noqa: PTH208
    children = [_read(f"/proc/{process}/task/{thread}/children") for thread in threads]
    return [int(child) for line in children for child in line.split()]


def _read(path: str) -> bytes:
    """Read a small file of the kernel, without buffers and Path, in a third of the time.

    This happens twenty times a second, for each thread of a running function.
    """
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        return file.read()
