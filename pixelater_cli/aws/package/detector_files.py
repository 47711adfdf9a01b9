"""Selection of the files of NumPy and onnxruntime that the detectors need, and their models.

No I/O. What is left out are tests, headers, training and modules that nothing here imports: half of
what the wheels unpack to. Licenses stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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

MIT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

TERMS = {
    "MIT": MIT,
    "Apache-2.0": (
        "Licensed under the Apache License, Version 2.0; you may obtain a copy of the License at "
        "https://www.apache.org/licenses/LICENSE-2.0\n"
    ),
}
"""Texts of the licenses of models; a test verifies that each has one."""


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
        f"{model.file_name}: {model.title}, {model.license}\n{model.origin}.\n"
        f"Taken from the wheel {model.package} {model.version}, SHA-256 {model.sha256}.\n"
        for model in models
    ]
    texts = [f"{name}\n\n{TERMS[name]}" for name in sorted({model.license for model in models})]
    return "\n".join([*notices, *texts])


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
