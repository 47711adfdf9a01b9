"""Looks of cells: crisp ones instead of means, and the colors of a palette.

Images in, images out; no I/O.
"""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from pixelater.decode.photo import Photo
from pixelater.encode.encoder import convert_cells
from pixelater.errors import MosaicFailed
from pixelater.grid import NEAREST, cut_out
from pixelater.layout import SAMPLES, Layout
from pixelater.palette.apply import MATRIX_SIDE, ORDERED, apply_palette
from pixelater.palette.extract import extract_palette
from pixelater.palette.palette import MAX_COLORS, BadPalette, Palette
from pixelater.style import Style

FOR_ANIMATIONS = "bayer4"
"""Instead of error diffusion, which flickers."""


def color_frames(
    frames: Sequence[Image.Image], photo: Photo, style: Style
) -> tuple[list[Image.Image], str]:
    """Give averaged cells the colors of the style's palette (mode P); with a warning, or "".

    All frames of an animation share one palette, one stretch of tones, and the place of patterns.
    Raises MosaicFailed where 256 colors leave none for transparent areas.
    """
    converted = [convert_cells(cells, photo) for cells in frames]
    clear = any(cells.mode == "RGBA" for cells in converted)
    if clear:
        converted = [cells.convert("RGBA") for cells in converted]
    palette = _choose_palette(converted, style.palette, clear)
    dither, strength, warning = style.dither, style.dither_strength, ""
    if len(frames) > 1 and dither not in ORDERED:
        warning = f"{dither} would flicker in an animation; it is dithered with {FOR_ANIMATIONS}"
        dither, strength = FOR_ANIMATIONS, None
    pile, height = _pile(converted)
    try:
        indexed = apply_palette(pile, palette, dither, strength, style.tone)
    except BadPalette as error:
        raise MosaicFailed(
            f"it cannot have the colors of the palette ({error})",
            "Use a palette of at most 255 colors.",
        ) from error
    return [_take(indexed, i * height, frames[0].size) for i in range(len(frames))], warning


def _choose_palette(frames: Sequence[Image.Image], wanted: object, clear: bool) -> Palette:
    if isinstance(wanted, Palette):
        return wanted
    if not isinstance(wanted, int):
        raise TypeError(f"palette: {wanted!r} was not read")
    most = MAX_COLORS - 1 if clear else MAX_COLORS
    try:
        return extract_palette(_join(frames, frames[0].height), min(wanted, most))
    except BadPalette:  # All is transparent.
        return Palette("black", ((0, 0, 0),))


def _pile(frames: Sequence[Image.Image]) -> tuple[Image.Image, int]:
    """Paste frames below each other, each with its first row at a pattern's; return their step."""
    height = frames[0].height
    if len(frames) > 1:
        height = -(-height // MATRIX_SIDE) * MATRIX_SIDE
    return _join(frames, height), height


def _join(frames: Sequence[Image.Image], height: int) -> Image.Image:
    """Paste frames below each other; what is left of a height is filled with the frame again."""
    if len(frames) == 1:
        return frames[0]
    pile = Image.new(frames[0].mode, (frames[0].width, height * len(frames)))
    for number, cells in enumerate(frames):
        for top in range(0, height, cells.height):
            part = cut_out(cells, (0, 0, cells.width, min(cells.height, height - top)))
            pile.paste(part, (0, number * height + top))
    return pile


def _take(indexed: Image.Image, top: int, size: tuple[int, int]) -> Image.Image:
    if indexed.size == size:
        return indexed
    part = cut_out(indexed, (0, top, size[0], top + size[1]))
    part.putpalette(indexed.getpalette() or b"")
    part.info = dict(indexed.info)
    return part


def make_crisp(samples: Image.Image, layout: Layout) -> Image.Image:
    """Reduce samples to crisp cells. Raises ValueError for samples of another layout."""
    from pixelater.crisp import find_crisp

    width, height = layout.columns * SAMPLES, layout.rows * SAMPLES
    if samples.size != (width, height):
        samples = _widen(samples, width)
        turned = _widen(samples.transpose(Image.Transpose.TRANSPOSE), height)
        samples = turned.transpose(Image.Transpose.TRANSPOSE)
    return find_crisp(samples)


def _widen(samples: Image.Image, width: int) -> Image.Image:
    """Repeat the columns of a last cell that has fewer pixels than samples."""
    whole = width - SAMPLES
    wide = Image.new(samples.mode, (width, samples.height))
    wide.paste(samples, (0, 0))
    last = samples.resize(
        (SAMPLES, samples.height), NEAREST, (whole, 0, samples.width, samples.height)
    )
    wide.paste(last, (whole, 0))
    return wide
