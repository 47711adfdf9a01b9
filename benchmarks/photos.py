"""Owns the benchmark's photos: drawn by code, with the spectrum and the noise of photographs."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageChops, ImageFilter

SIZES: dict[float, tuple[int, int]] = {0.3: (640, 480), 0.5: (816, 612)}
SIZES |= {1: (1155, 866), 2: (1633, 1225), 4: (2310, 1732), 6: (2829, 2121), 12: (4000, 3000)}
SIZES |= {24: (6000, 4000), 48: (8000, 6000)}
"""Megapixels -> width and height."""


def draw(megapixels: float) -> Image.Image:
    """Draw clouds of detail at all scales, as landscapes have, with sensor noise on top."""
    size = SIZES[megapixels]
    bands = []
    for band in range(3):
        picture = Image.linear_gradient("L").rotate(90 * band).resize(size)
        cells = 4
        while cells < max(size):
            noise = Image.effect_noise((cells, cells * 3 // 4 + 1), 90)
            layer = noise.resize(size, Image.Resampling.BICUBIC)
            strength = 0.35 * (4 / cells) ** 0.25
            picture = Image.blend(picture, layer, strength)
            cells *= 4
        bands.append(ImageChops.add(picture, Image.effect_noise(size, 12), 1, -128))
    return Image.merge("RGB", bands).filter(ImageFilter.GaussianBlur(0.6))


def write(folder: Path, megapixels: float, format: str) -> Path:
    """Write one photo, unless it is there already."""
    path = folder / f"photo-{megapixels}mp.{format}"
    if not path.exists():
        draw(megapixels).save(path, quality=85 if format == "webp" else 92)
    return path
