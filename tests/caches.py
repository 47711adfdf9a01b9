"""Folders of downloads that outlive a test run."""

from __future__ import annotations

from pathlib import Path

import pytest
from platformdirs import user_cache_path


def choose_cache(config: pytest.Config, name: str) -> Path:
    """Return a folder of pytest's cache; with `-p no:cacheprovider`, one of the user's caches."""
    cache: pytest.Cache | None = getattr(config, "cache", None)
    if cache is None:
        return user_cache_path("pixelater-tests") / name
    return cache.mkdir(name)
