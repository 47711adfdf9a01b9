"""Regions: rectangles of an upright photo, in pixels or percent. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from pixelater.arguments import check_integer, check_type
from pixelater.grid import MAX_GRID

MAX_REGIONS = 1000

EDGES = ("x", "y", "width", "height")
"""The fields of a region that say where it is."""


class BadRegion(ValueError):
    """A region that cannot be used; the message says which, and why."""


@dataclass(frozen=True)
class Percent:
    """A share of the photo's width or height, or of a region's where it is padded."""

    value: Fraction

    def __str__(self) -> str:
        return f"{float(self.value):g}%"


Length = int | Percent
"""Pixels, or a percentage."""

Box = tuple[int, int, int, int]
"""Left, top, right and lower edge, in pixels of the upright photo; the last two are exclusive."""


@dataclass(frozen=True)
class Region:
    """A rectangle of the upright photo: its left and top edge, width and height.

    It has `cells` across its shorter side; 0: as many as `Hiding` says. Raises TypeError,
    ValueError for a number of cells, and BadRegion for a size of nothing.

    >>> str(Region(10, 20, 30, 40)), str(parse_region("0,50%,100%,12.5%"))
    ('10,20,30,40', '0,50%,100%,12.5%')
    """

    x: Length
    y: Length
    width: Length
    height: Length
    cells: int = 0

    def __post_init__(self) -> None:
        check_integer("cells", self.cells, 0, MAX_GRID)
        for name in EDGES:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | Percent):
                raise TypeError(f"{name} must be an integer or a Percent")
        for name in ("width", "height"):
            if _measure(getattr(self, name), 100) <= 0:
                raise BadRegion(f"{self}: its {name} is {getattr(self, name)}")

    def __str__(self) -> str:
        return f"{self.x},{self.y},{self.width},{self.height}"


def parse_region(text: str) -> Region:
    """Parse X,Y,W,H: whole numbers are pixels, with % percent. Raises BadRegion."""
    words = check_type("text", text, str, "a string").split(",")
    if len(words) != 4:
        raise BadRegion(f"{text!r} is not four numbers: X,Y,W,H")
    x, y, width, height = (parse_length(word) for word in words)
    return Region(x, y, width, height)


def parse_length(text: str) -> Length:
    """Parse a whole number of pixels, or percent: 12.5%. Raises BadRegion."""
    word = text.strip()
    if re.fullmatch(r"-?\d{1,9}", word, re.ASCII):
        return int(word)
    if re.fullmatch(r"-?\d{1,9}(\.\d{1,9})?%", word, re.ASCII):
        return Percent(Fraction(word[:-1]))
    raise BadRegion(f"{word!r} is neither a whole number of pixels nor a percentage such as 12.5%")


def find_box(region: Region, size: tuple[int, int], pad: Length = 0) -> Box:
    """Find the pixels of a photo that a region touches, grown by `pad` on each side.

    Raises BadRegion if there are none.

    >>> find_box(Region(-5, 10, 20, 20), (100, 80)), find_box(Region(10, 10, 20, 20), (100, 80), 5)
    ((0, 10, 15, 30), (5, 5, 35, 35))
    """
    across = _find_span(region.x, region.width, size[0], pad)
    down = _find_span(region.y, region.height, size[1], pad)
    if across[0] >= across[1] or down[0] >= down[1]:
        raise BadRegion(f"region {region} is outside the photo of {size[0]} x {size[1]} pixels")
    return across[0], down[0], across[1], down[1]


def _find_span(start: Length, length: Length, whole: int, pad: Length) -> tuple[int, int]:
    first, number = _measure(start, whole), _measure(length, whole)
    more = _measure(pad, number)
    return max(0, floor(first - more)), min(whole, ceil(first + number + more))


def _measure(length: Length, whole: int | Fraction) -> int | Fraction:
    return length.value * whole / 100 if isinstance(length, Percent) else length


def parse_regions(data: bytes) -> dict[str, tuple[Region, ...]]:
    """Parse a JSON file of regions; returns those of each photo's name, "" for all photos.

    The document is a list of regions, or an object of lists by the photos' names. A region is a
    string, or an object with x, y, width and height. Raises BadRegion.

    >>> parse_regions(b'["0,0,50%,50%"]')[""][0].width
    Percent(value=Fraction(50, 1))
    >>> list(parse_regions(b'{"a.jpg": [{"x": 0, "y": 0, "width": 9, "height": 9}]}'))
    ['a.jpg']
    """
    try:
        document = json.loads(data, object_pairs_hook=_refuse_twice)
    except (ValueError, RecursionError) as error:  # ValueError also for what is not UTF-8.
        raise BadRegion(f"it is not JSON: {error}") from error
    lists = document if isinstance(document, dict) else {"": document}
    return {name: _read_list(name, entries) for name, entries in lists.items()}


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object. Raises BadRegion for a name that is there twice, as JSON keeps the last."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise BadRegion(f"{name} is there twice")
        found[name] = value
    return found


def _read_list(name: str, entries: object) -> tuple[Region, ...]:
    where = f"{name}: " if name else ""
    if not isinstance(entries, list):
        raise BadRegion(f"{where}not a list of regions")
    if len(entries) > MAX_REGIONS:
        raise BadRegion(f"{where}more than {MAX_REGIONS:,} regions")
    return tuple(_read_entry(f"{where}region {i}", entry) for i, entry in enumerate(entries, 1))


def _read_entry(where: str, entry: object) -> Region:
    try:
        if isinstance(entry, str):
            return parse_region(entry)
        if isinstance(entry, dict):
            x, y, width, height = (_read_field(entry, name) for name in EDGES)
            return Region(x, y, width, height)
    except BadRegion as error:
        raise BadRegion(f"{where}: {error}") from error
    raise BadRegion(f"{where}: neither a string nor an object with x, y, width and height")


def _read_field(entry: Mapping[str, Any], name: str) -> Length:
    if name not in entry:
        raise BadRegion(f"{name} is missing")
    value = entry[name]
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise BadRegion(f"{name}: {value!r} is not a whole number or a percentage")
    return parse_length(str(value))
