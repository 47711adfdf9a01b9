"""Folder of `--persist`: an index, a journal of the changes since, and the content of objects.

`index.json` is replaced when the emulator starts and stops. In the meantime, `journal.jsonl` gets a
line for each change, which is on the disk before the request is answered. The content of objects is
in files next to them, named by SHA-256. The journal names the index that it continues, so it is
ignored if the emulator was killed after it had replaced the index, or if 0.1.0 has replaced it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Condition, Lock
from typing import Any

from pixelater_cli.emulator.persisted_state import State, parse_index
from pixelater_cli.errors import EmulatorError, UnusablePath, explain_os_error
from pixelater_cli.local.files import (
    MAX_FILE_BYTES,
    locked,
    prepare_folder,
    read_whole,
    sync_folder,
    write_whole,
)

INDEX = "index.json"
JOURNAL = "journal.jsonl"
MAX_JOURNAL_BYTES = 2**34

BEGINNINGS = (b'{\n "version": ', b'{"kind": "journal"')
"""What the index and the journal begin with."""


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Lock a folder: of two emulators, the last would remove the files of the other.

    Raises EmulatorError.
    """
    prepare_folder(folder, "the folder for the state", "--persist")
    path = folder / "lock"
    with ExitStack() as locks:
        try:
            locks.enter_context(locked(path, wait=False))
        except BlockingIOError as error:
            raise EmulatorError(
                f"another emulator uses {folder}",
                "Choose another folder, or stop the other emulator first.",
            ) from error
        except OSError as error:
            raise EmulatorError(
                f"cannot lock {path}: {explain_os_error(error)}",
                "Remove that file, or choose another folder.",
            ) from error
        yield


def read_state(folder: Path) -> State:
    """Read the index and the journal. Raises EmulatorError."""
    index = folder / INDEX
    state, data = State(), b""
    if os.path.lexists(index):
        data = _read(index)
        with _explain(index, data):
            state = parse_index(json.loads(data))
    journal = folder / JOURNAL
    if os.path.lexists(journal):
        changes = _read(journal, MAX_JOURNAL_BYTES)
        with _explain(journal, changes):
            lines = changes.split(b"\n")[:-1]
            if lines and json.loads(lines[0]) == _make_header(data):
                for line in lines[1:]:
                    state.apply(json.loads(line))
    return state


def _read(path: Path, limit: int = MAX_FILE_BYTES) -> bytes:
    try:
        return read_whole(path, limit)
    except UnusablePath as error:
        raise EmulatorError(f"{path}: {error}", "Choose another folder.") from error


@contextmanager
def _explain(path: Path, data: bytes) -> Iterator[None]:
    """Explain why a file cannot be used: it is another program's, or damaged. Raises EmulatorError.

    The files of objects next to it are not lost with it, so the hint is not to delete anything.
    """
    try:
        yield
    except (ValueError, RecursionError) as error:
        if not (data.startswith(BEGINNINGS) or any(path.parent.glob("*.object"))):
            message = f"{path} was not written by --persist"
            raise EmulatorError(message, "Choose another folder.") from error
        raise EmulatorError(
            f"{path} is damaged: {_explain_damage(error)}",
            "Restore it from a copy, or choose another folder. Keep the *.object files: they are "
            "the content of the objects.",
        ) from error


def _explain_damage(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"it is not JSON from line {error.lineno}, column {error.colno} on"
    return str(error)


def read_content(folder: Path, file: str, key: str) -> bytes:
    """Read the content of an object. Raises EmulatorError."""
    path = folder / file
    try:
        data = read_whole(path)
        if name_file(data) != file:
            raise UnusablePath("its content has changed")
    except UnusablePath as error:
        raise EmulatorError(
            f"cannot restore {key} from {path}: {error}",
            "Restore the file, choose another folder, or remove the object from index.json.",
        ) from error
    return data


def save_state(folder: Path, state: State) -> None:
    """Replace the index, then remove the journal and the files of deleted objects.

    Raises UnusablePath.
    """
    data = json.dumps(state.write_index(), indent=1).encode()
    write_whole(folder / INDEX, data, sync=True)
    try:
        sync_folder(folder)
        (folder / JOURNAL).unlink(missing_ok=True)
        used = state.files
        for path in folder.glob("*.object"):
            if path.name not in used:
                path.unlink()
    except OSError as error:
        raise UnusablePath(f"cannot save in {folder}: {explain_os_error(error)}") from error


def name_file(data: bytes) -> str:
    """Return the name of the file with this content."""
    return f"{hashlib.sha256(data).hexdigest()}.object"


def _make_header(index: bytes) -> dict[str, str]:
    """Return the first line of a journal that continues this index."""
    return {"kind": "journal", "index": hashlib.sha256(index).hexdigest()}


class Journal:
    """Changes since the index was saved, for any thread.

    A change that cannot be written ends the journal: all later calls fail, too, because what they
    promise would not be true after a restart.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        index = folder / INDEX
        path = folder / JOURNAL
        header = _make_header(read_whole(index) if index.exists() else b"")
        write_whole(path, json.dumps(header).encode() + b"\n", sync=True)
        try:
            sync_folder(folder)
            own = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | own)
        except OSError as error:
            raise UnusablePath(f"cannot write {path}: {explain_os_error(error)}") from error
        self._stored = {entry.name for entry in folder.glob("*.object")}
        self._written = 0
        self._synced = 0
        self._syncing = False
        self._error: OSError | None = None
        self._lock = Lock()
        self._changed = Condition(self._lock)

    def append(self, change: Mapping[str, Any]) -> None:
        """Write a change, which survives the process. Raises OSError."""
        line = json.dumps(change).encode() + b"\n"
        with self._lock:
            self._check()
            try:
                if os.write(self._file, line) != len(line):
                    raise OSError("not enough space")  # Never partial otherwise: write(2).
            except OSError as error:
                self._error = error
                raise
            self._written += 1

    def commit(self) -> None:
        """Wait until all changes so far are on the disk. Raises OSError.

        One thread waits for the disk for all: what is written in the meantime waits for the next.
        """
        with self._changed:
            target = self._written
            while self._synced < target and self._syncing:
                self._changed.wait()
            self._check()
            if self._synced >= target:
                return
            self._syncing, covered = True, self._written
        try:
            sync_folder(self._folder)
            os.fsync(self._file)
        except OSError as error:
            with self._lock:
                self._error = error
            raise
        finally:
            with self._changed:
                self._syncing = False
                if self._error is None:
                    self._synced = covered
                self._changed.notify_all()

    def store(self, data: bytes) -> str:
        """Write the content of an object, and return the name of its file.

        The name of the file is on the disk after `commit`. Raises UnusablePath.
        """
        name = name_file(data)
        if name not in self._stored:
            write_whole(self._folder / name, data, sync=True)
            self._stored.add(name)
        return name

    def close(self) -> None:
        """Close the file. Later changes fail."""
        with self._lock:
            self._error = self._error or OSError("the emulator has stopped")
            os.close(self._file)

    def _check(self) -> None:
        if self._error is not None:
            raise self._error
