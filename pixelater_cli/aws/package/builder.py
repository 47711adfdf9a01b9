"""Builder of the zip: the function, the library and Pillow, reproducible byte for byte.

The digest is that of the sources and libraries; compiled modules do not change it. For Lambda, pip
downloads the wheels that `requirements.txt` of the function pins by hash, and a cache keeps them
(`wheels`); with a local detector, those of `requirements-detectors.txt`, too. For the emulator, the
installed packages are used: they fit this Python and CPU, and need no network.
"""

from __future__ import annotations

import base64
import hashlib
import platform
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from io import BytesIO
from pathlib import Path

from pixelater_cli.aws.package.bytecode import compile_modules
from pixelater_cli.aws.package.detector_files import PACKAGES as DETECTOR_PACKAGES
from pixelater_cli.aws.package.detector_files import DetectorFiles, select_package
from pixelater_cli.aws.package.package import Package
from pixelater_cli.aws.package.pillow_files import (
    Files,
    find_mismatches,
    is_compiled,
    select_files,
)
from pixelater_cli.aws.package.wheels import fetch_wheels, read_installed
from pixelater_cli.errors import PackageError

PACKAGES = ("pixelater", "pixelater_function")
"""The Python packages of the zip, next to Pillow."""

DETECTORS = "pixelater_detectors"
"""The package of the detectors, of those stacks that have one."""

MAX_UNPACKED = 250 * 2**20
"""Lambda's limit of a function's files
(https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""

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


GATHERING = "packing the function; the first time, its packages are downloaded"


def gather_for_lambda(
    runtime: str, architecture: str, cache: Path, detectors: DetectorFiles | None = None
) -> Contents:
    """Gather own modules and wheels for a Lambda runtime, "python3.13", and architecture.

    The wheels are downloaded once and kept in the folder `cache`. Raises PackageError.
    """
    target, label = (runtime, architecture), f"{runtime}-{architecture}"
    pillow = fetch_wheels("Pillow", "requirements.txt", cache / f"pillow-{label}", target)
    files = {**read_own_modules(detectors), **select_files(pillow)}
    if detectors and detectors.models:
        title, folder = "NumPy and onnxruntime", cache / f"detectors-{label}"
        wheels = fetch_wheels(title, "requirements-detectors.txt", folder, target)
        files |= select_detector_files(wheels, detectors)
    check_platform(files, runtime, architecture)
    check_size(files)
    return Contents(runtime, files)


def select_detector_files(packages: Files, detectors: DetectorFiles) -> Files:
    """Select what the detectors need of the files of their packages, and add the models."""
    files = detectors.list_files()
    for package in DETECTOR_PACKAGES:
        own = {name: content for name, content in packages.items() if _is_part(name, package)}
        files |= select_package(package, own)
    return files


def _is_part(name: str, package: str) -> bool:
    """Return whether a file is of a package: in its folder, that of its libraries or metadata."""
    top = name.partition("/")[0]
    return top in (package, f"{package}.libs") or top.startswith(f"{package}-")


def check_size(files: Files) -> None:
    """Raise PackageError for more than Lambda unpacks."""
    size = sum(map(len, files.values()))
    if size > MAX_UNPACKED:
        raise PackageError(
            f"the package has {size:,} bytes unpacked, and Lambda allows {MAX_UNPACKED:,}",
            "Use --detector rekognition, which needs no weights.",
        )


def check_platform(files: Files, runtime: str, architecture: str) -> None:
    """Raise PackageError for compiled modules that cannot run there."""
    mismatches = list(find_mismatches(files, runtime, architecture))
    if mismatches:
        raise PackageError(
            f"the package would not run on {runtime}, {architecture}: {'; '.join(mismatches[:3])}",
            "Empty the cache (XDG_CACHE_HOME, or ~/.cache/pixelater) and run this again.",
        )


def gather_for_emulator(detectors: DetectorFiles | None = None) -> Contents:
    """Gather own modules and the installed packages. Raises PackageError.

    The zip stays on this machine, so it is not compressed: that would take a second, and delay
    every cold start.
    """
    files = {**read_own_modules(detectors), **select_files(read_installed("pillow"))}
    if detectors and detectors.models:
        for package in DETECTOR_PACKAGES:
            files |= select_detector_files(read_installed(package), detectors)
    return Contents(local_runtime(), files, level=0)


def read_own_modules(detectors: DetectorFiles | None = None) -> Files:
    """Read the Python files of the function and the library, however they are installed."""
    return {
        name: content
        for package in (*PACKAGES, *([DETECTORS] if detectors else []))
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
