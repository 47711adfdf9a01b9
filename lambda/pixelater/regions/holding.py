"""Boxes of all frames of an animation: one that a detector misses for a while is hidden meanwhile.

No I/O. Every frame is searched, so that nothing is interpolated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pixelater.regions.region import Box

HOLD, AHEAD = 15, 6
"""Frames after the last and before the first in which something is found, as in videos."""

COVERED = 0.5
"""A box goes on in the next frame if so much of it is in one box there."""


def hold(found: Sequence[Sequence[Box]]) -> list[tuple[Box, ...]]:
    """Return the boxes of each frame: those found, and those that were there or will be.

    >>> hold([[(0, 0, 4, 4)], []])
    [((0, 0, 4, 4),), ((0, 0, 4, 4),)]
    """
    held: list[dict[Box, None]] = [dict.fromkeys(boxes) for boxes in found]
    for frame, boxes in enumerate(found):
        after = found[frame + 1] if frame + 1 < len(found) else ()
        before = found[frame - 1] if frame else ()
        for box in boxes:
            if not _goes_on(box, after):
                _add(held[frame + 1 : frame + 1 + HOLD], box)
            if not _goes_on(box, before):
                _add(held[max(0, frame - AHEAD) : frame], box)
    return [tuple(boxes) for boxes in held]


def _add(frames: Iterable[dict[Box, None]], box: Box) -> None:
    for boxes in frames:
        boxes.setdefault(box)


def _goes_on(box: Box, others: Iterable[Box]) -> bool:
    area = (box[2] - box[0]) * (box[3] - box[1])
    return any(_share(box, other) >= COVERED * area for other in others)


def _share(box: Box, other: Box) -> int:
    """Return the pixels that two boxes have in common."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    return max(0, width) * max(0, height)
