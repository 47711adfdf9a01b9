"""Owns how much memory an environment uses, as Linux tells it; elsewhere nothing tells: 0.

It is resident memory, of the process and those it started. Lambda's limit counts that, too, while
RLIMIT_AS would count what is only reserved, and fail threads and allocators that reserve much.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

MEASURED = sys.platform == "linux" and Path("/proc/self/statm").exists()
"""Whether this system tells."""

if sys.platform == "win32":
    _PAGE = 0
else:
    _PAGE = os.sysconf("SC_PAGE_SIZE")


def measure(process: int) -> float:
    """Give the megabytes a process and its descendants use now."""
    if not MEASURED:
        return 0.0
    total, unseen = 0.0, [process]
    while unseen:
        one = unseen.pop()
        try:
            total += int(_read(f"/proc/{one}/statm").split()[1]) * _PAGE / 2**20
            unseen += _list_children(one)
        except (FileNotFoundError, ProcessLookupError):  # It has ended meanwhile.
            continue
    return total


def measure_peak(process: int) -> float:
    """Give the megabytes a process has used at most; 0 if it has ended.

    The function asks its own process in `pixelater_function.log`: that is in the zip, without this
    module, and rounds down as its log has whole megabytes.
    """
    try:
        lines = _read(f"/proc/{process}/status").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    peak = next((line.split()[1] for line in lines if line.startswith(b"VmHWM:")), "0")
    return int(peak) / 1024


def _list_children(process: int) -> list[int]:
    """List the processes that a process's threads started."""
    threads = os.listdir(f"/proc/{process}/task")  # noqa: PTH208
    children = [_read(f"/proc/{process}/task/{thread}/children") for thread in threads]
    return [int(child) for some in children for child in some.split()]


def _read(path: str) -> bytes:
    """Read a small file that the kernel makes up: without buffers and Paths, in a third the time.

    A function that runs is looked at twenty times a second, for each of its threads.
    """
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        return file.read()
