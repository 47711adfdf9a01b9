"""Cache files in the user's cache folder: a line for each photo, the newest last.

Lines are appended as photos are done, so that a command that is killed leaves what it has recorded.
"""

from __future__ import annotations

import os
import time
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from pixelater_cli.errors import UnusablePath
from pixelater_cli.local.cache_lines import DAMAGED, format_line, load_lines
from pixelater_cli.local.files import locked, write_whole
from pixelater_cli.local.legacy_cache import load_legacy_lines
from pixelater_cli.local.part_files import remove_leftovers

MAX_CACHED_PHOTOS = 20_000
MAX_CACHE_BYTES = 2**28
KEPT_DAYS = 90

APPENDING = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
MIN_BYTES = 2**16
"""Smaller caches are not written anew for their former lines."""


class LineCache:
    """The lines of a cache file: for each photo an entry in JSON, which a subclass parses.

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

    def put(self, name: str, entry: str) -> None:
        """Record the entry of a photo, and append it to the file."""
        self.recorded.add(name)
        self.lines.pop(name, None)  # Makes it the newest.
        self.lines[name] = entry
        if self.appends:
            self._append(format_line(name, entry))

    def report_damage(self, line: str) -> None:
        """Drop a line that cannot be parsed when the file is saved."""
        self.problem = self.problem or DAMAGED
        self.damaged.add(line)

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


def _remove_old(folder: Path) -> None:
    """Remove the caches of output folders that have not been used for long."""
    for path in folder.iterdir():
        with suppress(OSError):  # The others are removed anyway.
            if time.time() - path.lstat().st_mtime > KEPT_DAYS * 86_400:
                path.unlink()
