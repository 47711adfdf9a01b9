"""Reading of palette files from their bytes; the format is found by content."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from io import BytesIO

from PIL import Image

from pixelater.errors import DECODER_ERRORS
from pixelater.palette.binary_files import ACT_SIZES, parse_aco, parse_act, parse_ase, parse_riff
from pixelater.palette.palette import MAX_COLORS, BadPalette, Color, Palette
from pixelater.palette.text_files import parse_text

MAX_BYTES = 1 << 20
MAX_PIXELS = 1 << 20
"""Limits of palette files: the largest ones in use have some kilobytes."""

_PNG = b"\x89PNG\r\n\x1a\n"
_ASEPRITE = b"\xe0\xa5"
"""Bytes 4 and 5 of a sprite, whose files are called .ase, too."""


def parse_palette(data: bytes, name: str = "palette") -> Palette:
    r"""Parse a palette file: .hex, .txt, .gpl, .pal (JASC, RIFF), .act, .ase, .aco or a PNG.

    `name` is the palette's unless the file has one. The colors of a PNG are those of its palette,
    or of its pixels in reading order. Raises BadPalette.

    >>> parse_palette(b"#1d2b53\n#ff004d\n", "mine").colors
    ((29, 43, 83), (255, 0, 77))
    """
    if len(data) > MAX_BYTES:
        raise BadPalette("it has more than 1 MiB, so it is not a palette file")
    if data.startswith(_PNG):
        return Palette(name, _read_png(data))
    if data[4:6] == _ASEPRITE:
        raise BadPalette("it is an Aseprite sprite: save its palette from Aseprite as .gpl")
    if (colors := _parse_binary(data)) is not None:
        return Palette(name, tuple(colors))
    if b"\0" in data:
        raise BadPalette("it is not a palette file of a known format")
    return parse_text(data.decode("utf-8-sig", "replace"), name)


def _parse_binary(data: bytes) -> Iterable[Color] | None:
    if data.startswith(b"ASEF"):
        return parse_ase(data)
    if data.startswith(b"RIFF") and data[8:12] == b"PAL ":
        return parse_riff(data)
    is_act = len(data) in ACT_SIZES and not _is_text(data)
    if _is_aco(data, certainly=is_act):
        return parse_aco(data)
    return parse_act(data) if is_act else None


def _is_aco(data: bytes, *, certainly: bool) -> bool:
    """Return whether data begins as swatches (.aco), or `certainly` has such a structure.

    A table of colors (.act) has a size only, which swatches may have, too; these are in a list of
    version 1, and mostly in another of version 2 after it.
    """
    version, count = data[:2], data[2:4]
    if version not in (b"\0\1", b"\0\2") or not certainly:
        return version in (b"\0\1", b"\0\2")
    end = 4 + 10 * int.from_bytes(count)
    return version == b"\0\1" and (len(data) == end or data[end : end + 4] == b"\0\2" + count)


def _is_text(data: bytes) -> bool:
    return all(byte in b"\t\n\r" or 32 <= byte < 127 for byte in data)


def _read_png(data: bytes) -> tuple[Color, ...]:
    """Return the colors of a PNG that are not transparent."""
    try:
        with Image.open(BytesIO(data), formats=["PNG"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadPalette("it has more than a million pixels: extract a palette from it")
            if image.mode == "P":
                image.load()
                strip = _unroll_palette(image)
            else:
                strip = image.convert("RGBA")
    except BadPalette:
        raise
    except DECODER_ERRORS as error:
        raise BadPalette(f"the PNG cannot be decoded ({error or type(error).__name__})") from error
    if strip.getcolors(MAX_COLORS + 1) is None:  # One more for transparent pixels.
        raise BadPalette("the PNG has more than 256 colors: extract a palette from it")
    pixels = dict.fromkeys(memoryview(strip.tobytes()).cast("I"))
    rgba = (pixel.to_bytes(4, sys.byteorder) for pixel in pixels)
    return tuple((red, green, blue) for red, green, blue, alpha in rgba if alpha)


def _unroll_palette(image: Image.Image) -> Image.Image:
    """Return an image of the palette's entries."""
    count = len(image.getpalette() or ()) // 3
    strip = Image.frombytes("P", (count, 1), bytes(range(count)))
    strip.putpalette(image.getpalette() or b"")
    if "transparency" in image.info:
        strip.info["transparency"] = image.info["transparency"]
    return strip.convert("RGBA")
