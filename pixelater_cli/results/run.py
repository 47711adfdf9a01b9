"""Result of `pixelater run`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pixelater_cli.results import CommandResult
from pixelater_cli.results.formatting import format_count, format_size
from pixelater_cli.results.problems import LeftFile, format_left, render_problems

KINDS = {"faces": "face", "text": "text"}
"""Kinds that are sought -> those of regions that are found."""

NAMES = {"text": "text line"}
"""Kinds of regions that have other names in sentences."""

LARGE_DIFFERENCE = 10_000
"""Bytes of mosaics from which a smaller format is worth a line."""

if TYPE_CHECKING:
    from typing_extensions import Doc

    from pixelater import Style
    from pixelater_cli.results.shared_fields import Hint, MosaicWarnings, PhotoError, PhotoPath
    from pixelater_function.found_regions import HiddenRegion


@dataclass(frozen=True)
class SavedRegion:
    """A hidden region."""

    kind: Annotated[str, Doc("`face`, `text`, or `region` if it was given")]
    left: Annotated[int, Doc("left edge, in pixels of the upright photo")]
    top: Annotated[int, Doc("top edge")]
    width: Annotated[int, Doc("width")]
    height: Annotated[int, Doc("height")]
    score: Annotated[float, Doc("score of the detector, 0 to 1; 1 if it was given")]


@dataclass(frozen=True)
class SavedMosaic:
    """A mosaic on disk."""

    grid: Annotated[int, Doc("number of cells across and down; 0: regions are hidden")]
    path: Annotated[str, Doc("path of the file")]
    bytes: Annotated[int, Doc("size")]
    saved: Annotated[
        int, Doc("with `--format auto`: bytes saved compared with the photo's format; otherwise 0")
    ] = 0
    exact_bytes: Annotated[
        int,
        Doc(
            "for a JPEG that was just made, at the smallest grid, up to 32: size with "
            "`--format auto`; otherwise 0"
        ),
    ] = 0
    face_cells: Annotated[
        int | None,
        Doc(
            "with `--check-faces`: cells on the shorter side of the largest face, 0 without faces; "
            "otherwise null"
        ),
    ] = None


@dataclass(frozen=True)
class PixelatedPhoto:
    """A photo with its mosaics, or with the error that prevented some or all of them."""

    photo: PhotoPath
    mosaics: Annotated[tuple[SavedMosaic, ...], Doc("mosaics, in the order of the grids")] = ()
    warnings: MosaicWarnings = ()
    error: PhotoError = ""
    hint: Hint = ""
    up_to_date: Annotated[bool, Doc("whether the mosaics already existed and were up to date")] = (
        False
    )
    regions: Annotated[
        tuple[SavedRegion, ...], Doc("regions that were hidden; none if it is up to date")
    ] = ()
    nothing: Annotated[
        str, Doc("what was not found, so that nothing is written: `faces`; empty otherwise")
    ] = ""
    faces: Annotated[
        tuple[SavedRegion, ...],
        Doc("with `--check-faces`: faces that were found, the largest first"),
    ] = ()


@dataclass(frozen=True)
class HiddenKind:
    """What is hidden in a video, of one kind."""

    kind: Annotated[str, Doc("`face`, `text`, or `region` if it was given")]
    frames: Annotated[int, Doc("number of frames in which it is hidden")]
    most: Annotated[int, Doc("the most in one frame")]
    score: Annotated[float, Doc("best score of the detector, 0 to 1; 1 if it was given")]


@dataclass(frozen=True)
class PixelatedVideo:
    """A video with its mosaics, or with the error that prevented them."""

    video: Annotated[str, Doc("path of the video, as given or found")]
    mosaics: Annotated[tuple[SavedMosaic, ...], Doc("files, in the order of the grids")] = ()
    warnings: Annotated[
        tuple[str, ...], Doc("warnings, such as streams of the file that are not kept")
    ] = ()
    error: Annotated[str, Doc("why nothing was written; empty if it was")] = ""
    hint: Hint = ""
    up_to_date: Annotated[bool, Doc("whether the files already existed and were up to date")] = (
        False
    )
    hidden: Annotated[
        tuple[HiddenKind, ...], Doc("what is hidden, by kind; none if it is up to date")
    ] = ()
    nothing: Annotated[
        str, Doc("what was not found, so that nothing is written; empty otherwise")
    ] = ""
    frames: Annotated[int, Doc("number of frames; 0 if it is up to date, or failed")] = 0

    @property
    def photo(self) -> str:
        """The path, under the name that photos have."""
        return self.video


@dataclass(frozen=True)
class RunResult(CommandResult):
    """Result of `pixelater run`."""

    command: ClassVar[Literal["run"]] = "run"
    out: Annotated[str, Doc("output folder, or file")]
    photos: Annotated[tuple[PixelatedPhoto, ...], Doc("photos, in the order given")]
    passed_over: Annotated[int, Doc("number of other files in the folders")]
    seconds: Annotated[float, Doc("duration, in seconds")]
    sheet: Annotated[str, Doc("path of the contact sheet; empty: none")] = ""
    page: Annotated[str, Doc("path of the HTML page; empty: none")] = ""
    not_pixelated: Annotated[
        tuple[LeftFile, ...], Doc("those of the other files that may have been meant")
    ] = ()

    videos: Annotated[tuple[PixelatedVideo, ...], Doc("videos, in the order given")] = ()
    sought: Annotated[
        tuple[str, ...], Doc("kinds that detectors looked for, of `--only`; otherwise empty")
    ] = ()

    @property
    def exit_code(self) -> int:
        return int(any(each.error for each in self._all))

    @property
    def _all(self) -> tuple[PixelatedPhoto | PixelatedVideo, ...]:
        return *self.photos, *self.videos

    def render(self) -> Iterator[str]:
        found = [each for each in self._all if each.mosaics and not each.error]
        if not found and not any(each.nothing for each in self._all):
            return
        done = [each for each in found if not each.up_to_date]
        for each in done:
            hidden = list_hidden(each, self.sought)
            if hidden:
                total = format_size(sum(mosaic.bytes for mosaic in each.mosaics))
                yield f"{each.mosaics[0].path}  {', '.join(hidden)}, {total}"
            elif len(found) == 1:
                yield from (f"{m.path}  {format_size(m.bytes)}" for m in each.mosaics)
            else:
                total = format_size(sum(mosaic.bytes for mosaic in each.mosaics))
                yield f"{each.photo}  {format_count(len(each.mosaics), 'mosaic')}, {total}"
        yield ", ".join(self._sum_up(done, len(found) - len(done))) + f" ({self.seconds:.1f} s)"
        if self.sheet or self.page:
            shown = " and ".join(path for path in (self.sheet, self.page) if path)
            yield f"{shown}: contains small copies of the photos"

    def render_advice(self) -> Iterator[str]:
        """Advise an exact format if its files are much smaller."""
        done = [photo for photo in self.photos if not photo.error]
        compared = [mosaic for photo in done for mosaic in photo.mosaics if mosaic.exact_bytes]
        own = sum(mosaic.bytes for mosaic in compared)
        exact = sum(mosaic.exact_bytes for mosaic in compared)
        if own - exact >= LARGE_DIFFERENCE:
            grid = compared[0].grid
            mosaics = "mosaics" if len(compared) > 1 else "mosaic"
            yield (
                f"For exact colors, add --format auto: the {grid}x{grid} {mosaics} would take "
                f"{format_size(exact)} instead of {format_size(own)}."
            )

    def render_problems(self) -> Iterator[str]:
        yield from format_left((file.path, file.kind) for file in self.not_pixelated)
        yield from (f"no {each.nothing} found: {each.photo}" for each in self._all if each.nothing)
        yield from render_problems(self._all)

    def _sum_up(
        self, done: list[PixelatedPhoto | PixelatedVideo], up_to_date: int
    ) -> Iterator[str]:
        mosaics = [mosaic for each in done for mosaic in each.mosaics]
        if done:
            yield f"{_count(done)} done, {format_count(len(mosaics), 'mosaic')}"
            yield f"{format_size(sum(mosaic.bytes for mosaic in mosaics))} in {self.out}"
        if up_to_date:
            known = [each for each in self._all if each.up_to_date and not each.error]
            yield f"{_count(known)} up to date" + ("" if done else f" in {self.out}")
        saved = sum(mosaic.saved for mosaic in mosaics)
        if saved:
            more_or_less = "less" if saved > 0 else "more"
            yield f"{format_size(abs(saved))} {more_or_less} than in the photos' own formats"
        hidden = sum(len(each.regions) for each in done if isinstance(each, PixelatedPhoto))
        if hidden:
            yield f"{format_count(hidden, 'region')} hidden"
        if nothing := [each for each in self._all if each.nothing]:
            yield f"{_count(nothing)} not written, as nothing was found"
        failed = sum(bool(each.error) for each in self._all)
        if failed:
            yield f"{failed} failed"
        if self.not_pixelated:
            yield f"{len(self.not_pixelated)} not pixelated"
        others = self.passed_over - len(self.not_pixelated)
        if others:
            yield f"{format_count(others, 'other file')} skipped"


def _count(found: Sequence[PixelatedPhoto | PixelatedVideo]) -> str:
    """Count photos and videos in words."""
    videos = sum(isinstance(each, PixelatedVideo) for each in found)
    numbers = (len(found) - videos, "photo"), (videos, "video")
    return " and ".join(format_count(number, kind) for number, kind in numbers if number)


def list_hidden(made: PixelatedPhoto | PixelatedVideo, sought: Iterable[str]) -> list[str]:
    """List in words what is hidden in a photo or a video, and which kinds were not found.

    For example: 2 faces hidden, no text. Nothing, if nothing is hidden.
    """
    if isinstance(made, PixelatedVideo):
        kinds = [each.kind for each in made.hidden]
        words = [f"{each.kind} in {each.frames} of {made.frames} frames" for each in made.hidden]
    else:
        kinds = [region.kind for region in made.regions]
        counted = dict.fromkeys(kinds)
        words = [format_count(kinds.count(kind), NAMES.get(kind, kind)) for kind in counted]
    if not words:
        return []
    missing = [f"no {kind}" for kind in sought if KINDS[kind] not in kinds]
    return [", ".join(words) + " hidden", *missing]


def format_warnings(warnings: Iterable[tuple[int, Iterable[str]]]) -> tuple[str, ...]:
    """Format the warnings of a photo's mosaics, given grid by grid: each once, with its grids."""
    grids: dict[str, list[str]] = {}
    for grid, texts in warnings:
        for warning in texts:
            grids.setdefault(warning, []).append(str(grid))
    return tuple(
        warning if names == ["0"] else f"grid {', '.join(names)}: {warning}"
        for warning, names in grids.items()
    )


def explain_png(photos: Iterable[PixelatedPhoto], style: Style) -> Iterator[str]:
    """Explain, for each format that cannot hold a palette, why mosaics of such photos are PNG."""
    if style.palette is None or style.format != "same":
        return
    from pixelater.encode.formats import ENCODINGS

    recoded = {
        PurePath(photo.photo).suffix.lower()
        for photo in photos
        if any(mosaic.path.lower().endswith(".png") for mosaic in photo.mosaics)
    }
    for written in ("JPEG", "AVIF"):
        if recoded.intersection(ENCODINGS[written].suffixes):
            yield f"{written} cannot hold a palette: mosaics of {written} photos are PNG files"


def to_saved_regions(regions: Iterable[HiddenRegion]) -> tuple[SavedRegion, ...]:
    """Return regions for results."""
    return tuple(
        SavedRegion(
            *(each.kind, *each.box[:2]),
            *(each.box[2] - each.box[0], each.box[3] - each.box[1]),
            each.score,
        )
        for each in regions
    )
