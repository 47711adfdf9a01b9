"""Owns the names of mosaics: what --name may say, and what it makes of a photo. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath, PureWindowsPath
from string import Formatter
from typing import NamedTuple

from pixelater_cli.errors import UsageError

DEFAULT_NAME = "pixelated-{grid}x{grid}-{stem}{suffix}"
FIELDS = ("stem", "grid", "suffix")
HINT = 'Write it like this: --name "{stem}-{grid}{suffix}"'


class Template(NamedTuple):
    """What the names of mosaics are made of; "/" in it makes folders."""

    text: str
    fields: frozenset[str]

    def name(self, usual: str, grid: int) -> str:
        """Name a mosaic, given the name that `pixelater.name_mosaic` gives it.

        trips/pixelated-8x8-photo.jpg, "{stem}-{grid}{suffix}" -> trips/photo-8.jpg
        """
        folder, slash, name = usual.rpartition("/")
        name = name.removeprefix(f"pixelated-{grid}x{grid}-")
        suffix = PurePosixPath(name).suffix
        stem = name.removesuffix(suffix)
        return folder + slash + self.text.format(stem=stem, grid=grid, suffix=suffix)


def read_template(text: str, grids: Sequence[int]) -> Template:
    """Read the value of --name. Raises UsageError if two mosaics of a photo would share a name."""
    try:
        parts = [part for part in Formatter().parse(text) if part[1] is not None]
        fields = frozenset(str(field) for _, field, _, _ in parts)
        nested = any("{" in (spec or "") or conversion for _, _, spec, conversion in parts)
    except ValueError as error:
        raise UsageError(f"--name: {error}", HINT) from error
    unknown = sorted(fields - set(FIELDS))
    if unknown or nested:
        known = ", ".join(f"{{{field}}}" for field in FIELDS)
        what = f"there is no {{{unknown[0]}}}" if unknown else f"{text!r} says too much"
        raise UsageError(f"--name: {what}; there are {known}", HINT)
    _check_place(text)
    if "suffix" not in fields:
        raise UsageError(f"--name: {text!r} has no {{suffix}}, which tells the format", HINT)
    try:
        names = [text.format(stem="photo", grid=grid, suffix=".jpg") for grid in grids]
    except ValueError as error:
        raise UsageError(f"--name: {error}", HINT) from error
    if len(set(names)) < len(names):
        raise UsageError(f"--name: {text!r} gives the mosaics of several grids one name", HINT)
    return Template(text, fields)


def check_photos(template: Template, names: Iterable[str]) -> None:
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
