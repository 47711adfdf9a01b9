"""The secret that keys the metadata of mosaics: its environment variable and its form. Pure."""

from __future__ import annotations

import re

VARIABLE = "PIXELATER_SECRET"
"""The environment variable of the function that holds the secret."""


def is_secret(text: str) -> bool:
    """Return whether a text has the form of a secret: 64 hexadecimal digits, as `token_hex(32)`."""
    return re.fullmatch(r"[0-9a-f]{64}", text) is not None
