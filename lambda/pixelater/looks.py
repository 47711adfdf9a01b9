"""Looks of cells: crisp ones instead of means, sprites, and the colors of a palette.

Images in, images out; no I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from pixelater.decode.colors import SRGB
from pixelater.decode.photo import Photo
from pixelater.encode.encoder import convert_cells
from pixelater.errors import MosaicFailed
from pixelater.grid import NEAREST, cut_out
from pixelater.layout import SAMPLES, Layout
from pixelater.palette.apply import MATRIX_SIDE, ORDERED, apply_palette
from pixelater.palette.extract import extract_palette
from pixelater.palette.palette import MAX_COLORS, BadPalette, Palette
from pixelater.sprite import Canvas, draw_outline, find_box, prepare_canvas
from pixelater.style import Style

FOR_ANIMATIONS = "bayer4"
"""Instead of error diffusion, which flickers."""


def finish_frames(
    frames: list[Image.Image], photo: Photo, style: Style
) -> tuple[list[Image.Image], Photo, list[str]]:
    """Make averaged cells what a style wants: a sprite, and the colors of a palette (mode P).

    Returns the photo as its cells now are, sRGB, and warnings. All frames of an animation share a
    size, a palette, one stretch of tones, and the place of patterns. Raises MosaicFailed where 256
    colors leave none for transparent areas.
    """
    cells = [convert_cells(frame, photo) for frame in frames]
    canvas, warnings = Canvas(()), []
    if style.makes_sprites:
        canvas = prepare_canvas(cells, style)
        cells = [*canvas.frames]
        if find_box(cells) is None:
            warnings.append("all of it is transparent")
        if all(frame.getchannel("A").getextrema() == (255, 255) for frame in cells):
            cells = [frame.convert("RGB") for frame in cells]
    if style.palette is not None:
        cells, warning = _color_frames(cells, style)
        warnings += [warning] if warning else []
    for frame, outline in zip(cells, canvas.outlines, strict=False):
        draw_outline(frame, outline, style.outline_color)
    return cells, replace(photo, colors=SRGB), warnings


def _color_frames(frames: list[Image.Image], style: Style) -> tuple[list[Image.Image], str]:
    """Give cells the colors of the style's palette; with a warning, or ""."""
    clear = any(cells.mode == "RGBA" for cells in frames)
    if clear:
        frames = [cells.convert("RGBA") for cells in frames]
    palette = _choose_palette(frames, style, clear)
    dither, strength, warning = style.dither, style.dither_strength, ""
    if len(frames) > 1 and dither not in ORDERED:
        warning = f"{dither} would flicker in an animation; it is dithered with {FOR_ANIMATIONS}"
        dither, strength = FOR_ANIMATIONS, None
    pile, height = _pile(frames)
    try:
        indexed = apply_palette(pile, palette, dither, strength, style.tone)
    except BadPalette as error:
        raise MosaicFailed(
            f"it cannot have the colors of the palette ({error})",
            "Use a palette of at most 255 colors.",
        ) from error
    return [_take(indexed, i * height, frames[0].size) for i in range(len(frames))], warning


def _choose_palette(frames: Sequence[Image.Image], style: Style, clear: bool) -> Palette:
    """Return the style's palette, or extract one, of which the outline's color is one."""
    wanted = style.palette
    if isinstance(wanted, Palette):
        return wanted
    if not isinstance(wanted, int):
        raise TypeError(f"palette: {wanted!r} was not read")
    count = min(wanted, MAX_COLORS - 1 if clear else MAX_COLORS)
    reserved = (style.outline_color,) if style.outline and count > 1 else ()
    try:
        found = extract_palette(_join(frames, frames[0].height), count - len(reserved))
    except BadPalette:  # All is transparent.
        found = Palette("black", ((0, 0, 0),))
    return replace(found, colors=(*found.colors, *reserved))


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
