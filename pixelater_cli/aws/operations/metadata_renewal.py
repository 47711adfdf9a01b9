"""Renewal of the metadata of mosaics: keyed ones take the place of those in clear. No I/O.

A copy in place changes the metadata only. It is made on condition of the ETag at both ends, so it
puts back the bytes that it has read, or nothing. An ETag that was seen before is still valid, or,
where a KMS key encrypts, another one: then a delivery that saw it looks again. So nothing that
delivery.py promises depends on metadata that change in between.

The copy is younger than its photo, and a listing then takes the mosaic for up to date. So only
mosaics of the current upload are copied, or of photos that do not exist; and the photo is checked
again after the copy: one that changed meanwhile must be sent to the function.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

from pixelater_cli.aws.operations.mosaics import names_source
from pixelater_function.mosaic_metadata import MAX_KEY, PHOTO_FIELD, MetadataKey, is_clear
from pixelater_function.protocol import CheckMosaic, StoredMosaic, Version

MAX_ROUNDS = 3
"""Rounds for a mosaic that others replace at the same time, before it is left to them."""

Outcome = Literal["keyed", "other", "renewed", "changed", "stale", "busy"]
"""What became of a mosaic: its metadata tell nothing; its photo has another prefix; they were
renewed; they were, and its photo has changed meanwhile; it is of an earlier upload; others replaced
it again and again."""


@dataclass(frozen=True)
class CheckPhotoOf:
    """Reply: the Version of the photo that the metadata of a mosaic name; None if it is deleted.

    `mosaic` is the key of the mosaic, in the folder of the photo.
    """

    name: str
    mosaic: str

    @property
    def key(self) -> str | None:
        """The key of the photo; None if the metadata have only its end."""
        return unquote(self.name) if len(self.name) < MAX_KEY else None


@dataclass(frozen=True)
class CopyInPlace:
    """Copy a mosaic with this ETag onto itself, with other metadata. Reply: whether it was."""

    key: str
    etag: str
    metadata: Mapping[str, str]


RenewalRequest = CheckMosaic | CheckPhotoOf | CopyInPlace
RenewalSteps = Generator[tuple[RenewalRequest], Sequence[Any], Outcome]


def renew(
    key: str, metadata_key: MetadataKey, *, prefix: str = "", copies: bool = True
) -> RenewalSteps:
    """Renew the metadata of a mosaic if they are in clear; without `copies`, only find out.

    `prefix` is that of the photo's name in the metadata: other photos are left out.
    """
    for _ in range(MAX_ROUNDS):
        mosaic: StoredMosaic | None = (yield (CheckMosaic(key),))[0]
        if mosaic is None or not is_clear(mosaic.metadata):
            return "keyed"
        name = mosaic.metadata.get(PHOTO_FIELD, "")
        if len(name) < MAX_KEY and not name.startswith(prefix):
            return "other"
        photo: Version | None = (yield (CheckPhotoOf(name, key),))[0]
        if photo is not None and not _is_of(mosaic, photo):
            return "stale"
        if not copies:
            return "renewed"
        copied = (yield (CopyInPlace(key, mosaic.etag, metadata_key.lock(mosaic.metadata)),))[0]
        if copied:
            after: Version | None = (yield (CheckPhotoOf(name, key),))[0]
            return "renewed" if after in (photo, None) else "changed"
    return "busy"


def _is_of(mosaic: StoredMosaic, photo: Version) -> bool:
    named = names_source(mosaic.metadata, photo.etag.strip('"'), photo.version_id)
    return bool(named)
