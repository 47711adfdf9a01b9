"""Draws examples/photo.jpg: a scene with what pixelation should hide, and metadata that must go.

The file is stored lying on its side with EXIF orientation 6, as phones do, and carries a GPS
position, a serial number and an embedded thumbnail of the un-pixelated scene.

    python examples/draw_photo.py
"""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageFont, ImageOps

WIDTH, HEIGHT = 1200, 1600
PHOTO = Path(__file__).with_name("photo.jpg")

ASCII, SHORT, LONG, RATIONAL = 2, 3, 4, 5
"""Field types of TIFF 6.0, page 15."""

Field = tuple[int, int, int, bytes]
"""Tag, type, number of values, and the values as big-endian bytes."""


def main() -> None:
    """Draw the scene and write it with its metadata."""
    scene = draw_scene()
    sideways = scene.transpose(Image.Transpose.ROTATE_90)
    sideways.save(PHOTO, quality=88, exif=build_exif(sideways), comment="drawn, not taken")


def draw_scene() -> Image.Image:
    """Draw a person with a name tag in front of hills at dusk, and a car's number plate."""
    scene = blend("#27407a", "#f5b98a", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(scene)
    draw.circle((930, 520), 110, "#fff0c9")
    for top, colour in ((760, "#6d6a8f"), (900, "#4d5a6f"), (1050, "#3a5248")):
        ridge = [
            (x, top + 90 * ((x * 7 + top) % 400 - 200) ** 2 / 40_000) for x in range(0, 1201, 50)
        ]
        draw.polygon([(0, HEIGHT), *ridge, (WIDTH, HEIGHT)], colour)
    scene = scene.filter(ImageFilter.GaussianBlur(4))
    draw = ImageDraw.Draw(scene)
    draw_person(draw)
    draw_sign(draw, (250, 1290, 590, 1385), "ADA  BYTE", "#fdfdf6", "#20242c", 58)
    draw_sign(draw, (700, 1420, 1130, 1530), "PX 8·16·32", "#f2c94c", "#1c1c1c", 64)
    return scene


def draw_person(draw: ImageDraw.ImageDraw) -> None:
    """Draw head, hair, eyes, mouth and shoulders."""
    draw.rounded_rectangle((130, 1120, 720, 1700), 150, "#b3423f")
    draw.rounded_rectangle((355, 1000, 495, 1190), 50, "#c98e68")
    draw.ellipse((225, 560, 625, 1090), "#3b2a22")
    draw.ellipse((255, 610, 595, 1090), "#dca57d")
    draw.pieslice((235, 560, 615, 920), 180, 360, "#3b2a22")
    for x in (345, 505):
        draw.ellipse((x - 42, 800, x + 42, 850), "#ffffff")
        draw.circle((x, 826), 21, "#3f6f5c")
        draw.circle((x, 826), 9, "#101010")
        draw.arc((x - 52, 755, x + 52, 835), 200, 340, "#3b2a22", 10)
    draw.line((425, 840, 405, 925, 440, 930), "#b97f5b", 9)
    draw.chord((350, 940, 500, 1030), 10, 170, "#a8413f")


def draw_sign(
    draw: ImageDraw.ImageDraw,
    frame: tuple[int, int, int, int],
    text: str,
    ground: str,
    ink: str,
    size: int,
) -> None:
    """Draw a sign with centred text, in the font that comes with Pillow."""
    left, upper, right, lower = frame
    draw.rounded_rectangle(frame, 14, ground, ink, 5)
    middle = ((left + right) / 2, (upper + lower) / 2)
    draw.text(middle, text, ink, ImageFont.load_default(size), anchor="mm")


def blend(upper: str, lower: str, size: tuple[int, int]) -> Image.Image:
    """Fill a picture with a gradient from one colour down to another."""
    gradient = Image.linear_gradient("L").resize(size, Image.Resampling.BICUBIC)
    return ImageOps.colorize(gradient, ImageColor.getrgb(upper), ImageColor.getrgb(lower))


def build_exif(picture: Image.Image) -> bytes:
    """Build the EXIF block: orientation 6, a GPS position, and a thumbnail in a second directory.

    The layout is that of Exif 3.0, section 4.5: a TIFF header, then directories, each followed by
    the values that do not fit into its entries.
    """
    small = picture.copy()
    small.thumbnail((160, 120))
    buffer = BytesIO()
    small.save(buffer, "JPEG", quality=70)
    thumbnail = buffer.getvalue()
    main_fields: list[Field] = [
        text_field(0x010F, "pixelater"),
        text_field(0x0110, "drawing of a phone"),
        (0x0112, SHORT, 1, struct.pack(">H", 6)),
        text_field(0x0132, "2026:11:23 10:00:00"),
        text_field(0xA431, "SERIAL-NUMBER-4711"),
    ]
    gps_fields: list[Field] = [
        text_field(1, "N"),
        degrees_field(2, 51, 28, 40),
        text_field(3, "W"),
        degrees_field(4, 0, 0, 5),
    ]
    header = b"MM\0*" + struct.pack(">L", 8)
    gps_offset = 8 + len(build_directory([*main_fields, (0x8825, LONG, 1, bytes(4))], 8, 0))
    second_offset = gps_offset + len(build_directory(gps_fields, gps_offset, 0))
    thumbnail_offset = second_offset + 2 + 3 * 12 + 4
    thumbnail_fields: list[Field] = [
        (0x0103, SHORT, 1, struct.pack(">H", 6)),
        (0x0201, LONG, 1, struct.pack(">L", thumbnail_offset)),
        (0x0202, LONG, 1, struct.pack(">L", len(thumbnail))),
    ]
    main_fields.insert(4, (0x8825, LONG, 1, struct.pack(">L", gps_offset)))
    return (
        b"Exif\0\0"
        + header
        + build_directory(main_fields, 8, second_offset)
        + build_directory(gps_fields, gps_offset, 0)
        + build_directory(thumbnail_fields, second_offset, 0)
        + thumbnail
    )


def text_field(tag: int, text: str) -> Field:
    """Make an ASCII field; its text ends with a zero byte."""
    value = text.encode() + b"\0"
    return tag, ASCII, len(value), value


def degrees_field(tag: int, degrees: int, minutes: int, seconds: int) -> Field:
    """Make a field of three fractions."""
    return tag, RATIONAL, 3, struct.pack(">6L", degrees, 1, minutes, 1, seconds, 1)


def build_directory(fields: list[Field], offset: int, following: int) -> bytes:
    """Lay out one TIFF directory that starts at `offset`; `following` is the next one's offset."""
    values_offset = offset + 2 + 12 * len(fields) + 4
    entries, values = b"", b""
    for tag, kind, number, value in fields:
        entries += struct.pack(">HHL", tag, kind, number)
        if len(value) <= 4:
            entries += value.ljust(4, b"\0")
        else:
            entries += struct.pack(">L", values_offset + len(values))
            values += value + b"\0" * (len(value) % 2)
    return struct.pack(">H", len(fields)) + entries + struct.pack(">L", following) + values


if __name__ == "__main__":
    main()
