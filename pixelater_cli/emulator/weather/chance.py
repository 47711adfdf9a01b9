"""Seeded decisions that do not depend on threads."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from threading import Lock

RANDOM_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
"""A UUID in a key: two runs with one seed differ in it, and should not in their weather."""


class Chance:
    """Draws numbers from a seed, a purpose, a subject and how often both came up before.

    So the calls on one subject draw the same numbers in the same order, whatever other threads do.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def draw(self, purpose: str, subject: str) -> float:
        """Return the next number of a subject, at least 0 and less than 1."""
        subject = RANDOM_ID.sub("*", subject)
        with self._lock:
            count = self._counts[purpose, subject]
            self._counts[purpose, subject] += 1
        return self.fix(purpose, subject, count)

    def fix(self, purpose: str, subject: str, count: int = 0) -> float:
        """Return a number that is always the same for a subject."""
        words = f"{self.seed}\n{purpose}\n{RANDOM_ID.sub('*', subject)}\n{count}"
        digest = hashlib.sha256(words.encode(errors="surrogatepass")).digest()
        return int.from_bytes(digest[:7]) / 2**56

    def draw_between(self, purpose: str, subject: str, limits: tuple[float, float]) -> float:
        """Return the next number of a subject within limits."""
        least, most = limits
        return least + (most - least) * self.draw(purpose, subject)
