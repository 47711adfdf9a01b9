"""Log of events for the emulator's web page. Does no IO."""

from __future__ import annotations

import re
import secrets
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import asdict
from threading import Lock

from pixelater_cli.aws.stack import Document
from pixelater_cli.results.serve import HappeningResult
from pixelater_function.events import SMOKE_TEST_FOLDER

MAX_EVENTS = 200
"""Older events are removed."""

MAX_INCIDENTS = 50
"""The same for what the weather did, which would push photos off the page."""

SMOKE_TEST = re.compile(re.escape(SMOKE_TEST_FOLDER) + "/[0-9a-f]{32}")
"""Part of the keys of smoke tests, whose objects are deleted before a browser could show them."""


class EventLog:
    """Newest events, without those of smoke tests, and a count of the weather by kind.

    Thread-safe.
    """

    def __init__(self) -> None:
        self._run = secrets.token_hex(8)  # A new value tells pages that numbers start again.
        self._number = 0
        self._events: deque[Document] = deque(maxlen=MAX_EVENTS)
        self._incidents: deque[Document] = deque(maxlen=MAX_INCIDENTS)
        self._counts: Counter[str] = Counter()
        self._new: set[str] | None = None
        self._lock = Lock()

    def add(self, activities: Iterable[HappeningResult]) -> None:
        """Add events."""
        with self._lock:
            for activity in activities:
                if SMOKE_TEST.search(activity.key):
                    continue
                self._number += 1
                event = {"number": self._number, **asdict(activity)}
                self._new = {*(self._new or ()), activity.function}
                if activity.result == "weather":  # The note begins with the kind.
                    self._counts[activity.note.partition(":")[0]] += 1
                    self._incidents.append(event)
                else:
                    self._events.append(event)

    def take_new(self) -> set[str] | None:
        """Return the functions of the events since the last call; None if there are no events."""
        with self._lock:
            new, self._new = self._new, None
        return new

    def describe(self) -> Document:
        """Return the log as the page reads it."""
        with self._lock:
            return {
                "run": self._run,
                "events": list(self._events),
                "weather": {"counts": dict(self._counts), "incidents": list(self._incidents)},
            }
