"""How mosaics look and are written."""

from __future__ import annotations

from dataclasses import dataclass

FORMATS = ("same", "auto", "jpeg", "png", "webp")

ALIASES = {"jpg": "jpeg"}


@dataclass(frozen=True)
class Style:
    """How mosaics are to be written.

    `format` is "same" (as the photo), "jpeg", "png", "webp", or "auto": the smallest of those that
    hold the cells exactly; "jpg" is "jpeg", and case does not matter. `quality` (1 to 100) and
    `optimize` (Huffman tables made to measure: a third smaller, slower) are for JPEG; so is
    `background`, the red, green and blue (0 to 255) that transparent cells are laid on.

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
        if not isinstance(self.format, str):
            raise TypeError(f"format must be a string, not {_name_type(self.format)}")
        format_ = ALIASES.get(self.format.lower(), self.format.lower())
        if format_ not in FORMATS:
            raise ValueError(f"format: {self.format!r} is not one of {', '.join(FORMATS)}")
        object.__setattr__(self, "format", format_)
        check_integer("quality", self.quality, 1, 100)
        if not isinstance(self.optimize, bool):
            raise TypeError(f"optimize must be a bool, not {_name_type(self.optimize)}")
        if not isinstance(self.background, tuple | list) or len(self.background) != 3:
            raise TypeError("background must be three integers: red, green and blue")
        for value in self.background:
            check_integer("background", value, 0, 255)
        object.__setattr__(self, "background", tuple(self.background))


def check_integer(name: str, value: object, least: int, most: int | None = None) -> None:
    """Raise TypeError for what is not an integer, ValueError for one out of range.

    >>> check_integer("quality", 101, 1, 100)
    Traceback (most recent call last):
    ValueError: quality: 101 is not from 1 to 100
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be an integer, not {_name_type(value)}")
    if value < least or (most is not None and value > most):
        limits = f"less than {least}" if most is None else f"not from {least} to {most}"
        raise ValueError(f"{name}: {value} is {limits}")


def _name_type(value: object) -> str:
    return type(value).__name__
