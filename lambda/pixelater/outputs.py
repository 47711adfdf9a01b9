"""Outputs of a look: what the names of mosaics and documents depend on, next to the photo's name.

No I/O.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from pixelater.grid import MAX_GRID
from pixelater.look import Look
from pixelater.naming import format_prefix, list_names
from pixelater.style import FORMATS, LOSSY, MAX_CELL_SIZE, Style

LOSSLESS = "lossless"
"""The photo's format, or PNG where that cannot hold a palette or sprites."""

PLAIN: dict[str, Any] = {
    "palette": None,
    "alpha_threshold": None,
    "trim": False,
    "outline": False,
    "pot": False,
}
"""The fields of styles that some formats cannot hold, as those formats have them."""


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

    def find_owner(self, name: str) -> str:
        """Return the photo that has the name of a mosaic, if the mosaic has the photo's suffix.

        >>> Output(8).find_owner("trips/pixelated-8x8-photo.jpg")
        'trips/photo.jpg'
        """
        folder, slash, own_name = name.rpartition("/")
        return f"{folder}{slash}{own_name.removeprefix(self.prefix)}"

    def fit_style(self, style: Style, written: str) -> Style:
        """Return a style that makes the mosaic in the format of one of its names."""
        format_ = written.lower()
        plain = PLAIN if format_ in (*LOSSY, "bmp") else {}
        return replace(
            style,
            format=format_ if format_ in FORMATS else "same",
            cell_size=self.cell_size or None,
            **plain,
        )


PREVIEW = "preview"
"""The kind of documents that hold the placeholders of a photo."""

KINDS = (PREVIEW,)
"""The kinds of documents."""


@dataclass(frozen=True)
class DocumentOutput:
    """One JSON document about each photo, next to its mosaics.

    >>> str(DocumentOutput("preview")), [*DocumentOutput("preview").list_names("trips/photo.jpg")]
    ('preview', ['trips/photo.jpg.preview.json'])
    """

    kind: str

    format: ClassVar = "json"
    media_type: ClassVar = "application/json"

    def __str__(self) -> str:
        return self.kind

    @property
    def label(self) -> str:
        """The kind."""
        return self.kind

    @property
    def suffix(self) -> str:
        """What the file name ends with, after the photo's."""
        return f".{self.kind}.json"

    def name(self, photo_name: str) -> str:
        """Name the document after its photo, in the same folder."""
        return photo_name + self.suffix

    def list_names(self, photo_name: str) -> dict[str, str]:
        """List the name, with its format, as `Output` does."""
        return {self.name(photo_name): "JSON"}

    def find_owner(self, name: str) -> str:
        """Return the photo that a document is named after."""
        return name.removesuffix(self.suffix)


AnyOutput = Output | DocumentOutput


def list_outputs(look: Look) -> tuple[AnyOutput, ...]:
    """List the outputs of a look: its mosaics, then its documents."""
    return (*list_mosaics(look), *list_documents(look))


def list_documents(look: Look) -> tuple[DocumentOutput, ...]:
    """List the documents of a look."""
    return (DocumentOutput(PREVIEW),) if look.placeholders else ()


def sort_outputs(outputs: Iterable[AnyOutput]) -> list[AnyOutput]:
    """Sort outputs: mosaics by their cells, then documents."""
    mosaics, documents = split_outputs(outputs)
    return [*sorted(mosaics), *sorted(documents, key=str)]


def split_outputs(outputs: Iterable[AnyOutput]) -> tuple[list[Output], list[DocumentOutput]]:
    """Split outputs into mosaics and documents."""
    listed = list(outputs)
    mosaics = [each for each in listed if isinstance(each, Output)]
    return mosaics, [each for each in listed if isinstance(each, DocumentOutput)]


def is_document_name(name: str) -> bool:
    """Return whether a name is that of a document; no mosaic's ends so.

    >>> is_document_name("photo.jpg.preview.json"), is_document_name("pixelated-8x8-photo.jpg")
    (True, False)
    """
    return name.endswith(tuple(DocumentOutput(kind).suffix for kind in KINDS))


def list_mosaics(look: Look) -> tuple[Output, ...]:
    """List the mosaics of a look: one for each grid, or one for its cell size."""
    style, format_ = look.style, look.style.format
    if format_ == "same" and (style.palette is not None or style.makes_sprites):
        format_ = LOSSLESS
    if style.cell_size:
        return (Output(0, style.cell_size, format_),)
    return tuple(Output(grid, 0, format_) for grid in look.grids)


def parse_outputs(words: Iterable[str]) -> tuple[AnyOutput, ...]:
    """Parse what `str` makes of outputs. Raises ValueError.

    >>> parse_outputs(["8", "preview"])
    (Output(grid=8, cell_size=0, format='same'), DocumentOutput(kind='preview'))
    """
    return tuple(map(_parse_output, words))


def _parse_output(word: str) -> AnyOutput:
    if word in KINDS:
        return DocumentOutput(word)
    found = re.fullmatch(r"([1-9]\d{0,4})(px)?(?:\.([a-z0-9]+))?", word, re.ASCII)
    if found:
        number, format_ = int(found[1]), found[3] or "same"
        most = MAX_CELL_SIZE if found[2] else MAX_GRID
        if number <= most and format_ in (*FORMATS, LOSSLESS):
            return Output(0, number, format_) if found[2] else Output(number, 0, format_)
    raise ValueError(f"{word!r} is not an output, such as 8, 16px.webp or preview")
