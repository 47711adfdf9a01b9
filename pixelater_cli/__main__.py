"""Owns the process of a command: how it starts, what signals do to it, and how it ends."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import NoReturn

INTERRUPTED = 128 + signal.SIGINT


def main() -> NoReturn:
    """Load the command line, run it, and end with its exit code.

    Looking for garbage while modules load, and once more at the end, finds nothing and takes a
    tenth of a short run. In between it is looked for as ever.
    """
    gc.disable()
    try:
        from pixelater_cli.app import main as run_command
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)

    gc.freeze()
    gc.enable()
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _leave)
    try:
        _end(run_command())
    finally:
        gc.freeze()


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """End as after Ctrl-C: what is running is ended first, and temporary files go."""
    sys.exit(128 + number)


def _end(code: int) -> NoReturn:
    """End; after Ctrl-C without waiting for threads: one may be in the middle of an upload."""
    from threading import enumerate as enumerate_threads
    from threading import main_thread

    left = [one for one in enumerate_threads() if not (one.daemon or one is main_thread())]
    if code != INTERRUPTED or not left:
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError):
                stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
