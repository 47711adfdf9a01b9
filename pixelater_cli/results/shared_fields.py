"""Types of fields that several JSON documents have, with the meaning that their schemas show."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import Doc

AccountNumber = Annotated[str, Doc("AWS account ID, 12 digits")]
RegionName = Annotated[str, Doc("AWS region")]
EndpointUrl = Annotated[str | None, Doc("URL of the AWS emulator; null: AWS itself")]
StackName = Annotated[str, Doc("name of the stack")]
SourceBucket = Annotated[str, Doc("bucket that photos are uploaded to")]
DestinationBucket = Annotated[str, Doc("bucket that mosaics are written to")]
Applied = Annotated[bool, Doc("whether `steps` were applied; false with --plan")]
PhotoPath = Annotated[str, Doc("path of the photo, as given or found")]
PhotoError = Annotated[str, Doc("why mosaics are missing; empty if all exist")]
Hint = Annotated[str, Doc("what to do about the error; may be empty")]
MosaicWarnings = Annotated[
    tuple[str, ...], Doc("warnings about the mosaics, such as more cells than pixels")
]
DocumentKind = Annotated[str, Doc("kind of the document: preview")]
WeatherSeed = Annotated[int, Doc("seed of the weather")]
Notes = Annotated[
    tuple[str, ...],
    Doc("what the settings cost, send elsewhere or delete that the resources do not show"),
]
UnknownSecrets = Annotated[
    dict[str, int],
    Doc(
        "number of mosaics, of the first 1,000, with metadata of each secret that the stack does "
        "not have, by its fingerprint"
    ),
]
LeftoverMosaics = Annotated[
    dict[str, int],
    Doc(
        "number of these that are not what a photo's mosaics are named now, by the fingerprint of "
        "their secret; `--take-over` does not replace them"
    ),
]
