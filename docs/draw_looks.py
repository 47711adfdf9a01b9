"""Writes docs/looks.png: presets and palettes on the scenes of examples/, each with its options.

python -m docs.draw_looks
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from docs.console import ROOT
from examples.textures import draw_wood
from pixelater import pixelate
from pixelater.look import parse_look
from pixelater.presets import PRESETS

WIDTH, HEIGHT, GAP, LABEL = 288, 384, 16, 66
ACROSS = 4
GROUND, INK, FAINT = (250, 250, 250), (29, 29, 31), (92, 92, 100)
CHECKS = (236, 236, 240), (250, 250, 250)

ART = PRESETS["pixel-art"].words
SPRITE = PRESETS["sprite"].words | {"grids": "32", "palette": "12", "outline": "true"}
TEXTURE = PRESETS["texture"].words | {"palette": "16"}

Color = tuple[int, int, int]
Words = Mapping[str, str]

PICTURES: tuple[tuple[str, str, str, Words | None], ...] = (
    ("photo", "examples/photo.jpg", "a rendered scene", None),
    ("photo", "moderation", "--preset moderation", PRESETS["moderation"].words),
    ("photo", "preview", "--preset preview --grids 16", PRESETS["preview"].words | {"grids": "16"}),
    ("photo", "pixel-art", "--preset pixel-art", ART),
    (
        "photo",
        "Game Boy",
        "--preset pixel-art\n--palette gameboy --dither bayer4",
        ART | {"palette": "gameboy"} | {"dither": "bayer4"},
    ),
    (
        "photo",
        "PICO-8",
        "--preset pixel-art\n--palette pico-8 --dither floyd",
        ART | {"palette": "pico-8"} | {"dither": "floyd"},
    ),
    (
        "mushroom",
        "sprite",
        "--preset sprite --grids 32\n--palette 12 --outline",
        SPRITE,
    ),
    ("wood", "texture", "--preset texture --palette 16", TEXTURE),
)
"""The scene, the title and the options of each picture, and the words of its look."""


def main() -> None:
    """Write the picture."""
    draw().save(ROOT / "docs" / "looks.png", optimize=True)


def draw() -> Image.Image:
    """Draw all pictures in rows, each above its title and options."""
    rows = -(-len(PICTURES) // ACROSS)
    size = GAP + ACROSS * (WIDTH + GAP), GAP + rows * (HEIGHT + LABEL + GAP)
    sheet = Image.new("RGB", size, GROUND)
    pen = ImageDraw.Draw(sheet)
    scenes = load_scenes()
    for number, (scene, title, options, words) in enumerate(PICTURES):
        row, column = divmod(number, ACROSS)
        left, top = GAP + column * (WIDTH + GAP), GAP + row * (HEIGHT + LABEL + GAP)
        sheet.paste(fit(make_picture(scenes[scene], words), words is None), (left, top))
        pen.text((left, top + HEIGHT + 5), title, INK, ImageFont.load_default(17))
        pen.text((left, top + HEIGHT + 26), options, FAINT, ImageFont.load_default(13))
    return sheet


def load_scenes() -> dict[str, bytes]:
    """Return the scenes as files."""
    return {
        "photo": (ROOT / "examples" / "photo.jpg").read_bytes(),
        "mushroom": _encode(draw_mushroom()),
        "wood": _encode(ImageEnhance.Contrast(draw_wood().resize((1024, 1024))).enhance(2.2)),
    }


def make_picture(scene: bytes, words: Words | None) -> Image.Image:
    """Return a scene upright, or the mosaic of a look."""
    if words is None:
        return ImageOps.exif_transpose(Image.open(BytesIO(scene))).convert("RGBA")
    look = parse_look(dict(words))
    return Image.open(BytesIO(pixelate(scene, look.grids, look.style)[0].data)).convert("RGBA")


def fit(picture: Image.Image, is_photo: bool) -> Image.Image:
    """Fit a picture into its place: cells are enlarged by a whole number, in the middle."""
    if is_photo or picture.width > WIDTH:
        way = Image.Resampling.LANCZOS if is_photo else Image.Resampling.BOX
        picture = picture.resize((WIDTH, HEIGHT), way)
    times = min(WIDTH // picture.width, HEIGHT // picture.height)
    picture = picture.resize(
        (picture.width * times, picture.height * times), Image.Resampling.NEAREST
    )
    place = draw_checks()
    place.paste(picture, ((WIDTH - picture.width) // 2, (HEIGHT - picture.height) // 2), picture)
    return place


def draw_checks() -> Image.Image:
    """Draw the ground under what is transparent."""
    small = Image.new("RGB", (WIDTH // 12, HEIGHT // 12), CHECKS[0])
    for x in range(small.width):
        for y in range(x % 2, small.height, 2):
            small.putpixel((x, y), CHECKS[1])
    return small.resize((WIDTH, HEIGHT), Image.Resampling.NEAREST)


def draw_mushroom() -> Image.Image:
    """Draw a mushroom with soft shades on a transparent ground."""
    size = (720, 960)
    cap = Image.new("L", size)
    ImageDraw.Draw(cap).pieslice((60, 120, 660, 860), 180, 360, 255)
    ImageDraw.Draw(cap).ellipse((60, 420, 660, 570), 255)
    stem = Image.new("L", size)
    ImageDraw.Draw(stem).rounded_rectangle((265, 480, 455, 880), 70, 255)
    dots = Image.new("L", size)
    for left, top, side in ((150, 330, 110), (320, 180, 140), (500, 340, 100), (300, 400, 90)):
        ImageDraw.Draw(dots).ellipse((left, top, left + side, top + side), 255)
    picture = Image.new("RGBA", size)
    for shape, light, dark in (
        (stem, (250, 236, 205), (178, 140, 104)),
        (cap, (240, 74, 60), (112, 14, 44)),
        (dots, (255, 250, 240), (214, 190, 190)),
    ):
        picture.paste(_shade(size, light, dark), mask=shape)
    return picture


def _shade(size: tuple[int, int], light: Color, dark: Color) -> Image.Image:
    """Return colors from light, at the upper left, to dark."""
    glow = Image.new("L", size)
    ImageDraw.Draw(glow).ellipse((120, 100, 520, 560), 255)
    ImageDraw.Draw(glow).rectangle((270, 640, 350, 860), 255)
    glow = glow.filter(ImageFilter.GaussianBlur(110))
    return ImageOps.colorize(glow, dark, light)


def _encode(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


if __name__ == "__main__":
    main()
