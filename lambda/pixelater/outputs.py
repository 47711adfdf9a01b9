"""Outputs of a look: what the names of its mosaics depend on, next to the photo's name. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pixelater.grid import MAX_GRID
from pixelater.look import Look
from pixelater.naming import format_prefix, list_names
from pixelater.style import FORMATS, MAX_CELL_SIZE, Style

LOSSLESS = "lossless"
"""The photo's format, or PNG where that cannot hold a palette."""


@dataclass(frozen=True, order=True)
class Output:
    """One mosaic of each photo: of a grid, or of a cell size, in a format.

    `format` is that of the style, or LOSSLESS.

    >>> str(Output(8)), str(Output(0, 16, "webp")), Output(0, 16, "webp").label
    ('8', '16px.webp', '16px')
    """

    grid: int
    cell_size: int = 0
    format: str = "same"

    def __str__(self) -> str:
        return self.label if self.format == "same" else f"{self.label}.{self.format}"

    @property
    def label(self) -> str:
        """The grid or the cell size."""
        return f"{self.cell_size}px" if self.cell_size else str(self.grid)

    @property
    def prefix(self) -> str:
        """What the file name begins with."""
        return format_prefix(self.grid, self.cell_size)

    def list_names(self, photo_name: str) -> dict[str, str]:
        """List the names that it can have, the most likely first, with their formats."""
        return list_names(photo_name, self.grid, self.cell_size, self.format)

    def fit_style(self, style: Style, written: str) -> Style:
        """Return a style that makes the mosaic in the format of one of its names."""
        format_ = written.lower()
        return replace(
            style,
            format=format_ if format_ in FORMATS else "same",
            cell_size=self.cell_size or None,
            palette=None if format_ == "jpeg" else style.palette,
        )


def list_outputs(look: Look) -> tuple[Output, ...]:
    """List the outputs of a look: one for each grid, or one for its cell size."""
    style, format_ = look.style, look.style.format
    if format_ == "same" and style.palette is not None:
        format_ = LOSSLESS
    if style.cell_size:
        return (Output(0, style.cell_size, format_),)
    return tuple(Output(grid, 0, format_) for grid in look.grids)


def parse_outputs(words: Iterable[str]) -> tuple[Output, ...]:
    """Parse what `str` makes of outputs. Raises ValueError.

    >>> parse_outputs(["8", "16px.webp"])
    (Output(grid=8, cell_size=0, format='same'), Output(grid=0, cell_size=16, format='webp'))
    """
    return tuple(map(_parse_output, words))


def _parse_output(word: str) -> Output:
    found = re.fullmatch(r"([1-9]\d{0,4})(px)?(?:\.([a-z]+))?", word, re.ASCII)
    if found:
        number, format_ = int(found[1]), found[3] or "same"
        most = MAX_CELL_SIZE if found[2] else MAX_GRID
        if number <= most and format_ in (*FORMATS, LOSSLESS):
            return Output(0, number, format_) if found[2] else Output(number, 0, format_)
    raise ValueError(f"{word!r} is not an output, such as 8 or 16px.webp")
