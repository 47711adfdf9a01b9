"""Planes of coefficients of a JPEG: one for each component, in blocks (ITU-T T.81, section A.2)."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pixelater.regions.jpeg.entropy import COEFFICIENTS
from pixelater.regions.jpeg.segments import BLOCK, JpegFile


@dataclass(frozen=True)
class Plane:
    """Coefficients of a component, in zigzag order, block by block and row by row.

    An MCU has `across` x `down` of its blocks; a row has `columns`. Those of the picture itself,
    which a scan of this component alone has, are `shown` across and down.
    """

    across: int
    down: int
    columns: int
    rows: int
    shown: tuple[int, int]
    values: array[int]

    def find(self, column: int, row: int) -> int:
        """Return the place of a block's first coefficient."""
        return COEFFICIENTS * (row * self.columns + column)


def make_planes(jpeg: JpegFile) -> list[Plane]:
    """Make planes of zeros."""
    (width, height), (units_across, units_down) = jpeg.unit, jpeg.units
    alone = len(jpeg.components) == 1
    planes = []
    for component in jpeg.components:
        across, down = (1, 1) if alone else (component.across, component.down)
        columns, rows = units_across * across, units_down * down
        # The size of the component, rounded up to pixels and to blocks (A.1.1 and A.2.2).
        pixels = -(-jpeg.width * across * BLOCK // width), -(-jpeg.height * down * BLOCK // height)
        shown = -(-pixels[0] // BLOCK), -(-pixels[1] // BLOCK)
        values = array("h", bytes(2 * COEFFICIENTS * columns * rows))
        planes.append(Plane(across, down, columns, rows, shown, values))
    return planes


def list_units(planes: Sequence[Plane], indices: Sequence[int]) -> Iterator[list[tuple[int, int]]]:
    """List the MCUs of a scan of some components: index and place of each block."""
    if len(indices) == 1:
        (index,) = indices
        columns, rows = planes[index].shown
        for row in range(rows):
            for column in range(columns):
                yield [(index, planes[index].find(column, row))]
        return
    first = planes[indices[0]]
    for row in range(first.rows // first.down):
        for column in range(first.columns // first.across):
            yield [
                (index, plane.find(column * plane.across + x, row * plane.down + y))
                for index in indices
                for plane in (planes[index],)
                for y in range(plane.down)
                for x in range(plane.across)
            ]
