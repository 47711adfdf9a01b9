"""The errors of photos that cannot be pixelated."""

from __future__ import annotations

import struct
import zlib

from PIL import Image

DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    AssertionError,
    MemoryError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    struct.error,
    zlib.error,
)
"""What Pillow's plugins raise for malformed data."""


class PictureError(Exception):
    """A photo that cannot be pixelated; the message for its owner says why.

    `remedy` is a sentence that says what to do about it; "" if there is nothing special.
    """

    def __init__(self, message: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class NotAPicture(PictureError):
    """No decoder recognizes the data."""


class UnsupportedFormat(NotAPicture):
    """A known format, or a kind of it, that cannot be read; the message names it."""


class TooLarge(PictureError):
    """More than a limit, read from the header before decoding.

    `pixels` is the limit of pixels that would be needed; 0 if that is not the one. `option` is the
    option that raises the limit ("max-memory"; "" if none does), and `needed` its value.
    """

    def __init__(self, message: str, pixels: int = 0, *, option: str = "", needed: int = 0) -> None:
        super().__init__(message)
        self.pixels = pixels
        self.option = option or ("max-pixels" if pixels else "")
        self.needed = needed or pixels


class MissingDecoder(PictureError):
    """A format whose decoder is not installed; the message names it."""


class Truncated(PictureError):
    """The data ends before the image does."""


class Damaged(PictureError):
    """The data is recognized but cannot be decoded."""


class ThumbnailOnly(PictureError):
    """Only a thumbnail of the photo can be read, not the photo in the same file."""


class BadCrop(PictureError):
    """The file specifies a crop that cannot be applied."""


class MosaicFailed(PictureError):
    """The photo can be read, but a mosaic of it cannot be created or written."""
