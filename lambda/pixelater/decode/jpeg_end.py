"""Loading of JPEG files that lack their last marker (EOI), but no part of the image.

Pillow's decoder waits for data after the image, so that it refuses such a file as truncated. With
a marker after them, truncated data are decoded, too: as if zeros followed.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import BinaryIO

from PIL import Image, JpegImagePlugin

from pixelater.decode.jpeg_scans import END_OF_IMAGE
from pixelater.decode.limits import MAX_PIXELS, Size, check_size
from pixelater.errors import TooLarge

FILLER = bytes(1 + number * 89 % 254 for number in range(4096))
FILLERS = (FILLER, bytes(255 - byte for byte in FILLER))
"""Without a marker, and with no bit in common: taken for data, they give different pixels."""


def load(
    image: Image.Image,
    file: BinaryIO,
    draft: Size | None,
    admit_again: Callable[[], None] | None = None,
) -> Image.Image:
    """Load a JPEG image, opened again with its last marker if only that is missing.

    `admit_again` may raise TooLarge for what that costs at full size. Raises what Pillow raises.
    """
    try:
        image.load()
    except OSError as error:
        whole = None
        if "truncated" in str(error):
            whole = _complete(file, draft, admit_again)
        if whole is None:
            raise
        return whole
    return image


def _complete(
    file: BinaryIO, draft: Size | None, admit_again: Callable[[], None] | None
) -> Image.Image | None:
    """Decode a file with a marker after it, or return None if part of the image is missing.

    In that case, the pixels depend on what follows; else, the decoder skips it. What is missing
    can be details, which only a full decode shows; where that costs too much, a draft is enough.
    """
    file.seek(0)
    data = file.read().removesuffix(END_OF_IMAGE[:1])
    if data.endswith(END_OF_IMAGE):
        return None
    checked = None
    size = JpegImagePlugin.JpegImageFile(BytesIO(data)).size
    try:
        check_size(size, MAX_PIXELS)
        if admit_again:
            admit_again()
    except TooLarge:
        if draft is None:
            return None
        checked = draft
    first, second = FILLERS
    digest = _hash(_open(data + first + END_OF_IMAGE, checked))
    followed = _open(data + second + END_OF_IMAGE, checked)
    if _hash(followed) != digest:
        return None
    return followed if draft == checked else _open(data + first + END_OF_IMAGE, draft)


def _hash(image: Image.Image) -> bytes:
    """Return a digest of the pixels, so that one image is in memory at a time."""
    from hashlib import sha256  # It loads OpenSSL, which only a damaged file is worth.

    return sha256(image.tobytes()).digest()


def _open(data: bytes, draft: Size | None) -> Image.Image:
    image = JpegImagePlugin.JpegImageFile(BytesIO(data))
    if draft:
        image.draft(None, draft)
    image.load()
    return image
