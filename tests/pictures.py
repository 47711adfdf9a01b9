"""Owns the pictures that tests make: no test reads a picture from disk."""

from __future__ import annotations

import random
from io import BytesIO
from typing import Any

from PIL import Image

from pixelater import Mosaic


def make_noise(mode: str, size: tuple[int, int], seed: int = 0) -> Image.Image:
    """Make a picture of random pixels."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    data = random.Random(seed).randbytes(size[0] * size[1] * bands)
    return Image.frombytes(mode, size, data)


def make_scene(size: tuple[int, int] = (120, 90)) -> Image.Image:
    """Make an RGB picture no turn or mirror image of which equals it."""
    across = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90).resize(size)
    down = Image.linear_gradient("L").resize(size)
    scene = Image.merge("RGB", (across, down, Image.new("L", size, 90)))
    scene.paste((250, 20, 20), (0, 0, size[0] // 3, size[1] // 4))
    return scene


def encode(image: Image.Image, format: str = "PNG", **settings: Any) -> bytes:
    """Encode a picture with Pillow."""
    buffer = BytesIO()
    image.save(buffer, format, **settings)
    return buffer.getvalue()


def decode(data: bytes) -> Image.Image:
    """Decode a picture with Pillow."""
    image = Image.open(BytesIO(data))
    image.load()
    return image


def pixels(mosaic: Mosaic) -> Image.Image:
    """Decode a mosaic."""
    return decode(mosaic.data)
