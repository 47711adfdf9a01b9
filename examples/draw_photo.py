"""Writes examples/photo.jpg: the example scene, with metadata that must not go out.

    python -m examples.draw_photo

The file is stored lying on its side with EXIF orientation 6, as phones do, and carries a GPS
position, a serial number and an embedded thumbnail of the scene.
"""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

from PIL import Image

from examples.draw_scene import render_scene

PHOTO = Path(__file__).with_name("photo.jpg")

ASCII, SHORT, LONG, RATIONAL = 2, 3, 4, 5
"""Field types of TIFF 6.0, page 15."""

Field = tuple[int, int, int, bytes]
"""Tag, type, number of values, and the values as big-endian bytes."""


def main() -> None:
    """Render the scene and write it with its metadata; this takes some minutes."""
    sideways = render_scene().transpose(Image.Transpose.ROTATE_90)
    sideways.save(PHOTO, quality=88, exif=build_exif(sideways), comment="rendered, not taken")


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
        text_field(0x0110, "rendered scene"),
        (0x0112, SHORT, 1, struct.pack(">H", 6)),
        text_field(0x0132, "2026:11:26 10:00:00"),
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
