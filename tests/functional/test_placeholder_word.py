"""The word `placeholders`: where it can be said, and what `run` makes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pixelater import make_preview
from tests.functional.conftest import Pixelater
from tests.pictures import encode, make_scene

NAME = "photo.png.preview.json"
RULE = '[[rules]]\nprefix = "photo"\nplaceholders = true\n'
PRESET = 'preset = "mine"\n[presets.mine]\nplaceholders = true\n'


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(encode(make_scene((300, 200))))
    return path


@pytest.mark.parametrize(
    ("words", "variables", "file"),
    [
        (["--placeholders"], {}, ""),
        ([], {"PIXELATER_PLACEHOLDERS": "true"}, ""),
        ([], {}, "placeholders = true\n"),
        ([], {}, PRESET),
        ([], {}, RULE),
    ],
    ids=["option", "variable", "file", "preset", "rule"],
)
def test_emulate_saves_the_document_that_preview_prints(
    pixelater: Pixelater,
    tmp_path: Path,
    scene: Path,
    words: list[str],
    variables: dict[str, str],
    file: str,
) -> None:
    (tmp_path / "pixelater.toml").write_text(file)
    done = pixelater("emulate", "photo.png", "--grids", "8", *words, "--json", **variables)
    (photo,) = json.loads(done.out)["photos"]
    path = tmp_path / "pixelated" / NAME
    saved = {"kind": "preview", "path": f"pixelated/{NAME}", "bytes": path.stat().st_size}
    assert (done.code, photo["identical"], photo["documents"]) == (0, True, [saved])
    made = vars(make_preview(scene))
    written = json.loads(path.read_text())
    assert {name: written[name] for name in made} == {**made, "warnings": []}


def test_option_overrides_the_file(pixelater: Pixelater, tmp_path: Path, scene: Path) -> None:
    (tmp_path / "pixelater.toml").write_text("placeholders = true\n")
    done = pixelater("emulate", "photo.png", "--grids", "8", "--no-placeholders", "--json")
    assert json.loads(done.out)["photos"][0]["documents"] == []
    assert not (tmp_path / "pixelated" / NAME).exists()


@pytest.mark.parametrize("file", ["placeholders = true\n", PRESET])
def test_run_makes_mosaics_only(
    pixelater: Pixelater, tmp_path: Path, scene: Path, file: str
) -> None:
    (tmp_path / "pixelater.toml").write_text(file)
    assert pixelater("run", "photo.png", "--grids", "8").code == 0
    assert [path.name for path in (tmp_path / "pixelated").iterdir()] == ["pixelated-8x8-photo.png"]
    assert pixelater("run", "photo.png", "--placeholders").code == 2


def test_documents_in_a_folder_are_passed_over(
    pixelater: Pixelater, tmp_path: Path, scene: Path
) -> None:
    (tmp_path / NAME).write_text("{}\n")
    done = pixelater("run", ".", "--grids", "8", "--sheet", "sheet.png", "--json")
    document = json.loads(done.out)
    assert (done.code, len(document["photos"]), document["passed_over"]) == (0, 1, 1)
    assert document["not_pixelated"] == []


def test_value_that_is_not_a_truth_is_refused(
    pixelater: Pixelater, tmp_path: Path, scene: Path
) -> None:
    (tmp_path / "pixelater.toml").write_text('[[rules]]\nprefix = "a"\nplaceholders = "some"\n')
    done = pixelater("emulate", "photo.png")
    assert (done.code, "rule 1: placeholders" in done.err) == (2, True)
