"""Start and end of the process of a command, and its signals."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from contextlib import suppress
from types import FrameType
from typing import NoReturn

INTERRUPTED = 128 + signal.SIGINT

STARTED = time.monotonic()
"""When the process started, as far as it can tell: to import the command line takes longer."""


def main() -> NoReturn:
    """Load the command line, run it, and exit with its exit code.

    Garbage collection is disabled while modules load and at the end: it finds nothing then, and
    takes a tenth of a short run.
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
        _end(run_command(started=STARTED))
    finally:
        gc.freeze()


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """Exit as after Ctrl-C: running work is stopped first, and temporary files are removed."""
    sys.exit(128 + number)


def _end(code: int) -> NoReturn:
    """Exit; after Ctrl-C without waiting for threads, one of which may be uploading."""
    from threading import enumerate as enumerate_threads
    from threading import main_thread

    running = [t for t in enumerate_threads() if not (t.daemon or t is main_thread())]
    if code != INTERRUPTED or not running:
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError):
                stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
