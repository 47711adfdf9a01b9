"""Spritesheets: sprites on one PNG, and where they are as JSON in Aseprite's shapes.

The JSON has the fields that Aseprite exports (`--data`, `--format json-hash` or `json-array`,
`--list-tags`: https://www.aseprite.org/docs/cli/), which game engines read.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from PIL import Image, ImageSequence

from pixelater_cli import __version__
from pixelater_cli.errors import UsageError
from pixelater_cli.gallery.markers import SHEET_KEYWORD, SPRITES_TEXT
from pixelater_cli.local.sheet_layout import SheetLayout, Size, find_layout

if TYPE_CHECKING:
    from pixelater import Mosaic

Shape = Literal["array", "hash"]

APP = "pixelater"
DURATION_MS = 100
"""Of a sprite that is not animated: Aseprite's default."""

MAX_PIXELS = 1 << 26
MAX_INDEXED_PIXELS = 1 << 20
"""Looking for a palette takes 100 bytes of memory a pixel."""

IHDR_END = 33
INDEXED = 3
"""The color type of a PNG with a palette (section 11.2.1), in byte 25."""


@dataclass(frozen=True)
class SheetOptions:
    """How sprites are placed: see `sheet_layout`. With `trim`, transparent edges are cut off."""

    shape: Shape = "hash"
    extrude: int = 0
    padding: int = 0
    trim: bool = False
    pot: bool = False


@dataclass(frozen=True)
class Frame:
    """An image of a sprite (RGBA), cut out of one of `source` size at `offset`."""

    name: str
    image: Image.Image
    duration: int
    source: Size
    offset: Size = (0, 0)


@dataclass(frozen=True)
class Tag:
    """An animation: its name, and its first and last frame."""

    name: str
    first: int
    last: int


@dataclass(frozen=True)
class Spritesheet:
    """An encoded sheet and its description."""

    png: bytes
    data: bytes
    size: Size
    frames: int


def make_spritesheet(
    mosaics: Sequence[tuple[str, Mosaic]], image_name: str, options: SheetOptions
) -> Spritesheet:
    """Make a sheet of the named mosaics of photos, in their order, animations frame by frame.

    `image_name` is the file that the description names. Raises UsageError for a sheet of too many
    pixels.
    """
    frames: list[Frame] = []
    tags: list[Tag] = []
    for name, mosaic in _make_unique(mosaics):
        first = len(frames)
        frames += _list_frames(name, mosaic, trim=options.trim)
        if len(frames) > first + 1:
            tags.append(Tag(PurePosixPath(name).stem, first, len(frames) - 1))
    sizes = [frame.image.size for frame in frames]
    layout = find_layout(sizes, options.extrude, options.padding, pot=options.pot)
    if layout.size[0] * layout.size[1] > MAX_PIXELS:
        raise UsageError(
            f"the spritesheet would have {layout.size[0]:,} x {layout.size[1]:,} pixels",
            "Use fewer photos, or smaller ones: --size native",
        )
    png = _write_png(draw_sheet(frames, layout, options.extrude))
    format_ = "I8" if png[25] == INDEXED else "RGBA8888"
    described = describe_sheet(frames, tags, layout, image_name, format_, options.shape)
    data = json.dumps(described, indent=1, ensure_ascii=False).encode() + b"\n"
    return Spritesheet(png, data, layout.size, len(frames))


def _make_unique(mosaics: Sequence[tuple[str, Mosaic]]) -> Iterator[tuple[str, Mosaic]]:
    """Give names that occur again a number: keys of a hash are unique."""
    used: set[str] = set()
    for name, mosaic in mosaics:
        path, unique, number = PurePosixPath(name), name, 1
        while unique in used:
            number += 1
            unique = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
        used.add(unique)
        yield unique, mosaic


def _list_frames(name: str, mosaic: Mosaic, *, trim: bool) -> Iterator[Frame]:
    """Decode a mosaic; the frames of an animation are numbered, as Aseprite does."""
    path = PurePosixPath(name)
    with Image.open(BytesIO(mosaic.data)) as film:
        count = getattr(film, "n_frames", 1)
        for number, image in enumerate(ImageSequence.Iterator(film)):
            duration = round(film.info.get("duration", DURATION_MS)) if count > 1 else DURATION_MS
            called = (
                str(path.with_name(f"{path.stem} {number}{path.suffix}")) if count > 1 else name
            )
            whole = image.convert("RGBA")
            box = whole.getchannel("A").getbbox() or (0, 0, 1, 1)
            cut = whole.crop(box) if trim else whole
            yield Frame(called, cut, duration, whole.size, box[:2] if trim else (0, 0))


def draw_sheet(frames: Sequence[Frame], layout: SheetLayout, extrude: int = 0) -> Image.Image:
    """Draw a sheet (RGBA); the edges of each frame are repeated `extrude` times around it.

    Tiles that are scaled or moved by parts of a pixel would else show what is next to them.
    """
    sheet = Image.new("RGBA", layout.size)
    for frame, (x, y) in zip(frames, layout.corners, strict=True):
        sheet.paste(_extrude(frame.image, extrude), (x - extrude, y - extrude))
    return sheet


def _extrude(image: Image.Image, margin: int) -> Image.Image:
    """Repeat the edges of an image, and its corners."""
    turn = Image.Transpose.TRANSPOSE
    wide = _repeat_columns(image, margin).transpose(turn)
    return _repeat_columns(wide, margin).transpose(turn)


def _repeat_columns(image: Image.Image, margin: int) -> Image.Image:
    """Paste an image shifted less and less, so that its first and last columns stay seen."""
    wide = Image.new("RGBA", (image.width + 2 * margin, image.height))
    for shift in range(margin, -1, -1):
        wide.paste(image, (margin - shift, 0))
        wide.paste(image, (margin + shift, 0))
    return wide


def describe_sheet(
    frames: Sequence[Frame],
    tags: Sequence[Tag],
    layout: SheetLayout,
    image_name: str,
    format: str,
    shape: Shape,
) -> dict[str, Any]:
    """Describe a sheet as Aseprite does."""
    described = [
        (frame.name, _describe_frame(frame, corner))
        for frame, corner in zip(frames, layout.corners, strict=True)
    ]
    meta = {
        "app": APP,
        "version": __version__,
        "image": image_name,
        "format": format,
        "size": _describe_size(layout.size),
        "scale": "1",
        "frameTags": [
            {"name": tag.name, "from": tag.first, "to": tag.last, "direction": "forward"}
            for tag in tags
        ],
    }
    if shape == "hash":
        return {"frames": dict(described), "meta": meta}
    return {"frames": [{"filename": name, **frame} for name, frame in described], "meta": meta}


def _describe_frame(frame: Frame, corner: Size) -> dict[str, Any]:
    size = _describe_size(frame.image.size)
    return {
        "frame": {"x": corner[0], "y": corner[1], **size},
        "rotated": False,
        "trimmed": frame.image.size != frame.source,
        "spriteSourceSize": {"x": frame.offset[0], "y": frame.offset[1], **size},
        "sourceSize": _describe_size(frame.source),
        "duration": frame.duration,
    }


def _describe_size(size: Size) -> dict[str, int]:
    return {"w": size[0], "h": size[1]}


def _write_png(sheet: Image.Image) -> bytes:
    """Write a sheet; up to a million pixels, with a palette if 256 colors are enough."""
    if sheet.width * sheet.height <= MAX_INDEXED_PIXELS:
        from pixelater.encode.native import write_native

        return _mark(write_native(sheet, "PNG", b""))
    buffer = BytesIO()
    sheet.save(buffer, "PNG", optimize=True)
    return _mark(buffer.getvalue())


def _mark(png: bytes) -> bytes:
    """Add the chunk by which sheets are known, after IHDR."""
    name, text = b"tEXt", f"{SHEET_KEYWORD}\0{SPRITES_TEXT}".encode()
    chunk = struct.pack(">I", len(text)) + name + text + struct.pack(">I", zlib.crc32(name + text))
    return png[:IHDR_END] + chunk + png[IHDR_END:]


def find_data_path(sheet: Path) -> Path:
    """Return the path of a sheet's description."""
    return sheet.with_suffix(".json")
