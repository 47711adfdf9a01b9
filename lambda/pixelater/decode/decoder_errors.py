"""The error of a photo for an error of its decoder.

Decoders raise what they like: the message tells a kind that is not supported, or a decoder that is
not installed, from damage.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from PIL import Image

from pixelater.errors import (
    Damaged,
    MissingDecoder,
    PictureError,
    TooLarge,
    Truncated,
    UnsupportedFormat,
)

UNNEEDED = r"\s*<[^<>]* (?:object )?at 0x[0-9a-fA-F]+>|\s*\(\d+ bytes not processed\)"
"""A file in memory, as Python shows it: cannot identify image file <_io.BytesIO object at 0x7f>;
and how much a decoder left of the last bytes it got (PIL/ImageFile.py, load)."""

MISSING = (
    r"(?:decoder|encoder) \w+ not available"  # PIL/Image.py, _getdecoder
    r"|support (?:is )?not (?:available|installed|configured)"  # PIL/features.py, libtiff
    r"|no codec available|could not find (?:a )?decoder"  # libavif, libheif
)

UNSUPPORTED = r"unsupported|not supported|unimplemented|not implemented|cannot handle"

TRUNCATED = r"truncated|unexpected end of file|insufficient input data"
"""Words of Pillow and libheif (heif_error.h, heif_suberror_End_of_data)."""

SAVE_AS = "Save it as JPEG or PNG first."


def decode_data(
    mode: str, size: tuple[int, int], data: bytes, decoder: str, settings: tuple[object, ...]
) -> Image.Image:
    """Decode data without a header, by one of Pillow's decoders. Raises OSError, as its plugins."""
    try:
        return Image.frombytes(mode, size, data, decoder, settings)
    except ValueError as error:
        truncated = str(error).startswith("not enough")
        raise OSError("image file is truncated" if truncated else str(error)) from error


def explain(error: Exception, file: BinaryIO | None = None) -> PictureError:
    """Return the error of the photo for an error of its decoder.

    With the `file`, kinds of JPEG are named that a decoder takes for damage.
    """
    reason = give_reason(error)
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        pixels, most = (*map(int, re.findall(r"\d+", reason)), 0, 0)[:2]
        return TooLarge(
            f"a picture in it has {pixels:,} pixels, and Pillow reads up to {most:,} there"
        )
    if re.search(MISSING, reason, re.IGNORECASE):
        return MissingDecoder(f"its decoder is not installed ({reason})", SAVE_AS)
    if isinstance(error, NotImplementedError) or re.search(UNSUPPORTED, reason, re.IGNORECASE):
        return UnsupportedFormat(f"it is of a kind that is not supported ({reason})", SAVE_AS)
    if re.search(TRUNCATED, reason, re.IGNORECASE) or isinstance(error, EOFError):
        return Truncated(f"the image is truncated ({reason})")
    if file is not None and isinstance(error, OSError):
        from pixelater.decode.known_formats import find_process

        known = find_process(file)
        if known:
            return UnsupportedFormat(known.message, known.remedy)
    return Damaged(f"the picture's data is damaged ({reason})")


def give_reason(error: Exception) -> str:
    """Return the message of an error in one line, or its name if it has none."""
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    return " ".join(re.sub(UNNEEDED, "", str(error)).split()) or type(error).__name__
