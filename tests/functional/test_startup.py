"""What is loaded, and when: help needs no Pillow, boto3, moto or rich."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.functional.conftest import ROOT


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("pixelater_cli.app", ("PIL", "boto3", "moto", "pixelater", "rich")),
        # Looks without documents and detectors need none of theirs.
        ("pixelater_function.mosaic_maker", ("pixelater.placeholder", "pixelater_detectors")),
        # The function's zip has none of these if Rekognition detects.
        ("pixelater_detectors.rekognition", ("numpy", "onnxruntime", "pixelater", "botocore")),
    ],
)
def test_importing_a_module_imports_nothing_heavy(module: str, heavy: tuple[str, ...]) -> None:
    script = f"import sys, {module}; print(sorted(set(sys.argv[1:]) & set(sys.modules)))"
    path = os.pathsep.join([str(ROOT), str(ROOT / "lambda")])
    done = subprocess.run(
        [sys.executable, "-c", script, *heavy],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": path},
    )
    assert done.stdout.strip() == "[]"
