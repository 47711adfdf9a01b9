"""Packages of the zip: wheels, pinned by hash and kept in a cache, or what is installed here."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from importlib import metadata, resources
from io import BytesIO
from pathlib import Path

from pixelater_cli.aws.package.pillow_files import Files
from pixelater_cli.errors import PackageError

WHEEL_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's name for an architecture -> the machine in the names of Linux wheels."""

GLIBC_MINORS = range(17, 35)
"""Amazon Linux 2023 has glibc 2.34; pip takes platform tags literally, so each is listed."""

INSTALL_HINTS = {
    "pillow": "Install Pillow with pip, in a separate virtual environment.",
    "numpy": "Install what detectors need: pip install 'pixelater[privacy]'",
    "onnxruntime": "Install what detectors need: pip install 'pixelater[privacy]'",
}


def fetch_wheels(title: str, requirements: str, folder: Path, target: tuple[str, str]) -> Files:
    """Read the wheels that a file of the function pins, after a download if they are not kept.

    `title` names them in errors, `target` is runtime and architecture. Raises PackageError.
    """
    file = resources.files("pixelater_function") / requirements
    text = file.read_text()
    pins = frozenset(re.findall(r"--hash=sha256:(\w+)", text))
    number = len(re.findall(r"^[\w-]+==", text, re.MULTILINE))
    try:
        wheels = _find_wheels(folder, pins)
        if len(wheels) < number:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with (
                tempfile.TemporaryDirectory(prefix=".pixelater-", dir=folder.parent) as scratch,
                resources.as_file(file) as pinned,
            ):
                _download(title, target, pinned, Path(scratch))
                _keep(Path(scratch, "wheels"), folder)
            wheels = _find_wheels(folder, pins)
    except OSError as error:
        raise PackageError(
            f"cannot use the cache folder {folder.parent}: {error.strerror or error}",
            "Free space or allow access there; on Linux, XDG_CACHE_HOME sets another folder.",
        ) from error
    if len(wheels) < number:
        raise PackageError(
            f"{folder} has no wheel with a pinned hash", "Delete that folder and run this again."
        )
    return {name: content for wheel in wheels for name, content in _read_wheel(wheel)}


def read_installed(package: str) -> Files:
    """Read the files of a package that is installed here. Raises PackageError."""
    try:
        distribution = metadata.distribution(package)
    except metadata.PackageNotFoundError as error:
        raise PackageError(f"{package} is not installed", INSTALL_HINTS[package]) from error
    if distribution.files is None:
        raise PackageError(
            f"the installed {package} does not list its files", INSTALL_HINTS[package]
        )
    return {
        path.as_posix(): path.read_binary()
        for path in distribution.files
        if ".." not in path.parts and Path(path.locate()).is_file()
    }


def _find_wheels(folder: Path, pins: frozenset[str]) -> list[bytes]:
    """Find the wheels in the cache that have pinned hashes, one of each package."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.glob("*.whl")):
        wheel = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(wheel).hexdigest() in pins:
            found.setdefault(path.name.split("-")[0].lower(), wheel)
    return list(found.values())


def _download(title: str, target: tuple[str, str], requirements: Path, scratch: Path) -> None:
    runtime, architecture = target
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
            f"pip cannot download {title} for {runtime} on {architecture}: "
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
