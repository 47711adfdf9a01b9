"""The dominant color of a photo: that of most cells, among the five that suit it best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PIL import Image

COLORS = 5

ITERATIONS = 10
"""Of k-means, which moves Pillow's median cut to where colors are."""

CLEAR = "#00000000"
"""The color of a photo of which nothing is visible."""


def find_dominant_color(cells: Image.Image) -> str:
    """Return the dominant color of cells (RGB or RGBA, in sRGB) as #rrggbb.

    Cells that are more transparent than not do not count, unless all are.

    >>> find_dominant_color(Image.new("RGB", (3, 2), "teal"))
    '#008080'
    """
    data = cells.convert("RGBA").tobytes()
    opaque = b"".join(data[at : at + 3] for at in range(0, len(data), 4) if data[at + 3] >= 128)
    if not opaque:
        mean = cells.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        *color, alpha = cast("tuple[int, ...]", mean)
        return _format(color) if alpha else CLEAR
    pixels = Image.frombytes("RGB", (len(opaque) // 3, 1), opaque)
    indexed = pixels.quantize(COLORS, Image.Quantize.MEDIANCUT, ITERATIONS)
    counts = indexed.histogram()
    start = 3 * counts.index(max(counts))
    return _format((indexed.getpalette() or [])[start : start + 3])


def _format(color: Sequence[int]) -> str:
    return f"#{bytes(color).hex()}"
