"""Preview document: the placeholders of a photo in a bucket, as JSON next to its mosaics."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pixelater.placeholder.preview import DEFAULT_BUDGET, Preview

if TYPE_CHECKING:
    from pixelater.mosaic import Mosaic

VERSION = 1
"""Raised by changes that break programs that read documents. Fields may be added without."""


def format_document(key: str, preview: Preview, mosaics: Sequence[Mapping[str, Any]]) -> bytes:
    """Format the document of the photo with this key, and of described `mosaics`.

    The fields are those of a photo in the document of `pixelater preview --json`.
    """
    document = {
        "version": VERSION,
        "photo": key,
        "budget": DEFAULT_BUDGET,
        **asdict(preview),
        "mosaics": list(mosaics),
    }
    return f"{json.dumps(document)}\n".encode("ascii")


def describe_mosaic(key: str, mosaic: Mosaic) -> dict[str, Any]:
    """Describe the mosaic with this key for a document."""
    return {
        "key": key,
        "grid": mosaic.grid,
        "cell_size": mosaic.cell_size,
        "width": mosaic.width,
        "height": mosaic.height,
        "media_type": mosaic.media_type,
    }
