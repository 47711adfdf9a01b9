"""Whether videos can be read, found out without loading what reads them."""

from __future__ import annotations

from importlib.util import find_spec


def can_read_videos() -> bool:
    """Return whether the packages for videos are installed."""
    return find_spec("av") is not None and find_spec("numpy") is not None
