"""Planes of a video frame, as decoded: cells are painted in them, all else stays as it is.

Chroma has fewer samples than luma, so that edges of boxes and cells lie where all planes have one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor
from typing import Any

from pixelater.grid import find_edges

Sides = tuple[Sequence[int], Sequence[int]]
"""Edges of cells across and down, in pixels."""

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


def find_cells(box: tuple[int, int, int, int], cells: int, step: tuple[int, int]) -> Sides:
    """Find the edges of a box's cells: `cells` on the shorter side, as square as they can be."""
    left, top, right, lower = box
    shorter = min(right - left, lower - top)
    sides = []
    for start, stop, every in ((left, right, step[0]), (top, lower, step[1])):
        length = stop - start
        number = max(1, (2 * length * min(cells, shorter) + shorter) // (2 * shorter))
        number = min(number, max(1, length // every))
        sides.append([start + edge for edge in _align(find_edges(length, number), every)])
    return sides[0], sides[1]


def _align(edges: Sequence[int], step: int) -> list[int]:
    """Move all edges but the last to multiples of a step."""
    moved = sorted({edge // step * step for edge in edges[:-1]})
    return [*moved, edges[-1]]


def find_step(frame: Any) -> tuple[int, int]:
    """Return the pixels across and down for one sample of chroma."""
    steps = [(across, down) for _, across, down in list_planes(frame)]
    return max(across for across, _ in steps), max(down for _, down in steps)


def paint_cells(source: Any, target: Any, sides: Sides) -> None:
    """Paint cells of a frame into another, or into itself: the exact means of their samples."""
    for (samples, across, down), (painted, *_) in zip(
        list_planes(source), list_planes(target), strict=True
    ):
        columns = _divide(sides[0], across, samples.shape[1])
        rows = _divide(sides[1], down, samples.shape[0])
        _paint(painted, columns, rows, _average(samples, columns, rows))


def paint_color(frame: Any, box: tuple[int, int, int, int], color: Sequence[int]) -> None:
    """Paint a box in one color, given by its samples."""
    for (samples, across, down), value in zip(list_planes(frame), color, strict=False):
        columns = _divide((box[0], box[2]), across, samples.shape[1])
        rows = _divide((box[1], box[3]), down, samples.shape[0])
        samples[rows[0] : rows[-1], columns[0] : columns[-1]] = value


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


def _paint(samples: Any, columns: Sequence[int], rows: Sequence[int], means: Any) -> None:
    import numpy

    wide = numpy.repeat(means, numpy.diff(columns), 1)
    samples[rows[0] : rows[-1], columns[0] : columns[-1]] = numpy.repeat(wide, numpy.diff(rows), 0)


def grow(
    box: Sequence[float], pad: float, size: tuple[int, int], step: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    """Grow a box by a share of its size on each side, to whole samples; None outside the frame.

    >>> grow((10, 10, 20, 20), 0.3, (64, 48), (2, 2))
    (6, 6, 24, 24)
    """
    edges = []
    for start, stop, most, every in (
        (box[0], box[2], size[0], step[0]),
        (box[1], box[3], size[1], step[1]),
    ):
        more = (stop - start) * pad
        edges.append(
            (
                max(0, floor(start - more)) // every * every,
                min(most, -(-ceil(stop + more) // every) * every),
            )
        )
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
