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

PREVIEW = "preview"
"""The kind of documents that hold the placeholders of a photo."""

REGIONS = "regions"
"""The kind of documents that list what is hidden in a photo; also if nothing was found."""

KINDS = (PREVIEW, REGIONS)
"""The kinds of documents."""

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

    `format` is that of the style, or LOSSLESS. Grid 0 is the photo with hidden regions, which does
    not exist if nothing was found.

    >>> str(Output(8)), str(Output(0, 16, "webp")), Output(0, 16, "webp").label
    ('8', '16px.webp', '16px')
    >>> str(Output(0, format="webp")), Output(0).label
    ('0.webp', 'regions')
    """

    grid: int
    cell_size: int = 0
    format: str = "same"

    def __str__(self) -> str:
        word = "0" if self.hides_regions else self.label
        return word if self.format == "same" else f"{word}.{self.format}"

    @property
    def hides_regions(self) -> bool:
        """Whether it is the photo with hidden regions."""
        return not (self.grid or self.cell_size)

    @property
    def label(self) -> str:
        """The grid, the cell size, or "regions"."""
        size = f"{self.cell_size}px" if self.cell_size else str(self.grid)
        return REGIONS if self.hides_regions else size

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
    if look.redaction:
        return (DocumentOutput(REGIONS),)
    return (DocumentOutput(PREVIEW),) if look.placeholders else ()


def concerns_regions(output: AnyOutput) -> bool:
    """Return whether an output is the photo with hidden regions, or the list of them."""
    if isinstance(output, DocumentOutput):
        return output.kind == REGIONS
    return output.hides_regions


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
    """List the mosaics of a look: one for each grid, or one for its cell size, or of regions."""
    style, format_ = look.style, look.style.format
    if look.redaction:
        return (Output(0, 0, format_),)
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
    found = re.fullmatch(r"(0|[1-9]\d{0,4}|[1-9]\d{0,4}(px))(?:\.([a-z0-9]+))?", word, re.ASCII)
    if found:
        number, format_ = int(found[1].removesuffix("px")), found[3] or "same"
        most = MAX_CELL_SIZE if found[2] else MAX_GRID
        if number <= most and format_ in (*FORMATS, LOSSLESS):
            return Output(0, number, format_) if found[2] else Output(number, 0, format_)
    raise ValueError(f"{word!r} is not an output, such as 8, 16px.webp or preview")
