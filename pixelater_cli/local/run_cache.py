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
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from pathlib import Path
from zlib import crc32

from pixelater_cli.errors import UnusablePath
from pixelater_cli.local.cache_lines import (
    DAMAGED,
    UNKNOWN,
    CacheEntry,
    Stamp,
    format_line,
    load_lines,
    parse_entry,
)
from pixelater_cli.local.files import locked, write_whole
from pixelater_cli.local.legacy_cache import load_legacy_lines
from pixelater_cli.local.part_files import remove_leftovers

UNSETTLED_NS = 100_000_000
"""Younger files may change again without a new time, because the system's clock is coarse."""

MAX_CACHED_PHOTOS = 20_000
MAX_CACHE_BYTES = 2**28
KEPT_DAYS = 90

APPENDING = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
MIN_BYTES = 2**16
"""Smaller caches are not written anew for their former lines."""


class RunCache:
    """The mosaics of earlier runs in one output folder: for each photo an entry, parsed on access.

    `problem` is why some or all entries cannot be read, or "".
    """

    def __init__(self, path: Path, legacy_path: Path | None = None) -> None:
        self.path = path
        self.legacy_path = legacy_path
        lines, self.problem = load_lines(path, MAX_CACHE_BYTES)
        self.lines = (
            load_legacy_lines(legacy_path, MAX_CACHE_BYTES) if legacy_path else {}
        ) | lines
        self.damaged: set[str] = set()
        self.recorded: set[str] = set()
        self.appends = not self.problem
        """Whether the file takes lines; else it is written anew."""

    def find(self, photo: Path, settings: str) -> CacheEntry | None:
        """Return the entry of a photo if its mosaics are up to date with these settings."""
        entry = self._read(_name(photo))
        if entry is None or entry.settings != settings or entry.photo != take_stamp(photo):
            return None
        unchanged = all(take_stamp(Path(path)) == stamp for _, path, _, stamp in entry.mosaics)
        return entry if unchanged else None

    def find_other_owner(self, mosaic: Path, photo: Path) -> str:
        """Return the path of another photo that a file is the mosaic of, or "".

        It is not if it was changed since, or if that photo does not exist any longer.
        """
        owner, stamp = self._owners.get(_name(mosaic), ("", UNKNOWN))
        is_other = owner not in ("", _name(photo)) and os.path.lexists(owner)
        return owner if is_other and take_stamp(mosaic) == stamp else ""

    def is_owner(self, mosaic: Path, photo: Path) -> bool:
        """Return whether a file was a mosaic of a photo in an earlier run."""
        return self._owners.get(_name(mosaic), ("", UNKNOWN))[0] == _name(photo)

    @cached_property
    def _owners(self) -> dict[str, tuple[str, Stamp]]:
        """The photo and stamp of each mosaic of earlier runs."""
        entries = [(name, self._read(name)) for name in self.lines]
        return {
            path: (name, stamp)
            for name, entry in entries
            if entry
            for _, path, _, stamp in entry.mosaics
        }

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
        if self.appends:
            self._append(format_line(name, self.lines[name]))

    def _append(self, line: str) -> None:
        """Append a line, so that a run that is killed leaves what it has recorded.

        It begins with a line break: a line that was cut off ends there. A cache that cannot be
        written is skipped.
        """
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked():
                file = os.open(self.path, APPENDING, 0o666)
                try:
                    os.write(file, f"\n{line}\n".encode("ascii"))
                finally:
                    os.close(file)

    def save(self) -> None:
        """Write the cache anew if it is damaged, of another version, or has many former lines.

        Entries that other runs have recorded meanwhile are kept. A cache that cannot be written is
        skipped.
        """
        former = self.legacy_path is not None and os.path.lexists(self.legacy_path)
        if not (self.problem or (self.recorded and (former or self._is_long()))):
            return
        with suppress(UnusablePath, OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked():
                write_whole(self.path, self._list_newest().encode("ascii"))
                if self.legacy_path:
                    self.legacy_path.unlink(missing_ok=True)
            remove_leftovers(self.path.parent)
            _remove_old(self.path.parent)

    def _is_long(self) -> bool:
        """Return whether former lines take more than half of the file, or it may be too large."""
        with suppress(OSError):
            size = self.path.stat().st_size
            needed = sum(map(len, self.lines.values()))
            return size > max(MIN_BYTES, 3 * needed) or len(self.lines) > MAX_CACHED_PHOTOS
        return False

    def _locked(self) -> AbstractContextManager[None]:
        return locked(self.path.with_suffix(".lock"), wait=True)

    def _list_newest(self) -> str:
        """Return the entries of this run and of others since it began as lines, the newest last."""
        kept = {
            name: line
            for name, line in {**self.lines, **load_lines(self.path, MAX_CACHE_BYTES)[0]}.items()
            if name not in self.recorded and line not in self.damaged
        }
        kept |= {name: line for name, line in self.lines.items() if name in self.recorded}
        newest = list(kept.items())[-MAX_CACHED_PHOTOS:]
        return "".join(f"{format_line(name, line)}\n" for name, line in newest)

    def _read(self, name: str) -> CacheEntry | None:
        """Parse the entry of a photo; None if it is missing or damaged."""
        line = self.lines.get(name)
        if line is None:
            return None
        entry = parse_entry(line)
        if entry is None:
            self.problem = self.problem or DAMAGED
            self.damaged.add(line)
        return entry


def load_cache(out: Path) -> RunCache:
    """Load the cache of an output folder."""
    path = find_cache() / "runs" / f"{crc32(os.fsencode(_name(out))):08x}"
    return RunCache(path.with_suffix(".jsonl"), legacy_path=path)


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
