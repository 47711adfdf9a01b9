"""Boxes of all frames of a video, of which only some are searched. No I/O.

Every few frames is a key, in which boxes are detected. Where boxes of two keys do not fit, because
something came, went or leapt, frames between become keys, too, by halves. Between two keys, boxes
that belong together are interpolated. One that has no partner stays where it is: after the last
key that has it, for `HOLD` frames, and before the first, for `AHEAD`. Frames wait until nothing
more can come for them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pixelater_detectors.boxes import Detection, overlap

STEP, HOLD, AHEAD = 4, 15, 6
"""Frames from key to key, and for which a box stays; `AHEAD` is not less than any step. See
docs/explanation/privacy.md."""

PARTNERS, SAME = 0.1, 0.3
"""Overlap (of the union) of boxes of one thing in two keys, and of a box that has come again."""

SURE = 0.35
"""Score of boxes that do not come and go by chance."""

Frame = TypeVar("Frame")

Key = tuple[int, Sequence[Detection]]
"""Number of a frame that was searched, and its boxes."""


@dataclass
class Waiting(Generic[Frame]):
    """A frame that waits, and the boxes that are known for it."""

    frame: Frame
    boxes: list[Detection] = field(default_factory=list)


@dataclass
class _Held:
    box: Detection
    until: int


class Tracker(Generic[Frame]):
    """Finds the boxes of all frames; `detect` finds those of one, every `step` frames."""

    def __init__(
        self,
        detect: Callable[[Frame], Sequence[Detection]],
        step: int = STEP,
        *,
        is_dense: bool = False,
    ) -> None:
        """`is_dense`: where boxes of two keys do not fit, search frames between them, too."""
        self._detect = detect
        self._step = step
        self._is_dense = is_dense
        self._waiting: deque[tuple[int, Waiting[Frame]]] = deque()
        self._held: list[_Held] = []
        self._key: Key | None = None
        self._next = 0

    def add(self, frame: Frame, *, is_cut: bool = False) -> Iterator[Waiting[Frame]]:
        """Add a frame, the first after a cut if so; return those that are finished."""
        if is_cut:
            yield from self.finish()
        number, self._next = self._next, self._next + 1
        self._waiting.append((number, Waiting(frame)))
        if self._key is None or number - self._key[0] >= self._step:
            self._search(number, frame)
            yield from self._release(number - AHEAD)

    def finish(self) -> Iterator[Waiting[Frame]]:
        """Search the last frame; return all that wait. The next frame begins anew."""
        if self._waiting:
            number, waiting = self._waiting[-1]
            if self._key is None or self._key[0] != number:
                self._search(number, waiting.frame)
            yield from self._release(number + 1)
        self._held, self._key = [], None

    def _search(self, number: int, frame: Frame) -> None:
        """Make a frame a key, and those since the last one without which boxes do not fit."""
        found = list(self._detect(frame))
        if self._is_dense and self._key:
            for key in self._search_between(self._key, (number, found)):
                self._add_key(*key)
        self._add_key(number, found)

    def _search_between(self, before: Key, after: Key) -> list[Key]:
        """Search the frame halfway between two keys where boxes do not fit, and so on."""
        middle = (before[0] + after[0]) // 2
        if middle == before[0] or is_steady(before[1], after[1]):
            return []
        frame = next(waiting.frame for place, waiting in self._waiting if place == middle)
        key = middle, list(self._detect(frame))
        return [*self._search_between(before, key), key, *self._search_between(key, after)]

    def _add_key(self, number: int, found: Sequence[Detection]) -> None:
        before, last = self._key or (number, ())
        partners = find_partners(last, found)
        came = [box for box in found if box not in partners.values()]
        for box in last:
            if box not in partners:
                self._held.append(_Held(box, before + HOLD))
        for place, waiting in self._waiting:
            if before < place < number:
                share = (place - before) / (number - before)
                waiting.boxes += [_mix(*pair, share) for pair in partners.items()]
            if number - AHEAD <= place < number:
                waiting.boxes += came
            if before < place <= number:
                waiting.boxes += [held.box for held in self._held if place <= held.until]
            if place == number:
                waiting.boxes += found
        self._held = [
            held
            for held in self._held
            if held.until > number and not any(overlap(held.box, box) > SAME for box in found)
        ]
        self._key = number, found

    def _release(self, limit: int) -> Iterator[Waiting[Frame]]:
        while self._waiting and self._waiting[0][0] < limit:
            yield self._waiting.popleft()[1]


def find_partners(
    before: Sequence[Detection], after: Sequence[Detection]
) -> dict[Detection, Detection]:
    """Find boxes that are of one thing: those that overlap most, each once."""
    pairs = [(overlap(one, other), one, other) for one in before for other in after]
    partners: dict[Detection, Detection] = {}
    for share, one, other in sorted(pairs, key=lambda pair: -pair[0]):
        if share > PARTNERS and one not in partners and other not in partners.values():
            partners[one] = other
    return partners


def is_steady(before: Sequence[Detection], after: Sequence[Detection]) -> bool:
    """Return whether each box that is sure in one key has a partner that overlaps it well."""
    partners = find_partners(before, after)
    alone = [box for box in before if box not in partners]
    alone += [box for box in after if box not in partners.values()]
    return all(box.score < SURE for box in alone) and all(
        overlap(*pair) > SAME for pair in partners.items() if max(box.score for box in pair) >= SURE
    )


def _mix(one: Detection, other: Detection, share: float) -> Detection:
    left, top, right, lower = (
        a + (b - a) * share for a, b in zip(one.edges, other.edges, strict=True)
    )
    return Detection(one.kind, left, top, right, lower, min(one.score, other.score))
