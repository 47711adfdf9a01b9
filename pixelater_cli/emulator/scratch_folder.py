"""Folder for the files of a running emulator, and removal of those that killed emulators left."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pixelater_cli.local.files import locked

PREFIX = "pixelater-emulator-"
LOCK = "lock"


@contextmanager
def create_scratch_folder() -> Iterator[Path]:
    """Create a folder in the temporary directory, which is removed at the end.

    A lock on a file in it, which ends with this process, tells other emulators that it is in use.
    An emulator that starts between the creation of that file and its lock may remove the folder.
    """
    remove_abandoned()
    while True:
        with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
            lock = Path(name, LOCK)
            with locked(lock, wait=True):
                if lock.exists():
                    yield Path(name)
                    return


def remove_abandoned() -> None:
    """Remove this user's folders whose emulators have ended. Others are left alone.

    Folders without a lock are left, too: their emulators are just starting. Windows has no such
    locks.
    """
    if sys.platform == "win32":
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        lock = folder / LOCK
        with suppress(OSError):  # Locked, or removed by another emulator in the meantime.
            owned = folder.lstat().st_uid == os.getuid()
            if owned and not folder.is_symlink() and lock.is_file():
                with locked(lock, wait=False):
                    remove_folder(folder)


def remove_folder(path: Path) -> None:
    """Remove a folder and what is in it, also if it is read-only. Links are not followed."""
    for folder, names, _ in os.walk(path):
        Path(folder).chmod(0o755)
        for name in names:
            entry = Path(folder, name)
            if not entry.is_symlink():
                entry.chmod(0o755)
    shutil.rmtree(path)
