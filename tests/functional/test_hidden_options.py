"""Options of hidden regions on command lines of stacks, in files and in presets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.functional.conftest import Pixelater
from tests.functional.option_lines import HIDDEN


def test_missing_model_is_said_before_anything_is_deployed(
    pixelater: Pixelater, tmp_path: Path, moto: str
) -> None:
    done = pixelater(
        *("deploy", "--endpoint-url", moto, "--only", "faces", "--plan"),
        XDG_CACHE_HOME=str(tmp_path / "empty"),
    )
    assert done.code == 1
    assert "pixelater models install faces" in done.err


@pytest.mark.parametrize("options", [("--only", "faces,text"), ("--check-faces",)])
def test_what_run_lacks_is_one_error_for_all_photos(
    pixelater: Pixelater, tmp_path: Path, photo: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "other.jpg").write_bytes(photo.read_bytes())
    done = pixelater("run", str(tmp_path), *options, XDG_CACHE_HOME=str(tmp_path / "empty"))
    assert (done.code, done.err.count("error: "), "install" in done.err) == (1, 1, True)
    assert not (tmp_path / "pixelated").exists()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--threshold", "0.2"], 2),
        (["--only", "dogs"], 2),
        (["--only", "faces", "--grids", "8"], 2),
        (["--only", "faces", "--solid-color", "red"], 2),
        (["--only", "faces", "--placeholders"], 2),
        (["--only", "faces", "--detector", "x"], 2),
        (["--preset", "privacy", "--detector", "rekognition", "--plan"], 3),
        (["--only", "faces", "--detector", "rekognition", "--plan"], 3),
    ],
)
def test_options_of_regions(pixelater: Pixelater, moto: str, options: list[str], code: int) -> None:
    done = pixelater("deploy", "--endpoint-url", moto, *options)
    assert (done.code, bool(done.err)) == (code, code == 2)


def test_rules_of_a_file_hide_regions_and_run_does_not_take_them(
    pixelater: Pixelater, moto: str, tmp_path: Path, photo: Path
) -> None:
    settings = 'only = "faces"\ndetector = "rekognition"\n[[rules]]\nprefix = "b/"\nonly = "none"\n'
    (tmp_path / "pixelater.toml").write_text(settings)
    done = pixelater("deploy", "--endpoint-url", moto, "--plan", "--json")
    assert done.code == 3
    assert json.loads(done.out)["changes"]
    done = pixelater("run", photo.name, PIXELATER_ONLY="faces", PIXELATER_SOLID="true")
    assert done.code == 0
    assert [line for line in done.err.splitlines() if line.startswith("warning")] == [
        "warning: pixelater.toml: run hides what its command line says; not taken: only",
        "warning: environment: run hides what its command line says; not taken: only, solid",
    ]
    assert sorted(path.name for path in (tmp_path / "pixelated").iterdir())[0].startswith(
        "pixelated-16x16-"
    )


def test_every_option_reaches_the_function(pixelater: Pixelater, moto: str) -> None:
    line = ["deploy", *HIDDEN, "--yes", "--no-smoke-test", "--endpoint-url", moto, "--json"]
    done = pixelater(*line)
    assert done.code == 0, done.err
    shown = pixelater("status", "--endpoint-url", moto, "--json")
    assert json.loads(shown.out)["looks"]["look"] == (
        "only faces, detector rekognition, threshold 0.5, thorough true, region-cells 4, "
        "solid true, solid-color #ff0000"
    )
    assert pixelater(*line, "--plan").code == 0
