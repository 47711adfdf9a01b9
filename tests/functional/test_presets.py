"""Presets, and what `run` says of looks: names of files, notes and errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from pixelater.presets import PRESETS
from tests.functional.command import Snapshot
from tests.functional.conftest import Pixelater, settle
from tests.pictures import encode

SMALL = """
preset = "small"
format = "png"
[presets.small]
size = "native"
grids = [2]
format = "webp"
"""


def test_presets_are_listed(pixelater: Pixelater, tmp_path: Path, snapshot: Snapshot) -> None:
    (tmp_path / "pixelater.toml").write_text(SMALL)
    (small,) = json.loads(pixelater("presets", "small", "--json").out)["presets"]
    assert small == {
        "name": "small",
        "purpose": "",
        "source": "pixelater.toml",
        "options": {"size": "native", "grids": "2", "format": "webp"},
    }
    assert pixelater("presets").out == snapshot
    assert pixelater("presets", "--quiet").out.split() == [*PRESETS, "small"]
    refused = pixelater("presets", "smal")
    assert (refused.code, refused.err) == (
        2,
        "error: 'smal' is not a preset\n  Did you mean small?\n",
    )


def test_presets_and_words_are_completed(pixelater: Pixelater, tmp_path: Path, photo: Path) -> None:
    (tmp_path / "pixelater.toml").write_text(SMALL)

    def complete(line: str) -> list[str]:
        variables = {"_PIXELATER_COMPLETE": "complete_bash", "COMP_WORDS": line}
        return pixelater(COMP_CWORD=str(len(line.split(" ")) - 1), **variables).out.split()

    assert complete("pixelater run --preset p") == ["pixel-art", "preview", "privacy"]
    assert complete("pixelater run --preset s") == ["sprite", "small"]
    assert complete("pixelater presets s") == ["sprite", "small"]
    assert complete("pixelater run --dither bayer") == ["bayer2", "bayer4", "bayer8"]
    (tmp_path / "my").mkdir()
    (tmp_path / "my" / "sky.hex").touch()
    (tmp_path / "my" / "sky.jpg").touch()
    assert complete("pixelater run --palette m") == ["msx", "my/"]
    assert complete("pixelater run --palette my/s") == ["my/sky.hex"]
    assert complete("pixelater deploy --palette g") == ["gray-4", "gray-16", "gameboy"]


def test_jpeg_photos_with_a_palette_become_png_and_that_is_said_once(
    pixelater: Pixelater, tmp_path: Path, photo: Path
) -> None:
    (tmp_path / "other.jpg").write_bytes(photo.read_bytes())
    words = ("run", "photo.jpg", "other.jpg", "--palette", "4", "--force")
    note = "JPEG cannot hold a palette: mosaics of JPEG photos are PNG files\n"
    assert (pixelater(*words).err, pixelater(*words, "--format", "png").err) == (note, "")
    assert pixelater(*words, "--quiet").err == ""


def test_a_full_palette_and_transparency_are_explained(
    pixelater: Pixelater, tmp_path: Path
) -> None:
    (tmp_path / "full.hex").write_text("".join(f"{level:06x}\n" for level in range(256)))
    (tmp_path / "photo.png").write_bytes(encode(Image.new("RGBA", (40, 30))))
    done = pixelater("run", "photo.png", "--palette", "full.hex")
    problem = "256 colors leave none for transparent areas"
    assert (done.code, problem in done.err, "at most 255 colors" in done.err) == (1, True, True)


def test_mosaics_of_a_cell_size_are_known_as_mosaics(pixelater: Pixelater, photo: Path) -> None:
    assert pixelater("run", ".", "--cell-size", "16", "--out", ".").code == 0
    assert (photo.parent / "pixelated-16px-photo.jpg").exists()
    again = pixelater("run", ".", "--cell-size", "16", "--out", ".", "--json")
    document = json.loads(again.out)
    assert ([each["photo"] for each in document["photos"]], document["passed_over"]) == (
        ["photo.jpg"],
        1,
    )
    settle()
    other = pixelater("run", ".", "--cell-size", "16", "--palette", "4", "--json", "--out", ".")
    assert not json.loads(other.out)["photos"][0]["up_to_date"]


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{stem}-{grid}{suffix}", "photo-16px.jpg"),
        ("{grid:03}/{stem}{suffix}", "016px/photo.jpg"),
        ("pixelated-{grid}x{grid}-{stem}{suffix}", "pixelated-16px-photo.jpg"),
    ],
)
def test_names_have_the_size_of_cells(
    pixelater: Pixelater, photo: Path, template: str, name: str
) -> None:
    assert pixelater("run", photo, "--cell-size", "16", "--name", template).code == 0
    made = photo.parent / "pixelated"
    assert [each.relative_to(made) for each in made.rglob("*.jpg")] == [Path(name)]
