"""`--preset privacy`, and settings that would hide less than a user expects."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.functional.conftest import Pixelater
from tests.pictures import encode, make_noise


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    path.write_bytes(encode(make_noise("RGB", (40, 30), 1)))
    return path


def test_preset_looks_for_faces_and_text(pixelater: Pixelater, photo: Path, tmp_path: Path) -> None:
    """Nothing is in noise; without models, that is an error of the photo."""
    done = pixelater("run", photo.name, "--preset", "privacy", "--json")
    (made,) = json.loads(done.out)["photos"]
    assert made["mosaics"] == []
    assert made["nothing"] in ("", "faces or text")
    assert done.code == bool(made["error"])
    assert list((tmp_path / "pixelated").iterdir()) == []


def test_preset_is_listed_with_its_region_options(pixelater: Pixelater) -> None:
    (preset,) = json.loads(pixelater("presets", "privacy", "--json").out)["presets"]
    assert preset["options"] == {"only": "faces,text", "region-cells": "6"}


@pytest.mark.parametrize("line", ["--grids 8", "--palette gameboy", "--mipmaps"])
def test_preset_does_not_go_with_whole_photos(pixelater: Pixelater, photo: Path, line: str) -> None:
    assert pixelater("run", photo.name, "--preset", "privacy", *line.split()).code == 2


def test_preset_is_refused_where_photos_are_pixelated_whole(
    pixelater: Pixelater, photo: Path
) -> None:
    done = pixelater("emulate", photo.name, "--preset", "privacy")
    assert (done.code, done.err.startswith("error: --preset: privacy hides regions")) == (2, True)


def test_a_file_that_nobody_named_does_not_leave_photos_sharp(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    (tmp_path / "pixelater.toml").write_text('preset = "privacy"')
    done = pixelater("run", photo.name)
    assert (done.code, done.err.startswith("error: pixelater.toml: preset: privacy")) == (2, True)
    named = pixelater("--config", "pixelater.toml", "run", photo.name, "--json")
    assert json.loads(named.out)["photos"][0]["mosaics"] == []
    by_variable = pixelater("run", photo.name, "--json", PIXELATER_PRESET="privacy")
    assert json.loads(by_variable.out)["photos"][0]["mosaics"] == []


@pytest.mark.parametrize(
    "setting",
    [
        'only = "faces"',
        "threshold = 0.9",
        "region-cells = 60",
        "copy-unchanged = true",
        "pad = 0",
        "ellipse = true",
        "invert = true",
        'regions = "regions.json"',
    ],
)
@pytest.mark.parametrize("table", ["", "[presets.mine]\n"])
def test_region_options_of_a_file_are_refused(
    pixelater: Pixelater, photo: Path, tmp_path: Path, setting: str, table: str
) -> None:
    (tmp_path / "pixelater.toml").write_text(table + setting)
    done = pixelater("run", photo.name, "--region", "1,1,9,9")
    assert (done.code, done.err.startswith("error: pixelater.toml: ")) == (2, True), done.err
    assert not (tmp_path / "pixelated").exists()
