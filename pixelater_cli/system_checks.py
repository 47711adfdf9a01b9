"""Checks of what pixelater needs on this machine."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from pixelater_cli.errors import HEIC_HINT
from pixelater_cli.results.doctor import Check

DOCKER_SECONDS = 3
MIN_FREE_BYTES = 200_000_000
"""Room for five lossless mosaics of a large photo, and for the function's zip."""

CODECS = (("jpg", "JPEG"), ("zlib", "PNG"))
EXTRAS = (("webp", "WebP"), ("avif", "AVIF"), ("libtiff", "TIFF"), ("jpg_2000", "JPEG 2000"))
INSTALL_AGAIN = "Reinstall pixelater in a separate virtual environment."


def run_checks(folder: Path, cache: Path) -> Iterator[Check]:
    """Run the checks that need no network. `folder` is the parent of the output folder."""
    yield _check_python()
    yield from _check_pillow()
    yield _check_space("folder", folder)
    yield _check_space("cache", cache)
    yield _check_moto()
    yield _check_runtime_client()
    yield _check_docker()


def _check_python() -> Check:
    found = f"{platform.python_version()}, {platform.system()} {platform.machine()}"
    works = sys.version_info >= (3, 11)
    return Check("run", "Python", works, found, "Install Python 3.11 or newer.")


def _check_pillow() -> Iterator[Check]:
    from PIL import __version__, features

    def lacks(codecs: tuple[tuple[str, str], ...]) -> str:
        return ", ".join(name for codec, name in codecs if not features.check(codec))

    missing = lacks(CODECS)
    found = f"{__version__}, without {missing}" if missing else f"{__version__}, with JPEG and PNG"
    yield Check("run", "Pillow", not missing, found, INSTALL_AGAIN)
    extras = lacks(EXTRAS)
    names = ", ".join(name for _, name in EXTRAS)
    yield Check(
        "run",
        "more formats",
        not extras,
        f"not {extras}" if extras else names,
        "Install Pillow's wheel from PyPI: pip install --force-reinstall Pillow",
        required=False,
    )
    heic = find_spec("pillow_heif") is not None
    yield Check(
        "run",
        "HEIC",
        heic,
        f"pillow-heif {version('pillow-heif')}" if heic else "pillow-heif is not installed",
        HEIC_HINT,
        required=False,
    )


def _check_space(name: str, folder: Path) -> Check:
    """Check that a folder, or the one it would be created in, is writable and has space."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(existing, os.W_OK):
        return Check("run", name, False, f"{folder} is not writable", "Choose another folder.")
    free = shutil.disk_usage(existing).free
    found = f"{folder}, {free / 1e9:.1f} GB free"
    return Check("run", name, free > MIN_FREE_BYTES, found, "Free space on this disk.")


def _check_moto() -> Check:
    with suppress(PackageNotFoundError):
        return Check("emulate", "moto", True, version("moto"))
    return Check("emulate", "moto", False, "not installed", INSTALL_AGAIN)


def _check_runtime_client() -> Check:
    """Check AWS's runtime client. Where its compiled part is missing, pixelater replaces it."""
    with suppress(PackageNotFoundError):
        number = version("awslambdaric")
        compiled = find_spec("runtime_client") is not None
        found = (
            number
            if compiled
            else f"{number}, without its compiled part, which AWS does not build for this system"
        )
        return Check("emulate", "awslambdaric", True, found)
    return Check("emulate", "awslambdaric", False, "not installed", "pip install awslambdaric")


def _check_docker() -> Check:
    advice = "Only localstack-compose.yml needs Docker. Use pixelater emulate instead."
    command = shutil.which("docker")
    if command is None:
        return Check("compose", "Docker", False, "not installed", advice, required=False)
    try:
        done = subprocess.run(
            [command, "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=DOCKER_SECONDS,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return Check("compose", "Docker", False, "does not answer", advice, required=False)
    answer = done.stdout.strip()
    works = done.returncode == 0 and bool(answer)
    found = answer if works else "installed, but the daemon does not answer"
    return Check("compose", "Docker", works, found, advice, required=False)
