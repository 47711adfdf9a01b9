"""Cache of unpacked code: a read-only folder for each zip, shared by environments."""

from __future__ import annotations

import io
import shutil
import zipfile
import zlib
from hashlib import sha256
from pathlib import Path
from threading import Lock

from pixelater_cli.emulator.lambda_service.backend_protocol import ServiceFailed
from pixelater_cli.emulator.lambda_service.models import Function
from pixelater_cli.emulator.scratch_folder import remove_folder

UNPACK_ERRORS = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError)
"""What zipfile raises at damaged, encrypted or contradicting members, or on a full disk."""


class CodeCache:
    """Folders in use, and the last one used. Others are removed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._users: dict[str, int] = {}
        self._lock = Lock()

    def take(self, function: Function) -> Path:
        """Return the folder with a function's code, unpacked if needed. Raises ServiceFailed."""
        name = _name(function)
        with self._lock:
            path = self._folder / name
            if name not in self._users:
                _unpack(function.code, path)
            self._users[name] = self._users.get(name, 0) + 1
            for unused in [name for name, users in self._users.items() if not users]:
                remove_folder(self._folder / unused)
                del self._users[unused]
            return path

    def leave(self, function: Function) -> None:
        """Record that an environment no longer uses the folder."""
        with self._lock:
            self._users[_name(function)] -= 1


def _name(function: Function) -> str:
    return sha256(function.code_sha256.encode()).hexdigest()[:16]


def _unpack(code: bytes, path: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            archive.extractall(path)
    except UNPACK_ERRORS as error:
        shutil.rmtree(path, ignore_errors=True)
        known = isinstance(error, zipfile.BadZipFile)
        problem = "the code is not a zip" if known else "the code cannot be unpacked"
        raise ServiceFailed(f"{problem}: {error}") from error
    for entry in [path, *path.rglob("*")]:
        entry.chmod(0o555)
