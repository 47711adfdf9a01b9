"""Frames of a video in which regions are hidden: those that are given, and those that are found."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pixelater.regions.hiding import Hiding, measure_cell
from pixelater_cli.video import planes
from pixelater_cli.video.cuts import CutFinder
from pixelater_cli.video.tracking import Tracker, Waiting
from pixelater_detectors.boxes import Detection
from pixelater_detectors.detect import count_cells

Finder = Callable[[Any], Sequence[Detection]]
"""Finds boxes of one kind in a frame, as it is stored, grown to what is hidden."""


@dataclass
class Tally:
    """What was hidden of one kind: in how many frames, at most in one, and the best score."""

    frames: int = 0
    most: int = 0
    score: float = 0.0


@dataclass
class RegionSummary:
    """What was hidden, by kind."""

    tallies: dict[str, Tally] = field(default_factory=dict)

    def add(self, boxes: Sequence[Detection]) -> None:
        """Count the boxes of a frame."""
        for kind in dict.fromkeys(box.kind for box in boxes):
            found = [box for box in boxes if box.kind == kind]
            tally = self.tallies.setdefault(kind, Tally())
            tally.frames += 1
            tally.most = max(tally.most, len(found))
            tally.score = max(tally.score, *(box.score for box in found))


class RegionEditor:
    """Hides `given` boxes in all frames, and those of each tracker."""

    def __init__(
        self,
        given: Finder,
        trackers: Sequence[Tracker[Any]],
        how: Hiding,
        summary: RegionSummary,
    ) -> None:
        """Begin a video. Trackers find boxes in stored frames, grown to what is hidden."""
        self._given = given
        self._trackers = trackers
        self._queues: list[deque[Waiting[Any]]] = [deque() for _ in trackers]
        self._how = how
        self._summary = summary
        self._cuts = CutFinder()
        self._color: Sequence[int] | None = None

    def add(self, frame: Any) -> Iterator[list[Any]]:
        """Add a frame; return those whose boxes are known, hidden."""
        if not self._trackers:
            yield [self._hide(frame, self._given(frame))]
            return
        is_cut = self._cuts.is_cut(frame)
        for tracker, queue in zip(self._trackers, self._queues, strict=True):
            queue.extend(tracker.add(frame, is_cut=is_cut))
        yield from self._release()

    def finish(self) -> Iterator[list[Any]]:
        """Return the frames that wait."""
        for tracker, queue in zip(self._trackers, self._queues, strict=True):
            queue.extend(tracker.finish())
        yield from self._release()

    def _release(self) -> Iterator[list[Any]]:
        """Return the frames whose boxes all trackers know."""
        while self._queues and all(self._queues):
            known = [queue.popleft() for queue in self._queues]
            frame = known[0].frame
            boxes = [box for waiting in known for box in waiting.boxes]
            yield [self._hide(frame, [*self._given(frame), *boxes])]

    def _hide(self, frame: Any, boxes: Sequence[Detection]) -> Any:
        self._summary.add(boxes)
        step, size = planes.find_step(frame), (frame.width, frame.height)
        areas = [(box, planes.fit(box.edges, size, step)) for box in boxes]
        if self._how.invert:
            return self._hide_rest(frame, areas, step)
        if boxes:
            frame.make_writable()
        counted = [
            (area, count_cells(box.kind, self._how.cells, (area[2] - area[0], area[3] - area[1])))
            for box, area in areas
            if area is not None
        ]
        # Those of the largest cells last: see `hiding`.
        for area, number in sorted(counted, key=lambda each: measure_cell(*each)):
            mask = planes.draw_mask(area, area, ellipse=True) if self._how.ellipse else None
            self._paint(frame, frame, area, step, mask, number)
        return frame

    def _hide_rest(
        self,
        frame: Any,
        areas: Sequence[tuple[Detection, planes.Area | None]],
        step: tuple[int, int],
    ) -> Any:
        """Hide all but the boxes."""
        hidden = planes.make_like(frame)
        whole = (0, 0, frame.width, frame.height)
        self._paint(frame, hidden, whole, step, None, self._how.cells)
        for box, area in areas:
            if area is not None:
                mask = planes.draw_mask(area, box.edges, self._how.ellipse)
                planes.copy_area(frame, hidden, area, mask)
        return hidden

    def _paint(
        self,
        source: Any,
        target: Any,
        area: planes.Area,
        step: tuple[int, int],
        mask: Any,
        cells: int,
    ) -> None:
        if self._how.color is None:
            sides = planes.find_cells(area, cells, step)
            planes.paint_cells(source, target, sides, mask)
            return
        if self._color is None:
            self._color = planes.find_samples(self._how.color, source)
        planes.paint_color(target, area, self._color, mask)
