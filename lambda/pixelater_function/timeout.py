"""Timeout of a photo, shortly before Lambda ends the process."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

MARGIN_SECONDS = 3.0
"""Time for the log line, and for the error on its way to Lambda."""


class OutOfTime(Exception):
    """The photo takes longer than the function may run; the message has the time."""


class _Alarm(BaseException):
    """The time is up. Not an Exception: botocore would retry that as a network error."""


@contextmanager
def stop_in_time(remaining: Callable[[], int]) -> Iterator[None]:
    """Raise OutOfTime within the block, shortly before the time is up.

    `remaining` returns the milliseconds that are left, as Lambda's context does. A signal
    interrupts a wait at once, and a decoder between two reads. Without signals (on Windows, or in
    another thread than the first), only the time at the start is checked.
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
        message = f"not finished within the {span:.1f} seconds that were left for it"
        raise OutOfTime(message) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
