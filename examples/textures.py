"""Textures of the example scene: the wall, the table and the name badge."""

from __future__ import annotations

import random
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from examples.ray_tracer import Field, clamp, evaluate

WALL_SIZE, WOOD_SIZE, BADGE_SIZE = (1024, 1024), (2048, 2046), (1188, 786)
PLANKS = (-14, 8, 0, 16, -6, 4)
"""How much lighter each plank of the table is."""

PAPER, INK, RED, LINE = (232, 228, 216), (38, 42, 54), (150, 44, 40), (120, 120, 125)


def draw_wall() -> Image.Image:
    """Draw plaster."""
    layers = [((5, 5), 0.14), ((40, 40), 0.10), ((512, 512), 0.07)]
    grain = blend_noise(WALL_SIZE, layers, seed=1)
    tint = Image.new("RGB", WALL_SIZE, (150, 158, 142))
    return Image.blend(tint, grain.convert("RGB"), 0.22)


def draw_wood() -> Image.Image:
    """Draw planks, whose grain is noise that is much longer than wide."""
    layers = [((4, 24), 0.35), ((9, 70), 0.35), ((30, 300), 0.30), ((200, 340), 0.10)]
    height = WOOD_SIZE[1] // len(PLANKS)
    wood = Image.new("RGB", WOOD_SIZE)
    for number, lighter in enumerate(PLANKS):
        plank = ImageOps.colorize(
            blend_noise((WOOD_SIZE[0], height), layers, seed=10 + number),
            black=(62 + lighter, 34 + lighter // 2, 18),
            mid=(134 + lighter, 84 + lighter, 50 + lighter // 2),
            white=(188 + lighter, 128 + lighter, 84 + lighter),
        )
        ImageDraw.Draw(plank).rectangle((0, 0, WOOD_SIZE[0], 3), (34, 19, 11))
        wood.paste(plank, (0, number * height))
    return wood.filter(ImageFilter.GaussianBlur(0.8))


def draw_badge() -> Image.Image:
    """Draw a badge of nobody: Ofcom keeps the number 020 7946 0864 free for drama."""
    badge = Image.new("RGB", BADGE_SIZE, PAPER)
    draw = ImageDraw.Draw(badge)
    width, _ = BADGE_SIZE
    right = width - 70
    draw.rectangle((0, 0, width, 120), RED)
    write(draw, 62, "VISITOR", 72, PAPER, bold=1)
    draw.text((right, 62), "No. 4711", PAPER, ImageFont.load_default(60), anchor="rm")
    write(draw, 275, "ADA BYTE", 196, INK, bold=4)
    draw.line((70, 410, right, 410), LINE, 4)
    write(draw, 490, "8 Mosaic Street, Pixelham", 84, INK)
    write(draw, 600, "020 7946 0864", 84, INK)
    bars, x = random.Random(8), 70
    while x < right - 15:
        bar = bars.choice((5, 5, 10, 15))
        draw.rectangle((x, 670, x + bar - 1, 745), INK)
        x += bar + bars.choice((5, 10, 10))
    return badge


def write(
    draw: ImageDraw.ImageDraw,
    y: int,
    text: str,
    size: int,
    ink: tuple[int, int, int],
    bold: int = 0,
) -> None:
    """Write a line in the font that comes with Pillow."""
    font = ImageFont.load_default(size)
    draw.text((70, y), text, ink, font, anchor="lm", stroke_width=bold, stroke_fill=ink)


def blend_noise(
    size: tuple[int, int], layers: Sequence[tuple[tuple[int, int], float]], seed: int
) -> Image.Image:
    """Add up layers of smooth noise around middle gray: how many spots, and how strong."""
    noise = random.Random(seed)
    strengths = [strength for _, strength in layers]
    spots = {
        f"layer{number}": Image.frombytes("L", cells, noise.randbytes(cells[0] * cells[1]))
        .resize(size, Image.Resampling.BICUBIC)
        .convert("F")
        for number, (cells, _) in enumerate(layers)
    }

    def mix_layers(**fields: Field) -> tuple[Field]:
        pairs = zip(fields.values(), strengths, strict=True)
        return (
            clamp(sum((field / 255 - 0.5) * strength for field, strength in pairs) + 0.5) * 255.0,
        )

    return evaluate(mix_layers, **spots)[0].convert("L")
