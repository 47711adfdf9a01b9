"""Images of 16-bit values, as two: their high and their low bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from PIL import Image, ImageChops

Deep = tuple[Image.Image, Image.Image | None]
"""High bytes, and low ones if there are more than 8 bits."""

MOST = 0xFFFF


def merge(mode: str, bands: Sequence[Deep]) -> Deep:
    """Merge bands, some of which may have 8 bits only."""
    high = Image.merge(mode, [high for high, _ in bands])
    if all(low is None for _, low in bands):
        return high, None
    return high, Image.merge(mode, [low or high for high, low in bands])


def list_bands(image: Image.Image) -> list[Deep]:
    """List the bands of an image of 8 bits."""
    return [(band, None) for band in image.split()]


def from_numbers(image: Image.Image, black: float, white: float) -> Deep:
    """Convert numbers (F), of which two are black and white, to 16-bit values."""
    slope = MOST / ((white - black) or 1)
    return split(calculate(lambda x: (x["value"] - black) * slope, value=image))


def invert(color: Deep) -> Deep:
    """Turn black into white."""
    high, low = color
    return ImageChops.invert(high), low and ImageChops.invert(low)


def remove_weight(color: Deep, alpha: Deep) -> Deep:
    """Divide colors that are multiplied by alpha (associated) by it."""
    values = calculate(
        lambda x: x["color"] * float(MOST) / x["alpha"], color=join(color), alpha=join(alpha, 1)
    )
    return split(values)


def join(deep: Deep, least: int = 0) -> Image.Image:
    """Return 16-bit values as numbers (F)."""
    high, low = deep
    return calculate(
        lambda x: x["max"](x["high"] * 256.0 + x["low"], float(least)), high=high, low=low or high
    )


def split(values: Image.Image) -> Deep:
    """Return numbers (F) as 16-bit values; what is below or above is clipped."""
    whole = calculate(
        lambda x: x["int"](x["min"](x["max"](x["value"], 0.0), float(MOST)) + 0.5), value=values
    )
    high = calculate(lambda x: x["convert"](x["whole"] >> 8, "L"), whole=whole)
    return high, calculate(lambda x: x["convert"](x["whole"] & 0xFF, "L"), whole=whole)


def calculate(expression: Callable[[dict[str, Any]], Any], **images: Image.Image) -> Image.Image:
    """Calculate an image, pixel by pixel."""
    from PIL import ImageMath

    return cast("Image.Image", ImageMath.lambda_eval(expression, **images))
