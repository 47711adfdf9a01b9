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
from functools import cached_property
from pathlib import Path
from zlib import crc32

from pixelater_cli.local.cache_lines import (
    UNKNOWN,
    CacheEntry,
    Stamp,
    parse_entry,
)
from pixelater_cli.local.line_cache import LineCache

UNSETTLED_NS = 100_000_000
"""Younger files may change again without a new time, because the system's clock is coarse."""


class RunCache(LineCache):
    """The mosaics of earlier runs in one output folder."""

    def find(self, photo: Path, settings: str) -> CacheEntry | None:
        """Return the entry of a photo if its mosaics are up to date with these settings."""
        entry = self._read(make_absolute(photo))
        if entry is None or entry.settings != settings or entry.photo != take_stamp(photo):
            return None
        unchanged = all(take_stamp(Path(path)) == stamp for _, path, _, stamp in entry.mosaics)
        return entry if unchanged else None

    def find_other_owner(self, mosaic: Path, photo: Path) -> str:
        """Return the path of another photo that a file is the mosaic of, or "".

        It is not if it was changed since, or if that photo does not exist any longer.
        """
        owner, stamp = self._owners.get(make_absolute(mosaic), ("", UNKNOWN))
        is_other = owner not in ("", make_absolute(photo)) and os.path.lexists(owner)
        return owner if is_other and take_stamp(mosaic) == stamp else ""

    def is_owner(self, mosaic: Path, photo: Path) -> bool:
        """Return whether a file was a mosaic of a photo in an earlier run, its last one or not."""
        path, name = make_absolute(mosaic), make_absolute(photo)
        if path in self._owners:
            return self._owners[path][0] == name
        entry = self._read(name)
        return entry is not None and path in entry.earlier

    def has_changed(self, photo: Path, stamp: Stamp | None) -> bool:
        """Return whether a photo is another than the one whose mosaics were recorded."""
        entry = self._read(make_absolute(photo))
        return entry is not None and entry.photo != settle(stamp)

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
        name = make_absolute(photo)
        before = self._read(name)
        known = tuple(
            (grid, make_absolute(path), saved, take_stamp(path, written) or UNKNOWN)
            for grid, path, saved, written in mosaics
        )
        entry = CacheEntry(settings, settle(stamp), known, warnings)
        if before is not None:
            earlier = dict.fromkeys(path for path in before.paths if path not in entry.paths)
            entry = entry._replace(earlier=tuple(filter(os.path.lexists, earlier)))
        self.put(name, json.dumps(entry))

    def _read(self, name: str) -> CacheEntry | None:
        """Parse the entry of a photo; None if it is missing or damaged."""
        line = self.lines.get(name)
        if line is None:
            return None
        entry = parse_entry(line)
        if entry is None:
            self.report_damage(line)
        return entry


def load_cache(out: Path) -> RunCache:
    """Load the cache of an output folder."""
    path = find_cache() / "runs" / f"{crc32(os.fsencode(make_absolute(out))):08x}"
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


def settle(stamp: Stamp | None) -> Stamp:
    """Return the stamp of a file, unless the file may change again without another stamp."""
    if stamp is None or time.time_ns() - max(stamp[1:]) < UNSETTLED_NS:
        return UNKNOWN
    return stamp


def make_absolute(path: Path | str) -> str:
    """Return an absolute path. Links are kept, because their targets may change."""
    return os.path.abspath(path)  # noqa: PTH100 - Path.resolve would follow links
