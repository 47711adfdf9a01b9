"""Linear light in 12 bits, where dithering adds colors up, and a table of decisions for it.

Eyes average dots in linear light. A dithered color is off by its error anyway, which later cells
make up for, so that its nearest color is looked up among 32 x 32 x 32, each decided once a palette.
"""

from __future__ import annotations

from bisect import bisect
from functools import cache, lru_cache

from PIL import Image

from pixelater.palette.nearest import find_nearest_lab
from pixelater.palette.oklab import (
    LINEAR,
    LINEAR_MAX,
    LabImages,
    calculate,
    convert_image,
    linearize,
    to_oklab,
)
from pixelater.palette.palette import Color

LIGHT_MAX = 4095

LIGHT = [(2 * light * LIGHT_MAX + LINEAR_MAX) // (2 * LINEAR_MAX) for light in LINEAR]
"""The linear light of each sRGB level."""

LEVEL_BITS = 5
LEVELS = 1 << LEVEL_BITS

EDGES = [
    round(LIGHT_MAX * linearize((level + 0.5) * 255 / (LEVELS - 1))) for level in range(LEVELS - 1)
]
"""The least light of each level but the first."""


def find_level(light: int) -> int:
    """Return the step of sRGB, of 32, nearest to a linear light."""
    return bisect(EDGES, light)


@lru_cache(8)
def decide(colors: tuple[Color, ...]) -> bytes:
    """Return the index of the nearest color for each level of red, green and blue (lowest).

    Hues weigh a quarter more than in OKLab: dots of a wrong hue do not cancel each other out as
    those of a wrong lightness do. Measured by benchmarks/look.py, over all palettes.
    """
    lightness, *hues = _convert_levels()
    green_red, blue_yellow = (calculate(lambda v: v["hue"] * 5 / 4, hue=hue) for hue in hues)
    weighted = [(one, two * 5 // 4, three * 5 // 4) for one, two, three in map(to_oklab, colors)]
    return find_nearest_lab((lightness, green_red, blue_yellow), weighted).tobytes()


@cache
def _convert_levels() -> LabImages:
    steps = bytes(round(step * 255 / (LEVELS - 1)) for step in range(LEVELS))
    blue = steps * LEVELS * LEVELS
    green = b"".join(bytes([step]) * LEVELS for step in steps) * LEVELS
    red = b"".join(bytes([step]) * LEVELS * LEVELS for step in steps)
    size = (LEVELS * LEVELS, LEVELS)
    bands = [Image.frombytes("L", size, band) for band in (red, green, blue)]
    return convert_image(Image.merge("RGB", bands))
