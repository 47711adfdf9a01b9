"""Digest of what a mosaic's bytes depend on besides its photo and name: engine and settings."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import PIL

import pixelater
from pixelater.grid import GRIDS
from pixelater.look import Look, format_look


@cache
def compute_recipe(max_pixels: int | None, look: Look, document: str = "") -> str:
    """Return the digest: the same recipe makes the same mosaics of the same photo.

    The engine is the library's source, whose version is the same in two checkouts, and Pillow,
    whose wheels have their own codecs for each architecture. Grids are in the mosaics' names; a
    `document` of a kind names the mosaics, so its recipe is of the grids, too.
    """
    grids = look.grids if document else GRIDS
    words = json.dumps([document, format_look(replace(look, grids=grids, placeholders=False))])
    folder = Path(pixelater.__file__).parent
    digest = sha256()
    detectors = _list_detectors() if look.redaction else ()
    for part in (
        PIL.__version__,
        platform.machine(),
        str(max_pixels),
        words,
        *_list_sources(folder),
        *detectors,
    ):
        digest.update(sha256(part.encode()).digest())
    return digest.hexdigest()[:32]


def _list_detectors() -> Iterable[str]:
    """List what regions depend on: detectors, models and the packages that run them."""
    import pixelater_detectors

    folder = Path(pixelater_detectors.__file__).parent
    yield from _list_sources(folder)
    for package in ("numpy", "onnxruntime"):
        with suppress(PackageNotFoundError):
            yield version(package)


def _list_sources(folder: Path) -> Iterable[str]:
    """List the names and contents of Python files."""
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(folder).as_posix()
        yield path.read_text("utf-8")
