"""Owns stopping in time: a photo that cannot finish says so before Lambda ends the process."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

MARGIN_SECONDS = 3.0
"""Left for saying so: a log line, and the error on its way to Lambda."""


class OutOfTime(Exception):
    """The photo takes longer than the function may run; the message says how long that was."""


class _Alarm(BaseException):
    """The time is up. botocore takes every Exception for one of the network's, and tries again."""


@contextmanager
def stop_in_time(remaining: Callable[[], int]) -> Iterator[None]:
    """Raise OutOfTime within the block, shortly before the time is up.

    `remaining` gives the milliseconds that are left, as Lambda's context does. A signal interrupts
    waiting at once, and decoders between two pieces of a photo's data. Where there are no such
    signals (Windows, or another thread than the first), only the time at the start is checked.
    """
    seconds = remaining() / 1000
    span = seconds - min(MARGIN_SECONDS, seconds / 2)
    if span <= 0:
        raise OutOfTime("no time is left for this photo")
    if sys.platform == "win32" or threading.current_thread() != threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise _Alarm

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, span)
    try:
        yield
    except _Alarm:
        words = f"not finished within the {span:.1f} seconds that were left for it"
        raise OutOfTime(words) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
