"""Owns what is remembered of earlier runs, so that what is up to date need not be made again.

A mosaic tells nothing of how it was made, so this is noted in the user's cache folder: for each
photo the settings, and what the system says of the photo's file and of the mosaics'. Whatever
differs, or is not known, is made again; nothing is lost with the cache but time.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from pixelater_cli.errors import UnusablePath
from pixelater_cli.local.files import locked, open_whole, write_whole
from pixelater_cli.local.legacy_cache import load_legacy_lines

Stamp = tuple[int, int, int]
"""What changes with a file: its size, and when its content and its entry changed, in ns."""

KnownMosaic = tuple[int, str, int, Stamp]
"""A mosaic's grid, path, bytes saved and stamp."""

UNKNOWN: Stamp = (-1, -1, -1)
"""No file's: what is noted with it is made again."""

UNSETTLED_NS = 100_000_000
"""Files younger than this may change again without the system's clock telling."""

MAX_CACHED_PHOTOS = 20_000
MOST_BYTES = 2**28
KEPT_DAYS = 90

MOST = 2**63
"""No grid and no number of bytes is larger; a damaged cache may hold any."""

DAMAGED = "some lines are damaged"


class CacheEntry(NamedTuple):
    """How the mosaics of a photo were made: each has its grid, path, bytes saved and stamp.

    `earlier` are paths of mosaics that other runs made of it, with other names or in other formats.
    """

    settings: str
    photo: Stamp
    mosaics: tuple[KnownMosaic, ...]
    warnings: tuple[str, ...]
    earlier: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        return (*(path for _, path, _, _ in self.mosaics), *self.earlier)


class RunCache:
    """What earlier runs made in one output folder: for each photo an Entry, as text until read.

    `problem` says why some or all of it cannot be read, or is "". That is then made again.
    """

    def __init__(self, path: Path, legacy_path: Path | None = None) -> None:
        self.path = path
        self.legacy_path = legacy_path
        lines, self.problem = _load(path)
        self.lines = (load_legacy_lines(legacy_path, MOST_BYTES) if legacy_path else {}) | lines
        self.damaged: set[str] = set()
        self.recorded: set[str] = set()

    def find(self, photo: Path, settings: str) -> CacheEntry | None:
        """Find the mosaics of a photo, if all is as the run with these settings left it."""
        entry = self._read(_name(photo))
        if entry is None or entry.settings != settings or entry.photo != take_stamp(photo):
            return None
        sound = all(take_stamp(Path(path)) == stamp for _, path, _, stamp in entry.mosaics)
        return entry if sound else None

    def list_mosaics(self) -> frozenset[str]:
        """List the mosaics that were made, whether or not they are there still."""
        entries = [self._read(name) for name in self.lines]
        return frozenset(path for one in entries if one for path in one.paths)

    def record(
        self,
        photo: Path,
        settings: str,
        stamp: Stamp | None,
        mosaics: Iterable[tuple[int, Path, int, os.stat_result]],
        warnings: tuple[str, ...],
    ) -> None:
        """Note what was made of a photo whose stamp was taken before it was read.

        Each mosaic has the status that it was written with: another process may have replaced it
        since, and that file is not this photo's. Without a stamp, as for a photo that came in on
        stdin, its mosaics are only known as ours.
        """
        name = _name(photo)
        before = self._read(name)
        if stamp is None or time.time_ns() - max(stamp[1:]) < UNSETTLED_NS:
            stamp = UNKNOWN
        known = tuple(
            (grid, _name(path), saved, take_stamp(path, written) or UNKNOWN)
            for grid, path, saved, written in mosaics
        )
        entry = CacheEntry(settings, stamp, known, warnings)
        if before is not None:
            others = dict.fromkeys(path for path in before.paths if path not in entry.paths)
            entry = entry._replace(earlier=tuple(path for path in others if os.path.lexists(path)))
        self.recorded.add(name)
        self.lines.pop(name, None)  # So that it is the newest.
        self.lines[name] = json.dumps(entry)

    def save(self) -> None:
        """Write down what is known now. A cache that cannot be written is none.

        What another run has noted meanwhile in the same cache stays.
        """
        if not (self.recorded or self.problem):
            return
        with suppress(UnusablePath, OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with locked(self.path.with_suffix(".lock"), wait=True):
                write_whole(self.path, self._list_newest().encode("ascii"))
                if self.legacy_path:
                    self.legacy_path.unlink(missing_ok=True)
            _forget_old(self.path.parent)

    def _list_newest(self) -> str:
        """List what is known now, by this run and by others since it began, the newest last."""
        kept = {
            name: line
            for name, line in {**self.lines, **_load(self.path)[0]}.items()
            if name not in self.recorded and line not in self.damaged
        }
        kept |= {name: line for name, line in self.lines.items() if name in self.recorded}
        newest = list(kept.items())[-MAX_CACHED_PHOTOS:]
        return "\n".join(f"{json.dumps(name)}\t{line}" for name, line in newest)

    def _read(self, name: str) -> CacheEntry | None:
        """Read the entry of a photo; a damaged one is as good as none."""
        line = self.lines.get(name)
        if line is None:
            return None
        entry = _parse_entry(line)
        if entry is None:
            self.problem = self.problem or DAMAGED
            self.damaged.add(line)
        return entry


def load_cache(out: Path) -> RunCache:
    """Recall what earlier runs made in an output folder. What cannot be read is forgotten."""
    path = find_cache() / "runs" / f"{crc32(os.fsencode(_name(out))):08x}"
    return RunCache(path.with_suffix(".jsonl"), legacy_path=path)


def _load(path: Path) -> tuple[dict[str, str], str]:
    """Load the lines of a cache, by the names of photos, and say what is wrong with it, or ""."""
    if not os.path.lexists(path):
        return {}, ""
    try:
        with open_whole(path, MOST_BYTES) as file:
            text = file.read().decode("ascii")
    except (UnusablePath, OSError) as error:
        return {}, str(error)
    except UnicodeDecodeError:
        return {}, DAMAGED
    lines, problem = {}, ""
    for line in text.splitlines():
        start, _, entry = line.partition("\t")
        try:
            lines[_read_text(json.loads(start))] = entry
        except (ValueError, RecursionError):
            problem = DAMAGED
    return lines, problem


def _parse_entry(line: str) -> CacheEntry | None:
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
        case [int(grid), str(path), int(saved), stamp] if abs(grid) + abs(saved) < MOST:
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


def find_cache() -> Path:
    """Find the user's folder for caches of ours.

    platformdirs knows it for every system. On Linux so do we (XDG Base Directory Specification):
    loading it would take longer than all else here, in every run.
    """
    if sys.platform == "linux":
        base = os.environ.get("XDG_CACHE_HOME", "").strip() or os.path.expanduser("~/.cache")  # noqa: PTH111
        return Path(base, "pixelater")
    from platformdirs import user_cache_path

    return user_cache_path("pixelater")


def format_settings(*settings: object) -> str:
    """Put all into words that a mosaic's bytes depend on but the photo, the code included."""
    from PIL import __version__ as pillow

    import pixelater

    code = max(path.stat().st_mtime_ns for path in Path(pixelater.__file__).parent.rglob("*.py"))
    return repr((settings, pillow, code))


def take_stamp(path: Path, written: os.stat_result | None = None) -> Stamp | None:
    """Take down what changes with a file; None if it is not there, or not the one `written`."""
    try:
        found = path.stat()
    except (OSError, ValueError):  # A path from a damaged cache may hold anything.
        return None
    if written is not None and not os.path.samestat(found, written):
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _name(path: Path | str) -> str:
    """Name a path whatever folder is the current one; links in it may change, so they stay."""
    return os.path.abspath(path)  # noqa: PTH100 - Path.resolve would follow links


def _forget_old(folder: Path) -> None:
    """Remove what is remembered of folders nothing was written to for long."""
    for path in folder.iterdir():
        with suppress(OSError):  # What cannot be removed is no reason to keep the others.
            if time.time() - path.lstat().st_mtime > KEPT_DAYS * 86_400:
                path.unlink()
