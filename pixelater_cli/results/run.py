"""Owns what `pixelater run` returns, and what other commands say of a photo's mosaics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from pixelater import Mosaic


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

    command: ClassVar[Literal["run"]] = "run"
    out: str
    photos: tuple[PixelatedPhoto, ...]
    passed_over: int
    seconds: float

    @property
    def exit_code(self) -> int:
        return int(any(photo.error for photo in self.photos))


def word_warnings(mosaics: Iterable[Mosaic]) -> tuple[str, ...]:
    """Say each warning of a photo's mosaics once, with the grids it is about."""
    grids: dict[str, list[str]] = {}
    for mosaic in mosaics:
        for warning in mosaic.warnings:
            grids.setdefault(warning, []).append(str(mosaic.grid))
    return tuple(f"grid {', '.join(some)}: {warning}" for warning, some in grids.items())
