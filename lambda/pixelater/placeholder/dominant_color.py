"""The dominant color of a photo: that of most cells, among the five colors that suit it best."""

from __future__ import annotations

from typing import cast

from PIL import Image

from pixelater.palette.extract import extract_palette
from pixelater.palette.nearest import find_nearest
from pixelater.palette.palette import BadPalette

COLORS = 5

CLEAR = "#00000000"
"""The color of a photo of which nothing is visible."""


def find_dominant_color(cells: Image.Image) -> str:
    """Return the dominant color of cells (RGB or RGBA, in sRGB) as #rrggbb.

    Cells that are more transparent than not do not count, unless all are.

    >>> find_dominant_color(Image.new("RGB", (3, 2), "teal"))
    '#008080'
    """
    try:
        colors = extract_palette(cells, COLORS).colors
    except BadPalette:
        *color, alpha = cast(
            "tuple[int, ...]", cells.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        )
        return _format(color) if alpha else CLEAR
    opaque = cells.convert("RGBA").getchannel("A").point(lambda alpha: 255 * (alpha >= 128))
    counts = find_nearest(cells.convert("RGB"), colors).histogram(opaque)
    return _format(colors[counts.index(max(counts))])


def _format(color: tuple[int, ...] | list[int]) -> str:
    return f"#{bytes(color).hex()}"
