"""Palette files that are text: .hex, .gpl, JASC .pal and Paint.NET .txt; reading and writing.

References: https://lospec.com/palettes/api (hex: a color a line),
https://developer.gimp.org/core/standards/gpl/ (gpl),
https://liero.nl/liero-hack/docs/jascpal.html (JASC), and
https://www.getpaint.net/doc/latest/WorkingWithPalettes.html (txt).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pixelater.palette.palette import BadPalette, Color, Palette, parse_color

JASC = "JASC-PAL"
GIMP = "GIMP Palette"

_HEX = re.compile(r"#?(?:[0-9a-fA-F]{2})?([0-9a-fA-F]{6})")
"""A color; Paint.NET writes two digits of alpha before it."""

_NUMBERS = re.compile(r"\s*(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})(?:\s.*)?", re.ASCII)
"""Red, green and blue, and whatever follows: alpha, or the color's name."""


def parse_text(text: str, name: str) -> Palette:
    """Parse a palette file of text, whichever it is. Raises BadPalette, naming the line."""
    lines = text.splitlines()
    first = lines[0].strip() if lines else ""
    if first == JASC:
        return Palette(name, tuple(_parse_jasc(lines)))
    if first == GIMP:
        return Palette(_find_gimp_name(lines) or name, tuple(_parse_gimp(lines)))
    return Palette(name, tuple(_parse_hex(lines)))


def format_hex(palette: Palette) -> str:
    r"""Format a palette as .hex: a color a line.

    >>> format_hex(Palette("mono", ((0, 0, 0), (255, 255, 255))))
    '000000\nffffff\n'
    """
    return "".join(f"{bytes(color).hex()}\n" for color in palette.colors)


def format_gpl(palette: Palette) -> str:
    """Format a palette as .gpl, as GIMP, Aseprite, Krita and Inkscape read it."""
    printable = "".join(sign if sign.isprintable() else " " for sign in palette.name)
    name = " ".join(printable.split())
    rows = (
        f"{red:3} {green:3} {blue:3}\t{bytes((red, green, blue)).hex()}\n"
        for red, green, blue in palette.colors
    )
    return f"{GIMP}\nName: {name}\nColumns: 0\n#\n{''.join(rows)}"


def _parse_hex(lines: Iterable[str]) -> Iterator[Color]:
    for number, line in enumerate(lines, 1):
        word = line.strip()
        if not word or word.startswith((";", "//")):
            continue
        if not (match := _HEX.fullmatch(word)):
            raise BadPalette(
                f"line {number}: {word[:40]!r} is not a color of six hexadecimal digits"
            )
        yield parse_color(match[1])


def _parse_gimp(lines: list[str]) -> Iterator[Color]:
    for number, line in enumerate(lines[1:], 2):
        word = line.strip()
        if word and word[0] != "#" and not _is_gimp_field(word):
            yield _parse_numbers(number, line)


def _is_gimp_field(line: str) -> bool:
    return line.startswith(("Name:", "Columns:", "Channels:"))


def _find_gimp_name(lines: Iterable[str]) -> str:
    names = (line.removeprefix("Name:").strip() for line in lines if line.startswith("Name:"))
    return next(names, "")


def _parse_jasc(lines: list[str]) -> Iterator[Color]:
    """Parse the version, the number of colors, and a color a line."""
    count = lines[2].strip() if len(lines) > 2 else ""
    if not (count.isascii() and count.isdigit() and len(count) < 6):
        raise BadPalette(f"line 3: {count[:40]!r} is not the number of colors")
    rows = [(number, line) for number, line in enumerate(lines[3:], 4) if line.strip()]
    if len(rows) < int(count):
        raise BadPalette(f"it ends after {len(rows)} of {int(count)} colors")
    for number, line in rows[: int(count)]:
        yield _parse_numbers(number, line)


def _parse_numbers(number: int, line: str) -> Color:
    match = _NUMBERS.fullmatch(line)
    values = tuple(map(int, match.groups())) if match else ()
    if not values or max(values) > 255:
        raise BadPalette(f"line {number}: {line.strip()[:40]!r} is not three numbers from 0 to 255")
    red, green, blue = values
    return red, green, blue
