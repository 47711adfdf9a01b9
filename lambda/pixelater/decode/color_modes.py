"""Color modes: the one in which an image is averaged, and its black and white points.

Images in, images out; no I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from math import isfinite
from typing import Any, cast

from PIL import Image

OVERSHOOT = 0.1
FEW, FEW_OVERSHOOT = 0.01, 10.0
"""How far floats exceed a range that is theirs: all of them, and few of them."""

PROFILE_SPACES = {
    "L": b"GRAY",
    "LA": b"GRAY",
    "F": b"GRAY",
    "RGB": b"RGB ",
    "RGBA": b"RGB ",
    "CMYK": b"CMYK",
}
"""Mode -> the color space of a profile that describes it (ICC.1:2022, section 7.2.6)."""


GRAY_MODES = ("L", "LA", "F")


def choose_mode(image: Image.Image) -> Image.Image:
    """Convert an image to a mode that can be averaged: without palette, single bits or clipping."""
    if image.mode.startswith("I"):
        return image.convert("F") if "transparency" not in image.info else _mask_deep(image)
    if image.mode == "LAB":
        from PIL import ImageCms

        return convert_to_srgb(image, ImageCms.createProfile("LAB"))
    if image.mode in ("LA", "RGBA"):
        return image
    if image.has_transparency_data:
        return image.convert("LA" if image.mode in ("1", "L", "LA", "La") else "RGBA")
    if image.mode in ("L", "RGB", "CMYK", "F"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _mask_deep(image: Image.Image) -> Image.Image:
    """Convert a 16-bit image with a transparent value (PNG, section 11.3.1.1) to LA."""
    from PIL import ImageMath

    hidden = image.info["transparency"]
    deep = image.convert("I")
    gray = deep.convert("F").point(lambda value: value * (255 / 65535) + 0.5).convert("L")
    seen = ImageMath.lambda_eval(lambda x: (x["deep"] != hidden) * 255, deep=deep)
    return Image.merge("LA", (gray, seen.convert("L")))


def convert_to_rgb(image: Image.Image, icc_profile: bytes) -> Image.Image:
    """Convert L, RGB or CMYK to sRGB, with the color profile if it is valid and of that space.

    Alpha (LA, RGBA) is kept.
    """
    from PIL import ImageCms

    if image.mode in ("LA", "RGBA"):
        converted = convert_to_rgb(image.convert(image.mode[:-1]), icc_profile)
        converted.putalpha(image.getchannel("A"))
        return converted
    if icc_profile[16:20] == PROFILE_SPACES[image.mode]:
        with suppress(OSError, ImageCms.PyCMSError):
            return convert_to_srgb(image, ImageCms.ImageCmsProfile(BytesIO(icc_profile)))
    return image.convert("RGB")


def convert_to_srgb(image: Image.Image, profile: Any) -> Image.Image:
    """Convert colors of a profile to sRGB."""
    from PIL import ImageCms

    srgb = ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(profile, srgb, image.mode, "RGB").apply(image)


def find_range(image: Image.Image) -> tuple[float, float]:
    """Return the black and white points of an image. 16-bit files use their whole range."""
    if image.mode.startswith("I;16"):
        return 0.0, 65535.0
    if image.mode not in ("I", "F"):
        return 0.0, 255.0
    return choose_range([image], image.mode == "F")


def choose_range(images: Sequence[Image.Image], floats: bool) -> tuple[float, float]:
    """Choose the black and white points of 32-bit integers or floats (I, F), which have no rule.

    The smallest of the customary ranges that holds all values is taken, else their own. Floats may
    overshoot it: by a tenth, or in one of a hundred pixels by more.
    """
    extremes = [cast("tuple[float, float]", image.getextrema()) for image in images]
    low, high = min(low for low, _ in extremes), max(high for _, high in extremes)
    if not (isfinite(low) and isfinite(high)):
        raise ValueError("its values are not all numbers")
    if floats:
        tops = (1.0, 255.0, 65535.0)
        fitting = (top for top in tops if _fits(images, low, high, top))
    else:
        fitting = (top for top in (65535.0, 2.0**32) if low >= 0 and high <= top < 2 * high)
    return next(((0.0, top) for top in fitting), (low, high))


def _fits(images: Sequence[Image.Image], low: float, high: float, top: float) -> bool:
    """Return whether a range holds values, apart from overshoots."""
    if low < -OVERSHOOT * top or high > (1 + OVERSHOOT) * top:
        if low < -FEW_OVERSHOOT * top or high > FEW_OVERSHOOT * top:
            return False
        outside = sum(_count_outside(image, top) for image in images)
        return outside <= FEW * sum(image.width * image.height for image in images)
    return True


def _count_outside(image: Image.Image, top: float) -> int:
    from PIL import ImageMath

    outside = ImageMath.lambda_eval(
        lambda x: x["convert"]((x["value"] < 0.0) + (x["value"] > top), "L"), value=image
    )
    return sum(cast("Image.Image", outside).histogram()[1:])
