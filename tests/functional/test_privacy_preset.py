"""`--preset privacy`, and settings that would hide less than a user expects."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pixelater.regions.photo import pixelate_regions
from pixelater.regions.region import Region
from tests.functional.conftest import Pixelater
from tests.pictures import encode, make_noise


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    path.write_bytes(encode(make_noise("RGB", (40, 30), 1)))
    return path


def test_preset_looks_for_faces_and_text(pixelater: Pixelater, photo: Path, tmp_path: Path) -> None:
    """The models are not in the cache folder of tests."""
    done = pixelater("run", photo.name, "--preset", "privacy", "--json")
    assert (done.code, list(json.loads(done.out))) == (1, ["version", "command", "error"])
    assert not (tmp_path / "pixelated").exists()


def test_preset_is_listed_with_its_region_options(pixelater: Pixelater) -> None:
    (preset,) = json.loads(pixelater("presets", "privacy", "--json").out)["presets"]
    assert preset["options"] == {"only": "faces,text", "region-cells": "6"}


@pytest.mark.parametrize("line", ["--grids 8", "--palette gameboy", "--mipmaps"])
def test_preset_does_not_go_with_whole_photos(pixelater: Pixelater, photo: Path, line: str) -> None:
    assert pixelater("run", photo.name, "--preset", "privacy", *line.split()).code == 2


def test_a_file_that_nobody_named_does_not_leave_photos_sharp(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    (tmp_path / "pixelater.toml").write_text('preset = "privacy"')
    done = pixelater("run", photo.name)
    assert (done.code, done.err.startswith("error: pixelater.toml: preset: privacy")) == (2, True)
    named = pixelater("--config", "pixelater.toml", "run", photo.name)
    by_variable = pixelater("run", photo.name, PIXELATER_PRESET="privacy")
    for done in (named, by_variable):  # Detectors are wanted, and are not installed here.
        assert (done.code, done.err.startswith("error: ")) == (1, True)
    assert not (tmp_path / "pixelated").exists()


@pytest.mark.parametrize(
    "setting",
    [
        'only = "faces"',
        "threshold = 0.9",
        "region-cells = 60",
        "solid = false",
        "copy-unchanged = true",
        "pad = 0",
        "ellipse = true",
        "invert = true",
        'regions = "regions.json"',
    ],
)
@pytest.mark.parametrize("named", [False, True])
def test_region_options_of_a_file_change_nothing(
    pixelater: Pixelater, photo: Path, tmp_path: Path, setting: str, named: bool
) -> None:
    """A file has settings of pipelines, which `run` does not take; others are refused."""
    (tmp_path / "pixelater.toml").write_text(setting)
    config = ["--config", "pixelater.toml"] if named else []
    done = pixelater(*config, "run", photo.name, "--region", "1,1,20,20")
    if done.code == 2:
        assert done.err.startswith("error: pixelater.toml: ")
        assert not (tmp_path / "pixelated").exists()
        return
    made = (tmp_path / "pixelated" / "pixelated-regions-a.png").read_bytes()
    assert made == pixelate_regions(photo, [Region(1, 1, 20, 20)]).data


def test_a_preset_of_a_file_does_not_hide_regions(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    (tmp_path / "pixelater.toml").write_text('[presets.mine]\nonly = "faces"\nthreshold = 0.9')
    done = pixelater("run", photo.name, "--preset", "mine")
    assert (done.code, done.err.startswith("error: --preset: mine hides regions")) == (2, True)
