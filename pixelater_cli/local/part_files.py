"""New files that get their names once they are complete and, if wanted, on the disk.

A file is written under a random name in the folder of its target, and locked as long as it has that
name. So whatever a killed process left has no lock, and the next run removes it.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from pixelater_cli.errors import UnusablePath, explain_os_error

LOG = logging.getLogger(__name__)

PERMISSIONS = 0o777
"""The bits of a mode that are kept: not those that run a file as another user."""

PART = re.compile(r"\.pixelater-[0-9a-f]{16}\.part")

WRITERS = 16
"""Files that are written to the disk at once. A journal takes them together: five files took 2.5 ms
in threads and 27 ms one after the other (ext4; docs/explanation/performance.md)."""

UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK)
"""What fsync and flock return on file systems that have no such thing (fsync(2), flock(2))."""

READING = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Neither through a link nor waiting for a pipe, where there are such things."""

ABANDONED_SECONDS = 86_400
"""Age of files that are removed where the file system has no locks."""


class PartFile:
    """A file that is to replace `path` in one step."""

    def __init__(self, path: Path, data: bytes, *, sync: bool) -> None:
        self.path = path
        self.data = data
        self.sync = sync
        self._part = path
        self._file: BinaryIO | None = None
        self._error: UnusablePath | None = None

    def write(self) -> None:
        """Write the data under another name; `commit` raises what goes wrong."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            permissions = _read_permissions(self.path)
            self._open()
            if self._file is None:
                return
            fill_file(self._file, self.data, permissions, sync=self.sync)
        except OSError as error:
            self._error = UnusablePath(f"cannot write {self.path}: {explain_os_error(error)}")
        except UnusablePath as error:
            self._error = error

    def _open(self) -> None:
        """Create a file that is locked. Another process may take it for a leftover before."""
        while self._file is None:
            # Random, because process IDs are equal in two containers that share a folder.
            self._part = self.path.parent / f".pixelater-{os.urandom(8).hex()}.part"
            file = self._part.open("xb")
            if _try_lock(file) is not False and (os.fstat(file.fileno()).st_nlink or _is_windows()):
                self._file = file
            else:
                file.close()

    @property
    def place(self) -> Path:
        """Where the file is until it gets its name: others may write to it there."""
        return self._part

    def sync_written(self) -> None:
        """Wait until what others have written is on the disk. Raises OSError."""
        if self._file is not None:
            sync_file(self._file.fileno())

    def commit(self, check: Check | None = None) -> os.stat_result:
        """Give the file its name, and return its status. Raises UnusablePath.

        `check` may refuse to replace what is there. Processes that use the folder wait meanwhile.
        """
        if self._error is not None:
            raise self._error
        if self._file is None:
            raise UnusablePath(f"cannot write {self.path}: it was not written")
        status = os.fstat(self._file.fileno())
        if _is_windows():
            self._file.close()  # Open files have no new names there; nor are they removed.
        try:
            with _locked_folder(self.path.parent):
                if check is not None:
                    check(self, status)
                self._part.replace(self.path)
        except OSError as error:
            raise UnusablePath(f"cannot write {self.path}: {explain_os_error(error)}") from error
        LOG.debug("wrote %s, %s bytes", self.path, f"{len(self.data):,}")
        return status

    def discard(self) -> None:
        """Remove the file, unless it has its name."""
        if self._file is not None:
            with suppress(OSError):
                self._part.unlink(missing_ok=True)
            with suppress(OSError):  # What could not be written would be tried again.
                self._file.close()


Check = Callable[[PartFile, os.stat_result], None]
"""Raises UnusablePath if a file, which has this status, must not replace what is at its path."""


def write_all(
    files: Sequence[tuple[Path, bytes]], check: Check | None = None
) -> Iterator[os.stat_result]:
    """Write files to the disk at once, then name one after the other; yield their status.

    Each is as `write_whole` with `sync` writes it. Raises UnusablePath for the first that cannot be
    written: those before it have their names then, and no other.
    """
    from threading import Thread

    parts = [PartFile(path, data, sync=True) for path, data in files]
    groups = [parts[start::WRITERS] for start in range(min(WRITERS, len(parts)))]
    threads = [Thread(target=_write_parts, args=(group,)) for group in groups[1:]]
    started: list[Thread] = []
    try:
        for thread in threads:
            thread.start()
            started.append(thread)
        _write_parts(groups[0] if groups else [])
        for thread in started:
            thread.join()
        for part in parts:
            yield part.commit(check)
    finally:
        for thread in started:
            thread.join()
        for part in parts:
            part.discard()


def _write_parts(parts: Sequence[PartFile]) -> None:
    for part in parts:
        part.write()


def fill_file(
    file: BinaryIO, data: bytes, permissions: int | None = None, *, sync: bool = False
) -> None:
    """Write the data of a new file, with `sync` to the disk. Raises OSError."""
    if permissions is not None and hasattr(os, "fchmod"):  # Not on Windows before Python 3.13.
        os.fchmod(file.fileno(), permissions)
    file.write(data)
    file.flush()
    if sync:
        sync_file(file.fileno())


def sync_file(descriptor: int) -> None:
    """Wait until a file, or the names in a folder, are on the disk. Raises OSError.

    Some file systems have no such thing, which is not an error of the file.
    """
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise


def remove_leftovers(folder: Path) -> None:
    """Remove what killed processes left in a folder."""
    with suppress(OSError):  # The folder may be another user's, or gone.
        names = [entry.name for entry in os.scandir(folder) if PART.fullmatch(entry.name)]
        for name in names:
            with suppress(OSError):
                _remove_unlocked(folder / name)


def _remove_unlocked(path: Path) -> None:
    """Remove a file unless its writer lives. Raises OSError, on Windows if it is open."""
    if _is_windows():
        path.unlink()
        return
    descriptor = os.open(path, READING)
    with os.fdopen(descriptor, "rb") as file:
        locked = _try_lock(file)
        old = time.time() - os.fstat(descriptor).st_mtime > ABANDONED_SECONDS
        if locked or (locked is None and old):
            path.unlink()


def _try_lock(file: BinaryIO) -> bool | None:
    """Lock a file until it is closed. False: another process holds it; None: there are no locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


@contextmanager
def interrupts_deferred() -> Iterator[None]:
    """Handle Ctrl-C at the end of the context. For short work in the main thread only."""
    received: list[tuple[int, FrameType | None]] = []
    before = signal.signal(signal.SIGINT, lambda *received_now: received.append(received_now))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if received and callable(before):
            before(*received[0])


@contextmanager
def _locked_folder(folder: Path) -> Iterator[None]:
    """Hold a lock on a folder, where there are such locks: so that no name is taken meanwhile."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_windows() -> bool:
    return sys.platform == "win32"


def _read_permissions(path: Path) -> int | None:
    """Return the permissions of a file to be replaced; None if there is no file, or a link.

    Raises UnusablePath and OSError for what is not a regular file, behind a link too.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise UnusablePath(f"cannot write {path}: not a regular file")
    return None if path.is_symlink() else mode & PERMISSIONS
