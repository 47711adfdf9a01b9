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
        str,
        Doc("path of the file if PNG is smaller (`--format auto`), or holds more; otherwise empty"),
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
class PlannedVideo:
    """A video with the mosaics that would be written, or with the error that would prevent it."""

    video: Annotated[str, Doc("path of the video, as given or found")]
    planned: Annotated[tuple[PlannedMosaic, ...], Doc("mosaics, in the order of the grids")] = ()
    up_to_date: Annotated[bool, Doc("whether the mosaics already exist and are up to date")] = False
    error: Annotated[str, Doc("why nothing would be written; empty if it would")] = ""
    hint: Hint = ""

    @property
    def photo(self) -> str:
        """The path, under the name that photos have."""
        return self.video

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
    videos: Annotated[tuple[PlannedVideo, ...], Doc("videos, in the order given")] = ()

    @property
    def exit_code(self) -> int:
        if any(each.planned for each in self._all):
            return CHANGES_PENDING
        return int(any(each.error for each in self._all))

    @property
    def _all(self) -> tuple[PlannedPhoto | PlannedVideo, ...]:
        return (*self.plan, *self.videos)

    def render(self) -> Iterator[str]:
        for each in self._all:
            if each.up_to_date:
                yield f"up to date: {each.photo}"
            for mosaic in each.planned:
                other = f" or {mosaic.alternative}" if mosaic.alternative else ""
                yield f"{'replace' if mosaic.replaces else 'create'}: {mosaic.path}{other}"
        yield f"Nothing was written: {', '.join(self._sum_up())}."

    def render_problems(self) -> Iterator[str]:
        yield from format_left((file.path, file.kind) for file in self.not_pixelated)
        yield from render_problems(self._all)

    def _sum_up(self) -> Iterator[str]:
        mosaics = [mosaic for each in self._all for mosaic in each.planned]
        replaced = sum(mosaic.replaces for mosaic in mosaics)
        yield f"{format_count(len(mosaics) - replaced, 'mosaic')} to create, {replaced} to replace"
        for kind, sources in (("photo", self.plan), ("video", self.videos)):
            up_to_date = sum(each.up_to_date for each in sources)
            if up_to_date:
                yield f"{format_count(up_to_date, kind)} up to date"
        failing = sum(bool(each.error) for each in self._all)
        if failing:
            yield f"{failing} would fail"
        if self.passed_over:
            yield f"{format_count(self.passed_over, 'other file')} skipped"
