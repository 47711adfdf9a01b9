"""Loading of JPEG files that lack their last marker (EOI), but no part of the image.

Pillow's decoder waits for data after the image, so that it refuses such a file as truncated. With
a marker after them, truncated data are decoded, too: as if zeros followed.
"""

from __future__ import annotations

import math
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageChops, JpegImagePlugin

from pixelater.decode.jpeg_scans import END_OF_IMAGE
from pixelater.decode.limits import MAX_PIXELS, Size

FILLER = bytes(1 + number * 89 % 254 for number in range(4096))
FILLERS = (FILLER, bytes(255 - byte for byte in FILLER))
"""Without a marker, and with no bit in common: taken for data, they give different pixels."""


def load(image: Image.Image, file: BinaryIO, draft: Size | None) -> Image.Image:
    """Load a JPEG image, opened again with its last marker if only that is missing.

    Raises what Pillow raises.
    """
    try:
        image.load()
    except OSError as error:
        whole = _complete(file, draft) if "truncated" in str(error) else None
        if whole is None:
            raise
        return whole
    return image


def _complete(file: BinaryIO, draft: Size | None) -> Image.Image | None:
    """Decode a file with a marker after it, or return None if part of the image is missing.

    In that case, the pixels depend on what follows; else, the decoder skips it. What is missing
    can be details, which only a full decode shows.
    """
    file.seek(0)
    data = file.read().removesuffix(END_OF_IMAGE[:1])
    if data.endswith(END_OF_IMAGE):
        return None
    size = JpegImagePlugin.JpegImageFile(BytesIO(data)).size
    checked = draft if math.prod(size) > MAX_PIXELS else None
    followed = [_open(data + more + END_OF_IMAGE, checked) for more in FILLERS]
    if ImageChops.difference(*followed).getbbox():
        return None
    return followed[0] if draft == checked else _open(data + FILLER + END_OF_IMAGE, draft)


def _open(data: bytes, draft: Size | None) -> Image.Image:
    image = JpegImagePlugin.JpegImageFile(BytesIO(data))
    if draft:
        image.draft(None, draft)
    image.load()
    return image
