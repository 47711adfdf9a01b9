"""Admission of photos: only those whose mosaics cost no more than the limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from pixelater.arguments import check_integer
from pixelater.decode.cost import Cost, Header, estimate
from pixelater.decode.limits import Limits, check_cost
from pixelater.encode import encoder
from pixelater.encode.formats import Encoding
from pixelater.layout import find_layouts
from pixelater.style import Style

if TYPE_CHECKING:
    from pixelater.decode.photo import Photo
    from pixelater.mosaic import Mosaic


class Visitor(Protocol):
    """Uses the photo that mosaics are made of, so that it is decoded once."""

    def admit(self, header: Header, limits: Limits) -> None:
        """Raise TooLarge for a photo that would cost more than a limit."""

    def visit(self, photo: Photo) -> None:
        """Take what is needed of the pixels, which are freed after that."""


def read_limits(
    max_pixels: int | None, max_seconds: int | None, max_memory: int | None, max_written: int | None
) -> Limits:
    """Return the limits that arguments set. Raises TypeError and ValueError."""
    given = {
        "max_pixels": max_pixels,
        "max_seconds": max_seconds,
        "max_memory": max_memory,
        "max_written": max_written,
    }
    checked = (
        None if limit is None else check_integer(name, limit, 1) for name, limit in given.items()
    )
    return Limits().override(*checked)


def admit(
    header: Header,
    grids: Sequence[int],
    style: Style,
    limits: Limits,
    visitor: Visitor | None = None,
) -> None:
    """Raise TooLarge for a photo that would cost more than a limit."""
    if visitor:
        visitor.admit(header, limits)
    photo = header.width, header.height
    sizes = dict.fromkeys(layout.size for layout in find_layouts(photo, grids, style))
    encodings = _list_encodings(header, sizes, style)
    if not encoder.keeps_frames(header.format, encodings):
        header = replace(header, frames=1)
    if style.format == "auto":  # Sizes are compared with that of the photo's own format.
        encodings += _list_encodings(header, sizes, replace(style, format="same"))
    formats = dict.fromkeys(encoding.format for encoding in encodings)
    check_cost(estimate(header, grids, tuple(formats), style), limits)


def _list_encodings(
    header: Header, sizes: Iterable[tuple[int, int]], style: Style
) -> list[Encoding]:
    return [
        encoding
        for size in sizes
        for encoding in encoder.list_encodings(header.format, size, header.has_alpha, style)
    ]


def limit_written(mosaics: Iterator[Mosaic], limits: Limits) -> Iterator[Mosaic]:
    """Raise TooLarge if mosaics become larger than the limit, and than was estimated."""
    total = 0
    for made in mosaics:
        total += len(made.data)
        check_cost(Cost(0, 0.0, total), limits)
        yield made
