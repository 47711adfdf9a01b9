"""Lines of the run cache: one object in JSON for each photo whose mosaics were made.

A later line of a photo counts; lines that are damaged are skipped, and so are lines of versions
that this one does not know.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pixelater_cli.errors import UnusablePath
from pixelater_cli.local.files import open_whole

Stamp = tuple[int, int, int]
"""A file's size, and the times in ns at which its content and its inode changed."""

KnownMosaic = tuple[int, str, int, Stamp]
"""A mosaic's grid, path, bytes saved and stamp."""

UNKNOWN: Stamp = (-1, -1, -1)
"""The stamp of no file, so that its mosaic is regenerated."""

VERSION = 2
START = f'{{"version": {VERSION}, "photo": '
MIDDLE = ', "entry": '
"""Each line is an object with its version, the photo, and its entry."""

MAX_NUMBER = 2**63
"""Limit of grids and bytes; numbers in a damaged cache may be larger."""

DECODER = json.JSONDecoder()

DAMAGED = "some lines are damaged"


class CacheEntry(NamedTuple):
    """The settings of a photo's mosaics, and the stamps of all files.

    `earlier` are paths of its mosaics with other names or in other formats.
    """

    settings: str
    photo: Stamp
    mosaics: tuple[KnownMosaic, ...]
    warnings: tuple[str, ...]
    earlier: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        return (*(path for _, path, _, _ in self.mosaics), *self.earlier)


def load_lines(path: Path, max_bytes: int) -> tuple[dict[str, str], str]:
    """Return the lines of a cache, by the names of photos, and what is wrong with it, or ""."""
    if not os.path.lexists(path):
        return {}, ""
    try:
        with open_whole(path, max_bytes) as file:
            text = file.read().decode("ascii")
    except (UnusablePath, OSError) as error:
        return {}, str(error)
    except UnicodeDecodeError:
        return {}, DAMAGED
    lines: dict[str, str] = {}
    problem = ""
    for line in filter(None, text.splitlines()):
        try:
            parsed = _parse_line(line)
        except (ValueError, RecursionError):
            problem = DAMAGED
            continue
        if parsed:
            lines.pop(parsed[0], None)  # Makes it the newest.
            lines[parsed[0]] = parsed[1]
    return lines, problem


def format_line(name: str, entry: str) -> str:
    """Format the line of a photo: an object in JSON, the entry being one already."""
    return f"{START}{json.dumps(name)}{MIDDLE}{entry}}}"


def _parse_line(line: str) -> tuple[str, str] | None:
    """Return the name of a photo and its entry, which is parsed later; None for other versions.

    Raises ValueError and RecursionError.
    """
    if line.startswith(START) and line.endswith("}"):
        name, end = DECODER.raw_decode(line, len(START))
        if line.startswith(MIDDLE, end):
            return _read_text(name), line[end + len(MIDDLE) : -1]
    name, tab, entry = line.partition("\t")
    if tab:  # Version 1 had no number.
        return _read_text(json.loads(name)), entry
    match json.loads(line):
        case {"version": int(version)} if version != VERSION:
            return None
    raise ValueError(DAMAGED)


def parse_entry(line: str) -> CacheEntry | None:
    """Parse an entry; None if it is not one."""
    with suppress(ValueError, RecursionError):
        match json.loads(line):
            case [str(settings), photo, [_, *_] as mosaics, list(warnings), list(earlier)]:
                return CacheEntry(
                    settings,
                    _read_stamp(photo),
                    tuple(map(_read_mosaic, mosaics)),
                    tuple(map(_read_text, warnings)),
                    tuple(map(_read_text, earlier)),
                )
    return None


def _read_mosaic(value: object) -> KnownMosaic:
    match value:
        case [int(grid), str(path), int(saved), stamp] if abs(grid) + abs(saved) < MAX_NUMBER:
            return grid, path, saved, _read_stamp(stamp)
    raise ValueError(DAMAGED)


def _read_stamp(value: object) -> Stamp:
    match value:
        case [int(size), int(modified), int(changed)]:
            return size, modified, changed
    raise ValueError(DAMAGED)


def _read_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(DAMAGED)
    return value
