"""Metadata of a mosaic: which photo, upload, recipe and event it was made from. Pure.

See docs/explanation/decisions/0095-metadata-of-mosaics.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from urllib.parse import quote

FORMAT_FIELD = "pixelater-v"
PHOTO_FIELD = "pixelater-photo"
ETAG_FIELD = "pixelater-etag"
VERSION_FIELD = "pixelater-version"
MODIFIED_FIELD = "pixelater-modified"
DIGEST_FIELD = "pixelater-sha256"
RECIPE_FIELD = "pixelater-recipe"
SEQUENCER_FIELD = "pixelater-sequencer"

FORMAT = "2"
"""Format of the metadata. Those of 0.1.0 have neither this field nor the recipe."""

UPLOAD_FIELDS = (PHOTO_FIELD, ETAG_FIELD, VERSION_FIELD, MODIFIED_FIELD)

MAX_KEY = 800
"""S3 limits metadata to 2 kB. Keys of photos that share names of mosaics differ at the end."""


def name_photo(key: str) -> str:
    """Return a photo's key as the metadata name it."""
    return quote(key)[-MAX_KEY:]


def describe_upload(key: str, etag: str, version_id: str, modified: str) -> dict[str, str]:
    """Return the metadata that identify an upload."""
    values = (name_photo(key), etag.strip('"'), version_id, modified)
    return dict(zip(UPLOAD_FIELDS, values, strict=True))


def describe_mosaic(
    upload: Mapping[str, str], data: bytes, recipe: str, sequencer: str
) -> dict[str, str]:
    """Return a mosaic's metadata. The values are ASCII, as S3 requires, and never empty."""
    everything = {
        FORMAT_FIELD: FORMAT,
        **upload,
        DIGEST_FIELD: sha256(data).hexdigest(),
        RECIPE_FIELD: recipe,
        SEQUENCER_FIELD: sequencer,
    }
    return {name: value for name, value in everything.items() if value}


def has_same_bytes(found: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Return whether upload and bytes are the same; recipe and event may be others."""
    return _agree(found, wanted, (*UPLOAD_FIELDS, DIGEST_FIELD))


def has_same_recipe(found: Mapping[str, str], upload: Mapping[str, str], recipe: str) -> bool:
    """Return whether upload and recipe are the same, so that the bytes are, too."""
    return _agree(found, {**upload, RECIPE_FIELD: recipe}, (*UPLOAD_FIELDS, RECIPE_FIELD))


def _agree(found: Mapping[str, str], wanted: Mapping[str, str], names: Iterable[str]) -> bool:
    return all(found.get(name, "") == wanted.get(name, "") for name in names)
