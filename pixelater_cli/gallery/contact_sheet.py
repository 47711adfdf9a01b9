"""Contact sheets: labeled thumbnails of photos and their mosaics in one image."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from pixelater.thumbnails import EncodedThumbnail, PhotoThumbnails, decode
from pixelater_cli.gallery import markers

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

COLUMNS = 6
"""Thumbnails in a row: a photo and its five default mosaics."""

SIDE = 240
TILE_GAP = 16
LABEL = 22
TITLE = 34
MAX_THUMBNAILS = 360
"""Limit of a sheet, which then has at most 25 million pixels."""

BACKGROUND, TEXT_COLOR, LABEL_COLOR = (250, 250, 250), (30, 30, 30), (110, 110, 110)


def count_fitting(previews: Sequence[PhotoThumbnails]) -> int:
    """Count the photos that fit on a sheet; the first one always does."""
    thumbnails = 0
    for number, preview in enumerate(previews):
        thumbnails += _count_rows(preview) * COLUMNS
        if number and thumbnails > MAX_THUMBNAILS:
            return number
    return len(previews)


def make_sheet(titles: Sequence[str], previews: Sequence[PhotoThumbnails], more: int = 0) -> bytes:
    """Return a contact sheet as PNG, with the number of photos that do not fit plus `more`."""
    from PIL import Image, ImageDraw
    from PIL.PngImagePlugin import PngInfo

    number = count_fitting(previews)
    shown = list(zip(titles, previews, strict=True))[:number]
    across = min(COLUMNS, max(1 + len(preview.mosaics) for _, preview in shown))
    width = TILE_GAP + across * (SIDE + TILE_GAP)
    heights = [_measure(preview) for _, preview in shown]
    left_off = more + len(previews) - number
    sheet = Image.new(
        "RGB", (width, TILE_GAP + sum(heights) + (TITLE if left_off else 0)), BACKGROUND
    )
    pen = ImageDraw.Draw(sheet)
    top = TILE_GAP
    for (title, preview), height in zip(shown, heights, strict=True):
        _draw_photo(sheet, pen, title, preview, top)
        top += height
    if left_off:
        _write(pen, (TILE_GAP, top), f"and {left_off} more", 15, LABEL_COLOR, width)
    buffer = BytesIO()
    mark = PngInfo()
    mark.add_text(markers.SHEET_KEYWORD, markers.SHEET_TEXT)
    sheet.save(buffer, "PNG", pnginfo=mark)
    return buffer.getvalue()


def _draw_photo(
    sheet: Image.Image, pen: ImageDraw.ImageDraw, title: str, preview: PhotoThumbnails, top: int
) -> None:
    size = f"  {preview.width} x {preview.height}"
    room = sheet.width - 2 * TILE_GAP
    used = _write(pen, (TILE_GAP, top), title, 17, TEXT_COLOR, room - 120)
    _write(pen, (TILE_GAP + used, top + 2), size, 15, LABEL_COLOR, 120)
    width, height = _fit(preview)
    for number, copy in enumerate([preview.photo, *preview.mosaics]):
        row, column = divmod(number, COLUMNS)
        left = TILE_GAP + column * (SIDE + TILE_GAP)
        above = top + TITLE + row * (height + LABEL + TILE_GAP)
        _paste(sheet, copy, (left, above), (width, height))
        _write(pen, (left, above + height + 3), copy.title or "original", 14, LABEL_COLOR, SIDE)


def _paste(
    sheet: Image.Image, copy: EncodedThumbnail, place: tuple[int, int], size: tuple[int, int]
) -> None:
    from PIL import Image

    image = decode(copy)
    way = Image.Resampling.NEAREST if copy.grid else Image.Resampling.LANCZOS
    if image.width > size[0] or image.height > size[1]:
        way = Image.Resampling.BOX
    shown = image.width / copy.cover[0], image.height / copy.cover[1]
    image = image.resize(size, way, (0, 0, *shown))
    sheet.paste(image, place, image if image.mode == "RGBA" else None)


def _fit(preview: PhotoThumbnails) -> tuple[int, int]:
    """Return the size of a photo scaled to fit into a square of SIDE."""
    longer = max(preview.width, preview.height)
    return (
        max(1, round(SIDE * preview.width / longer)),
        max(1, round(SIDE * preview.height / longer)),
    )


def _count_rows(preview: PhotoThumbnails) -> int:
    return -(-(1 + len(preview.mosaics)) // COLUMNS)


def _measure(preview: PhotoThumbnails) -> int:
    return TITLE + _count_rows(preview) * (_fit(preview)[1] + LABEL + TILE_GAP) + TILE_GAP


def _write(
    pen: ImageDraw.ImageDraw,
    place: tuple[int, int],
    text: str,
    size: int,
    ink: tuple[int, int, int],
    room: int,
) -> int:
    """Write a line, cut to the available width, and return the width that it takes.

    Pillow's own font has the signs of ASCII only. It needs FreeType to be scaled.
    """
    from anyascii import anyascii
    from PIL import ImageFont, features

    font = ImageFont.load_default(size if features.check("freetype2") else None)
    text = "".join(sign if sign.isprintable() else "?" for sign in anyascii(text))
    if font.getlength(text) > room:
        while text and font.getlength(text + "...") > room:
            text = text[:-1]
        text += "..."
    pen.text(place, text, ink, font)
    return round(font.getlength(text))
