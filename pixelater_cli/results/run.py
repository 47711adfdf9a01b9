"""Owns what `pixelater run` returns, and what other commands say of a photo's mosaics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal


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


def word_warnings(warnings: Iterable[tuple[int, Iterable[str]]]) -> tuple[str, ...]:
    """Say each warning of a photo's mosaics, given grid by grid, once, with its grids."""
    grids: dict[str, list[str]] = {}
    for grid, some in warnings:
        for warning in some:
            grids.setdefault(warning, []).append(str(grid))
    return tuple(f"grid {', '.join(some)}: {warning}" for warning, some in grids.items())
