"""Sprites: cells that are opaque or not, cut to what is opaque, with an outline, padded.

Images of cells in, images of cells out, before they are enlarged; integers alone decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from PIL import Image, ImageChops

from pixelater.grid import cut_out
from pixelater.style import Style

PALETTE_THRESHOLD = 128
"""The least alpha of a cell that has a color of a palette (`apply_palette`)."""

OPAQUE = 255

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Canvas:
    """Frames (RGBA) of one size, and where each gets its outline (L, 0 or 255)."""

    frames: tuple[Image.Image, ...]
    outlines: tuple[Image.Image, ...] = ()


def prepare_canvas(frames: Sequence[Image.Image], style: Style) -> Canvas:
    """Cut and pad cells (sRGB) as a style says, with room for the outline.

    All frames are cut by one box, so that an animation does not jump. If everything is transparent,
    nothing is cut.
    """
    cells = [find_coverage(frame.convert("RGBA"), find_threshold(style)) for frame in frames]
    box = find_box(cells) if style.trim else None
    left, top, right, lower = box or (0, 0, *cells[0].size)
    margin = int(style.outline)
    size = find_size(right - left, lower - top, style)
    placed = tuple(
        _place(cut_out(frame, (left, top, right, lower)), size, margin) for frame in cells
    )
    return Canvas(placed, tuple(map(find_outline, placed)) if style.outline else ())


def find_threshold(style: Style) -> int:
    """Return the least alpha of an opaque cell; 0 if alpha stays as it is."""
    if style.alpha_threshold is not None:
        return max(1, round(OPAQUE * style.alpha_threshold))
    return PALETTE_THRESHOLD if style.palette is not None else 0


def find_coverage(cells: Image.Image, threshold: int) -> Image.Image:
    """Make cells (RGBA) opaque from an alpha on, and all others transparent, without a color.

    The alpha of a cell is the mean of its pixels' alpha: how much of it is covered.
    """
    if not threshold:
        return cells
    alpha = cells.getchannel("A").point([0] * threshold + [OPAQUE] * (OPAQUE + 1 - threshold))
    covered = Image.new("RGBA", cells.size)
    covered.paste(cells, mask=alpha)
    covered.putalpha(alpha)
    return covered


def find_box(frames: Sequence[Image.Image]) -> Box | None:
    """Return the box around what is not transparent in any frame (RGBA); None if all of it is."""
    return reduce(ImageChops.lighter, (frame.getchannel("A") for frame in frames)).getbbox()


def find_outline(cells: Image.Image) -> Image.Image:
    """Return where transparent cells (RGBA) touch others: above, below, left or right of them."""
    seen = cells.getchannel("A").point([0] + [OPAQUE] * OPAQUE)
    grown = seen
    for across, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        moved = Image.new("L", seen.size)
        moved.paste(seen, (across, down))
        grown = ImageChops.lighter(grown, moved)
    return ImageChops.subtract(grown, seen)


def draw_outline(cells: Image.Image, outline: Image.Image, color: tuple[int, int, int]) -> None:
    """Draw an outline on cells: in its color (RGBA), or in the nearest of their palette (P)."""
    if cells.mode != "P":
        cells.paste((*color, OPAQUE), mask=outline)
        return
    from pixelater.palette.nearest import find_nearest

    data = bytes(cells.getpalette() or b"")
    colors = [(data[at], data[at + 1], data[at + 2]) for at in range(0, len(data), 3)]
    usable = colors[: cells.info.get("transparency", len(colors))]
    index = find_nearest(Image.new("RGB", (1, 1), color), usable).tobytes()[0]
    cells.paste(index, mask=outline)


def find_size(columns: int, rows: int, style: Style) -> tuple[int, int]:
    """Return the cells on each side, with outline and padding.

    >>> find_size(60, 33, Style(size="native", outline=True, pot=True))
    (64, 64)
    """
    margin = 2 * int(style.outline)
    sides = columns + margin, rows + margin
    return (pad_side(sides[0]), pad_side(sides[1])) if style.pot else sides


def pad_side(side: int) -> int:
    """Return the least power of two that is not less."""
    return 1 << (side - 1).bit_length()


def _place(cells: Image.Image, size: tuple[int, int], margin: int) -> Image.Image:
    """Paste cells at the top left of a transparent canvas, after a margin."""
    if cells.size == size:
        return cells
    canvas = Image.new("RGBA", size)
    canvas.paste(cells, (margin, margin))
    return canvas
