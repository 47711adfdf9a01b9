"""Writes docs/example.png: the example photo next to four of its mosaics.

python -m docs.draw_example
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

from docs.console import ROOT
from pixelater import pixelate

WIDTH, HEIGHT, GAP = 288, 384, 16
GRIDS = (64, 32, 16, 8)


def main() -> None:
    """Put the photo and its mosaics side by side, with transparent gaps."""
    data = (ROOT / "examples" / "photo.jpg").read_bytes()
    photo = ImageOps.exif_transpose(Image.open(BytesIO(data)))
    pictures = [photo, *(Image.open(BytesIO(mosaic.data)) for mosaic in pixelate(data, GRIDS))]
    row = Image.new("RGBA", (len(pictures) * (WIDTH + GAP) - GAP, HEIGHT))
    for place, picture in enumerate(pictures):
        small = picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        row.paste(small, (place * (WIDTH + GAP), 0))
    row.save(ROOT / "docs" / "example.png", optimize=True)


if __name__ == "__main__":
    main()
