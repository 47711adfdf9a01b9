"""Reading and writing of whole local files, and locks."""

from __future__ import annotations

import logging
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pixelater_cli.errors import UnusablePath, explain_os_error
from pixelater_cli.local.file_names import find_problem
from pixelater_cli.local.part_files import PartFile, fill_file, sync_file

LOG = logging.getLogger(__name__)

MAX_FILE_BYTES = 2**30
"""Larger files are not read: no photo within the pixel limits is that large."""


def prepare_folder(folder: Path, use: str = "the output folder", option: str = "--out") -> None:
    """Make a folder, which an option names, ready for writing. Raises UnusablePath."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusablePath(
            f"cannot use {folder} as {use}: {explain_os_error(error)}",
            f"Choose another with {option}.",
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UnusablePath(f"cannot write into {folder}", f"Choose another folder with {option}.")


def write_whole(path: Path, data: bytes, *, sync: bool = False) -> os.stat_result:
    """Write a file completely or not at all, and return its status. Raises UnusablePath.

    The data goes into a new file in the same folder, which then replaces `path` in one step. So a
    link at `path` is replaced, not followed, and other hard links to the file before keep its data.
    Like open(), this refuses folders, keeps the permissions of a file that it replaces, and leaves
    those of a new file to the umask. Unlike open(), it refuses pipes and devices, which are never
    meant to be replaced. With `sync`, the data is on the disk before it replaces `path`; the new
    name is, after `sync_folder`.
    """
    part = PartFile(path, data, sync=sync)
    try:
        part.write()
        return part.commit()
    finally:
        part.discard()


def remove_file(path: Path) -> None:
    """Remove a file, if it exists. Raises UnusablePath."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UnusablePath(f"cannot remove {path}: {explain_os_error(error)}") from error


def create_file(
    path: Path, data: bytes, permissions: int | None = None, *, sync: bool = False
) -> os.stat_result:
    """Create a file that does not exist yet, and return its status. Raises OSError.

    Mode "x" is O_CREAT with O_EXCL, which fails where `path` is a symbolic link, wherever that
    leads (https://pubs.opengroup.org/onlinepubs/9799919799/functions/open.html).
    """
    with path.open("xb") as file:
        fill_file(file, data, permissions, sync=sync)
        return os.fstat(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk. Raises OSError.

    fsync of a file does not write its name (fsync(2)). Windows cannot open folders.
    """
    if sys.platform == "win32":
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync_file(opened)
    finally:
        os.close(opened)


def place_below(folder: Path, name: str) -> Path:
    """Return the path of a file below a folder, where "/" in its name separates folders.

    Raises UnusablePath for a name that leads out of the folder, also through a link below it.
    """
    problem = find_problem(name, sys.platform == "win32")
    if problem:
        reason = problem.format(folder=folder)
        raise UnusablePath(f"{name} {reason}", "Use keys without .. in them.")
    path = folder / name
    if not Path(os.path.realpath(path.parent)).is_relative_to(os.path.realpath(folder)):
        raise UnusablePath(
            f"{name} leads out of {folder} through a link",
            "Remove the link, or choose another --out.",
        )
    return path


def open_whole(path: Path, max_bytes: int = MAX_FILE_BYTES) -> BinaryIO:
    """Open a regular file of at most so many bytes for reading. Raises UnusablePath."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # To open a pipe would wait for a writer.
            raise UnusablePath("cannot read it: not a regular file")
        if found.st_size > max_bytes:
            raise UnusablePath(f"more than {max_bytes:,} bytes")
        return path.open("rb")
    except OSError as error:
        raise UnusablePath(f"cannot read it: {explain_os_error(error)}") from error


def read_whole(path: Path, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    """Read a regular file of at most so many bytes. Raises UnusablePath."""
    with open_whole(path, max_bytes) as file:
        try:
            data = file.read()
        except OSError as error:
            raise UnusablePath(f"cannot read it: {explain_os_error(error)}") from error
    LOG.debug("read %s, %s bytes", path, f"{len(data):,}")
    return data


@contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[None]:
    """Hold a lock on a file, which is created if need be. The system has no such locks on Windows.

    It ends with the process, however that ends (flock(2)). Raises OSError: BlockingIOError if
    another process holds the lock and this one does not `wait`.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    # Without following links, changing the file, or waiting for the reader of a pipe.
    lock = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(lock)
