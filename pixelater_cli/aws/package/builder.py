"""Builder of the zip: the function, the library and Pillow, reproducible byte for byte.

The digest is that of the sources and libraries; compiled modules do not change it. For Lambda, pip
downloads the wheel that `requirements.txt` of the function pins by hash, and a cache keeps it. For
the emulator, the installed Pillow is used: it fits this Python and CPU, and needs no network.
"""

from __future__ import annotations

import base64
import hashlib
import os
import platform
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from io import BytesIO
from pathlib import Path

from pixelater_cli.aws.package.bytecode import compile_modules
from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.package.pillow_files import (
    Files,
    find_mismatches,
    is_compiled,
    select_files,
)
from pixelater_cli.errors import PackageError

WHEEL_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's name for an architecture -> the machine in the names of Linux wheels."""

GLIBC_MINORS = range(17, 35)
"""Amazon Linux 2023 has glibc 2.34; pip takes platform tags literally, so each is listed."""

PACKAGES = ("pixelater", "pixelater_function")
"""The Python packages of the zip, next to Pillow."""

HANDLERS = frozenset({"pixelater_function/handler.py", "pixelater/handler.py"})
"""The handler's file in a zip: that of today, and that of 0.1.0."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date a zip can hold."""


@dataclass(frozen=True)
class Contents:
    """Files of a zip, and its runtime; `level` is zlib's: smaller zips take longer."""

    runtime: str
    files: Files = field(repr=False)
    level: int = 6

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the contents, in hexadecimal."""
        digest = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()


GATHERING = "packing the function; the first time, Pillow is downloaded"


def gather_for_lambda(runtime: str, architecture: str, cache: Path) -> Contents:
    """Gather own modules and Pillow's wheel for a Lambda runtime, "python3.13", and architecture.

    The wheel is downloaded once and kept in the folder `cache`. Raises PackageError.
    """
    files = {**read_own_modules(), **select_files(_fetch_pillow(runtime, architecture, cache))}
    check_platform(files, runtime, architecture)
    return Contents(runtime, files)


def check_platform(files: Files, runtime: str, architecture: str) -> None:
    """Raise PackageError for compiled modules that cannot run there."""
    mismatches = list(find_mismatches(files, runtime, architecture))
    if mismatches:
        raise PackageError(
            f"the package would not run on {runtime}, {architecture}: {'; '.join(mismatches[:3])}",
            "Empty the cache (XDG_CACHE_HOME, or ~/.cache/pixelater) and run this again.",
        )


def gather_for_emulator() -> Contents:
    """Gather own modules and the installed Pillow. Raises PackageError.

    The zip stays on this machine, so it is not compressed: that would take a second, and delay
    every cold start.
    """
    files = {**read_own_modules(), **select_files(_read_installed_pillow())}
    return Contents(local_runtime(), files, level=0)


def read_own_modules() -> Files:
    """Read the Python files of the function and the library, however they are installed."""
    return {
        name: content
        for package in PACKAGES
        for name, content in _walk(resources.files(package), package)
    }


def local_runtime() -> str:
    """Return Lambda's name for the Python that runs this."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def local_architecture() -> str:
    """Return Lambda's name for the CPU of this machine."""
    return "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"


def is_package(path: Path) -> bool:
    """Return whether a file is a zip built here. Pipes and devices, which may not end, are not."""
    if not path.is_file():
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return not HANDLERS.isdisjoint(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def pack(contents: Contents) -> Package:
    """Zip files and modules compiled from them, sorted, with fixed dates and modes."""
    files = {**contents.files, **compile_modules(contents.files, contents.runtime)}
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix on every system, so that the mode below applies.
            entry.external_attr = (0o755 if is_compiled(name) else 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=contents.level)
    data = buffer.getvalue()
    sha256 = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return Package(contents.digest, sha256, data)


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        name = f"{prefix}/{entry.name}"
        if entry.is_dir():
            yield from _walk(entry, name)
        elif entry.name.endswith(".py"):
            yield name, entry.read_bytes()


def _read_installed_pillow() -> Files:
    distribution = metadata.distribution("pillow")
    if distribution.files is None:
        raise PackageError(
            "the installed Pillow does not list its files",
            "Install Pillow with pip, in a separate virtual environment.",
        )
    return {
        path.as_posix(): path.read_binary()
        for path in distribution.files
        if ".." not in path.parts and Path(path.locate()).is_file()
    }


def _fetch_pillow(runtime: str, architecture: str, cache: Path) -> Files:
    """Read the pinned wheel from the cache, after a download if it is not there."""
    requirements = resources.files("pixelater_function") / "requirements.txt"
    pins = frozenset(re.findall(r"--hash=sha256:(\w+)", requirements.read_text()))
    folder = cache / f"pillow-{runtime}-{architecture}"
    try:
        wheel = _find_wheel(folder, pins)
        if wheel is None:
            cache.mkdir(parents=True, exist_ok=True)
            with (
                tempfile.TemporaryDirectory(prefix=".pixelater-", dir=cache) as scratch,
                resources.as_file(requirements) as pinned,
            ):
                _download(runtime, architecture, pinned, Path(scratch))
                _keep(Path(scratch, "wheels"), folder)
            wheel = _find_wheel(folder, pins)
    except OSError as error:
        raise PackageError(
            f"cannot use the cache folder {cache}: {error.strerror or error}",
            "Free space or allow access there; on Linux, XDG_CACHE_HOME sets another folder.",
        ) from error
    if wheel is None:
        raise PackageError(
            f"{folder} has no wheel with a pinned hash", "Delete that folder and run this again."
        )
    return dict(_read_wheel(wheel))


def _find_wheel(folder: Path, pins: frozenset[str]) -> bytes | None:
    """Find the wheel in the cache that has one of the pinned hashes."""
    wheels = [path.read_bytes() for path in sorted(folder.glob("*.whl")) if path.is_file()]
    return next((wheel for wheel in wheels if hashlib.sha256(wheel).hexdigest() in pins), None)


def _download(runtime: str, architecture: str, requirements: Path, scratch: Path) -> None:
    machine = WHEEL_MACHINES[architecture]
    tags = [f"manylinux_2_{minor}_{machine}" for minor in reversed(GLIBC_MINORS)]
    tags.append(f"manylinux2014_{machine}")
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet"]
    command += ["--no-deps", "--only-binary=:all:", "--require-hashes", "--implementation=cp"]
    command += [f"--python-version={runtime.removeprefix('python')}"]
    command += [f"--platform={tag}" for tag in tags]
    command += [f"--requirement={requirements}", f"--dest={scratch / 'wheels'}"]
    environment = os.environ | {"TMPDIR": str(scratch)}  # Nothing is left if this is killed.
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reasons = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise PackageError(
            f"pip cannot download Pillow for {runtime} on {architecture}: "
            + "; ".join(reasons or done.stderr.splitlines()[-1:]),
            "The package index is needed once; then the wheel is cached. Check the network.",
        )


def _keep(downloaded: Path, folder: Path) -> None:
    """Move a finished download to the cache, file by file: another process may do the same."""
    folder.mkdir(exist_ok=True)
    for path in downloaded.iterdir():
        path.replace(folder / path.name)


def _read_wheel(wheel: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(BytesIO(wheel)) as archive:
        for name in archive.namelist():
            if not name.endswith("/"):
                yield name, archive.read(name)
