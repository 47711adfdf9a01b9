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
    NotImplementedError,
    RuntimeError,
    AssertionError,
    MemoryError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    struct.error,
    zlib.error,
)
"""What Pillow's plugins let out on malformed data. Only opening and decoding are guarded by it."""


class PictureError(Exception):
    """A photo that cannot be pixelated; the message says why, in words for its owner."""


class NotAPicture(PictureError):
    """No decoder recognises the data."""


class TooLarge(PictureError):
    """More pixels than the cap, read from the header before decoding.

    `pixels` are what the cap would have to be; 0 where no other cap would help.
    """

    def __init__(self, message: str, pixels: int = 0) -> None:
        super().__init__(message)
        self.pixels = pixels


class MissingDecoder(PictureError):
    """A format that can be read once an optional package is installed; the message says which."""


class Truncated(PictureError):
    """The data ends before the picture does."""


class Damaged(PictureError):
    """The data is recognised, but not decodable."""


class ThumbnailOnly(PictureError):
    """Only a thumbnail of the photo can be read, not the full picture in the same file."""


class BadCrop(PictureError):
    """The file says what of its picture is shown, but not in a way that can be followed."""


class MosaicFailed(PictureError):
    """The photo can be read, but a mosaic of it cannot be made or written."""
