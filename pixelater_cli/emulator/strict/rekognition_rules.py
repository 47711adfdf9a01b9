"""What DetectFaces and DetectText refuse, besides what their models say.

https://docs.aws.amazon.com/rekognition/latest/dg/error-handling.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pixelater_cli.emulator.strict.refusal import Refusal

NOT_IMPLEMENTED = 501, "NotImplemented"
"""Not AWS's: of what the local detectors cannot tell. Clients do not try again."""


def check_image(document: Mapping[str, Any]) -> None:
    """Refuse a picture that is neither bytes nor an object, or both. Raises Refusal."""
    image = document["Image"]
    stored = image.get("S3Object")
    if (image.get("Bytes") is None) == (stored is None):
        raise Refusal(400, "InvalidParameterException", "Request has invalid parameters")
    if stored is not None and not (stored.get("Bucket") and stored.get("Name")):
        raise Refusal(400, "InvalidS3ObjectException", "Request has invalid S3 object")


def check_attributes(document: Mapping[str, Any]) -> None:
    """Refuse attributes that the local detector does not tell. Raises Refusal."""
    unknown = set(document.get("Attributes") or ()) - {"DEFAULT"}
    if unknown:
        names = ", ".join(sorted(unknown))
        raise Refusal(*NOT_IMPLEMENTED, f"this emulator finds faces, and cannot tell {names}")


def check_regions(document: Mapping[str, Any]) -> None:
    """Refuse regions of interest that are not rectangles. Raises Refusal."""
    regions = (document.get("Filters") or {}).get("RegionsOfInterest") or ()
    if any(region.get("Polygon") for region in regions):
        raise Refusal(*NOT_IMPLEMENTED, "this emulator has no polygons as regions of interest")
