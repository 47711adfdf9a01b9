"""Hiding of regions: cells or one color instead of their pixels.

Images in, images out, no I/O. All cells are averaged from the photo as it was. Where regions
overlap, that with the largest cells is on top: small cells of a region that is within another would
show what the other hides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PIL import Image

from pixelater.arguments import check_integer
from pixelater.averaging import average
from pixelater.decode import deep
from pixelater.grid import MAX_GRID, Sides, cut_out, find_edges, paint
from pixelater.redaction import CELLS
from pixelater.regions.region import Box, Length

NO_CELLS: Mapping[Box, int] = {}

LEAST_SIDE = 2
"""Pixels of the shorter side of a cell: a cell of one pixel hides nothing."""

TRANSPARENT = 1e-9
"""Instead of an alpha of nothing, so that the color is nothing, too."""

Color = tuple[int, int, int]


@dataclass(frozen=True)
class Hiding:
    """How regions are hidden: in `cells` across the shorter side, or one `color`.

    Each region is grown by `pad` on all sides: pixels, or a percentage of its size. With `ellipse`,
    the corners of a region stay sharp; with `invert`, regions do, and all else is hidden.

    Raises TypeError and ValueError.
    """

    cells: int = CELLS
    color: Color | None = None
    ellipse: bool = False
    invert: bool = False
    pad: Length = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "cells", check_integer("cells", self.cells, 1, MAX_GRID))
        if self.color is not None:
            if not isinstance(self.color, tuple | list) or len(self.color) != 3:
                raise TypeError("color must be three integers: red, green and blue")
            color = tuple(check_integer("color", level, 0, 255) for level in self.color)
            object.__setattr__(self, "color", color)


@dataclass(frozen=True)
class Picture:
    """An upright image: one layer, or two of the high and low bytes of 16-bit values.

    `black` and `white` are the values of numbers (mode F).
    """

    layers: tuple[Image.Image, ...]
    black: float = 0.0
    white: float = 255.0


def hide(
    picture: Picture, boxes: Sequence[Box], how: Hiding, cells: Mapping[Box, int] = NO_CELLS
) -> Picture:
    """Return a picture with its boxes hidden, or all but them.

    `cells` are those of boxes that have another number of them than `how` says.
    """
    picture = _admit_color(picture, how.color)
    hidden = tuple(layer.copy() for layer in picture.layers)
    size = picture.layers[0].size
    if how.invert:
        rest = Image.new("L", size, 255)
        for box in boxes:
            rest.paste(0, box, draw_mask(box, how.ellipse))
        _cover(hidden, picture, (0, 0, *size), rest, how)
    else:
        counted = [(box, cells.get(box, 0) or how.cells) for box in boxes]
        for box, number in sorted(counted, key=lambda each: measure_cell(*each)):
            mask = draw_mask(box, how.ellipse) if how.ellipse else None
            _cover(hidden, picture, box, mask, replace(how, cells=number))
    return replace(picture, layers=hidden)


def _admit_color(picture: Picture, color: Color | None) -> Picture:
    """Convert a picture of grays to colors, if it is to have one; numbers (F) stay gray."""
    mode = {"L": "RGB", "LA": "RGBA"}.get(picture.layers[0].mode)
    if mode is None or color is None or len(set(color)) == 1:
        return picture
    return replace(picture, layers=tuple(layer.convert(mode) for layer in picture.layers))


def draw_mask(box: Box, ellipse: bool) -> Image.Image:
    """Draw the pixels of a box that are hidden: all, or those of the ellipse in it."""
    left, top, right, lower = box
    mask = Image.new("L", (right - left, lower - top), 0 if ellipse else 255)
    if ellipse:
        from PIL import ImageDraw

        ImageDraw.Draw(mask).ellipse((0, 0, mask.width - 1, mask.height - 1), fill=255)
    return mask


def find_cells(size: tuple[int, int], cells: int) -> Sides:
    """Find the edges of a region's cells: `cells` on the shorter side, as square as they can be.

    All are of one size, to a pixel: a thin one at the end would show a row of the photo.

    >>> [len(edges) - 1 for edges in find_cells((125, 60), 6)]
    [13, 6]
    """
    shorter = min(size)
    number = max(1, min(cells, shorter // LEAST_SIDE))
    across, down = (max(1, (2 * side * number + shorter) // (2 * shorter)) for side in size)
    return find_edges(size[0], across), find_edges(size[1], down)


def measure_cell(box: Box, cells: int) -> float:
    """Return the size of a box's cells, in pixels, by which boxes that overlap are ordered."""
    left, top, right, lower = box
    return min(right - left, lower - top) / cells


def _cover(
    hidden: Sequence[Image.Image], picture: Picture, box: Box, mask: Image.Image | None, how: Hiding
) -> None:
    if how.color is not None:
        patches = _paint_color(picture, how.color, box)
    else:
        parts = [cut_out(layer, box) for layer in picture.layers]
        averaged = _average(parts, find_cells(parts[0].size, how.cells))
        patches = [paint(cells, *parts[0].size) for cells in averaged]
    for layer, patch in zip(hidden, patches, strict=True):
        layer.paste(patch, box[:2], mask)


def _average(parts: Sequence[Image.Image], sides: Sides) -> list[Image.Image]:
    """Average a picture to cells, in floating point: rounded once, unlike `averaging.average`.

    Colors are weighted by alpha, if there is any.
    """
    mode = parts[0].mode
    bands = [_join_band(layers) for layers in zip(*(part.split() for part in parts), strict=True)]
    if mode in ("LA", "RGBA"):
        *colors, alpha = bands
        weighted = [deep.calculate(lambda x: x["a"] * x["b"], a=each, b=alpha) for each in colors]
        *sums, weight = (average(band, [sides])[0] for band in (*weighted, alpha))
        means = [
            deep.calculate(lambda x: x["a"] / x["max"](x["b"], TRANSPARENT), a=each, b=weight)
            for each in sums
        ]
        means.append(weight)
    else:
        means = [average(band, [sides])[0] for band in bands]
    if mode == "F":
        return means
    if len(parts) > 1:
        return [layer for layer in deep.merge(mode, [deep.split(band) for band in means]) if layer]
    rounded = [band.point(lambda value: value * 1.0 + 0.5).convert("L") for band in means]
    return [Image.merge(mode, rounded)]


def _join_band(layers: Sequence[Image.Image]) -> Image.Image:
    """Return the values of a band as numbers (F)."""
    if len(layers) == 1:
        return layers[0].convert("F")
    high, low = layers
    return deep.join((high, low))


def _paint_color(picture: Picture, color: Color, box: Box) -> list[Image.Image]:
    """Paint an opaque area of one color, in the mode of the picture."""
    left, top, right, lower = box
    pixel = Image.new("RGB", (1, 1), color).convert(picture.layers[0].mode)
    if pixel.mode == "F":
        slope = (picture.white - picture.black) / 255
        pixel = pixel.point(lambda value: value * slope + picture.black)
    return [pixel.resize((right - left, lower - top)) for _ in picture.layers]
