"""Options of mosaics."""

from __future__ import annotations

from dataclasses import dataclass

from pixelater.arguments import check_integer, check_type

FORMATS = ("same", "auto", "jpeg", "png", "webp")

ALIASES = {"jpg": "jpeg"}


@dataclass(frozen=True)
class Style:
    """How mosaics are written.

    `format` is "same" (as the photo), "jpeg", "png", "webp", or "auto": the smallest lossless one.
    "jpg" is "jpeg", and case does not matter. For JPEG, `quality` is 1 to 100, `optimize` computes
    Huffman tables (a third smaller, slower), and `background` is the red, green and blue (0 to 255)
    of transparent areas.

    Raises TypeError or ValueError, naming the argument.

    >>> Style("JPG", quality=80)
    Style(format='jpeg', quality=80, optimize=False, background=(255, 255, 255))
    >>> Style("bmp")
    Traceback (most recent call last):
    ValueError: format: 'bmp' is not one of same, auto, jpeg, png, webp
    """

    format: str = "same"
    quality: int = 90
    optimize: bool = False
    background: tuple[int, int, int] = (255, 255, 255)

    def __post_init__(self) -> None:
        given = check_type("format", self.format, str, "a string")
        format_ = ALIASES.get(given.lower(), given.lower())
        if format_ not in FORMATS:
            raise ValueError(f"format: {given!r} is not one of {', '.join(FORMATS)}")
        check_type("optimize", self.optimize, bool, "a bool")
        if not isinstance(self.background, tuple | list) or len(self.background) != 3:
            raise TypeError("background must be three integers: red, green and blue")
        background = tuple(check_integer("background", value, 0, 255) for value in self.background)
        object.__setattr__(self, "format", format_)
        object.__setattr__(self, "quality", check_integer("quality", self.quality, 1, 100))
        object.__setattr__(self, "background", background)
