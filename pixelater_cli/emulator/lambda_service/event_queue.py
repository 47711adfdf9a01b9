"""Owns the events that do not run: those that wait for room, and those that come later. Pure."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Iterator

from pixelater_cli.emulator.lambda_service.invocation import Invocation


class EventQueue:
    """Events that wait, first come first served, and events put off. Whoever uses it, locks it."""

    def __init__(self) -> None:
        self.waiting: deque[Invocation] = deque()
        self._delayed: list[tuple[float, int, Invocation]] = []
        self._numbers = itertools.count()

    def __len__(self) -> int:
        return len(self.waiting) + len(self._delayed)

    def __iter__(self) -> Iterator[Invocation]:
        yield from self.waiting
        yield from (invocation for _time, _number, invocation in self._delayed)

    @property
    def next_due(self) -> float | None:
        """When the next event comes back, by the clock that `delay` was given."""
        return self._delayed[0][0] if self._delayed else None

    def delay(self, invocation: Invocation, until: float) -> None:
        """Put an event off; of those for one time, the first comes back first."""
        heapq.heappush(self._delayed, (until, next(self._numbers), invocation))

    def call_back(self, now: float) -> None:
        """Let the events wait whose time has come."""
        while self._delayed and self._delayed[0][0] <= now:
            self.waiting.append(heapq.heappop(self._delayed)[2])
