"""Owns what `pixelater emulate` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pixelater_cli.results.run import SavedMosaic


@dataclass(frozen=True)
class EmulatedPhoto:
    """One photo's way through the emulated pipeline.

    `milliseconds` run from the S3 event to the fifth object; in a cold start Python, boto3 and
    Pillow are loaded first. `identical` tells whether the objects equal what `run` makes.
    """

    photo: str
    key: str = ""
    milliseconds: float = 0.0
    cold: bool = False
    identical: bool = False
    mosaics: tuple[SavedMosaic, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class EmulateResult:
    """What `pixelater emulate` did."""

    command: ClassVar[Literal["emulate"]] = "emulate"
    out: str
    source_bucket: str
    destination_bucket: str
    steps: int
    photos: tuple[EmulatedPhoto, ...]

    @property
    def exit_code(self) -> int:
        return int(any(photo.error or not photo.identical for photo in self.photos))
