"""Queue of events that do not run yet: waiting for an environment, or delayed."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Iterator

from pixelater_cli.emulator.lambda_service.invocation import Invocation


class EventQueue:
    """Waiting events, in order of arrival, and delayed ones.

    Not thread-safe; callers must hold a lock.
    """

    def __init__(self) -> None:
        self.waiting: deque[Invocation] = deque()
        self._delayed: list[tuple[float, int, Invocation]] = []
        self._numbers = itertools.count()

    def __len__(self) -> int:
        return len(self.waiting) + len(self._delayed)

    def __iter__(self) -> Iterator[Invocation]:
        yield from self.waiting
        yield from (invocation for *_, invocation in self._delayed)

    @property
    def next_due(self) -> float | None:
        """Time of the next delayed event, by the clock of `delay`."""
        return self._delayed[0][0] if self._delayed else None

    def delay(self, invocation: Invocation, until: float) -> None:
        """Delay an event. Events with equal times keep their order."""
        heapq.heappush(self._delayed, (until, next(self._numbers), invocation))

    def release(self, now: float) -> None:
        """Move events whose delay is over to `waiting`."""
        while self._delayed and self._delayed[0][0] <= now:
            self.waiting.append(heapq.heappop(self._delayed)[2])
