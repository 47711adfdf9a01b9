"""Data URIs: of all small pictures of a photo that fit in so many characters, the most similar one.

A lossy WebP of 48 or 64 cells on a side shows more of a photo than an exact one of 8, which is as
large; a drawing in a few colors is another matter. So all are written, and measured as a page shows
them: enlarged smoothly. Images in, pictures out; no I/O.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any, cast

from PIL import Image

from pixelater.encode.native import write_native
from pixelater.grid import cut_out
from pixelater.palette.oklab import LabImages, calculate, convert_image

SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40, 48, 64, 80, 96)
"""Cells on the longer side. A block of a lossy WebP has 16 pixels (RFC 6386, section 2)."""

MOST_CELLS = SIZES[-1]

SHOWN_SIDE = 96
"""Pixels of the longer side at which pictures are compared."""

CHROMA = 3
"""Weight of each hue against lightness, so that the best picture is not a gray one."""

CHARACTERS_PER_COLOR = 4
"""A picture of more colors is too large, or has gradients, which a lossy one holds better."""

ALPHA_QUALITY = 40
"""Of transparency, whose bytes colors then have (0 to 100)."""

QUALITIES = (*range(20), *range(20, 50, 2), *range(50, 101, 5))

SLOWEST_CELLS = 16
"""Cells on a side up to which WebP's slowest method is used: it saves bytes in small pictures."""

CHARACTERS_PER_CELL = 4, 16
"""Least and most characters for each cell on the longer side of pictures that are tried: with fewer
the quality is too low, and with more, more cells show more."""

COARSEST_EXACT = 2
"""An exact picture of so many times fewer cells on a side than any lossy one shows less."""

BACKGROUNDS = ("white", "black")
"""Pages on which transparent pictures are compared."""

BOX, BICUBIC = Image.Resampling.BOX, Image.Resampling.BICUBIC


@dataclass(frozen=True)
class SmallPicture:
    """A picture of a few cells, as a file."""

    media_type: str
    data: bytes
    size: tuple[int, int]
    is_exact: bool = False

    @property
    def uri(self) -> str:
        """The picture as a data URI (RFC 2397)."""
        return f"data:{self.media_type};base64,{b64encode(self.data).decode()}"


def choose_picture(
    photo: Image.Image, size: tuple[int, int], characters: int
) -> SmallPicture | None:
    """Choose the picture for a data URI of so many characters at most; None if none is so small.

    `photo` is the whole photo (RGB or RGBA, in sRGB) in cells, at most 96 on a side; `size` is the
    photo's own, from which pictures get their shape.
    """
    cells = [_resize(photo, shape) for shape in _list_shapes(photo.size, size)]
    finest = _find_exact(cells[-1:], characters)
    if finest:
        return finest
    pictures = _list_lossy(cells, characters)
    least = max(pictures[0].size) / COARSEST_EXACT if pictures else 0
    exact = _find_exact([image for image in cells[:-1] if max(image.size) >= least], characters)
    pictures += [exact] if exact else []
    if not pictures:
        return None
    errors = _measure([_decode(picture) for picture in pictures], photo)
    ranks = [(error, len(picture.data)) for error, picture in zip(errors, pictures, strict=True)]
    return pictures[ranks.index(min(ranks))]


def _list_lossy(cells: Sequence[Image.Image], characters: int) -> list[SmallPicture]:
    """List the best lossy pictures, from few to many cells; larger ones have no higher quality."""
    least, most = CHARACTERS_PER_CELL
    fitting = [image for image in cells if characters >= least * max(image.size)]
    coarse = [image for image in fitting if characters > most * max(image.size)]
    if len(coarse) == len(fitting):
        coarse = coarse[:-1]
    pictures: list[SmallPicture] = []
    limit = len(QUALITIES)
    for image in fitting[len(coarse) :]:
        picture, limit = _find_best(image, characters, limit)
        if picture is None:
            break
        pictures.append(picture)
    while not pictures and coarse:
        picture, _ = _find_best(coarse.pop(), characters, len(QUALITIES))
        pictures += [picture] if picture else []
    return pictures


def _list_shapes(cells: tuple[int, int], size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """List the numbers of cells to try, from few to all there are."""
    longer = max(cells)
    for side in SIZES:
        if side < longer:
            across, down = (max(1, round(side * length / max(size))) for length in size)
            yield across, down
    yield cells


def _resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, BOX)


def _find_exact(cells: Sequence[Image.Image], characters: int) -> SmallPicture | None:
    """Return the largest exact picture that is small enough."""
    room = _count_bytes("image/webp", characters)
    for image in reversed(cells):
        if image.getcolors(characters // CHARACTERS_PER_COLOR) is None:
            continue
        if len(_write_webp(image, lossless=True, quality=0, method=0)) > 2 * room:
            continue  # The best encoder takes a hundred times as long, and does not halve it.
        for name in ("WEBP", "PNG"):
            data = write_native(image, name, b"")
            media_type = f"image/{name.lower()}"
            if len(data) <= _count_bytes(media_type, characters):
                return SmallPicture(media_type, data, image.size, is_exact=True)
    return None


def _find_best(image: Image.Image, characters: int, limit: int) -> tuple[SmallPicture | None, int]:
    """Return the lossy picture of the highest quality that is small enough, and the next limit.

    Qualities are known by their numbers; those from `limit` are not tried.
    """
    room = _count_bytes("image/webp", characters)
    method = 6 if max(image.size) <= SLOWEST_CELLS else 4
    write = partial(_write_webp, image, method=method, alpha_quality=ALPHA_QUALITY)
    best = None
    low, high = 0, limit
    while low < high:
        middle = (low + high) // 2
        data = write(quality=QUALITIES[middle])
        if len(data) <= room:
            best, low = data, middle + 1
        else:
            high = middle
    return (SmallPicture("image/webp", best, image.size), low) if best else (None, 0)


def _count_bytes(media_type: str, characters: int) -> int:
    """Return how many bytes a data URI of so many characters holds."""
    return max(0, characters - len(f"data:{media_type};base64,")) // 4 * 3


def _write_webp(image: Image.Image, **settings: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "WEBP", **settings)
    return buffer.getvalue()


def _decode(picture: SmallPicture) -> Image.Image:
    with Image.open(BytesIO(picture.data)) as image:
        return image.convert("RGBA")


def _measure(pictures: Sequence[Image.Image], photo: Image.Image) -> list[float]:
    """Return how much each picture, enlarged, differs from the photo."""
    across, down = (max(1, round(SHOWN_SIDE * length / max(photo.size))) for length in photo.size)
    shown = [_resize(photo.convert("RGBA"), (across, down))]
    shown += [picture.resize((across, down), BICUBIC) for picture in pictures]
    errors = [0.0] * len(pictures)
    for color in BACKGROUNDS if photo.mode == "RGBA" else BACKGROUNDS[:1]:
        row = Image.new("RGBA", (across * len(shown), down), color)
        for number, image in enumerate(shown):
            row.alpha_composite(image, (across * number, 0))
        differences = _compare(convert_image(row.convert("RGB")), across)
        errors = [error + more for error, more in zip(errors, differences, strict=True)]
    return errors


def _compare(row: LabImages, width: int) -> list[float]:
    """Return the mean squared difference of each picture of a row to the first."""
    lightness, *hues = (_square_difference(band, width) for band in row)
    error = calculate(
        lambda v: v["l"] + (v["a"] + v["b"]) * CHROMA, l=lightness, a=hues[0], b=hues[1]
    )
    means = error.convert("F").reduce((width, error.height))
    _, *errors = cast("tuple[float, ...]", means.get_flattened_data())
    return errors


def _square_difference(band: Image.Image, width: int) -> Image.Image:
    first = cut_out(band, (0, 0, width, band.height))
    repeated = Image.new(band.mode, band.size)
    for left in range(0, band.width, width):
        repeated.paste(first, (left, 0))
    difference = calculate(lambda v: v["band"] - v["first"], band=band, first=repeated)
    return calculate(lambda v: v["d"] * v["d"], d=difference)
