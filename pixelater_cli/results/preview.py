"""Result of `pixelater preview`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import format_count, wrap
from pixelater_cli.results.problems import LeftFile, format_left, render_problems

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater_cli.results.shared_fields import Hint


@dataclass(frozen=True)
class PreviewedMosaic:
    """A mosaic that a preview document names."""

    key: Annotated[str, Doc("key in the destination bucket")]
    grid: Annotated[int, Doc("number of cells across and down")]
    cell_size: Annotated[int, Doc("side of its cells in pixels; 0: of a grid")]
    width: Annotated[int, Doc("pixels across, of the file")]
    height: Annotated[int, Doc("pixels down, of the file")]
    media_type: Annotated[str, Doc("media type, such as `image/webp`")]


@dataclass(frozen=True)
class PreviewedPhoto:
    """A photo with its placeholders, or with the error that prevented them."""

    photo: Annotated[str, Doc("path of the photo, as given or found; with --from-stack, its key")]
    width: Annotated[int, Doc("pixels across, of the upright photo; 0 with an error")] = 0
    height: Annotated[int, Doc("pixels down, of the upright photo; 0 with an error")] = 0
    dominant_color: Annotated[
        str, Doc("`#rrggbb`; `#00000000` if nothing of the photo is visible")
    ] = ""
    thumbhash: Annotated[str, Doc("[ThumbHash](https://evanw.github.io/thumbhash/), in Base64")] = (
        ""
    )
    blurhash: Annotated[str, Doc("[BlurHash](https://blurha.sh) of 4 x 3 components")] = ""
    data_uri: Annotated[
        str, Doc("small picture as a data URI of at most `budget` characters; empty: none fits")
    ] = ""
    has_alpha: Annotated[
        bool,
        Doc("whether the photo is transparent in part: remove its placeholder once it is loaded"),
    ] = False
    warnings: Annotated[tuple[str, ...], Doc("warnings about the data URI")] = ()
    error: Annotated[str, Doc("why there are no placeholders; empty if there are")] = ""
    hint: Hint = ""
    up_to_date: Annotated[bool, Doc("whether the placeholders were made by an earlier command")] = (
        False
    )
    mosaics: Annotated[
        tuple[PreviewedMosaic, ...],
        Doc("the photo's mosaics in the bucket; of a local photo: none"),
    ] = ()


@dataclass(frozen=True)
class PreviewResult(CommandResult):
    """Result of `pixelater preview`."""

    command: ClassVar[Literal["preview"]] = "preview"
    budget: Annotated[int, Doc("most characters of a data URI")]
    photos: Annotated[tuple[PreviewedPhoto, ...], Doc("photos, in the order given")]
    passed_over: Annotated[int, Doc("number of other files in the folders")]
    seconds: Annotated[float, Doc("duration, in seconds")]
    out: Annotated[str, Doc("path of the file that was written; empty: none")] = ""
    not_previewed: Annotated[
        tuple[LeftFile, ...], Doc("those of the other files that may have been meant")
    ] = ()
    bucket: Annotated[
        str, Doc("bucket whose preview documents were read; empty: photos are local")
    ] = ""

    @property
    def exit_code(self) -> int:
        return int(any(photo.error for photo in self.photos))

    @property
    def previewed(self) -> tuple[PreviewedPhoto, ...]:
        """The photos that have placeholders."""
        return tuple(photo for photo in self.photos if not photo.error)

    def render(self) -> Iterator[str]:
        found = self.previewed
        if not found:
            return
        if not self.out:
            for photo in found:
                yield from wrap(
                    f"{photo.photo}  {photo.width} x {photo.height}, {photo.dominant_color}, "
                    f"thumbhash {photo.thumbhash}, data URI {len(photo.data_uri)}",
                    first="",
                )
        yield ", ".join(self._sum_up()) + f" ({self.seconds:.1f} s)"

    def render_problems(self) -> Iterator[str]:
        yield from format_left(((file.path, file.kind) for file in self.not_previewed), "previewed")
        yield from render_problems(self.photos)

    def _sum_up(self) -> Iterator[str]:
        found = self.previewed
        done = [photo for photo in found if not photo.up_to_date]
        up_to_date = len(found) - len(done)
        if done and self.bucket:
            yield f"{format_count(len(done), 'preview')} in s3://{self.bucket}"
        elif done:
            yield f"{format_count(len(done), 'preview')} made"
        if up_to_date:
            yield f"{format_count(up_to_date, 'preview')} up to date"
        if self.out:
            yield f"written to {self.out}"
        if failed := len(self.photos) - len(found):
            yield f"{failed} failed"
        if self.not_previewed:
            yield f"{len(self.not_previewed)} not previewed"
        if others := self.passed_over - len(self.not_previewed):
            yield f"{format_count(others, 'other file')} skipped"
