"""Text for a terminal: outside text made safe to print, and colors for the first word of a line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TextIO

COLOR_CODES = {"red": 31, "green": 32, "yellow": 33}
"""Parameters of ECMA-48's Select Graphic Rendition."""


def clean(text: object) -> str:
    r"""Make outside text safe to print: control characters and undecodable bytes become escapes.

    >>> clean("two\nlines.jpg")
    'two\\nlines.jpg'
    """
    return "".join(sign if sign.isprintable() else _escape(sign) for sign in str(text))


def _escape(sign: str) -> str:
    r"""Escape a sign. Bytes that are not UTF-8 are lone surrogates from U+DC80 in Python.

    >>> _escape("\udce9")
    '\\xe9'
    """
    byte = ord(sign) - 0xDC00
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else sign.encode("unicode_escape").decode()


def color_first_word(text: str, colors: Mapping[str, str], stream: TextIO | None) -> str:
    """Color the first word of a line, if it has a color, on a terminal that shows colors."""
    word, space, rest = text.partition(" ")
    if word not in colors or not _shows_colors(stream):
        return text
    return f"\x1b[{COLOR_CODES[colors[word]]}m{word}\x1b[0m{space}{rest}"


def _shows_colors(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal whose user has not turned colors off (no-color.org)."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream is not None and stream.isatty() and not plain
