"""Owns the names of mosaics: what --name may say, and what it makes of a photo. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath, PureWindowsPath
from string import Formatter
from typing import NamedTuple

from pixelater_cli.errors import UnusablePath, UsageError

DEFAULT_NAME = "pixelated-{grid}x{grid}-{stem}{suffix}"
FIELDS = {"stem": r"(\.[1-9]\d{0,2})?", "grid": r"(0?[1-9])?", "suffix": ""}
"""The fields, and which formats they may have: {stem:.40} is cut, {grid:03} is filled with zeros.
Others could be gigabytes long, or lead elsewhere: {stem:/>9} begins with "/"."""

MAX_CHARACTERS = 1000
MAX_BYTES = 255
"""Of the name of a file or folder, on the file systems in use."""

HINT = 'Write it like this: --name "{stem}-{grid}{suffix}"'


class NameTemplate(NamedTuple):
    """What the names of mosaics are made of; "/" in it makes folders."""

    text: str
    fields: frozenset[str]

    def name(self, usual: str, grid: int) -> str:
        """Name a mosaic, given the name that `pixelater.name_mosaic` gives it.

        trips/pixelated-8x8-photo.jpg, "{stem}-{grid}{suffix}" -> trips/photo-8.jpg

        Raises UnusablePath for a photo whose stem leads out of the folder, as "." may.
        """
        from pixelater.naming import format_prefix

        folder, slash, name = usual.rpartition("/")
        name = name.removeprefix(format_prefix(grid))
        suffix = PurePosixPath(name).suffix
        stem = name.removesuffix(suffix)
        made = self.text.format(stem=stem, grid=grid, suffix=suffix)
        if ".." in made.split("/"):
            raise UnusablePath(f"its mosaic would be called {made}, outside the output folder")
        return folder + slash + made


def parse_template(text: str, grids: Sequence[int]) -> NameTemplate:
    """Read the value of --name.

    Raises UsageError for a value that gives no file names below the output folder, or two mosaics
    of a photo one name.
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
        what = (
            f"there is no {{{unknown[0]}}}"
            if unknown
            else f"{text!r} has a format that is not supported"
        )
        raise UsageError(f"--name: {what}; there are {known}", HINT)
    _check_place(text)
    if "suffix" not in fields:
        raise UsageError(f"--name: {text!r} has no {{suffix}}, which tells the format", HINT)
    names = [text.format(stem="x", grid=grid, suffix=".jpg") for grid in grids]
    if len(set(names)) < len(names):
        raise UsageError(f"--name: {text!r} gives the mosaics of several grids one name", HINT)
    longest = max(len(part.encode(errors="replace")) for name in names for part in name.split("/"))
    if longest > MAX_BYTES:
        raise UsageError(f"--name: a name of {longest} bytes, more than {MAX_BYTES}", HINT)
    return NameTemplate(text, fields)


def _is_plain(part: tuple[str, str | None, str | None, str | None]) -> bool:
    """Return whether a field has no other format than it may have."""
    _, field, spec, conversion = part
    allowed = FIELDS[str(field)]
    return not conversion and re.fullmatch(allowed, spec or "", re.ASCII) is not None


def check_photos(template: NameTemplate, names: Iterable[str]) -> None:
    """Refuse a template that gives the mosaics of two photos one name. Raises UsageError."""
    if "stem" in template.fields:
        return
    folders = [name.rpartition("/")[0] for name in names]
    if len(folders) > len(set(folders)):
        raise UsageError("--name: without {stem}, the mosaics of several photos share a name", HINT)


def _check_place(text: str) -> None:
    """Refuse names that lead out of the output folder, on any system, or that garble a terminal."""
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", text):
        raise UsageError(f"--name: {text!r} has a control character in it", HINT)
    leads_out = PureWindowsPath(text).anchor or ".." in re.split(r"[/\\]", text)
    if leads_out or text.endswith(("/", "\\")):
        raise UsageError(f"--name: {text!r} is no name below the output folder", HINT)
