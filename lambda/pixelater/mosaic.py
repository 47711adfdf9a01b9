"""Pixelation: a photo in, an encoded mosaic for each grid out."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from PIL import Image

from pixelater import averaging, former_names
from pixelater.admission import Visitor, admit, limit_written, read_limits
from pixelater.arguments import check_type
from pixelater.decode.color_modes import convert_to_rgb
from pixelater.decode.decoder_errors import give_reason
from pixelater.decode.photo import Photo, Source, open_photo, open_source, read_frames
from pixelater.encode import encoder, formats
from pixelater.errors import MosaicFailed
from pixelater.grid import GRIDS, check_grids, turn_edges
from pixelater.layout import Layout, find_layouts
from pixelater.style import Style

DEFAULT_STYLE = Style()

MAX_COMPARED = 32
"""Cells on a side up to which a JPEG is compared with exact formats, and only at the smallest grid.

It takes 1 ms for 8 cells, 8 ms for 32 and 25 ms for 64.
"""

ENCODER_ERRORS = (
    OSError,
    ValueError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)
"""What encoders raise for a photo that they cannot write, such as OverflowError for a number that
does not fit a format. TypeError, LookupError and AssertionError are bugs, and are not among
them."""


@dataclass(frozen=True)
class Mosaic:
    """One photo at one grid: the encoded file and what is in it.

    `columns` and `rows` are numbers of cells: fewer than `grid` if the photo has fewer pixels on
    that side, or cells are square. With a `cell_size`, `grid` is the larger of both. `width` and
    `height` are those of the file. `warnings` are sentences for the photo's owner. `saved` is the
    number of bytes that style "auto" saves compared with the photo's format. `exact_bytes` is the
    size in style "auto", if it was to be compared, the photo is a JPEG and this is the smallest of
    its grids, up to 32; otherwise 0.
    """

    grid: int
    columns: int
    rows: int
    width: int
    height: int
    format: str
    media_type: str
    data: bytes = field(repr=False)
    warnings: tuple[str, ...] = ()
    saved: int = 0
    exact_bytes: int = 0
    cell_size: int = 0


def pixelate(
    source: Source,
    grids: Sequence[int] = GRIDS,
    style: Style = DEFAULT_STYLE,
    *,
    max_pixels: int | None = None,
    max_seconds: int | None = None,
    max_memory: int | None = None,
    max_written: int | None = None,
    exact: bool = False,
    compare: bool = False,
) -> tuple[Mosaic, ...]:
    """Make the mosaics of a photo: one for each grid, in that order.

    `source` is the photo's path, its bytes, or a binary file, which is read from its start.
    `grids` are numbers of cells, from 1 to 4096. A JPEG larger than its cells need is decoded in
    part, within a few levels of its full decode; `exact` decodes it all. Mosaics in JPEG and AVIF
    are lossy, and GIF has 256 colors; other formats hold the means in 8 bits. With `compare`,
    the size of an exact mosaic is found for a JPEG, too (`exact_bytes`).

    Photos of more than `max_pixels` are refused (default: 64 million; 200 million for a JPEG that
    is decoded in part), and so are photos that would take more than `max_seconds` of CPU time
    (default: 20), `max_memory` MB (600) or `max_written` MB of mosaics (64), as estimated from
    their header.

    Raises a PictureError (NotAPicture, MissingDecoder, TooLarge, Truncated, Damaged, ThumbnailOnly,
    BadCrop, MosaicFailed) for the photo, OSError for a path that cannot be read, and TypeError or
    ValueError, with the argument's name, for wrong arguments.
    """
    mosaics = make_mosaics(
        source,
        grids,
        style,
        max_pixels=max_pixels,
        max_seconds=max_seconds,
        max_memory=max_memory,
        max_written=max_written,
        exact=exact,
        compare=compare,
    )
    return tuple(mosaics)


def make_mosaics(
    source: Source,
    grids: Sequence[int] = GRIDS,
    style: Style = DEFAULT_STYLE,
    *,
    max_pixels: int | None = None,
    max_seconds: int | None = None,
    max_memory: int | None = None,
    max_written: int | None = None,
    exact: bool = False,
    compare: bool = False,
    visitor: Visitor | None = None,
) -> Iterator[Mosaic]:
    """Make the same mosaics, one at a time. Errors of the photo are raised before the first.

    A file must stay open until the last mosaic is made. A `visitor` is shown the opened photo.
    """
    grids = check_grids(grids)
    check_type("style", style, Style, "a Style")
    check_type("exact", exact, bool, "a bool")
    check_type("compare", compare, bool, "a bool")
    limits = read_limits(max_pixels, max_seconds, max_memory, max_written)
    check = partial(admit, grids=grids, style=style, limits=limits, visitor=visitor)
    size = style.cell_size
    # The photo has no name here: _make_all replaces it, so that its pixels can be freed.
    mosaics = _make_all(
        open_photo(open_source(source), max(grids), limits.pixels, exact, check, size),
        grids,
        style,
        compare,
        visitor,
    )
    return limit_written(mosaics, limits)


def _make_all(
    photo: Photo, grids: Sequence[int], style: Style, compare: bool, visitor: Visitor | None
) -> Iterator[Mosaic]:
    if visitor:
        visitor.visit(photo)
    if style.kernel == "crisp" and photo.image.mode == "CMYK":
        image = convert_to_rgb(photo.image, photo.colors.profile)
        photo = replace(photo, image=image, colors=replace(photo.colors, profile=b""))
    layouts = find_layouts((photo.width, photo.height), grids, style)
    sizes = [layout.size for layout in layouts]
    if photo.animation is None or not encoder.animates(photo, style, sizes):
        averaged = _average(photo, photo.image, layouts, photo.low)
        # The pixels are not needed any more: encoders take memory, too.
        photo = replace(photo, image=averaged[0], low=None)
        compared = min(grids) if compare and min(grids) <= MAX_COMPARED else None
        return (
            _make_mosaic(photo, [cells], layout, style, compare=layout.grid == compared)
            for layout, cells in zip(layouts, averaged, strict=True)
        )
    films: dict[int, list[Image.Image]] = {layout.grid: [] for layout in layouts}
    durations = []
    for frame, duration in read_frames(photo.animation, photo.crop):
        durations.append(duration)
        for layout, cells in zip(layouts, _average(photo, frame, layouts), strict=True):
            films[layout.grid].append(cells)
    return (_make_mosaic(photo, films[x.grid], x, style, durations) for x in layouts)


def _average(
    photo: Photo, image: Image.Image, layouts: Sequence[Layout], low: Image.Image | None = None
) -> list[Image.Image]:
    """Average one image of a photo to upright cells, for each layout."""
    stored = [turn_edges(*layout.averaged, photo.transpose) for layout in layouts]
    with explained("averaging it"):
        cells = averaging.average(image, stored, photo.scale, low)
    if photo.transpose is not None:
        cells = [image.transpose(photo.transpose) for image in cells]
    if not any(layout.crisp for layout in layouts):
        return cells
    with explained("finding its crisp cells"):
        return [
            _make_crisp(photo, image, layout) if layout.crisp else image
            for image, layout in zip(cells, layouts, strict=True)
        ]


def _make_crisp(photo: Photo, samples: Image.Image, layout: Layout) -> Image.Image:
    from pixelater.looks import make_crisp

    return make_crisp(encoder.scale_levels(samples, photo), layout)


def _make_mosaic(
    photo: Photo,
    frames: list[Image.Image],
    layout: Layout,
    style: Style,
    durations: Sequence[int] = (),
    *,
    compare: bool = False,
) -> Mosaic:
    warnings = list(_find_warnings(photo, layout, style, len(frames)))
    if style.palette is not None or style.makes_sprites:
        from pixelater.looks import finish_frames

        with explained(
            "making sprites of it" if style.palette is None else "finding its colors in the palette"
        ):
            frames, photo, found = finish_frames(frames, photo, style)
        warnings += found
    if style.times:
        size = frames[0].width * style.times, frames[0].height * style.times
        layout = replace(layout, size=size)

    sides = None if style.times else layout.sides

    def write(encoding: formats.Encoding) -> bytes:
        with explained(f"writing a mosaic of it as {encoding.format}"):
            return encoder.write_mosaic(
                frames, photo, encoding, style, durations, layout.size, sides
            )

    choose = partial(encoder.choose_encodings, photo, size=layout.size)
    files = {encoding: write(encoding) for encoding in choose(style)}
    chosen = min(files, key=lambda encoding: len(files[encoding]))
    data = files[chosen]
    if style.format not in ("auto", "same", chosen.format.lower()):
        warnings.append(f"written as {chosen.format}: {encoder.explain_fallback(style)}")
    saved = 0
    if style.format == "auto":
        (own,) = choose(replace(style, format="same"))
        saved = len(files.get(own) or write(own)) - len(data)
    exact_bytes = 0
    if compare and (style.format, chosen.format) == ("same", "JPEG"):
        exact = choose(replace(style, format="auto"))
        exact_bytes = min(len(write(encoding)) for encoding in exact)
    return Mosaic(
        layout.grid,
        *frames[0].size,
        *layout.size,
        chosen.format,
        chosen.media_type,
        data,
        tuple(warnings),
        saved,
        exact_bytes,
        layout.cell_size,
    )


@contextmanager
def explained(task: str) -> Iterator[None]:
    """Raise MosaicFailed for what an encoder raises."""
    try:
        yield
    except ENCODER_ERRORS as error:
        raise MosaicFailed(f"{task} failed ({give_reason(error)})") from error


def _find_warnings(photo: Photo, layout: Layout, style: Style, frames: int) -> Iterator[str]:
    width, height = photo.width, photo.height
    oblong = not layout.cell_size and style.cells == "photo"
    if (width, height) == (layout.columns, layout.rows):
        yield "hides nothing: every pixel is its own cell"
    elif max(width, height) < layout.grid or (oblong and min(width, height) < layout.grid):
        yield "the photo has fewer pixels than cells on one side"
    if photo.animation is not None and frames == 1:
        yield "only the first image of several was pixelated"


def __getattr__(name: str) -> Any:
    return former_names.find("mosaic", name)
