"""`pixelater palette`: built-in palettes, palette files, and palettes of photos."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from pixelater.palette.builtin import BUILT_IN
from pixelater.palette.files import parse_palette
from tests.functional.command import Snapshot
from tests.functional.conftest import Environment, Pixelater
from tests.functional.terminals import run_at_terminal
from tests.functional.test_completion import complete
from tests.pictures import encode

GAMEBOY = "0f380f\n306230\n8bac0f\n9bbc0f\n"


@pytest.fixture
def stripes(tmp_path: Path) -> Path:
    """Save a photo of red, green and blue stripes, whose edges are those of cells."""
    image = Image.new("RGB", (256, 256), (200, 0, 0))
    image.paste((0, 200, 0), (64, 0, 128, 256))
    image.paste((0, 0, 200), (128, 0, 256, 256))
    path = tmp_path / "stripes.png"
    path.write_bytes(encode(image))
    return path


def test_list_without_a_terminal_is_a_table(pixelater: Pixelater) -> None:
    done = pixelater("palette")
    assert (done.code, done.err) == (0, "")
    rows = [line.split() for line in done.out.splitlines()[2:]]
    expected = [[name, str(len(p.colors)), p.source] for name, p in BUILT_IN.items()]
    assert rows == expected
    assert pixelater("palette", "list").out == done.out
    assert pixelater("palette", "-q").out.split() == list(BUILT_IN)


def test_show_without_a_terminal_prints_a_hex_file(pixelater: Pixelater, tmp_path: Path) -> None:
    (tmp_path / "mine.gpl").write_text("GIMP Palette\nName: Mine\n1 2 3 ink\n")
    done = pixelater("palette", "show", "GameBoy", "mine.gpl")
    assert (done.code, done.out, done.err) == (0, f"{GAMEBOY}010203\n", "")


def test_json_has_names_sources_and_colors(pixelater: Pixelater, tmp_path: Path) -> None:
    (tmp_path / "mine.gpl").write_text("GIMP Palette\nName: Mine\n1 2 3 ink\n")
    document = json.loads(pixelater("palette", "show", "gameboy", "mine.gpl", "--json").out)
    first, second = document["palettes"]
    assert (document["action"], document["path"]) == ("show", None)
    assert (first["name"], first["colors"]) == ("gameboy", GAMEBOY.split())
    assert first["source"].startswith("https://en.wikipedia.org/")
    assert second == {"name": "Mine", "source": "", "colors": ["010203"]}


def test_extract_finds_the_colors_of_a_photo(pixelater: Pixelater, stripes: Path) -> None:
    done = pixelater("palette", "extract", stripes, "-k", "3")
    assert (done.code, done.out) == (0, "0000c8\nc80000\n00c800\n")


def test_extract_considers_all_photos_and_all_frames(pixelater: Pixelater, tmp_path: Path) -> None:
    Image.new("RGB", (9, 9), "#c80000").save(tmp_path / "red.png")
    frames = [Image.new("RGB", (9, 9), color) for color in ("#00c800", "#0000c8")]
    frames[0].save(tmp_path / "film.webp", save_all=True, append_images=frames[1:], lossless=True)
    done = pixelater("palette", "extract", "red.png", "film.webp", "--colors", "8")
    assert set(done.out.split()) == {"c80000", "00c800", "0000c8"}


@pytest.mark.parametrize("suffix", ["hex", "gpl", "pal", "act", "ase", "aco", "png"])
def test_extracted_palette_is_written_by_suffix(
    pixelater: Pixelater, stripes: Path, tmp_path: Path, suffix: str
) -> None:
    done = pixelater("palette", "extract", stripes, "-k", "3", "--out", f"mine.{suffix}")
    assert (done.code, done.out) == (0, f"mine.{suffix}: 3 colors\n")
    colors = parse_palette((tmp_path / f"mine.{suffix}").read_bytes()).colors
    assert colors == ((0, 0, 200), (200, 0, 0), (0, 200, 0))


def test_existing_file_is_kept_without_force(pixelater: Pixelater, tmp_path: Path) -> None:
    mine = tmp_path / "mine.hex"
    mine.write_text("123456\n")
    refused = pixelater("palette", "show", "gameboy", "--out", "mine.hex")
    assert (refused.code, mine.read_text()) == (1, "123456\n")
    assert refused.err == "error: mine.hex already exists\n  Overwrite it with --force.\n"
    forced = pixelater("palette", "show", "gameboy", "--out", "mine.hex", "--force", "--quiet")
    assert (forced.code, forced.out, mine.read_text()) == (0, "", GAMEBOY)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("list pico-8", 2),
        ("show", 2),
        ("extract", 2),
        ("show nope", 2),
        ("show gameboy nes --out x.hex", 2),
        ("show gameboy --out x.txt", 2),
        ("pico-8", 2),
        ("stripes.png", 2),
        ("mine.hex", 2),
        ("pico", 2),
        ("extract stripes.png -k 0", 2),
        ("extract gone.png", 1),
        ("extract mine.hex", 1),
        ("extract clear.png", 1),
        ("show mine.hex", 1),
        ("show bomb.png", 1),
        ("show .", 1),
        ("extract bomb.png", 1),
    ],
)
def test_wrong_call_says_what_to_do(
    pixelater: Pixelater, stripes: Path, tmp_path: Path, line: str, code: int, snapshot: Snapshot
) -> None:
    assert stripes.exists()
    (tmp_path / "mine.hex").write_text("not a color\n")
    Image.new("RGBA", (9, 9)).save(tmp_path / "clear.png")
    Image.new("1", (9000, 9000)).save(tmp_path / "bomb.png")
    done = pixelater("palette", *line.split())
    assert (done.code, done.out) == (code, "")
    assert done.err == snapshot


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("palette", "\ngameboy: 4 colors       \x1b[38;5;"),
        ("palette show gameboy", "#Original_Game_Boy\r\n\x1b[38;5;"),
        ("palette extract stripes.png", "stripes: 3 colors\r\n\x1b[38;5;"),
    ],
)
def test_terminal_shows_colors(
    clean_environment: Environment, stripes: Path, tmp_path: Path, line: str, shown: str
) -> None:
    assert stripes.exists()
    assert shown in run_at_terminal(clean_environment, tmp_path, *line.split())


def test_terminal_without_colors_shows_digits(
    clean_environment: Environment, tmp_path: Path
) -> None:
    environment = clean_environment | {"NO_COLOR": "1"}
    shown = run_at_terminal(environment, tmp_path, "palette", "show", "gameboy")
    assert shown == GAMEBOY.replace("\n", "\r\n")


def test_names_are_completed_to_show_only(pixelater: Pixelater) -> None:
    assert complete(pixelater, "palette", "show", "gra") == ["gray-4", "gray-16"]
    assert complete(pixelater, "palette", "extract", "gra") == []
    assert complete(pixelater, "palette", "ex") == ["extract"]
