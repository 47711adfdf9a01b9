"""Text, found by PP-OCRv4's detection: a map of probabilities, whose connected parts are lines.

This is differentiable binarization (Liao et al. 2019, https://arxiv.org/abs/1911.08947).
"""

from __future__ import annotations

from typing import Any

from PIL import Image

from pixelater_detectors.boxes import Detection
from pixelater_detectors.onnx_shapes import free_shapes
from pixelater_detectors.sessions import find_size, open_session, resize, run_session

SIDE, SMALLEST_SIDE = 960, 736
THRESHOLD, MEAN_THRESHOLD = 0.3, 0.5
"""Of a pixel, and of a line's mean."""

SHRUNK = 1.6
"""The network finds the cores of lines; they are grown by area x ratio / perimeter, as DB does."""

THINNEST = 3
ENLARGED = 2.0


class TextDetector:
    """A detector of text, also on plates, signs and screens."""

    def __init__(self, model: bytes, threads: int = 0) -> None:
        self._session = open_session(free_shapes(model), threads)

    def find(self, image: Image.Image, threshold: float | None = None) -> list[Detection]:
        """Find lines of text in an upright RGB picture."""
        import numpy

        longer = max(image.size)
        side = SIDE if longer > SIDE else max(longer, SMALLEST_SIDE)
        size = find_size(image.size, side, ENLARGED)
        pixels = numpy.asarray(resize(image, size), numpy.float32)[:, :, ::-1] / 127.5 - 1
        laid = numpy.ascontiguousarray(pixels.transpose(2, 0, 1))[None]
        (chances,) = run_session(self._session, laid)
        least = MEAN_THRESHOLD if threshold is None else threshold
        across, down = image.width / size[0], image.height / size[1]
        return [
            _grow(part, across, down)
            for part in find_parts(chances[0, 0] > THRESHOLD, chances[0, 0])
            if part.score >= least
            and min(part.right - part.left, part.lower - part.top) >= THINNEST
        ]


def _grow(part: Detection, across: float, down: float) -> Detection:
    """Grow a line's core to the line, in pixels of the photo."""
    width, height = part.right - part.left, part.lower - part.top
    more = width * height * SHRUNK / (2 * (width + height))
    return Detection(
        "text",
        (part.left - more) * across,
        (part.top - more) * down,
        (part.right + more) * across,
        (part.lower + more) * down,
        part.score,
    )


def find_parts(mask: Any, values: Any) -> list[Detection]:
    """Find connected parts of a mask: their boxes, with the mean of the values.

    Parts that touch at a corner are one. A part is the union of runs in rows.
    """
    import numpy

    height, width = mask.shape
    padded = numpy.zeros((height, width + 2), numpy.int8)
    padded[:, 1:-1] = mask
    steps = numpy.diff(padded, axis=1)
    sums = numpy.concatenate([numpy.zeros((height, 1)), values.cumsum(1, dtype=numpy.float64)], 1)
    parents: list[int] = []
    parts: list[list[float]] = []

    def find_root(part: int) -> int:
        while parents[part] != part:
            parents[part] = parents[parents[part]]
            part = parents[part]
        return part

    above: list[tuple[int, int, int]] = []
    for row in range(height):
        starts, stops = numpy.flatnonzero(steps[row] == 1), numpy.flatnonzero(steps[row] == -1)
        current = []
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
            number = len(parents)
            parents.append(number)
            total = float(sums[row, stop] - sums[row, start])
            parts.append([start, row, stop, row + 1, stop - start, total])
            for first, last, other in above:
                if first <= stop and last >= start:
                    root, child = find_root(other), find_root(number)
                    if root != child:
                        parents[child] = root
                        _unite(parts[root], parts[child])
            current.append((start, stop, number))
        above = current
    return [
        Detection("text", left, top, right, lower, total / count)
        for number, (left, top, right, lower, count, total) in enumerate(parts)
        if parents[number] == number
    ]


def _unite(part: list[float], other: list[float]) -> None:
    part[:2] = map(min, part[:2], other[:2])
    part[2:4] = map(max, part[2:4], other[2:4])
    part[4:] = map(sum, zip(part[4:], other[4:], strict=True))
