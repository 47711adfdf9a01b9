"""Hidden regions in `emulate`, by real detectors: those of the zip, and emulated Rekognition."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.functional.conftest import Pixelater


@pytest.mark.real_package
def test_zip_with_real_detectors_finds_the_face(
    pixelater: Pixelater, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    data = pytest.importorskip("skimage.data")
    pytest.importorskip("onnxruntime")
    from PIL import Image

    from pixelater_cli.local.model_store import find_folder, is_installed
    from pixelater_detectors.models import MODELS

    if not all(is_installed(each, find_folder()) for each in MODELS.values()):
        pytest.skip("the models are not installed")
    Image.fromarray(data.astronaut()).save(tmp_path / "face.png")
    Image.fromarray(data.coffee()).save(tmp_path / "none.png")
    for detector in ("local", "rekognition"):
        done = pixelater(
            *("emulate", "face.png", "none.png", "--only", "faces", "--detector", detector),
            *("--out", detector, "--json"),
        )
        assert done.code == 0, done.err
        regions = {
            name: json.loads((tmp_path / detector / f"{name}.regions.json").read_bytes())["regions"]
            for name in ("face.png", "none.png")
        }
        assert [len(each) for each in regions.values()] == [1, 0]
        written = sorted(path.name for path in (tmp_path / detector).iterdir())
        assert written == [
            "face.png.regions.json",
            "none.png.regions.json",
            "pixelated-regions-face.png",
        ]
