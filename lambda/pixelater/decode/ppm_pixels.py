"""Pixels of binary PPM images of more than 8 bits a sample, of which Pillow keeps 8.

The format is that of https://netpbm.sourceforge.net/doc/ppm.html.
"""

from __future__ import annotations

from typing import BinaryIO

from PIL import Image

from pixelater.decode.deep import from_numbers, merge
from pixelater.decode.pixels import Pixels

BANDS, BYTES = 3, 2


def read(image: Image.Image, file: BinaryIO, place: int, most: int) -> Pixels:
    """Read samples of two bytes, the highest first, which begin at a place; `most` is white."""
    file.seek(place)
    width, height = image.size
    size = width * height * BANDS * BYTES
    data = file.read(size)
    if len(data) < size:
        raise OSError("image file is truncated")
    bands = []
    for band in range(BANDS):
        plane = bytearray(width * height * BYTES)
        for byte in range(BYTES):
            plane[byte::BYTES] = data[BYTES * band + byte :: BANDS * BYTES]
        values = Image.frombytes("F", image.size, bytes(plane), "raw", "F;16B")
        bands.append(from_numbers(values, 0.0, float(most)))
    return Pixels(*merge("RGB", bands))
