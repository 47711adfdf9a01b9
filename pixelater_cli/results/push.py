"""Owns what `pixelater push` returns. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import format_count, format_size, wrap


@dataclass(frozen=True)
class FetchedMosaic:
    """A mosaic in the destination bucket; `path` is where it was saved, if it was."""

    grid: int
    key: str
    bytes: int
    path: str | None = None


@dataclass(frozen=True)
class PushedPhoto:
    """What became of one photo: uploaded, and if that was asked for, its mosaics and the wait.

    `version_id` is S3's; "" where the bucket keeps no versions. `hint` says what to do about
    `error`.
    """

    photo: str
    key: str = ""
    bytes: int = 0
    version_id: str = ""
    upload_seconds: float = 0.0
    wait_seconds: float | None = None
    mosaics: tuple[FetchedMosaic, ...] = ()
    error: str = ""
    hint: str = ""


@dataclass(frozen=True)
class PushResult(CommandResult):
    """What `pixelater push` did."""

    command: ClassVar[Literal["push"]] = "push"
    stack: str
    source_bucket: str
    destination_bucket: str
    photos: tuple[PushedPhoto, ...]

    @property
    def exit_code(self) -> int:
        return int(any(photo.error for photo in self.photos))

    def tell(self) -> Iterator[str]:
        sent = [photo for photo in self.photos if photo.key]
        done = [photo for photo in sent if photo.mosaics and not photo.error]
        for photo in done:
            upload, wait = photo.upload_seconds, photo.wait_seconds or 0
            yield f"{photo.photo}: uploaded in {upload:.1f} s, mosaics {wait:.1f} s later"
            yield from (
                f"  {one.path or one.key}  {format_size(one.bytes)}" for one in photo.mosaics
            )
        for photo in () if done else sent:
            yield f"s3://{self.source_bucket}/{photo.key}  {format_size(photo.bytes)}"
        yield ", ".join(self._sum_up(done))

    def _sum_up(self, done: list[PushedPhoto]) -> Iterator[str]:
        """Count each photo once: as uploaded, or as failed, wherever that was."""
        good = [photo for photo in self.photos if not photo.error]
        if good:
            yield f"{format_count(len(good), 'photo')} uploaded"
            yield format_size(sum(photo.bytes for photo in good))
        if done:
            mosaics = [mosaic for one in done for mosaic in one.mosaics]
            where = "" if mosaics[0].path else f" in s3://{self.destination_bucket}"
            yield format_count(len(mosaics), "mosaic") + where
        if len(good) < len(self.photos):
            yield f"{len(self.photos) - len(good)} failed"

    def render_problems(self) -> Iterator[str]:
        for photo in self.photos:
            if photo.error:
                yield f"error: {photo.photo}: {photo.error}"
            if photo.hint:
                yield from wrap(photo.hint, "  ")
