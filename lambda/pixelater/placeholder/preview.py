"""Previews: the placeholders of a photo, all from one decode."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from pixelater.admission import admit, read_limits
from pixelater.arguments import check_integer
from pixelater.decode.photo import Photo, Source, find_scale, open_photo, open_source
from pixelater.encode.encoder import convert_cells
from pixelater.grid import turn_edges
from pixelater.layout import find_layouts
from pixelater.mosaic import explained
from pixelater.style import Style

if TYPE_CHECKING:
    from PIL import Image

    from pixelater.decode.cost import Header
    from pixelater.decode.limits import Limits
    from pixelater.placeholder.data_uri import SmallPicture

DEFAULT_BUDGET = 400
MAX_BUDGET = 10_000

THUMBHASH_BUDGET = 100
"""Characters of a data URI up to which the 28 or so of a ThumbHash show more."""

CELLS = 96
"""Cells on the longer side, of which all placeholders are made."""

HASHED_CELLS = 32
COLORED_CELLS = 24

DETAIL = 16
"""A JPEG is decoded in the detail that so many cells on the shorter side need."""

STYLE = Style("jpeg", cells="square", size="native")
"""Of the formats that hold a single image, so that the first of an animation is decoded only."""


TASK = "making a preview of it"


@dataclass(frozen=True)
class Preview:
    """What a page or an app shows of a photo until it is loaded.

    `width` and `height` are those of the upright photo. `dominant_color` is #rrggbb; #00000000 if
    nothing is visible. `thumbhash` is in Base64, and `blurhash` has 4 x 3 waves. `data_uri` is a
    small picture, "" if the budget holds none. If the photo `has_alpha`, a placeholder behind it
    must be removed once it is loaded. `warnings` are sentences about the budget.
    """

    width: int
    height: int
    dominant_color: str
    thumbhash: str
    blurhash: str
    data_uri: str = field(repr=False)
    has_alpha: bool = False
    warnings: tuple[str, ...] = ()


def make_preview(
    source: Source,
    budget: int = DEFAULT_BUDGET,
    *,
    max_pixels: int | None = None,
    max_seconds: int | None = None,
    max_memory: int | None = None,
) -> Preview:
    """Make the placeholders of a photo, of an animation those of its first image.

    `source` is the photo's path, its bytes, or a binary file. The data URI has at most `budget`
    characters (0 to 10,000) and no metadata: it is the lossy WebP, lossless WebP or PNG of a few
    square cells that is most like the photo when a browser enlarges it. With 100 characters or
    less, the ThumbHash shows more. Limits and errors are those of `pixelate`.
    """
    budget = check_integer("budget", budget, 0, MAX_BUDGET)
    limits = read_limits(max_pixels, max_seconds, max_memory, None)
    check = partial(admit, grids=(CELLS,), style=STYLE, limits=limits)
    photo = open_photo(open_source(source), DETAIL, limits.pixels, admit=check)
    with explained(TASK):
        return _make(_average(photo), (photo.width, photo.height), budget)


class PreviewMaker:
    """Makes the preview of a photo whose mosaics are made, from the same decode.

    That is in the detail of the mosaics, so the preview may differ from that of `make_preview` by
    some levels. A JPEG that is decoded in less detail than `make_preview` needs, which is a small
    one with few cells, is decoded once more: `source` has its bytes.
    """

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._cells: Image.Image | None = None
        self._size = 0, 0

    def admit(self, header: Header, limits: Limits) -> None:
        """Raise TooLarge for a photo whose preview would cost more than a limit."""
        admit(header, (CELLS,), STYLE, limits)

    def visit(self, photo: Photo) -> None:
        """Average the photo to cells. Raises MosaicFailed."""
        self._size = photo.width, photo.height
        if photo.scale > find_scale(min(self._size), DETAIL):
            photo = open_photo(self._source, DETAIL)
        with explained(TASK):
            self._cells = _average(photo)

    def make(self, budget: int = DEFAULT_BUDGET) -> Preview:
        """Make the preview of the photo that was visited. Raises MosaicFailed."""
        if self._cells is None:
            raise ValueError("no photo was visited")
        with explained(TASK):
            return _make(self._cells, self._size, budget)


def _make(cells: Image.Image, size: tuple[int, int], budget: int) -> Preview:
    from pixelater.placeholder.blurhash import encode_blurhash
    from pixelater.placeholder.data_uri import choose_picture
    from pixelater.placeholder.dominant_color import find_dominant_color
    from pixelater.placeholder.thumbhash import encode_thumbhash

    hashed, colored = _shrink(cells, HASHED_CELLS), _shrink(cells, COLORED_CELLS)
    picture = choose_picture(cells, size, budget)
    return Preview(
        *size,
        find_dominant_color(colored),
        b64encode(encode_thumbhash(hashed)).decode(),
        encode_blurhash(_lay_on_mean(hashed)),
        picture.uri if picture else "",
        cells.mode == "RGBA",
        tuple(_find_warnings(budget, picture, cells.size)),
    )


def _average(photo: Photo) -> Image.Image:
    """Average a photo to upright cells: RGB in sRGB, or RGBA if there is transparency."""
    from pixelater.averaging import average

    (layout,) = find_layouts((photo.width, photo.height), (CELLS,), STYLE)
    sides = turn_edges(*layout.sides, photo.transpose)
    (cells,) = average(photo.image, [sides], photo.scale, photo.low)
    if photo.transpose is not None:
        cells = cells.transpose(photo.transpose)
    cells = convert_cells(cells, photo)
    if cells.mode == "RGBA" and cells.getchannel("A").getextrema() == (255, 255):
        return cells.convert("RGB")
    return cells


def _shrink(cells: Image.Image, most: int) -> Image.Image:
    """Reduce cells to so many on the longer side."""
    factor = -(-max(cells.size) // most)
    return cells.reduce(factor) if factor > 1 else cells


def _lay_on_mean(cells: Image.Image) -> Image.Image:
    """Lay transparent cells on their mean color, as ThumbHash does: BlurHash has no alpha."""
    if cells.mode == "RGB":
        return cells
    ground = cells.reduce(cells.size)
    ground.putalpha(255)
    below = ground.resize(cells.size)
    below.alpha_composite(cells)
    return below


def _find_warnings(
    budget: int, picture: SmallPicture | None, cells: tuple[int, int]
) -> Iterator[str]:
    if budget and picture is None:
        yield f"no picture fits into a data URI of {budget} characters; use the thumbhash"
    elif (
        picture and budget <= THUMBHASH_BUDGET and (picture.size, picture.is_exact) != (cells, True)
    ):
        yield f"the thumbhash shows more than a data URI of {THUMBHASH_BUDGET} characters or fewer"
