"""Result of `pixelater run --spritesheet`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import format_count, format_size
from pixelater_cli.results.problems import render_problems

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater_cli.results.shared_fields import Hint, MosaicWarnings, PhotoError, PhotoPath


@dataclass(frozen=True)
class SpritePhoto:
    """A photo on the sheet, or the error that prevented it."""

    photo: PhotoPath
    warnings: MosaicWarnings = ()
    error: PhotoError = ""
    hint: Hint = ""


@dataclass(frozen=True)
class SpritesheetResult(CommandResult):
    """Result of `pixelater run --spritesheet`."""

    command: ClassVar[Literal["run"]] = "run"
    spritesheet: Annotated[str, Doc("path of the sheet; empty: no photo could be read")]
    data: Annotated[str, Doc("path of its description in JSON")]
    width: Annotated[int, Doc("width of the sheet in pixels")]
    height: Annotated[int, Doc("height of the sheet in pixels")]
    frames: Annotated[int, Doc("number of frames on it")]
    bytes: Annotated[int, Doc("size of the sheet")]
    photos: Annotated[tuple[SpritePhoto, ...], Doc("photos, in the order given")]
    seconds: Annotated[float, Doc("duration, in seconds")]

    @property
    def exit_code(self) -> int:
        return int(any(photo.error for photo in self.photos))

    def render(self) -> Iterator[str]:
        if self.spritesheet:
            size = f"{self.width} x {self.height} pixels, {format_size(self.bytes)}"
            yield f"{self.spritesheet}  {format_count(self.frames, 'frame')}, {size}"
            yield self.data

    def render_problems(self) -> Iterator[str]:
        yield from render_problems(self.photos)
