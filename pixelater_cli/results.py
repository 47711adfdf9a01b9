"""Owns what commands return: frozen data, the shape of the JSON documents.

Every document carries `version`; a change that breaks readers raises it. Paths are strings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pixelater import Mosaic

VERSION = 1


@dataclass(frozen=True)
class SavedMosaic:
    """A mosaic on disk; with --format auto, `saved` bytes less than in the photo's own format."""

    grid: int
    path: str
    bytes: int
    saved: int = 0


@dataclass(frozen=True)
class PixelatedPhoto:
    """What became of one photo: its mosaics, or the reason why there are none."""

    photo: str
    mosaics: tuple[SavedMosaic, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class RunResult:
    """What `pixelater run` did."""

    command: ClassVar[str] = "run"
    out: str
    photos: tuple[PixelatedPhoto, ...]
    passed_over: int
    seconds: float

    @property
    def exit_code(self) -> int:
        return int(any(photo.error for photo in self.photos))


@dataclass(frozen=True)
class PlannedStep:
    """One step of a plan: its title and the AWS call it stands for."""

    title: str
    call: str


@dataclass(frozen=True)
class DeployResult:
    """What `pixelater deploy` did, or with --plan would do."""

    command: ClassVar[str] = "deploy"
    account: str
    region: str
    endpoint_url: str | None
    source_bucket: str
    destination_bucket: str
    function: str
    package: str
    applied: bool
    steps: tuple[PlannedStep, ...]

    @property
    def exit_code(self) -> int:
        return 0


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

    command: ClassVar[str] = "emulate"
    out: str
    source_bucket: str
    destination_bucket: str
    steps: int
    photos: tuple[EmulatedPhoto, ...]

    @property
    def exit_code(self) -> int:
        return int(any(photo.error or not photo.identical for photo in self.photos))


Result = RunResult | DeployResult | EmulateResult


def word_warnings(mosaics: Iterable[Mosaic]) -> tuple[str, ...]:
    """Say each warning of a photo's mosaics once, with the grids it is about."""
    grids: dict[str, list[str]] = {}
    for mosaic in mosaics:
        for warning in mosaic.warnings:
            grids.setdefault(warning, []).append(str(mosaic.grid))
    return tuple(f"grid {', '.join(some)}: {warning}" for warning, some in grids.items())
