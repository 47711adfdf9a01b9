"""Palette files: their suffixes, and how each format is written.

References: https://liero.nl/liero-hack/docs/jascpal.html (JASC),
https://www.adobe.com/devnet-apps/photoshop/fileformatashtml/ (act, aco), and
https://www.selapa.net/swatches/colors/fileformats.php (ase).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from pixelater.palette.palette import MAX_COLORS, Palette
from pixelater.palette.text_files import format_gpl, format_hex
from pixelater_cli.errors import UsageError

ACO_VERSIONS = (1, 2)
"""Photoshop writes the colors twice; the second time, with names."""

ASE_GLOBAL = 0


def find_writer(path: Path) -> Callable[[Palette], bytes]:
    """Return the function that formats a palette as the suffix of a path says.

    Raises UsageError for another suffix.
    """
    try:
        return WRITERS[path.suffix.lower()]
    except KeyError:
        known = ", ".join(WRITERS)
        raise UsageError(
            f"{path} does not have the suffix of a palette file", f"Use one of {known}."
        ) from None


def _write_jasc(palette: Palette) -> bytes:
    rows = [" ".join(map(str, color)) for color in palette.colors]
    return "".join(f"{row}\r\n" for row in ("JASC-PAL", "0100", str(len(rows)), *rows)).encode()


def _write_act(palette: Palette) -> bytes:
    no_transparent = 0xFFFF
    count = len(palette.colors)
    return palette.data.ljust(3 * MAX_COLORS, b"\0") + struct.pack(">HH", count, no_transparent)


def _write_aco(palette: Palette) -> bytes:
    data = b""
    for version in ACO_VERSIONS:
        data += struct.pack(">HH", version, len(palette.colors))
        for color in palette.colors:
            data += struct.pack(">5H", 0, *(257 * level for level in color), 0)
            if version > 1:
                data += b"\0\0" + _encode_name(color)
    return data


def _write_ase(palette: Palette) -> bytes:
    data = b"ASEF" + struct.pack(">HHI", 1, 0, len(palette.colors))
    for color in palette.colors:
        levels = (level / 255 for level in color)
        block = _encode_name(color) + struct.pack(">4s3fH", b"RGB ", *levels, ASE_GLOBAL)
        data += struct.pack(">HI", 1, len(block)) + block
    return data


def _encode_name(color: tuple[int, int, int]) -> bytes:
    """Encode a color's name, its digits: a length in characters, and UTF-16 with a zero."""
    name = f"{bytes(color).hex()}\0"
    return struct.pack(">H", len(name)) + name.encode("utf-16-be")


def _write_png(palette: Palette) -> bytes:
    """Write a strip of one pixel a color, in their order."""
    from PIL import Image

    buffer = BytesIO()
    strip = Image.frombytes("RGB", (len(palette.colors), 1), palette.data)
    strip.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


WRITERS: Mapping[str, Callable[[Palette], bytes]] = {
    ".hex": lambda palette: format_hex(palette).encode(),
    ".gpl": lambda palette: format_gpl(palette).encode(),
    ".pal": _write_jasc,
    ".act": _write_act,
    ".ase": _write_ase,
    ".aco": _write_aco,
    ".png": _write_png,
}
