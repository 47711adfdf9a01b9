"""Cache of earlier runs, so that mosaics that are up to date are not regenerated.

A mosaic does not record how it was made. The cache in the user's cache folder does: for each photo
the settings, and the stamps of its file and its mosaics. Mosaics that differ, or are not in the
cache, are regenerated.
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
"""A file's size, and the times in ns at which its content and its inode changed."""

KnownMosaic = tuple[int, str, int, Stamp]
"""A mosaic's grid, path, bytes saved and stamp."""

UNKNOWN: Stamp = (-1, -1, -1)
"""The stamp of no file, so that its mosaic is regenerated."""

UNSETTLED_NS = 100_000_000
"""Younger files may change again without a new time, because the system's clock is coarse."""

MAX_CACHED_PHOTOS = 20_000
MAX_CACHE_BYTES = 2**28
KEPT_DAYS = 90

MAX_NUMBER = 2**63
"""Limit of grids and bytes; numbers in a damaged cache may be larger."""

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


class RunCache:
    """The mosaics of earlier runs in one output folder: for each photo an entry, parsed on access.

    `problem` is why some or all entries cannot be read, or "".
    """

    def __init__(self, path: Path, legacy_path: Path | None = None) -> None:
        self.path = path
        self.legacy_path = legacy_path
        lines, self.problem = _load(path)
        self.lines = (
            load_legacy_lines(legacy_path, MAX_CACHE_BYTES) if legacy_path else {}
        ) | lines
        self.damaged: set[str] = set()
        self.recorded: set[str] = set()

    def find(self, photo: Path, settings: str) -> CacheEntry | None:
        """Return the entry of a photo if its mosaics are up to date with these settings."""
        entry = self._read(_name(photo))
        if entry is None or entry.settings != settings or entry.photo != take_stamp(photo):
            return None
        unchanged = all(take_stamp(Path(path)) == stamp for _, path, _, stamp in entry.mosaics)
        return entry if unchanged else None

    def list_mosaics(self) -> frozenset[str]:
        """Return the paths of all mosaics in the cache, whether or not they still exist."""
        entries = [self._read(name) for name in self.lines]
        return frozenset(path for entry in entries if entry for path in entry.paths)

    def record(
        self,
        photo: Path,
        settings: str,
        stamp: Stamp | None,
        mosaics: Iterable[tuple[int, Path, int, os.stat_result]],
        warnings: tuple[str, ...],
    ) -> None:
        """Record the mosaics of a photo whose stamp was taken before it was read.

        Each mosaic has the status of the file that was written, which another process may have
        replaced since. Mosaics without a stamp, such as those of a photo on stdin, are only known
        to be pixelater's.
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
            earlier = dict.fromkeys(path for path in before.paths if path not in entry.paths)
            entry = entry._replace(earlier=tuple(filter(os.path.lexists, earlier)))
        self.recorded.add(name)
        self.lines.pop(name, None)  # Makes it the newest.
        self.lines[name] = json.dumps(entry)

    def save(self) -> None:
        """Write the cache, with the entries that other runs have recorded meanwhile.

        A cache that cannot be written is skipped.
        """
        if not (self.recorded or self.problem):
            return
        with suppress(UnusablePath, OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            is_new = not self.path.exists()
            with locked(self.path.with_suffix(".lock"), wait=True):
                write_whole(self.path, self._list_newest().encode("ascii"))
                if self.legacy_path:
                    self.legacy_path.unlink(missing_ok=True)
            if is_new:  # Listing a thousand caches takes longer than a small photo.
                _remove_old(self.path.parent)

    def _list_newest(self) -> str:
        """Return the entries of this run and of others since it began as lines, the newest last."""
        kept = {
            name: line
            for name, line in {**self.lines, **_load(self.path)[0]}.items()
            if name not in self.recorded and line not in self.damaged
        }
        kept |= {name: line for name, line in self.lines.items() if name in self.recorded}
        newest = list(kept.items())[-MAX_CACHED_PHOTOS:]
        return "\n".join(f"{json.dumps(name)}\t{line}" for name, line in newest)

    def _read(self, name: str) -> CacheEntry | None:
        """Parse the entry of a photo; None if it is missing or damaged."""
        line = self.lines.get(name)
        if line is None:
            return None
        entry = _parse_entry(line)
        if entry is None:
            self.problem = self.problem or DAMAGED
            self.damaged.add(line)
        return entry


def load_cache(out: Path) -> RunCache:
    """Load the cache of an output folder."""
    path = find_cache() / "runs" / f"{crc32(os.fsencode(_name(out))):08x}"
    return RunCache(path.with_suffix(".jsonl"), legacy_path=path)


def _load(path: Path) -> tuple[dict[str, str], str]:
    """Return the lines of a cache, by the names of photos, and what is wrong with it, or ""."""
    if not os.path.lexists(path):
        return {}, ""
    try:
        with open_whole(path, MAX_CACHE_BYTES) as file:
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


def find_cache() -> Path:
    """Return pixelater's cache folder.

    On Linux, the XDG Base Directory Specification applies; loading platformdirs would take longer
    than everything else here, in every run.
    """
    if sys.platform == "linux":
        base = os.environ.get("XDG_CACHE_HOME", "").strip() or os.path.expanduser("~/.cache")  # noqa: PTH111
        return Path(base, "pixelater")
    from platformdirs import user_cache_path

    return user_cache_path("pixelater")


def format_settings(*settings: object) -> str:
    """Format everything that a mosaic's bytes depend on besides the photo, including the code."""
    from PIL import __version__ as pillow

    import pixelater

    code = max(path.stat().st_mtime_ns for path in Path(pixelater.__file__).parent.rglob("*.py"))
    return repr((settings, pillow, code))


def take_stamp(path: Path, written: os.stat_result | None = None) -> Stamp | None:
    """Return the stamp of a file; None if it does not exist, or is not the one `written`."""
    try:
        found = path.stat()
    except (OSError, ValueError):  # The path may be from a damaged cache.
        return None
    if written is not None and not os.path.samestat(found, written):
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _name(path: Path | str) -> str:
    """Return an absolute path. Links are kept, because their targets may change."""
    return os.path.abspath(path)  # noqa: PTH100 - Path.resolve would follow links


def _remove_old(folder: Path) -> None:
    """Remove the caches of output folders that have not been used for long."""
    for path in folder.iterdir():
        with suppress(OSError):  # The others are removed anyway.
            if time.time() - path.lstat().st_mtime > KEPT_DAYS * 86_400:
                path.unlink()
