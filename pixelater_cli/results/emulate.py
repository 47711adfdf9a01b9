"""Owns what `pixelater emulate` returns. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import ClassVar, Literal

from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import Table, format_count, format_size
from pixelater_cli.results.run import SavedMosaic, render_problems


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
    hint: str = ""


@dataclass(frozen=True)
class EmulateResult(CommandResult):
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

    def tell(self) -> Iterator[str | Table]:
        yield f"Deployed to an AWS on this machine in {format_count(self.steps, 'step')}."
        yield f"{self.source_bucket} -> pixelater-function -> {self.destination_bucket}"
        yield ""
        done = [photo for photo in self.photos if photo.mosaics]
        if done:
            titles = ("Photo", "Event to five", "Size", f"Saved in {self.out}")
            rows = tuple(row for photo in done for row in self._list_rows(photo))
            yield Table(titles, rows, right=frozenset({"Event to five", "Size"}))
            yield ""
            same = sum(photo.identical for photo in done)
            verdict = (
                "yes" if same == len(done) else f"no: {len(done) - same} of {len(done)} differ"
            )
            yield f"Bytes identical to `pixelater run`: {verdict}"

    def render_problems(self) -> Iterator[str]:
        yield from render_problems(self.photos)

    def _list_rows(self, photo: EmulatedPhoto) -> Iterator[tuple[str, ...]]:
        key = photo.key
        duration = f"{photo.milliseconds:.0f} ms {'cold' if photo.cold else 'warm'}"
        for mosaic in photo.mosaics:
            saved = PurePath(mosaic.path).relative_to(self.out).as_posix()
            yield key, duration, format_size(mosaic.bytes), saved
            key = duration = ""
