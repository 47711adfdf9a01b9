"""Metadata of a mosaic: which photo, upload, recipe and event it was made from. Pure.

See docs/explanation/decisions/0096-metadata-of-mosaics.md and 0126-keyed-metadata.md.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal
from urllib.parse import quote

FORMAT_FIELD = "pixelater-v"
PHOTO_FIELD = "pixelater-photo"
ETAG_FIELD = "pixelater-etag"
VERSION_FIELD = "pixelater-version"
MODIFIED_FIELD = "pixelater-modified"
DIGEST_FIELD = "pixelater-sha256"
RECIPE_FIELD = "pixelater-recipe"
SEQUENCER_FIELD = "pixelater-sequencer"
FINGERPRINT_FIELD = "pixelater-secret"

FORMAT, KEYED_FORMAT = "2", "3"
"""Formats of the metadata, in clear and keyed. Those of 0.1.0 have neither this field nor the
recipe."""

UPLOAD_FIELDS = (PHOTO_FIELD, ETAG_FIELD, VERSION_FIELD, MODIFIED_FIELD)

KEYED_FIELDS = {
    name: name.replace("pixelater-", "pixelater-keyed-")
    for name in (*UPLOAD_FIELDS, SEQUENCER_FIELD)
}
"""Fields that identify a photo, an upload or an event -> the fields with the keyed values.

Versions that do not know them take the mosaic for one without metadata, and replace it."""

MAX_KEY = 800
"""S3 limits metadata to 2 kB. Keys of photos that share names of mosaics differ at the end."""

KEYED_DIGITS = 32
FINGERPRINT_DIGITS = 16
"""Hexadecimal digits of a keyed value, 128 bits, and of the fingerprint of a secret, 64 bits."""

Owner = Literal["none", "this", "another", "unknown"]
"""Whose mosaic it is: that of a photo, of another one, of one that a secret hides which is not
known; "none" without metadata."""


def name_photo(key: str) -> str:
    """Return a photo's key as the metadata name it."""
    return quote(key)[-MAX_KEY:]


def describe_upload(key: str, etag: str, version_id: str, modified: str) -> dict[str, str]:
    """Return the metadata that identify an upload, in clear."""
    values = (name_photo(key), etag.strip('"'), version_id, modified)
    return dict(zip(UPLOAD_FIELDS, values, strict=True))


def describe_mosaic(
    upload: Mapping[str, str], data: bytes, recipe: str, sequencer: str
) -> dict[str, str]:
    """Return a mosaic's metadata in clear. The values are ASCII, as S3 requires, and not empty."""
    everything = {
        FORMAT_FIELD: FORMAT,
        **upload,
        DIGEST_FIELD: sha256(data).hexdigest(),
        RECIPE_FIELD: recipe,
        SEQUENCER_FIELD: sequencer,
    }
    return {name: value for name, value in everything.items() if value}


def is_clear(found: Mapping[str, str]) -> bool:
    """Return whether metadata identify a photo, an upload or an event in clear."""
    return any(name in found for name in KEYED_FIELDS)


@dataclass(frozen=True)
class MetadataKey:
    """The secret that the metadata of mosaics are keyed with; without one, they are in clear.

    `takes_over` is the fingerprint of another secret: the mosaics that have it count as those of
    any photo that has their names, and are replaced.
    """

    secret: str = field(default="", repr=False)
    takes_over: str = ""

    @property
    def fingerprint(self) -> str:
        """What names the secret without telling it; "" without one."""
        return self._compute("fingerprint")[:FINGERPRINT_DIGITS] if self.secret else ""

    def lock(self, clear: Mapping[str, str]) -> dict[str, str]:
        """Return metadata in clear as they are written: with the values keyed that tell a photo.

        Values of other fields stay. The same value of another photo, or of another field, has
        another keyed value.
        """
        if not self.secret:
            return dict(clear)
        photo = clear.get(PHOTO_FIELD, "")
        keyed = {
            KEYED_FIELDS[name]: self._compute(name, photo, value)[:KEYED_DIGITS]
            for name, value in clear.items()
            if name in KEYED_FIELDS and value
        }
        others = {name: value for name, value in clear.items() if name not in KEYED_FIELDS}
        return {**others, FORMAT_FIELD: KEYED_FORMAT, FINGERPRINT_FIELD: self.fingerprint, **keyed}

    def find_owner(self, found: Mapping[str, str], key: str) -> Owner:
        """Return whose mosaic it is that has this metadata, as seen from the photo with this key.

        Metadata in clear identify the photo to every reader, keyed ones to those with the secret.
        """
        if secret := found.get(FINGERPRINT_FIELD):
            if secret != self.fingerprint:
                return "this" if secret == self.takes_over else "unknown"
            name = KEYED_FIELDS[PHOTO_FIELD]
            own = self.lock({PHOTO_FIELD: name_photo(key)})[name]
            return "this" if found.get(name) == own else "another"
        if PHOTO_FIELD not in found:
            return "none"
        return "this" if found[PHOTO_FIELD] == name_photo(key) else "another"

    def has_same_bytes(self, found: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
        """Return whether upload and bytes are the same; recipe and event may be others.

        `wanted` is in clear, `found` in clear or keyed.
        """
        return self.agree(found, wanted, (*UPLOAD_FIELDS, DIGEST_FIELD))

    def has_same_recipe(
        self, found: Mapping[str, str], upload: Mapping[str, str], recipe: str
    ) -> bool:
        """Return whether upload and recipe are the same, so that the bytes are, too."""
        return self.agree(found, {**upload, RECIPE_FIELD: recipe}, (*UPLOAD_FIELDS, RECIPE_FIELD))

    def agree(
        self, found: Mapping[str, str], wanted: Mapping[str, str], names: Iterable[str]
    ) -> bool:
        """Return whether the fields `names` of metadata that were found are those in clear."""
        if secret := found.get(FINGERPRINT_FIELD):
            if secret != self.fingerprint:
                return False
            names = [KEYED_FIELDS.get(name, name) for name in names]
            wanted = self.lock(wanted)
        return all(found.get(name, "") == wanted.get(name, "") for name in names)

    def _compute(self, *parts: str) -> str:
        """Compute the HMAC of parts without line breaks: values are ASCII, keys URL-encoded."""
        return hmac.new(self.secret.encode(), "\n".join(parts).encode(), sha256).hexdigest()


IN_CLEAR = MetadataKey()
