"""Photos with hidden regions in a delivery: one of them, or none if nothing was found. No I/O.

A photo in which nothing is found has no picture, so that one of an earlier upload must go, and
cannot be replaced. These are the keys that a delivery has `exclusive`: what it does not make of
them is deleted, before the document that lists the regions (the marker) is put. That is put after
all else and says whether there is a picture, so whoever reads it finds the picture that it is of.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pixelater_function.name_owners import refuse_unknown
from pixelater_function.protocol import (
    CheckMosaic,
    CheckPhoto,
    DeleteMosaic,
    DeliveryJob,
    Steps,
    StoredMosaic,
    Version,
)

PICTURE_FIELD = "pixelater-picture"
"""Metadata of the marker: whether there is a picture, PICTURE or NO_PICTURE."""

PICTURE, NO_PICTURE = "yes", "none"


def find_own(photo: DeliveryJob, keys: Collection[str]) -> Steps:
    """Find those of some objects that are the photo's, by their keys. Raises NameTaken."""
    found = yield [CheckMosaic(key) for key in keys]
    refuse_unknown(photo, found)
    return {
        key: mosaic
        for key, mosaic in zip(keys, found, strict=True)
        if mosaic and photo.metadata_key.find_owner(mosaic.metadata, photo.key) == "this"
    }


def is_settled(photo: DeliveryJob, first: StoredMosaic, upload: dict[str, str]) -> Steps:
    """Return whether the exclusive objects are as the marker says, which is up to date."""
    if not photo.exclusive:
        return True
    own: dict[str, StoredMosaic] = yield from find_own(photo, photo.exclusive)
    if not photo.marker or first.metadata.get(PICTURE_FIELD) != PICTURE:
        return not own
    return len(own) == 1 and all(
        photo.metadata_key.has_same_recipe(each.metadata, upload, photo.find_recipe(key))
        for key, each in own.items()
    )


def delete_own(
    photo: DeliveryJob, keys: Collection[str], current: Version | None, conditional: bool = True
) -> Steps:
    """Delete the photo's objects of these keys, while the photo is the `current` one.

    Returns the keys of those that existed; None if the photo, or an object, has changed meanwhile.
    """
    found: dict[str, StoredMosaic] = yield from find_own(photo, keys)
    if not found:
        return ()
    (version,) = yield (CheckPhoto(),)  # After the check of the objects, not before it.
    if version != current:
        return None
    deleted: Any = yield [
        DeleteMosaic(key, mosaic.etag if conditional else None) for key, mosaic in found.items()
    ]
    if None in deleted:
        return (yield from delete_own(photo, keys, current, conditional=False))
    return tuple(found) if all(deleted) else None
