"""Whose mosaics those of a photo's names are: another photo's, or unknown. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pixelater_function.mosaic_metadata import FINGERPRINT_FIELD, PHOTO_FIELD
from pixelater_function.protocol import DeliveryJob, StoredMosaic


class NameTaken(Exception):
    """The names of the mosaics belong to another photo, as those of scan.psd and scan.png.

    Or a secret that the function does not have hides whose they are.
    """


def refuse_taken(photo: DeliveryJob, found: Sequence[StoredMosaic | None]) -> None:
    """Raise NameTaken for a mosaic of another photo, or of an unknown one."""
    for mosaic in filter(None, found):
        # Mosaics without metadata were put before the function wrote any, and are replaced.
        if photo.metadata_key.find_owner(mosaic.metadata, photo.key) == "another":
            name = mosaic.metadata.get(PHOTO_FIELD, "another photo")
            raise NameTaken(f"the names of its mosaics are those of {name}; rename one of the two")
    refuse_unknown(photo, found)


def refuse_unknown(photo: DeliveryJob, found: Iterable[StoredMosaic | None]) -> None:
    """Raise NameTaken for a mosaic whose secret is not the function's."""
    for mosaic in filter(None, found):
        if photo.metadata_key.find_owner(mosaic.metadata, photo.key) == "unknown":
            secret = mosaic.metadata[FINGERPRINT_FIELD]
            raise NameTaken(
                f"the metadata of mosaics with its names have the secret {secret}, which this "
                "function does not have; if they are of a stack that no longer exists, replace "
                f"them: pixelater backfill --take-over {secret}"
            )
