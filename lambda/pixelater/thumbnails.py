"""Thumbnails of a photo and its mosaics, for the terminal, contact sheets and pages.

That of a mosaic has one pixel for each cell, so that it is sharp at any size. Thumbnails are in
sRGB, without metadata.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

    from pixelater import Mosaic
    from pixelater.decode.photo import Photo, Source
    from pixelater.grid import Edges, Sides


Color = tuple[int, int, int]

Cell = Color | None
"""None is transparent."""


MAX_SIDE = 640
"""Pixels of the longer side of a photo's thumbnail."""

MAX_CELLS = 256
"""A mosaic of more cells on a side is reduced: smaller cells are not visible."""


@dataclass(frozen=True)
class EncodedThumbnail:
    """A small image, encoded: a photo's (grid 0), or a mosaic's cells.

    `title` says how many cells it shows, such as "8 x 8". `cover` is the part of the photo that the
    cells would cover if all were whole, as a factor of its width and height: 1.02 where the last
    column is what remains of one.
    """

    grid: int
    media_type: str
    data: bytes = field(repr=False)
    title: str = ""
    cover: tuple[float, float] = (1, 1)


@dataclass(frozen=True)
class PhotoThumbnails:
    """A photo of width x height pixels, and its mosaics, all small."""

    width: int
    height: int
    photo: EncodedThumbnail
    mosaics: tuple[EncodedThumbnail, ...]


def make_thumbnails(
    source: Source, mosaics: Iterable[Mosaic], max_pixels: int | None = None
) -> PhotoThumbnails:
    """Make thumbnails of a photo and its mosaics. Raises PictureError."""
    from pixelater.decode.photo import open_photo, open_source

    data = open_source(source)
    if not isinstance(data, bytes):
        data.seek(0)
    mosaics = tuple(mosaics)
    # In no more detail than the mosaics needed, so that a photo of the same size is accepted.
    detail = min(MAX_SIDE // 8, max(mosaic.grid for mosaic in mosaics) or MAX_SIDE)
    photo = open_photo(data, detail, max_pixels)
    cells = tuple(
        _reduce(mosaic, (photo.width, photo.height))
        if mosaic.grid
        else _encode(0, _shrink(open_photo(mosaic.data, detail, max_pixels)), "regions")
        for mosaic in mosaics
    )
    return PhotoThumbnails(photo.width, photo.height, _encode(0, _shrink(photo)), cells)


def _shrink(photo: Photo) -> Image.Image:
    """Return an upright copy, in sRGB, of at most MAX_SIDE pixels."""
    from PIL import Image

    from pixelater import style
    from pixelater.encode import encoder, formats
    from pixelater.grid import SWAPPING

    shrink = max(photo.scale, max(photo.width, photo.height) / MAX_SIDE)
    width, height = (max(1, round(side / shrink)) for side in (photo.width, photo.height))
    size = (height, width) if photo.transpose in SWAPPING else (width, height)
    small = photo.image.resize(size, Image.Resampling.BOX)
    fitted, profile = encoder.fit_cells(small, photo, formats.PNG, style.Style())
    upright = fitted if photo.transpose is None else fitted.transpose(photo.transpose)
    return _to_srgb(upright, profile)


def _reduce(mosaic: Mosaic, photo: tuple[int, int]) -> EncodedThumbnail:
    """Return the thumbnail of a mosaic of a photo with a size."""
    across, down = _find_sides(mosaic, photo)
    made = _encode(mosaic.grid, _take_cells(mosaic), f"{mosaic.columns} x {mosaic.rows}")
    return replace(made, cover=(_find_cover(across), _find_cover(down)))


def _find_cover(edges: Edges) -> float:
    """Return how much all cells would cover if the last one was whole, as a factor."""
    count = len(edges) - 1
    return edges[-2] * count / (count - 1) / edges[-1] if _has_rest(edges) else 1


def decode(copy: EncodedThumbnail) -> Image.Image:
    """Decode a thumbnail: RGB, or RGBA if there is transparency."""
    from pixelater.decode.identify import identify

    return _spread(identify(BytesIO(copy.data), MAX_SIDE**2))


def list_cells(copy: EncodedThumbnail, size: tuple[int, int] | None = None) -> list[list[Cell]]:
    """List a mosaic's rows of cells; alpha below 128 is transparent.

    With a size in columns and rows, cells are repeated, or averaged if there is not enough room.
    """
    from PIL import Image

    image = decode(copy).convert("RGBA")
    size = size or image.size
    if size[0] < image.width or size[1] < image.height:
        image = image.resize(size, Image.Resampling.BOX)
    elif size != image.size:
        image = image.resize(size, Image.Resampling.NEAREST)
    values = iter(image.tobytes())
    pixels = zip(values, values, values, values, strict=True)
    cells = [None if alpha < 128 else (red, green, blue) for red, green, blue, alpha in pixels]
    return [cells[start : start + size[0]] for start in range(0, len(cells), size[0])]


def _take_cells(mosaic: Mosaic) -> Image.Image:
    """Return an image of one pixel for each cell of a mosaic, from the middle of the cell.

    A JPEG is decoded in part, as long as four pixels of each cell remain: its decoder mixes two.
    """
    from PIL import Image

    from pixelater.decode.identify import identify

    if mosaic.format == "KTX2":
        from pixelater.encode.ktx2 import read_ktx2

        image = read_ktx2(mosaic.data)[0]
    else:
        image = identify(BytesIO(mosaic.data), mosaic.width * mosaic.height)
    profile = image.info.get("icc_profile", b"")
    size = mosaic.width, mosaic.height
    across, down = _find_sides(mosaic, size)
    if not _has_rest(across) and not _has_rest(down):
        image.draft(None, (4 * mosaic.columns, 4 * mosaic.rows))
    plain = image if image.mode in ("L", "RGB", "CMYK", "LA", "RGBA") else _spread(image)
    if max(mosaic.columns, mosaic.rows) > MAX_CELLS:
        size = min(mosaic.columns, MAX_CELLS), min(mosaic.rows, MAX_CELLS)
        return _to_srgb(plain.resize(size, Image.Resampling.BOX), profile)
    turned = _take_columns(plain, across).transpose(Image.Transpose.TRANSPOSE)
    cells = _take_columns(turned, down).transpose(Image.Transpose.TRANSPOSE)
    return _to_srgb(cells, profile)


def _find_sides(mosaic: Mosaic, size: tuple[int, int]) -> Sides:
    """Find the edges of a mosaic's cells on the photo, or in a file, of a size.

    Those of a native file, or of one that shows something else than the whole photo, are even.
    """
    from pixelater.grid import find_edges
    from pixelater.layout import find_layouts
    from pixelater.style import Style

    columns, rows = mosaic.columns, mosaic.rows
    even = find_edges(size[0], columns), find_edges(size[1], rows)
    if size[0] * rows == size[1] * columns and size[0] % columns == 0:
        return even
    oblong = (columns, rows) == (min(mosaic.grid, size[0]), min(mosaic.grid, size[1]))
    style = Style(cells="photo" if oblong else "square", cell_size=mosaic.cell_size or None)
    (layout,) = find_layouts(size, [mosaic.grid], style)
    return layout.sides if (layout.columns, layout.rows) == (columns, rows) else even


def _has_rest(edges: Edges) -> bool:
    """Return whether the last cell is what remains of one."""
    return len(edges) > 2 and edges[-1] - edges[-2] < edges[1] - 1


def _take_columns(image: Image.Image, edges: Edges) -> Image.Image:
    """Return a column of pixels for each column of cells, from its middle."""
    from PIL import Image

    nearest, count = Image.Resampling.NEAREST, len(edges) - 1
    if not _has_rest(edges):
        return image.resize((count, image.height), nearest)
    columns = Image.new(image.mode, (count, image.height))
    for first, last in ((0, count - 1), (count - 1, count)):
        box = edges[first], 0, edges[last], image.height
        columns.paste(image.resize((last - first, image.height), nearest, box), (first, 0))
    return columns


def _spread(image: Image.Image) -> Image.Image:
    """Convert an image from a palette to RGB or RGBA."""
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert an image to sRGB; a damaged profile is ignored."""
    from pixelater.decode.color_modes import convert_to_rgb

    colors = convert_to_rgb(image, profile)
    colors.info = {}
    return colors


def _encode(grid: int, image: Image.Image, title: str = "") -> EncodedThumbnail:
    """Encode an image as PNG if it is a mosaic's or transparent, else as JPEG."""
    buffer = BytesIO()
    if grid or image.mode == "RGBA":
        image.save(buffer, "PNG")
        return EncodedThumbnail(grid, "image/png", buffer.getvalue(), title)
    image.save(buffer, "JPEG", quality=85)
    return EncodedThumbnail(grid, "image/jpeg", buffer.getvalue(), title)
