"""What to do about a photo that cannot be pixelated: hints of `run`, and of failure records."""

from __future__ import annotations

from pixelater.errors import (
    BadCrop,
    MissingDecoder,
    MosaicFailed,
    NotAPicture,
    PictureError,
    ThumbnailOnly,
    TooLarge,
    Truncated,
)

ALLOW = "If you trust its source, allow it with"
SMALLER = "Use a smaller copy."
CONVERT = "Omit it, or save it as JPEG or PNG first."


def advise(error: PictureError) -> str:
    """Return a hint for a photo that cannot be pixelated: its own remedy, or that of its kind.

    Options are those of `run` and of `deploy`.
    """
    match error:
        case TooLarge():
            return f"{ALLOW} --{error.option} {error.needed}" if error.option else SMALLER
        case MosaicFailed():
            return error.remedy or "Choose another format, such as --format jpeg"
        case Truncated():
            return "Copy it again from its source; a part of this file is missing."
        case NotAPicture() | ThumbnailOnly() | BadCrop() | MissingDecoder():
            return error.remedy or CONVERT
    return error.remedy or "The file is corrupt: copy it again from its source."
