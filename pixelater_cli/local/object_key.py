"""S3 object keys of local photos."""

from __future__ import annotations

from pixelater_cli.errors import UnusablePath
from pixelater_cli.local.photo_search import (
    PhotoFile,
)

MAX_KEY_BYTES = 1024
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""


def choose_key(photo: PhotoFile) -> str:
    """Give a photo the S3 key that its path reads as; a path that leads elsewhere, its name.

    Raises UnusablePath for a name that no key can have.
    """
    leads_elsewhere = photo.path.is_absolute() or ".." in photo.path.parts
    key = photo.name if leads_elsewhere else photo.path.as_posix()
    return check_key(key)


def check_key(key: str) -> str:
    """Give an S3 key back if it can be one. Raises UnusablePath."""
    try:
        encoded = key.encode()
    except UnicodeEncodeError:
        raise UnusablePath("its name is not valid UTF-8, and S3 takes no other keys") from None
    if len(encoded) > MAX_KEY_BYTES:
        raise UnusablePath(f"its path is longer than the {MAX_KEY_BYTES} bytes of an S3 key")
    return key
