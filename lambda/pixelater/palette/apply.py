"""Cells in the colors of a palette, with or without dithering."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from PIL import Image

from pixelater.grid import cut_out
from pixelater.palette.nearest import find_nearest
from pixelater.palette.palette import MAX_COLORS, BadPalette, Palette
from pixelater.palette.tone import fit_tone, is_ramp
from pixelater.style import TONES

STRENGTHS = {
    "none": 0.0,
    "floyd": 0.875,
    "atkinson": 0.875,
    "bayer2": 0.625,
    "bayer4": 0.625,
    "bayer8": 0.625,
    "blue": 0.625,
}
"""Each dither, and its strength unless another is asked for: at 1, skies are speckled."""

DITHERS = tuple(STRENGTHS)
ORDERED = ("none", "bayer2", "bayer4", "bayer8", "blue")
"""Dithers that do not flicker in animations: a cell depends on no other cell."""

STRIP_CELLS = 1 << 16
"""As many cells are dithered at a time, if their rows allow."""

MATRIX_SIDE = 32
"""A multiple of the sides of all matrices."""


def apply_palette(
    cells: Image.Image,
    palette: Palette,
    dither: str = "none",
    strength: float | None = None,
    tone: str = "fit",
) -> Image.Image:
    """Return cells as an indexed image (P) with the colors of a palette, in its order.

    `dither` is one of DITHERS, and `strength` from 0 to 1. With `tone` "fit", the lightness of
    cells is stretched if the palette is a ramp, such as grays. Colors are sRGB. Cells of an alpha
    (LA, RGBA) below 128 become transparent: they get one index more, at the end. Without dither
    and tone fit, each cell has the nearest color in OKLab; of equally near ones the first.

    Raises ValueError, and BadPalette where 256 colors leave no index for transparent cells.
    """
    if dither not in STRENGTHS:
        raise ValueError(f"dither: {dither!r} is not one of {', '.join(DITHERS)}")
    if tone not in TONES:
        raise ValueError(f"tone: {tone!r} is not one of {', '.join(TONES)}")
    share = STRENGTHS[dither] if strength is None else strength
    if not 0 <= share <= 1:
        raise ValueError(f"strength: {share} is not from 0 to 1")
    mask = _find_mask(cells)
    if mask is not None and len(palette.colors) == MAX_COLORS:
        raise BadPalette("its 256 colors leave none for transparent areas")
    solid = cells.convert("RGB")
    if (tone == "fit" or dither != "none") and is_ramp(palette.colors):
        solid = fit_tone(solid, palette.colors, mask, tone == "fit")
    indexed = Image.frombytes("P", cells.size, _find_indexes(solid, mask, palette, dither, share))
    indexed.putpalette(palette.data)
    if mask is not None:
        clear = len(palette.colors)
        indexed.putpalette(palette.data + bytes(3))
        indexed.paste(clear, mask=mask.point([255] * 128 + [0] * 128))
        indexed.info["transparency"] = clear
    return indexed


def _find_mask(cells: Image.Image) -> Image.Image | None:
    """Return where cells are opaque (L, 0 or 255); None if they all are."""
    if not cells.has_transparency_data:
        return None
    mask = cells.convert("RGBA").getchannel("A").point([0] * 128 + [255] * 128)
    return None if mask.getextrema() == (255, 255) else mask


def _find_indexes(
    cells: Image.Image, mask: Image.Image | None, palette: Palette, dither: str, strength: float
) -> bytes:
    if dither in ORDERED:
        find = _find_ordered(palette, dither, strength)
        return b"".join(find(strip).tobytes() for strip in _cut_strips(cells))
    from pixelater.palette.diffusion import diffuse

    runs = [((0, cells.width),)] * cells.height if mask is None else list(_find_runs(mask))
    return diffuse(cells, runs, palette.colors, dither, strength)


def _find_ordered(
    palette: Palette, dither: str, strength: float
) -> Callable[[Image.Image], Image.Image]:
    if dither == "none":
        return lambda strip: find_nearest(strip, palette.colors)
    from pixelater.palette.pattern import dither_pattern

    return lambda strip: dither_pattern(strip, palette.colors, dither, strength)


def _cut_strips(cells: Image.Image) -> Iterator[Image.Image]:
    """Cut cells into strips of whole matrices: dithering takes up to 200 bytes a cell."""
    height = max(1, STRIP_CELLS // cells.width // MATRIX_SIDE) * MATRIX_SIDE
    for top in range(0, cells.height, height):
        yield cut_out(cells, (0, top, cells.width, min(top + height, cells.height)))


def _find_runs(mask: Image.Image) -> Iterator[tuple[tuple[int, int], ...]]:
    """For each row, return where opaque neighbors start and stop."""
    width = mask.width
    data = mask.tobytes()
    for row in range(mask.height):
        runs = []
        start = 0
        for opaque, group in groupby(data[row * width : (row + 1) * width]):
            stop = start + len(list(group))
            if opaque:
                runs.append((start, stop))
            start = stop
        yield tuple(runs)
