"""Where mosaics go: --out with a folder, - for stdout, or the name of one file with its format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pixelater.decode.video_names import VIDEO_SUFFIXES
from pixelater_cli.errors import UsageError
from pixelater_cli.local import name_template
from pixelater_cli.local.name_template import NameTemplate
from pixelater_cli.local.photo_search import PhotoFile, is_named_as_photo
from pixelater_cli.results.formatting import format_count

if TYPE_CHECKING:
    from pixelater.look import Look
    from pixelater.style import Style


WRITTEN_VIDEOS = (".mp4", ".webm")
"""Suffixes of videos that are written: the second is that of WebM only."""


@dataclass(frozen=True)
class Output:
    """Where mosaics go, `out` as it is written: a folder with a template of names, or "-"."""

    out: str
    folder: Path
    template: NameTemplate
    style: Style

    @property
    def is_one(self) -> bool:
        """Whether there is room for one mosaic only."""
        return self.out == "-" or self.template.is_file

    def check_photos(self, photos: Sequence[PhotoFile], videos: Sequence[PhotoFile] = ()) -> None:
        """Raise UsageError for photos and videos whose mosaics would have one name."""
        found = (*photos, *videos)
        if self.is_one and len(found) > 1:
            counts = {"photo": len(photos), "video": len(videos)}
            words = [format_count(count, kind) for kind, count in counts.items() if count]
            raise UsageError(
                f"--out {self.out} is for one mosaic, and there are {' and '.join(words)}",
                f"Name one {'photo or video' if videos else 'photo'}, or a folder with --out.",
            )
        name_template.check_photos(self.template, [(each.name, each.parent) for each in found])


def read_output(out: str, name: str, look: Look, format_option: str = "") -> Output:
    """Read --out and --name. `format_option` is the value of --format, or "". Raises UsageError."""
    cell_size = look.style.cell_size or 0
    is_file = out != "-" and _is_file_name(out)
    if (is_file or out == "-") and len(look.grids) > 1 and not cell_size:
        folder = "" if out == "-" else ", or name a folder with --out"
        raise UsageError(
            f"--out {out} is for one mosaic, and there are {len(look.grids)} grids",
            f"Choose one grid, such as --grids {look.grids[0]}{folder}",
        )
    if not is_file:
        template = name_template.parse_template(name, look.grids, cell_size)
        return Output(out, Path(out), template, look.style)
    if name != name_template.DEFAULT_NAME:
        raise UsageError(
            f"--out {out} is the name of a file, and --name a template of names", "Omit one."
        )
    path = Path(out)
    style = _fit_style(path, look.style, format_option)
    return Output(out, path.parent, NameTemplate(path.name, is_file=True), style)


def _is_file_name(out: str) -> bool:
    """Return whether --out has the suffix of an image or a video, and is not a folder."""
    path = Path(out)
    if not path.suffix or out.endswith(("/", "\\")) or path.is_dir():
        return False
    suffix = path.suffix.lower()
    return suffix in (*_list_suffixes(), *VIDEO_SUFFIXES.split()) or is_named_as_photo(path)


def _fit_style(path: Path, style: Style, format_option: str) -> Style:
    """Return the style with the format that a file's name says. Raises UsageError."""
    suffix = path.suffix.lower()
    formats = _list_suffixes()
    if suffix in WRITTEN_VIDEOS:
        return style
    if suffix not in formats:
        usual = ".mp4" if suffix in VIDEO_SUFFIXES.split() else ".png, .jpg or .webp"
        raise UsageError(
            f"--out: mosaics cannot be written as {suffix}",
            f"Use {usual}; to write into a folder of this name, create it first.",
        )
    if format_option and style.format not in ("same", formats[suffix]):
        raise UsageError(
            f"--out {path} and --format {format_option} differ",
            "Omit --format: the suffix says the format.",
        )
    try:
        return replace(style, format=formats[suffix])
    except ValueError as error:  # A palette in JPEG.
        problem = str(error).partition(": ")[2].partition("; ")[0]
        raise UsageError(f"--out {path}: {problem}", "Use .png or .webp.") from error


def _list_suffixes() -> Mapping[str, str]:
    """Return the format of each suffix; "same" for those that only such photos are written in."""
    from pixelater.encode.formats import ENCODINGS
    from pixelater.style import FORMATS

    return {
        suffix: encoding.format.lower() if encoding.format.lower() in FORMATS else "same"
        for encoding in ENCODINGS.values()
        for suffix in encoding.suffixes
    }
