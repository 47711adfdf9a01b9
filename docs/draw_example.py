"""Draws docs/example.png: the example photo beside three of its mosaics.

python docs/draw_example.py
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from pixelater import pixelate

ROOT = Path(__file__).parents[1]
WIDTH, HEIGHT, GAP = 216, 288, 12


def main() -> None:
    """Put the photo and its mosaics side by side."""
    data = (ROOT / "examples" / "photo.jpg").read_bytes()
    photo = ImageOps.exif_transpose(Image.open(BytesIO(data)))
    mosaics = [Image.open(BytesIO(mosaic.data)) for mosaic in pixelate(data, (8, 32, 64))]
    row = Image.new("RGB", (4 * WIDTH + 3 * GAP, HEIGHT), "white")
    for place, picture in enumerate((photo, *mosaics)):
        small = picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        row.paste(small, (place * (WIDTH + GAP), 0))
    row.quantize(256).save(ROOT / "docs" / "example.png", optimize=True)


if __name__ == "__main__":
    main()
