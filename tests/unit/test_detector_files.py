"""What of NumPy and onnxruntime goes into the zip, with the models and their licenses."""

from __future__ import annotations

import pytest

from pixelater_cli.aws.package.builder import check_size, select_detector_files
from pixelater_cli.aws.package.detector_files import DetectorFiles, read_license
from pixelater_cli.errors import PackageError
from pixelater_detectors.models import MODELS

WHEELS = {
    "numpy/__init__.py": b"",
    "numpy/__init__.pyi": b"",
    "numpy/_core/_multiarray_umath.cpython-313-x86_64-linux-gnu.so": b"",
    "numpy/_core/_simd.cpython-313-x86_64-linux-gnu.so": b"",
    "numpy/_core/_rational_tests.cpython-313-x86_64-linux-gnu.so": b"",
    "numpy/_core/include/numpy/ndarrayobject.h": b"",
    "numpy/_core/tests/test_umath.py": b"",
    "numpy/linalg/_linalg.py": b"",
    "numpy/random/_pickle.py": b"",
    "numpy.libs/libscipy_openblas64_-1a.so": b"",
    "numpy-2.4.6.dist-info/licenses/LICENSE.txt": b"",
    "numpy-2.4.6.dist-info/RECORD": b"",
    "onnxruntime/__init__.py": b"",
    "onnxruntime/LICENSE": b"",
    "onnxruntime/capi/libonnxruntime.so.1.32.0": b"",
    "onnxruntime/capi/onnxruntime_pybind11_state.cpython-313-x86_64-linux-gnu.so": b"",
    "onnxruntime/transformers/models/bert.py": b"",
    "onnxruntime-1.32.0.dist-info/METADATA": b"",
}


def test_packages_are_trimmed_and_licenses_are_kept() -> None:
    selected = select_detector_files(WHEELS, DetectorFiles({"faces": b"weights"}))
    assert set(selected) == {
        "numpy/__init__.py",
        "numpy/_core/_multiarray_umath.cpython-313-x86_64-linux-gnu.so",
        "numpy/linalg/_linalg.py",
        "numpy.libs/libscipy_openblas64_-1a.so",
        "numpy-2.4.6.dist-info/licenses/LICENSE.txt",
        "onnxruntime/__init__.py",
        "onnxruntime/LICENSE",
        "onnxruntime/capi/onnxruntime_pybind11_state.cpython-313-x86_64-linux-gnu.so",
        "onnxruntime-1.32.0.dist-info/METADATA",
        f"pixelater_detectors/weights/{MODELS['faces'].file_name}",
        "pixelater_detectors/weights/LICENSES.txt",
    }


def test_licenses_of_models_in_the_zip_have_their_texts() -> None:
    text = DetectorFiles(dict.fromkeys(MODELS, b"")).list_files()[
        "pixelater_detectors/weights/LICENSES.txt"
    ]
    wanted = [
        part
        for each in MODELS.values()
        for part in (each.origin, each.copyright, read_license(each.license))
    ]
    assert [part for part in wanted if part.encode() not in text] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("MIT", ["Permission is hereby granted", "WITHOUT WARRANTY OF ANY KIND"]),
        ("Apache-2.0", ["4. Redistribution.", "END OF TERMS AND CONDITIONS"]),
    ],
)
def test_licenses_are_whole(name: str, words: list[str]) -> None:
    assert [word for word in words if word not in read_license(name)] == []


def test_rekognition_needs_no_files() -> None:
    assert DetectorFiles().list_files() == {}


def test_more_than_lambda_unpacks_is_refused() -> None:
    with pytest.raises(PackageError, match="262,144,001 bytes unpacked"):
        check_size({"a": bytes(250 * 2**20 + 1)})
