"""S3 object keys of local photos."""

from __future__ import annotations

from pixelater_cli.errors import UnusablePath
from pixelater_cli.local.photo_search import PhotoFile

MAX_KEY_BYTES = 1024
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""


def choose_key(photo: PhotoFile) -> str:
    """Return the S3 key of a photo: its path, or its name if the path leads out of the folder.

    Raises UnusablePath for a name that is not a valid key.
    """
    leads_out = photo.path.is_absolute() or ".." in photo.path.parts
    key = photo.name if leads_out else photo.path.as_posix()
    return check_key(key)


def check_key(key: str) -> str:
    """Return a valid S3 key. Raises UnusablePath for others."""
    try:
        encoded = key.encode()
    except UnicodeEncodeError:
        raise UnusablePath("its name is not valid UTF-8, as keys in S3 must be") from None
    if len(encoded) > MAX_KEY_BYTES:
        raise UnusablePath(f"its path is longer than the {MAX_KEY_BYTES} bytes of an S3 key")
    return key
