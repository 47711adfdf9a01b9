"""Templates of mosaics' file names: the value of --name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath, PureWindowsPath
from string import Formatter
from typing import NamedTuple

from pixelater_cli.errors import UnusablePath, UsageError

DEFAULT_NAME = "pixelated-{grid}x{grid}-{stem}{suffix}"
CUT = r"(\.[1-9]\d{0,2})?"
FIELDS = {"stem": CUT, "grid": r"(0?[1-9])?", "suffix": "", "ext": "", "parent": CUT}
"""Fields with their format specifications: {stem:.40} is cut, {grid:03} is padded. Others could be
gigabytes long, or lead out of the folder: {stem:/>9} begins with "/"."""

MAX_CHARACTERS = 1000
MAX_BYTES = 255
"""Limit of file names on common file systems."""

HINT = 'Write it like --name "{stem}-{grid}{suffix}"'


class CellSize(int):
    """Side of cells in pixels, as {grid} is written.

    >>> "{grid}, {grid:03}".format(grid=CellSize(16))
    '16px, 016px'
    """

    def __format__(self, spec: str) -> str:
        return f"{int(self):{spec}}px"


class Regions(int):
    """No grid: regions are hidden. {grid} is then the word.

    >>> "{grid}".format(grid=Regions())
    'regions'
    """

    def __format__(self, _spec: str) -> str:
        return "regions"


class NameTemplate(NamedTuple):
    """A template of file names; "/" in it creates folders. `is_file`: the name of the one file."""

    text: str
    fields: frozenset[str] = frozenset()
    is_file: bool = False

    def name(self, usual: str, grid: int, cell_size: int = 0, parent: str = "") -> str:
        """Return the name of a mosaic, given that of `pixelater.name_mosaic`.

        trips/pixelated-8x8-photo.jpg, "{stem}-{grid}{suffix}" -> trips/photo-8.jpg
        pixelated-16px-photo.jpg, "{stem}-{grid}.{ext}" -> photo-16px.jpg

        `parent` is the name of the folder that the photo is in; of regions, the grid is 0.

        Raises UnusablePath for a photo whose stem leads out of the folder, as "." may.
        """
        from pixelater.naming import format_prefix

        if self.is_file:
            return self.text
        if self.text == DEFAULT_NAME:
            return usual
        folder, slash, name = usual.rpartition("/")
        name = name.removeprefix(format_prefix(grid, cell_size))
        suffix = PurePosixPath(name).suffix
        stem = name.removesuffix(suffix)
        size = CellSize(cell_size) if cell_size else grid or Regions()
        made = self.text.format(
            stem=stem, grid=size, suffix=suffix, ext=suffix.removeprefix("."), parent=parent
        )
        if ".." in made.split("/"):
            raise UnusablePath(f"its mosaic {made} would be outside the output folder")
        return folder + slash + made


def parse_template(text: str, grids: Sequence[int], cell_size: int = 0) -> NameTemplate:
    """Parse the value of --name; with a cell size, there are no grids.

    Raises UsageError for names outside the output folder, and for one name for several mosaics.
    """
    if len(text) > MAX_CHARACTERS:
        raise UsageError(f"--name: {len(text):,} characters, more than {MAX_CHARACTERS:,}", HINT)
    try:
        parts = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError as error:
        raise UsageError(f"--name: {error}", HINT) from error
    fields = frozenset(str(field) for _, field, _, _ in parts)
    unknown = sorted(fields - FIELDS.keys())
    if unknown or not all(map(_is_plain, parts)):
        known = ", ".join(f"{{{field}}}" for field in FIELDS)
        problem = (
            f"unknown field {{{unknown[0]}}}"
            if unknown
            else f"unsupported format specification in {text!r}"
        )
        raise UsageError(f"--name: {problem}; the fields are {known}", HINT)
    _check_place(text)
    if not fields & {"suffix", "ext"}:
        raise UsageError(
            f"--name: {text!r} has neither {{suffix}} nor {{ext}}, which show the format", HINT
        )
    sizes = [CellSize(cell_size)] if cell_size else [grid or Regions() for grid in grids]
    names = [
        text.format(stem="x", grid=size, suffix=".jpg", ext="jpg", parent="x") for size in sizes
    ]
    if len(set(names)) < len(names):
        raise UsageError(f"--name: {text!r} gives mosaics of different grids the same name", HINT)
    longest = max(len(part.encode(errors="replace")) for name in names for part in name.split("/"))
    if longest > MAX_BYTES:
        raise UsageError(f"--name: {longest} bytes in a file name, more than {MAX_BYTES}", HINT)
    return NameTemplate(text, fields)


def _is_plain(part: tuple[str, str | None, str | None, str | None]) -> bool:
    """Return whether the format specification of a field is allowed."""
    _, field, spec, conversion = part
    allowed = FIELDS[str(field)]
    return not conversion and re.fullmatch(allowed, spec or "", re.ASCII) is not None


def check_photos(template: NameTemplate, photos: Iterable[tuple[str, str]]) -> None:
    """Raise UsageError for a template that gives mosaics of different photos the same name.

    A photo is its name, and that of its parent.
    """
    if template.is_file or "stem" in template.fields:
        return
    named = "parent" in template.fields
    folders = [(name.rpartition("/")[0], parent if named else "") for name, parent in photos]
    if len(folders) > len(set(folders)):
        raise UsageError(
            "--name: without {stem}, mosaics of different photos have the same name", HINT
        )


def _check_place(text: str) -> None:
    """Raise UsageError for names outside the output folder on any system, or not printable."""
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", text):
        raise UsageError(f"--name: {text!r} contains a control character", HINT)
    leads_out = PureWindowsPath(text).anchor or ".." in re.split(r"[/\\]", text)
    if leads_out or text.endswith(("/", "\\")):
        raise UsageError(f"--name: {text!r} is not a path below the output folder", HINT)
