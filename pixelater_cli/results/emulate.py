"""Result of `pixelater emulate`, as JSON document and as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.aws.operations.failure_record import spell_reason
from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import Table, format_count, format_size
from pixelater_cli.results.problems import render_problems
from pixelater_cli.results.run import SavedMosaic

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater_cli.results.shared_fields import (
        DestinationBucket,
        DocumentKind,
        Hint,
        MosaicWarnings,
        PhotoError,
        PhotoPath,
        SourceBucket,
    )


@dataclass(frozen=True)
class SavedDocument:
    """A document of a photo, such as its preview."""

    kind: DocumentKind
    path: Annotated[str, Doc("path of the file")]
    bytes: Annotated[int, Doc("size")]


@dataclass(frozen=True)
class EmulatedPhoto:
    """A photo in the emulated pipeline. A cold start includes loading Python, boto3 and Pillow."""

    photo: PhotoPath
    key: Annotated[str, Doc("key in the source bucket; empty if it was not uploaded")] = ""
    milliseconds: Annotated[float, Doc("time from the S3 event to the last mosaic")] = 0.0
    cold: Annotated[bool, Doc("whether it was a cold start")] = False
    identical: Annotated[
        bool,
        Doc(
            "whether the mosaics have the same bytes as those of `pixelater run`, and documents "
            "as the library writes them"
        ),
    ] = False
    mosaics: Annotated[tuple[SavedMosaic, ...], Doc("mosaics that were saved")] = ()
    documents: Annotated[tuple[SavedDocument, ...], Doc("documents that were saved")] = ()
    warnings: MosaicWarnings = ()
    error: PhotoError = ""
    hint: Hint = ""


@dataclass(frozen=True)
class EmulateResult(CommandResult):
    """Result of `pixelater emulate` with photos."""

    command: ClassVar[Literal["emulate"]] = "emulate"
    out: Annotated[str, Doc("output folder")]
    source_bucket: SourceBucket
    destination_bucket: DestinationBucket
    steps: Annotated[int, Doc("number of API calls that deployed the stack")]
    photos: Annotated[tuple[EmulatedPhoto, ...], Doc("photos, in the order given")]

    @property
    def exit_code(self) -> int:
        return int(any(photo.error or not photo.identical for photo in self.photos))

    def render(self) -> Iterator[str | Table]:
        yield f"Deployed to the local emulator in {format_count(self.steps, 'step')}."
        yield f"{self.source_bucket} -> pixelater-function -> {self.destination_bucket}"
        yield ""
        done = [photo for photo in self.photos if photo.mosaics or photo.documents]
        if done:
            titles = ("Photo", "Event to last mosaic", "Size", f"Saved in {self.out}")
            rows = tuple(row for photo in done for row in self._list_rows(photo))
            yield Table(titles, rows, right=frozenset({"Event to last mosaic", "Size"}))
            yield ""
            same = sum(photo.identical for photo in done)
            verdict = (
                "yes" if same == len(done) else f"no: {len(done) - same} of {len(done)} differ"
            )
            yield f"Bytes identical to `pixelater run`: {verdict}"

    def render_problems(self) -> Iterator[str]:
        yield from render_problems(
            replace(photo, error=spell_reason(photo.error)) for photo in self.photos
        )

    def _list_rows(self, photo: EmulatedPhoto) -> Iterator[tuple[str, ...]]:
        key = photo.key
        duration = f"{photo.milliseconds:.0f} ms {'cold' if photo.cold else 'warm'}"
        objects: tuple[SavedMosaic | SavedDocument, ...] = photo.mosaics + photo.documents
        for each in objects:
            saved = PurePath(each.path).relative_to(self.out).as_posix()
            yield key, duration, format_size(each.bytes), saved
            key = duration = ""
