"""Planes of a video frame, as decoded: cells are painted in them, all else stays as it is.

Chroma has fewer samples than luma, so that edges of boxes and cells lie where all planes have one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor
from typing import Any

from pixelater.grid import find_edges
from pixelater.regions import hiding

Sides = tuple[Sequence[int], Sequence[int]]
"""Edges of cells across and down, in pixels."""

Area = tuple[int, int, int, int]
"""Left, top, right and lower edge, in pixels."""

EDITABLE = frozenset(
    f"{name}{depth}"
    for name in ("yuv420p", "yuv422p", "yuv444p", "yuvj420p", "yuvj422p", "yuvj444p", "gray")
    for depth in ("", "10le", "12le")
)
"""Formats of frames whose planes have one component each, in bytes or little-endian shorts."""

FULL_RANGE = {"yuvj420p": "yuv420p", "yuvj422p": "yuv422p", "yuvj444p": "yuv444p"}
"""Old names of formats whose values use the full range, which is a tag today."""


def list_planes(frame: Any) -> Iterator[tuple[Any, int, int]]:
    """List the planes: a view of their samples, and how many pixels one is across and down."""
    import numpy

    for plane, component in zip(frame.planes, frame.format.components, strict=False):
        kind = numpy.dtype("<u2") if component.bits > 8 else numpy.dtype("u1")
        samples = numpy.frombuffer(plane, kind).reshape(plane.height, -1)[:, : plane.width]
        yield samples, round(frame.width / plane.width), round(frame.height / plane.height)


def find_grid(size: tuple[int, int], grid: int, step: tuple[int, int]) -> Sides:
    """Find the edges of a whole frame's cells, on multiples of a step across and down."""
    across, down = (
        _align(find_edges(side, min(grid, max(1, side // every))), every)
        for side, every in zip(size, step, strict=True)
    )
    return across, down


def find_cells(box: Area, cells: int, step: tuple[int, int]) -> Sides:
    """Find the edges of a box's cells: `cells` on the shorter side, as square as they can be."""
    left, top, right, lower = box
    across, down = hiding.find_cells((right - left, lower - top), cells)
    return (
        _align([left + edge for edge in across], step[0]),
        _align([top + edge for edge in down], step[1]),
    )


def _align(edges: Sequence[int], step: int) -> list[int]:
    """Move all edges but the last to multiples of a step."""
    moved = sorted({edge // step * step for edge in edges[:-1]})
    return [*moved, edges[-1]]


def make_like(frame: Any) -> Any:
    """Make a frame of the size, format and time of another."""
    import av

    made = av.VideoFrame(frame.width, frame.height, frame.format.name)
    made.pts, made.time_base = frame.pts, frame.time_base
    return made


def find_step(frame: Any) -> tuple[int, int]:
    """Return the pixels across and down for one sample of chroma."""
    steps = [(across, down) for _, across, down in list_planes(frame)]
    return max(across for across, _ in steps), max(down for _, down in steps)


def paint_cells(source: Any, target: Any, sides: Sides, mask: Any = None) -> None:
    """Paint cells of a frame into another, or into itself: the exact means of their samples.

    A `mask` has a value for each pixel of the cells: only samples of such that are not 0 change.
    """
    for (samples, across, down), (painted, *_) in zip(
        list_planes(source), list_planes(target), strict=True
    ):
        columns = _divide(sides[0], across, samples.shape[1])
        rows = _divide(sides[1], down, samples.shape[0])
        _paint(painted, columns, rows, _average(samples, columns, rows), (mask, across, down))


def paint_color(target: Any, box: Area, color: Sequence[int], mask: Any = None) -> None:
    """Paint a box in one color, given by its samples."""
    for (samples, across, down), value in zip(list_planes(target), color, strict=False):
        part = _cut(samples, box, across, down)
        part[_reduce(mask, across, down)] = value


def copy_area(source: Any, target: Any, box: Area, mask: Any) -> None:
    """Copy the samples of a box all of whose pixels are in the mask."""
    for (samples, across, down), (painted, *_) in zip(
        list_planes(source), list_planes(target), strict=True
    ):
        shown = ~_reduce(mask == 0, across, down)
        _cut(painted, box, across, down)[shown] = _cut(samples, box, across, down)[shown]


def _cut(samples: Any, box: Area, across: int, down: int) -> Any:
    """Return the samples of a box, which begins at a whole one."""
    columns = _divide((box[0], box[2]), across, samples.shape[1])
    rows = _divide((box[1], box[3]), down, samples.shape[0])
    return samples[rows[0] : rows[-1], columns[0] : columns[-1]]


def _reduce(mask: Any, across: int, down: int) -> Any:
    """Return which samples have a pixel in a mask; all without one."""
    import numpy

    if mask is None:
        return ...
    rows = numpy.maximum.reduceat(mask, range(0, mask.shape[0], down), 0)
    return numpy.maximum.reduceat(rows, range(0, mask.shape[1], across), 1) != 0


def draw_mask(area: Area, box: Sequence[float], ellipse: bool) -> Any:
    """Draw the pixels of an area that a box, or the ellipse in it, has: 255, others 0."""
    import numpy

    inner = (
        max(0, ceil(box[0] - area[0])),
        max(0, ceil(box[1] - area[1])),
        max(0, floor(box[2] - area[0])),
        max(0, floor(box[3] - area[1])),
    )
    drawn = numpy.zeros((area[3] - area[1], area[2] - area[0]), numpy.uint8)
    if inner[0] < inner[2] and inner[1] < inner[3]:
        part = numpy.asarray(hiding.draw_mask(inner, ellipse))
        seen = drawn[inner[1] : inner[3], inner[0] : inner[2]]
        seen[:] = part[: seen.shape[0], : seen.shape[1]]
    return drawn


def _divide(edges: Sequence[int], step: int, most: int) -> list[int]:
    """Return edges in samples instead of pixels; the last is rounded up."""
    return sorted({min(-(-edge // step), most) for edge in edges})


def _average(samples: Any, columns: Sequence[int], rows: Sequence[int]) -> Any:
    import numpy

    part = samples[rows[0] : rows[-1], columns[0] : columns[-1]].astype(numpy.uint32)
    sums = numpy.add.reduceat(part, numpy.array(rows[:-1]) - rows[0], 0)
    sums = numpy.add.reduceat(sums, numpy.array(columns[:-1]) - columns[0], 1)
    areas = numpy.outer(numpy.diff(rows), numpy.diff(columns))
    return ((sums + areas // 2) // areas).astype(samples.dtype)


def _paint(
    samples: Any, columns: Sequence[int], rows: Sequence[int], means: Any, masked: Any
) -> None:
    import numpy

    wide = numpy.repeat(means, numpy.diff(columns), 1)
    target = samples[rows[0] : rows[-1], columns[0] : columns[-1]]
    where = _reduce(*masked)
    target[where] = numpy.repeat(wide, numpy.diff(rows), 0)[where]


def fit(box: Sequence[float], size: tuple[int, int], step: tuple[int, int]) -> Area | None:
    """Return a box grown to whole samples; None outside the frame.

    >>> fit((6.4, 7, 21.5, 90), (64, 48), (2, 2)), fit((70, 0, 90, 9), (64, 48), (2, 2))
    ((6, 6, 22, 48), None)
    """
    edges = []
    for start, stop, most, every in (
        (box[0], box[2], size[0], step[0]),
        (box[1], box[3], size[1], step[1]),
    ):
        first, last = floor(start) // every * every, -(-ceil(stop) // every) * every
        edges.append((max(0, first), min(most, last)))
    (left, right), (top, lower) = edges
    return (left, top, right, lower) if left < right and top < lower else None


def find_samples(color: tuple[int, int, int], frame: Any) -> list[int]:
    """Return the samples of a color in the planes of a frame."""
    import av
    from PIL import Image

    frames: Any = av.VideoFrame
    painted = frames.from_image(Image.new("RGB", (16, 16), color)).reformat(
        format=frame.format.name, dst_colorspace=frame.colorspace
    )
    return [int(samples[0, 0]) for samples, _, _ in list_planes(painted)]
