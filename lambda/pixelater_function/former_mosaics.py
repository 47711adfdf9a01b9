"""Mosaics that only earlier settings made: those that exist are kept up to date. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Sequence
from typing import Any

from pixelater_function.protocol import (
    CheckMosaic,
    DeliveryJob,
    MosaicObject,
    Request,
    SourceObject,
    StoredMosaic,
)


def remake_former(
    photo: DeliveryJob, upload: SourceObject, made: Collection[str]
) -> Generator[Iterable[Request], Sequence[Any], list[MosaicObject]]:
    """Make the mosaics of earlier settings again, those that exist: they would become stale.

    `made` are the keys of the mosaics of now, which earlier settings may have made, too.
    """
    existing = yield from find_former(photo)
    found = [key for key in existing if key not in made]
    outputs = photo.remake(upload, found) if found else ()
    return [output for output in outputs if output.key in found]


def find_former(
    photo: DeliveryJob,
) -> Generator[Iterable[Request], Sequence[Any], dict[str, StoredMosaic]]:
    """Find the photo's mosaics of earlier settings, by their keys."""
    keys = photo.list_former()
    if not keys:
        return {}
    found: Sequence[StoredMosaic | None] = yield [CheckMosaic(key) for key in keys]
    return {
        key: mosaic
        for key, mosaic in zip(keys, found, strict=True)
        if mosaic and photo.metadata_key.find_owner(mosaic.metadata, photo.key) in ("this", "none")
    }
