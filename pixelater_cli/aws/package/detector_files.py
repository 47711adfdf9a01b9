"""Selection of the files of NumPy and onnxruntime that the detectors need, and their models.

No I/O, but for the texts of licenses. What is left out are tests, headers, training and modules
that nothing here imports: half of what the wheels unpack to. Licenses stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import PurePosixPath

from pixelater_cli.aws.package.pillow_files import INSTALLER_FILES, Files
from pixelater_detectors.models import MODELS

PACKAGES = ("numpy", "onnxruntime")

MODEL_FOLDER = "pixelater_detectors/weights"
"""Folder of the models in the zip; the function looks for them there."""

LICENSES = f"{MODEL_FOLDER}/LICENSES.txt"

LEFT_OUT = {
    "numpy": (
        "_core/include/",
        "_core/lib/",
        "_pyinstaller/",
        "ctypeslib/",
        "distutils/",
        "doc/",
        "f2py/",
        "fft/",
        "ma/",
        "polynomial/",
        "random/",
        "testing/",
        "typing/",
    ),
    "onnxruntime": ("backend/", "datasets/", "quantization/", "tools/", "transformers/"),
}
"""Folders of the packages that no module of the detectors imports, as a test verifies."""

NEVER_LOADED = ("libonnxruntime.so", "_simd.", "_multiarray_tests.", "_umath_tests.")
"""Beginnings of names of libraries: that for programs in C, 35 MB, and those of NumPy's tests."""


@dataclass(frozen=True)
class DetectorFiles:
    """What of detectors goes into a zip: their modules, and what `models` of these kinds need.

    Without models, nothing but the modules: Rekognition needs no weights.
    """

    models: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def list_files(self) -> dict[str, bytes]:
        """List the models and their licenses by their names in the zip."""
        if not self.models:
            return {}
        files = {
            f"{MODEL_FOLDER}/{MODELS[kind].file_name}": data for kind, data in self.models.items()
        }
        return {**files, LICENSES: format_licenses(self.models).encode()}


def format_licenses(kinds: Mapping[str, object]) -> str:
    """Format the licenses of models."""
    models = [MODELS[kind] for kind in sorted(kinds)]
    notices = [
        f"{model.file_name}: {model.title}, {model.license}\n{model.copyright}\n{model.origin}.\n"
        f"Taken from the wheel {model.package} {model.version}, SHA-256 {model.sha256}.\n"
        for model in models
    ]
    names = sorted({model.license for model in models})
    return "\n".join([*notices, *(f"{name}\n\n{read_license(name)}" for name in names)])


def read_license(name: str) -> str:
    """Read the text of a license, which each copy of a model must have with it."""
    folder = resources.files("pixelater_cli.aws.package") / "licenses"
    return (folder / f"{name}.txt").read_text("utf-8")


def select_package(package: str, files: Files) -> Files:
    """Leave out what the detectors never load of NumPy or onnxruntime."""
    return {name: content for name, content in files.items() if _is_needed(package, name)}


def _is_needed(package: str, name: str) -> bool:
    path = PurePosixPath(name)
    return not (
        name.removeprefix(f"{package}/").startswith(LEFT_OUT[package])
        or {"__pycache__", "tests", ".."} & {*path.parts}
        or path.name in INSTALLER_FILES
        or path.suffix in (".pyi", ".a", ".h", ".pxd", ".pyx")
        or path.name.startswith(NEVER_LOADED)
        or "_tests." in path.name
    )
