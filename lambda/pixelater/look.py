"""A look: grids, style and documents, as words of options, files, variables and JSON.

No I/O. The names of the words are those of the options: `cell-size`. A file of a palette is given
as its colors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import ImageColor

from pixelater.grid import GRIDS, parse_grids
from pixelater.redaction import Redaction, format_kinds, parse_kinds
from pixelater.style import Style

if TYPE_CHECKING:
    from pixelater.palette.palette import Palette


class BadLook(ValueError):
    """A word of a look that cannot be used: `name` is the option's, the message says why."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.name = name


@dataclass(frozen=True)
class Look:
    """What a photo's mosaics look like: grids and style.

    `exact` decodes JPEG files at full resolution, as in `pixelate`. With `placeholders`, a pipeline
    writes a preview document next to the mosaics. With a `redaction`, a pipeline hides what is
    found, instead of whole photos: there are no grids then.
    """

    grids: tuple[int, ...] = GRIDS
    style: Style = field(default_factory=Style)
    exact: bool = False
    placeholders: bool = False
    redaction: Redaction | None = None

    @property
    def file_style(self) -> Style:
        """The style of photos whose regions are hidden: that of files, without cells."""
        own = {name: getattr(self.style, name) for name in FILE_FIELDS}
        return replace(Style(), **own)


FILE_FIELDS = ("format", "quality", "optimize", "background")
"""The fields of a style that photos with hidden regions have, too."""

LOOK_FIELDS = ("grids", "exact", "placeholders")
"""The fields of a look that are words; those of its style, and of a redaction, are the others."""

REDACTION_WORDS = {
    "only": "kinds",
    "detector": "detector",
    "threshold": "threshold",
    "thorough": "thorough",
    "region-cells": "cells",
    "solid": "solid",
    "solid-color": "color",
}
"""Words -> the fields of a redaction."""


@dataclass(frozen=True)
class Rule:
    """The look of photos whose names, or keys, begin with `prefix`."""

    prefix: str
    look: Look


def find_look(look: Look, rules: Iterable[Rule], name: str) -> Look:
    """Return the look of the first rule that matches a photo's name, or else `look`."""
    return next((rule.look for rule in rules if name.startswith(rule.prefix)), look)


def parse_look(words: Mapping[str, str]) -> Look:
    """Parse the words of a look; those that are not given are the defaults. Raises BadLook.

    >>> parse_look({"grids": "8", "format": "webp"}).grids
    (8,)
    >>> parse_look({"cells": "round"})
    Traceback (most recent call last):
    pixelater.look.BadLook: 'round' is not one of photo, square
    """
    values: dict[str, Any] = {}
    for name, word in words.items():
        if name not in WORDS:
            raise BadLook(name, f"not an option of a look; they are {', '.join(WORDS)}")
        try:
            values[name.replace("-", "_")] = WORDS[name].parse(word)
        except ValueError as error:
            raise BadLook(name, str(error)) from error
    own = {name: values.pop(name) for name in LOOK_FIELDS if name in values}
    hidden = {
        field_name: values.pop(word.replace("-", "_"))
        for word, field_name in REDACTION_WORDS.items()
        if word in words
    }
    try:
        redaction = Redaction(**hidden) if hidden.get("kinds") else None
        look = Look(style=Style(**values), redaction=redaction, **own)
    except ValueError as error:  # Style names the field: "dither_strength: 2.0 is not from 0 to 1".
        option, _, problem = str(error).partition(": ")
        raise BadLook(option.replace("_", "-"), problem) from error
    if look.redaction and look.placeholders:
        raise BadLook("placeholders", "previews are of whole photos, and only regions are hidden")
    return look


def format_look(look: Look) -> dict[str, str]:
    """Return the words of a look that are not defaults, in their order.

    >>> format_look(Look((8, 16), Style("webp", palette="gameboy")))
    {'grids': '8,16', 'format': 'webp', 'palette': 'gameboy'}
    """
    given, default = _list_values(look), _list_values(Look())
    return {name: WORDS[name].format(given[name]) for name in WORDS if given[name] != default[name]}


def _list_values(look: Look) -> dict[str, Any]:
    style = {each.name.replace("_", "-"): getattr(look.style, each.name) for each in fields(Style)}
    own = {name: getattr(look, name) for name in LOOK_FIELDS}
    redaction = look.redaction or NO_REDACTION
    hidden = {word: getattr(redaction, name) for word, name in REDACTION_WORDS.items()}
    return {**style, **own, **hidden}


NO_REDACTION = Redaction(())
"""Stands for none, in words."""


class _Word(NamedTuple):
    """How a value is written. Parsing raises ValueError."""

    parse: Callable[[str], Any]
    format: Callable[[Any], str] = str


def _parse_bool(word: str) -> bool:
    if word not in ("true", "false"):
        raise ValueError(f"{word!r} is neither true nor false")
    return word == "true"


def _parse_integer(word: str) -> int:
    if not (word.isascii() and word.isdigit()):
        raise ValueError(f"{word!r} is not a whole number")
    return int(word)


def _parse_number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise ValueError(f"{word!r} is not a number") from None


def _parse_color(word: str) -> tuple[int, int, int]:
    try:
        red, green, blue = ImageColor.getrgb(word)[:3]
    except ValueError:
        raise ValueError(f"{word!r} is not a color") from None
    return red, green, blue


def _format_color(color: tuple[int, int, int]) -> str:
    return f"#{bytes(color).hex()}"


def _parse_palette(word: str) -> Palette | str | int | None:
    """Parse the name of a palette, a number of colors, colors (#000000,#ff8800), or none."""
    if word.isascii() and word.isdigit():
        return int(word)
    if not word.startswith("#"):
        return None if word == "none" else word
    from pixelater.palette.palette import Palette, parse_color

    try:
        colors = tuple(parse_color(part.strip().removeprefix("#")) for part in word.split(","))
    except ValueError:
        raise ValueError(f"{word!r} is not colors, such as #000000,#ff8800") from None
    return Palette("", colors)


def _format_palette(palette: Palette | int) -> str:
    from pixelater.palette.builtin import BUILT_IN

    if isinstance(palette, int):
        return str(palette)
    if BUILT_IN.get(palette.name) == palette:
        return palette.name
    return ",".join(map(_format_color, palette.colors))


_TEXT = _Word(str)
_BOOL = _Word(_parse_bool, lambda value: str(value).lower())
_INTEGER = _Word(_parse_integer)
_NUMBER = _Word(_parse_number, lambda value: f"{value:g}")
_COLOR = _Word(_parse_color, _format_color)

WORDS = {
    "grids": _Word(parse_grids, lambda grids: ",".join(map(str, grids))),
    "exact": _BOOL,
    "format": _TEXT,
    "quality": _INTEGER,
    "optimize": _BOOL,
    "background": _COLOR,
    "cells": _TEXT,
    "cell-size": _INTEGER,
    "size": _TEXT,
    "palette": _Word(_parse_palette, _format_palette),
    "dither": _TEXT,
    "dither-strength": _NUMBER,
    "tone": _TEXT,
    "kernel": _TEXT,
    "alpha-threshold": _NUMBER,
    "trim": _BOOL,
    "outline": _BOOL,
    "outline-color": _COLOR,
    "pot": _BOOL,
    "placeholders": _BOOL,
    "only": _Word(parse_kinds, format_kinds),
    "detector": _TEXT,
    "threshold": _NUMBER,
    "thorough": _BOOL,
    "region-cells": _INTEGER,
    "solid": _BOOL,
    "solid-color": _COLOR,
}
"""Every option that shapes what is made of a photo, once."""
