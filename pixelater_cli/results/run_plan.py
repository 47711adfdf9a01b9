"""Result of `pixelater run --plan`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.results import CHANGES_PENDING, CommandResult
from pixelater_cli.results.formatting import format_count
from pixelater_cli.results.problems import LeftFile, format_left, render_problems

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater_cli.results.shared_fields import Hint, PhotoError, PhotoPath


@dataclass(frozen=True)
class PlannedMosaic:
    """A mosaic that would be written."""

    grid: Annotated[int, Doc("number of cells across and down")]
    path: Annotated[str, Doc("path of the file")]
    replaces: Annotated[bool, Doc("whether a file of this name exists, and would be replaced")]
    alternative: Annotated[
        str, Doc("with `--format auto`: path of the file if PNG is smaller; otherwise empty")
    ] = ""


@dataclass(frozen=True)
class PlannedPhoto:
    """A photo with the mosaics that would be written, or with the error that would prevent it."""

    photo: PhotoPath
    planned: Annotated[tuple[PlannedMosaic, ...], Doc("mosaics, in the order of the grids")] = ()
    up_to_date: Annotated[bool, Doc("whether the mosaics already exist and are up to date")] = False
    error: PhotoError = ""
    hint: Hint = ""

    @property
    def warnings(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True)
class RunPlan(CommandResult):
    """What `pixelater run` would write, read from the headers of the photos."""

    command: ClassVar[Literal["run"]] = "run"
    out: Annotated[str, Doc("output folder, or file")]
    plan: Annotated[tuple[PlannedPhoto, ...], Doc("photos, in the order given")]
    passed_over: Annotated[int, Doc("number of other files in the folders")]
    not_pixelated: Annotated[
        tuple[LeftFile, ...], Doc("those of the other files that may have been meant")
    ] = ()

    @property
    def exit_code(self) -> int:
        if any(photo.planned for photo in self.plan):
            return CHANGES_PENDING
        return int(any(photo.error for photo in self.plan))

    def render(self) -> Iterator[str]:
        for photo in self.plan:
            if photo.up_to_date:
                yield f"up to date: {photo.photo}"
            for mosaic in photo.planned:
                other = f" or {mosaic.alternative}" if mosaic.alternative else ""
                yield f"{'replace' if mosaic.replaces else 'create'}: {mosaic.path}{other}"
        yield f"Nothing was written: {', '.join(self._sum_up())}."

    def render_problems(self) -> Iterator[str]:
        yield from format_left((file.path, file.kind) for file in self.not_pixelated)
        yield from render_problems(self.plan)

    def _sum_up(self) -> Iterator[str]:
        mosaics = [mosaic for photo in self.plan for mosaic in photo.planned]
        replaced = sum(mosaic.replaces for mosaic in mosaics)
        yield f"{format_count(len(mosaics) - replaced, 'mosaic')} to create, {replaced} to replace"
        up_to_date = sum(photo.up_to_date for photo in self.plan)
        if up_to_date:
            yield f"{format_count(up_to_date, 'photo')} up to date"
        failing = sum(bool(photo.error) for photo in self.plan)
        if failing:
            yield f"{failing} would fail"
        if self.passed_over:
            yield f"{format_count(self.passed_over, 'other file')} skipped"
