"""Drawn pictures whose hashes npm's `thumbhash` and `blurhash` have made.

The hashes are in unit/placeholder_vectors.json; `python -m benchmarks.previews --vectors` makes
them again. Pictures are drawn from integers only, so that they are the same everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NotRequired, TypedDict

from PIL import Image

VECTORS = Path(__file__).parent / "unit" / "placeholder_vectors.json"

Pixel = tuple[int, int, int, int]
Draw = Callable[[int, int, int, int], Pixel]
"""A pixel of a picture, given its column, its row, and the picture's width and height."""

SIZES: tuple[tuple[int, int], ...] = (
    (1, 1),
    (2, 1),
    (1, 100),
    (100, 1),
    (3, 5),
    (16, 9),
    (32, 32),
    (41, 56),
    (64, 48),
)
SIZES += ((100, 75), (67, 100), (100, 100))


class Vector(TypedDict):
    """The hashes of a picture: ThumbHash in hexadecimal, BlurHash of 4 x 3 waves or of 9 x 9."""

    name: str
    thumbhash: str
    blurhash: str
    blurhash_9x9: NotRequired[str]


def load_vectors() -> dict[str, Vector]:
    """Return the vectors by the names of pictures."""
    vectors: list[Vector] = json.loads(VECTORS.read_text())
    return {vector["name"]: vector for vector in vectors}


def draw_pictures() -> Iterator[tuple[str, Image.Image]]:
    """Draw every kind of picture in every size, each with its name."""
    for width, height in SIZES:
        for kind, draw in KINDS.items():
            data = bytes(
                level
                for y in range(height)
                for x in range(width)
                for level in draw(x, y, width, height)
            )
            yield f"{kind} {width}x{height}", Image.frombytes("RGBA", (width, height), data)


def _scatter(x: int, y: int, band: int) -> int:
    """Return a number from 0 to 255 that looks random."""
    mixed = (x * 374_761_393 + y * 668_265_263 + band * 2_246_822_519) & 0xFFFFFFFF
    mixed = ((mixed ^ mixed >> 13) * 1_274_126_177) & 0xFFFFFFFF
    return (mixed ^ mixed >> 16) & 255


def _disc(x: int, y: int, width: int, height: int) -> int:
    """Return the distance to a disc's edge, from 0 inside to 255."""
    across, down = 2 * x + 1 - width, 2 * y + 1 - height
    radius = min(width, height) ** 2 // 2
    return max(0, min(255, (across * across + down * down - radius) * 255 // (radius + 1)))


def _draw_landscape(x: int, y: int, width: int, height: int) -> Pixel:
    horizon = height * 3 // 5 + (x * 13 % 7) - 3
    light = _scatter(x, y, 0) // 16
    if y < horizon:
        return 90 + 100 * y // height + light, 150 + 60 * y // height, 235 - light, 255
    return 60 + light * 2, 110 + 60 * x // width, 40 + light, 255


def _draw_disc(x: int, y: int, width: int, height: int) -> Pixel:
    far = _disc(x, y, width, height)
    return 230 - far // 2, 60 + far // 2, 30 + far // 3, 255


KINDS: dict[str, Draw] = {
    "flat": lambda x, y, w, h: (137, 22, 201, 255),
    "white": lambda x, y, w, h: (255, 255, 255, 255),
    "flat glass": lambda x, y, w, h: (137, 22, 201, 90),
    "clear": lambda x, y, w, h: (10, 200, 30, 0),
    "ramp": lambda x, y, w, h: (x * 255 // max(1, w - 1), y * 255 // max(1, h - 1), 128, 255),
    "tiles": lambda x, y, w, h: (x * 7 % 256, y * 5 % 256, 128, (x + y) % 256),
    "checkers": lambda x, y, w, h: (255 * ((x + y) % 2),) * 3 + (255,),
    "noise": lambda x, y, w, h: (_scatter(x, y, 0), _scatter(x, y, 1), _scatter(x, y, 2), 255),
    "faint noise": lambda x, y, w, h: (
        _scatter(x, y, 3),
        _scatter(x, y, 4),
        _scatter(x, y, 5),
        _scatter(x, y, 6),
    ),
    "landscape": _draw_landscape,
    "disc": _draw_disc,
    "cut out": lambda x, y, w, h: (*_draw_disc(x, y, w, h)[:3], 255 - _disc(x, y, w, h)),
}
