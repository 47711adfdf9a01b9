"""Mosaics with metadata in clear, as versions before secrets wrote them."""

from __future__ import annotations

from typing import Any

from pixelater_function.mosaic_metadata import describe_mosaic, describe_upload

MOSAICS = "pixelater-destination-bucket"
PHOTOS = "pixelater-source-bucket"


def make_clear(s3: Any, mosaic: str, key: str, **parameters: Any) -> None:
    """Give a mosaic the metadata that versions before secrets wrote."""
    found = s3.get_object(Bucket=MOSAICS, Key=mosaic)
    photo = s3.head_object(Bucket=PHOTOS, Key=key)
    clear = describe_upload(
        key, photo["ETag"], photo["VersionId"], photo["LastModified"].isoformat()
    )
    data, recipe = found["Body"].read(), found["Metadata"]["pixelater-recipe"]
    s3.put_object(
        Bucket=MOSAICS,
        Key=mosaic,
        Body=data,
        ContentType=found["ContentType"],
        Metadata=describe_mosaic(clear, data, recipe, ""),
        **parameters,
    )
