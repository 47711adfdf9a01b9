"""`pixelater run --spritesheet`, `--mipmaps` and `--ktx2`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from PIL import Image

from pixelater.encode.ktx2 import read_ktx2
from pixelater.encode.mipmaps import make_mipmaps
from tests.functional.command import Snapshot
from tests.functional.conftest import Pixelater
from tests.pictures import encode, make_scene
from tests.unit.test_spritesheet import SCHEMA

NATIVE = ("--grids", "16", "--cells", "square", "--size", "native")


@pytest.fixture
def sprites(tmp_path: Path) -> Path:
    """Save a folder with two sprites, one of them animated."""
    folder = tmp_path / "sprites"
    folder.mkdir()
    dot = Image.new("RGBA", (64, 64))
    dot.paste((200, 0, 0, 255), (16, 16, 40, 40))
    (folder / "dot.png").write_bytes(encode(dot))
    frames = [Image.new("RGBA", (32, 48), color) for color in ("#00c800", "#0000c8", "#c8c800")]
    walk = encode(
        frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=80, lossless=True
    )
    (folder / "walk.webp").write_bytes(walk)
    return folder


def load(path: Path) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(path.read_text())
    Draft202012Validator(SCHEMA).validate(described)
    return described


def test_sheet_of_photos_and_frames_with_json(
    pixelater: Pixelater, sprites: Path, tmp_path: Path
) -> None:
    done = pixelater("run", "sprites", *NATIVE, "--spritesheet", "out/all.png", "--trim")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("out/all.png  4 frames, ")
    assert done.out.endswith("\nout/all.json\n")
    described = load(tmp_path / "out" / "all.json")
    assert list(described["frames"]) == ["dot.png", "walk 0.webp", "walk 1.webp", "walk 2.webp"]
    assert described["meta"]["image"] == "all.png"
    assert described["meta"]["frameTags"] == [
        {"name": "walk", "from": 1, "to": 3, "direction": "forward"}
    ]
    dot = described["frames"]["dot.png"]
    assert dot["spriteSourceSize"] == {"x": 4, "y": 4, "w": 6, "h": 6}
    assert dot["sourceSize"] == {"w": 16, "h": 16}
    with Image.open(tmp_path / "out" / "all.png") as sheet:
        assert sheet.size == (described["meta"]["size"]["w"], described["meta"]["size"]["h"])
        colors = sheet.convert("RGBA").getcolors() or []
    found = {color[:3] for _, color in colors if isinstance(color, tuple) and color[3]}
    assert found == {(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0)}
    assert not (tmp_path / "pixelated").exists()


def test_tileset_is_extruded_padded_and_a_power_of_two(
    pixelater: Pixelater, sprites: Path, tmp_path: Path
) -> None:
    options = ("--extrude", "1", "--padding", "2", "--pot", "--sheet-json", "array")
    done = pixelater("run", sprites, *NATIVE, "--spritesheet", "tiles.png", *options, "--json")
    document = json.loads(done.out)
    assert (document["width"], document["height"], document["frames"]) == (64, 64, 4)
    frames = load(tmp_path / "tiles.json")["frames"]
    assert [frame["filename"] for frame in frames][:2] == ["dot.png", "walk 0.webp"]
    place = frames[1]["frame"]
    with Image.open(tmp_path / "tiles.png") as sheet:
        pixels = sheet.convert("RGBA")
    inside = pixels.getpixel((place["x"], place["y"]))
    assert inside == pixels.getpixel((place["x"] - 1, place["y"] - 1)) == (0, 200, 0, 255)
    assert pixels.getpixel((place["x"] - 2, place["y"])) == (0, 0, 0, 0)


def test_sheet_is_replaced_and_not_taken_for_a_photo(pixelater: Pixelater, sprites: Path) -> None:
    line = ("run", "sprites", *NATIVE, "--spritesheet", "sprites/all.png", "--json")
    first = json.loads(pixelater(*line).out)
    again = json.loads(pixelater(*line).out)
    assert (again["frames"], again["bytes"]) == (first["frames"], first["bytes"])
    plain = pixelater("run", "sprites", "--grids", "4", "--json")
    assert len(json.loads(plain.out)["photos"]) == 2


def test_foreign_files_are_kept(pixelater: Pixelater, sprites: Path, tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text("{}")
    line = ("run", "sprites", *NATIVE, "--spritesheet", "all.png")
    refused = pixelater(*line)
    assert (refused.code, (tmp_path / "all.png").exists()) == (1, False)
    assert "all.json already exists and was not created by pixelater" in refused.err
    assert pixelater(*line, "--force").code == 0
    taken = pixelater("run", "sprites", *NATIVE, "--spritesheet", "sprites/dot.png", "--force")
    assert (taken.code, "is a photo or a mosaic" in taken.err) == (1, True)
    with Image.open(sprites / "dot.png") as photo:
        assert photo.size == (64, 64)


def test_unreadable_photo_is_reported_and_others_are_drawn(
    pixelater: Pixelater, sprites: Path
) -> None:
    (sprites / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    done = pixelater("run", "sprites", *NATIVE, "--spritesheet", "all.png")
    assert (done.code, "4 frames" in done.out, "error: sprites/bad.png" in done.err) == (
        1,
        True,
        True,
    )


@pytest.mark.parametrize(
    "line",
    [
        "--spritesheet all.png",
        "--spritesheet all.png --size native",
        "--spritesheet all.gif --size native --grids 8",
        "--spritesheet all.png --size native --grids 8 --plan",
        "--mipmaps --format webp",
        "--mipmaps --out one.png --grids 8",
        "--mipmaps --plan",
        "--mipmaps --name {grid}{suffix}",
        "--ktx2 --format png",
        "--ktx2 --mipmaps",
        "--extrude 1",
        "--sheet-json array",
        "--trim",
        "--outline-color red",
    ],
)
def test_wrong_combination_says_what_to_do(
    pixelater: Pixelater, photo: Path, line: str, snapshot: Snapshot
) -> None:
    done = pixelater("run", photo.name, *line.split())
    assert (done.code, done.out) == (2, "")
    assert done.err == snapshot


def test_mipmaps_are_files_next_to_their_mosaic(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    line = ("run", photo.name, *NATIVE, "--pot", "--mipmaps")
    assert pixelater(*line).code == 0
    folder = tmp_path / "pixelated"
    names = ["photo.png", *(f"photo-mip{level}.png" for level in range(1, 5))]
    assert {path.name for path in folder.iterdir()} >= {f"pixelated-16x16-{x}" for x in names}
    with Image.open(folder / "pixelated-16x16-photo.png") as image:
        expected = [level.tobytes() for level in make_mipmaps(image)]
    found = []
    for name in names:
        with Image.open(folder / f"pixelated-16x16-{name}") as image:
            found.append(image.convert("RGBA").tobytes())
    assert found == expected
    again = json.loads(pixelater(*line, "--json").out)["photos"][0]
    assert (again["up_to_date"], len(again["mosaics"])) in ((True, 5), (False, 5))


def test_mosaic_that_is_too_large_for_mipmaps_is_reported(
    pixelater: Pixelater, photo: Path
) -> None:
    size = ("--grids", "60", "--size", "x100")
    done = pixelater("run", photo.name, *size, "--mipmaps", "--max-written", "999")
    assert done.code == 1
    assert "is too large for mipmaps\n  Make a smaller one" in done.err


def test_ktx2_is_one_file_with_all_levels(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    done = pixelater("run", photo.name, *NATIVE, "--ktx2", "--json")
    (mosaic,) = json.loads(done.out)["photos"][0]["mosaics"]
    assert mosaic["path"] == "pixelated/pixelated-16x16-photo.ktx2"
    levels = read_ktx2((tmp_path / mosaic["path"]).read_bytes())
    assert [level.width for level in levels] == [16, 8, 4, 2, 1]
    same = pixelater("run", photo.name, *NATIVE, "--format", "KTX2", "--out", "other")
    assert same.code == 0
    other = tmp_path / "other" / "pixelated-16x16-photo.ktx2"
    assert other.read_bytes() == (tmp_path / mosaic["path"]).read_bytes()


def test_scene_becomes_a_sprite_in_a_file(pixelater: Pixelater, tmp_path: Path) -> None:
    cut = make_scene((160, 120)).convert("RGBA")
    cut.putalpha(Image.new("L", cut.size, 0))
    cut.paste((200, 0, 0, 255), (40, 40, 80, 80))
    (tmp_path / "hero.png").write_bytes(encode(cut))
    line = ("--alpha-threshold", "0.5", "--trim", "--outline", "--palette", "4", "--out", "s.png")
    assert pixelater("run", "hero.png", *NATIVE, *line).code == 0
    with Image.open(tmp_path / "s.png") as sprite:
        assert (sprite.mode, sprite.size) == ("P", (6, 6))


@pytest.mark.parametrize(
    ("line", "suffix"),
    [("--preset sprite --ktx2", "ktx2"), ("--preset preview --grids 64 --mipmaps", "png")],
)
def test_option_takes_precedence_over_format_of_a_preset(
    pixelater: Pixelater, photo: Path, line: str, suffix: str
) -> None:
    done = pixelater("run", photo.name, *line.split(), "--json")
    path = json.loads(done.out)["photos"][0]["mosaics"][0]["path"]
    assert (done.code, path) == (0, f"pixelated/pixelated-64x64-photo.{suffix}")
