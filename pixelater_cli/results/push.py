"""Result of `pixelater push`, as JSON document and as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.aws.operations.failure_record import spell_reason
from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import format_count, format_size, wrap

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater_cli.results.shared_fields import (
        DestinationBucket,
        DocumentKind,
        Hint,
        PhotoPath,
        SourceBucket,
        StackName,
    )


@dataclass(frozen=True)
class FetchedMosaic:
    """A mosaic in the destination bucket."""

    grid: Annotated[int, Doc("number of cells across and down; 0: of a cell size")]
    key: Annotated[str, Doc("key in the destination bucket")]
    bytes: Annotated[int, Doc("size")]
    path: Annotated[str | None, Doc("path of the file; null: not saved")] = None
    cell_size: Annotated[int, Doc("side of its cells in pixels; 0: of a grid")] = 0


@dataclass(frozen=True)
class FetchedDocument:
    """A document in the destination bucket."""

    kind: DocumentKind
    key: Annotated[str, Doc("key in the destination bucket")]
    bytes: Annotated[int, Doc("size")]
    path: Annotated[str | None, Doc("path of the file; null: not saved")] = None


@dataclass(frozen=True)
class PushedPhoto:
    """An uploaded photo, and its mosaics and documents with --wait or --out."""

    photo: PhotoPath
    key: Annotated[str, Doc("key in the source bucket; empty if it was not uploaded")] = ""
    bytes: Annotated[int, Doc("size")] = 0
    version_id: Annotated[str, Doc("version ID in S3; empty without versioning")] = ""
    upload_seconds: Annotated[float, Doc("duration of the upload, in seconds")] = 0.0
    wait_seconds: Annotated[
        float | None, Doc("seconds from upload to last mosaic; null: not waited for, or failed")
    ] = None
    mosaics: Annotated[
        tuple[FetchedMosaic, ...], Doc("mosaics, if the command waited for them")
    ] = ()
    documents: Annotated[
        tuple[FetchedDocument, ...], Doc("documents, such as previews, if it waited for them")
    ] = ()
    error: Annotated[str, Doc("what failed; empty: nothing")] = ""
    hint: Hint = ""

    @property
    def objects(self) -> tuple[FetchedMosaic | FetchedDocument, ...]:
        """Mosaics and documents."""
        return self.mosaics + self.documents


@dataclass(frozen=True)
class PushResult(CommandResult):
    """Result of `pixelater push`."""

    command: ClassVar[Literal["push"]] = "push"
    stack: StackName
    source_bucket: SourceBucket
    destination_bucket: DestinationBucket
    photos: Annotated[tuple[PushedPhoto, ...], Doc("photos, in the order given")]

    @property
    def exit_code(self) -> int:
        return int(any(photo.error for photo in self.photos))

    def render(self) -> Iterator[str]:
        sent = [photo for photo in self.photos if photo.key]
        done = [photo for photo in sent if photo.objects and not photo.error]
        for photo in done:
            upload, wait = photo.upload_seconds, photo.wait_seconds or 0
            what = "mosaics" if photo.mosaics else "nothing to hide was found,"
            yield f"{photo.photo}: uploaded in {upload:.1f} s, {what} {wait:.1f} s later"
            yield from (
                f"  {each.path or each.key}  {format_size(each.bytes)}" for each in photo.objects
            )
        for photo in () if done else (photo for photo in sent if not photo.error):
            yield f"s3://{self.source_bucket}/{photo.key}  {format_size(photo.bytes)}"
        yield ", ".join(self._sum_up(done))

    def _sum_up(self, done: list[PushedPhoto]) -> Iterator[str]:
        """Yield counts; each photo counts once, as uploaded or as failed."""
        good = [photo for photo in self.photos if not photo.error]
        if good:
            yield f"{format_count(len(good), 'photo')} uploaded"
            yield format_size(sum(photo.bytes for photo in good))
        if done:
            where = "" if done[0].objects[0].path else f" in s3://{self.destination_bucket}"
            counts = {
                "mosaic": sum(len(photo.mosaics) for photo in done),
                "document": sum(len(photo.documents) for photo in done),
            }
            yield " and ".join(format_count(n, what) for what, n in counts.items() if n) + where
        if len(good) < len(self.photos):
            yield f"{len(self.photos) - len(good)} failed"

    def render_problems(self) -> Iterator[str]:
        for photo in self.photos:
            if photo.error:
                yield f"error: {photo.photo}: {spell_reason(photo.error)}"
            if photo.hint:
                yield from wrap(photo.hint, "  ")
