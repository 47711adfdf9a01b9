"""Document of a photo with hidden regions: what was found, as JSON next to the picture. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pixelater.redaction import Redaction
from pixelater_function.protocol import Version

if TYPE_CHECKING:
    from pixelater_function.found_regions import HiddenPhoto, HiddenRegion

VERSION = 1
"""Raised by changes that break programs that read documents. Fields may be added without."""


def format_document(
    key: str, version: Version, redaction: Redaction, hidden: HiddenPhoto, picture: str
) -> bytes:
    """Format the document of the photo with this key; `picture` is the key of that, or "".

    It names the upload: a list without regions, of an earlier upload, says nothing of the photo
    that is in the source bucket now.
    """
    made = hidden.photo
    document = {
        "version": VERSION,
        "photo": key,
        "version_id": version.version_id,
        "modified": version.modified,
        "width": made.width,
        "height": made.height,
        "only": list(redaction.kinds),
        "detector": redaction.detector,
        "picture": {"key": picture, "media_type": made.media_type} if picture else None,
        "regions": [_describe(region) for region in hidden.regions],
    }
    return f"{json.dumps(document)}\n".encode("ascii")


def _describe(region: HiddenRegion) -> dict[str, str | int | float]:
    """Describe a region as `pixelater run --json` does."""
    left, top, right, lower = region.box
    return {
        "kind": region.kind,
        "left": left,
        "top": top,
        "width": right - left,
        "height": lower - top,
        "score": region.score,
    }
