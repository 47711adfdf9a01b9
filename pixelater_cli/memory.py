"""Owns what is remembered of earlier runs, so that what is up to date need not be made again.

A mosaic tells nothing of how it was made, so this is noted in the user's cache folder: for each
photo the settings, and what the system says of the photo's file and of the mosaics'. Whatever
differs, or is not known, is made again; nothing is lost with the cache but time.
"""

from __future__ import annotations

import os
import sys
import time
from ast import literal_eval
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from pixelater_cli.errors import UnusablePath
from pixelater_cli.files import write_whole

Stamp = tuple[int, int, int]
"""What changes with a file: its size, and when its content and its entry changed, in ns."""

UNKNOWN: Stamp = (-1, -1, -1)
"""No file's: what is noted with it is made again."""

UNSETTLED_NS = 100_000_000
"""Files younger than this may change again without the system's clock telling."""

MOST_PHOTOS = 20_000
KEPT_DAYS = 90


class Entry(NamedTuple):
    """How the mosaics of a photo were made: each has its grid, path, bytes saved and stamp.

    `earlier` are paths of mosaics that other runs made of it, with other names or in other formats.
    """

    settings: str
    photo: Stamp
    mosaics: tuple[tuple[int, str, int, Stamp], ...]
    warnings: tuple[str, ...]
    earlier: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        return (*(path for _, path, _, _ in self.mosaics), *self.earlier)


class Memory:
    """What earlier runs made in one output folder: for each photo an Entry, as text until read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[str, str] = {}
        self.changed = False

    def find(self, photo: Path, settings: str) -> Entry | None:
        """Find the mosaics of a photo, if all is as the run with these settings left it."""
        entry = self._read(_name(photo))
        if entry is None or entry.settings != settings or entry.photo != take_stamp(photo):
            return None
        sound = all(take_stamp(Path(path)) == stamp for _, path, _, stamp in entry.mosaics)
        return entry if sound else None

    def list_mosaics(self) -> frozenset[str]:
        """List the mosaics that were made, whether or not they are there still."""
        entries = (self._read(name) for name in self.lines)
        return frozenset(path for one in entries if one for path in one.paths)

    def note(
        self,
        photo: Path,
        settings: str,
        stamp: Stamp | None,
        mosaics: Iterable[tuple[int, Path, int]],
        warnings: tuple[str, ...],
    ) -> None:
        """Note what was made of a photo whose stamp was taken before it was read.

        Without a stamp, as for a photo that came in on stdin, its mosaics are only known as ours.
        """
        self.changed = True
        before = self._read(_name(photo))
        if stamp is None or time.time_ns() - max(stamp[1:]) < UNSETTLED_NS:
            stamp = UNKNOWN
        known = tuple(
            (grid, _name(path), saved, take_stamp(path) or UNKNOWN) for grid, path, saved in mosaics
        )
        entry = Entry(settings, stamp, known, warnings)
        if before is not None:
            others = dict.fromkeys(path for path in before.paths if path not in entry.paths)
            entry = entry._replace(earlier=tuple(path for path in others if Path(path).exists()))
        self.lines.pop(_name(photo), None)  # So that it is the newest.
        self.lines[_name(photo)] = ascii(tuple(entry))

    def keep(self) -> None:
        """Write down what is known now. A cache that cannot be written is none."""
        if not self.changed:
            return
        newest = list(self.lines.items())[-MOST_PHOTOS:]
        text = "\n".join(f"{name!a}\t{line}" for name, line in newest)
        with suppress(UnusablePath, OSError):
            write_whole(self.path, text.encode("ascii"))
            _forget_old(self.path.parent)

    def _read(self, name: str) -> Entry | None:
        with suppress(ValueError, SyntaxError, TypeError):
            return Entry(*literal_eval(self.lines.get(name, "")))
        return None


def recall(out: Path) -> Memory:
    """Recall what earlier runs made in an output folder. What cannot be read is forgotten."""
    number = crc32(os.fsencode(_name(out)))
    memory = Memory(find_cache() / "runs" / f"{number:08x}")
    with suppress(OSError, ValueError, SyntaxError, TypeError):
        for line in memory.path.read_text("ascii").splitlines():
            name, _, entry = line.partition("\t")
            memory.lines[literal_eval(name)] = entry
    return memory


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


def describe_settings(*settings: object) -> str:
    """Put all into words that a mosaic's bytes depend on but the photo, the code included."""
    from PIL import __version__ as pillow

    import pixelater

    code = max(path.stat().st_mtime_ns for path in Path(pixelater.__file__).parent.glob("*.py"))
    return repr((settings, pillow, code))


def take_stamp(path: Path) -> Stamp | None:
    """Take down what changes with a file; None if it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _name(path: Path | str) -> str:
    """Name a path whatever folder is the current one; links in it may change, so they stay."""
    return os.path.abspath(path)  # noqa: PTH100 - Path.resolve would follow links


def _forget_old(folder: Path) -> None:
    """Remove what is remembered of folders nothing was written to for long."""
    for path in folder.iterdir():
        if time.time() - path.stat().st_mtime > KEPT_DAYS * 86_400:
            path.unlink()
