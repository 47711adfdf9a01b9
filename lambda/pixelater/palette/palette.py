"""A palette: up to 256 colors, with a name and a source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pixelater.arguments import check_integer, check_type

Color = tuple[int, int, int]
"""Red, green and blue of sRGB, 0 to 255."""

MAX_COLORS = 256
"""As many as indexed PNG and GIF hold."""


class BadPalette(ValueError):
    """A palette that cannot be used or read; the message says why."""


@dataclass(frozen=True)
class Palette:
    """Colors without duplicates, in their own order; `source` is where they come from.

    Raises TypeError, and BadPalette for no colors or more than 256.

    >>> Palette("mono", ((0, 0, 0), (255, 255, 255), (0, 0, 0))).colors
    ((0, 0, 0), (255, 255, 255))
    >>> Palette("none", ())
    Traceback (most recent call last):
    pixelater.palette.palette.BadPalette: a palette needs at least one color
    """

    name: str
    colors: tuple[Color, ...]
    source: str = ""

    def __post_init__(self) -> None:
        check_type("name", self.name, str, "a string")
        check_type("source", self.source, str, "a string")
        colors = tuple(dict.fromkeys(map(_check_color, self.colors)))
        if not colors:
            raise BadPalette("a palette needs at least one color")
        if len(colors) > MAX_COLORS:
            raise BadPalette(
                f"{len(colors)} colors are too many: a palette holds up to {MAX_COLORS}"
            )
        object.__setattr__(self, "colors", colors)

    @property
    def data(self) -> bytes:
        """The colors as Pillow's `putpalette` takes them."""
        return bytes(value for color in self.colors for value in color)


def parse_colors(text: str) -> tuple[Color, ...]:
    """Parse colors of six hexadecimal digits, separated by spaces.

    >>> parse_colors("000000 ff8000")
    ((0, 0, 0), (255, 128, 0))
    """
    return tuple(parse_color(word) for word in text.split())


def parse_color(digits: str) -> Color:
    """Parse six hexadecimal digits. Raises ValueError."""
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def _check_color(color: Iterable[int]) -> Color:
    if not isinstance(color, tuple | list) or len(color) != 3:
        raise TypeError("a color must be three integers: red, green and blue")
    red, green, blue = (check_integer("color", value, 0, 255) for value in color)
    return red, green, blue
