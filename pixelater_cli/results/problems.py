"""Problems of photos, and files that were left, in the results of several commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Protocol

from pixelater_cli.results.formatting import wrap

if TYPE_CHECKING:
    from typing_extensions import Doc

MAX_LISTED = 10
"""Files of one kind that are named, unless there are more."""


class ProcessedPhoto(Protocol):
    """A photo with its warnings, and the error and hint if it failed."""

    @property
    def photo(self) -> str: ...
    @property
    def warnings(self) -> tuple[str, ...]: ...
    @property
    def error(self) -> str: ...
    @property
    def hint(self) -> str: ...


@dataclass(frozen=True)
class LeftFile:
    """A file that may have been meant, but is not a photo that can be read."""

    path: Annotated[str, Doc("path of the file")]
    kind: Annotated[str, Doc("what it is, such as `video`, `raw photo` or `PDF document`")]


def format_left(files: Iterable[tuple[object, str]], done: str = "pixelated") -> Iterator[str]:
    """Format warnings of files that may have been meant; many of one kind are counted."""
    paths: dict[str, list[object]] = {}
    for path, kind in files:
        paths.setdefault(kind, []).append(path)
    for kind, found in paths.items():
        listed = found if len(found) <= MAX_LISTED else found[: MAX_LISTED - 1]
        yield from (f"warning: not {done}: {path} ({kind})" for path in listed)
        if more := len(found) - len(listed):
            yield f"warning: not {done}: {more} more ({kind})"


def render_problems(photos: Iterable[ProcessedPhoto]) -> Iterator[str]:
    """Yield the warnings and errors of photos; each hint the first time only."""
    hints = {""}
    for photo in photos:
        yield from (f"warning: {photo.photo}: {warning}" for warning in photo.warnings)
        if photo.error:
            yield f"error: {photo.photo}: {photo.error}"
        if photo.hint not in hints:
            yield from wrap(photo.hint, "  ")
            hints.add(photo.hint)
