"""Looks as the user says them: options, variables, pixelater.toml and presets."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pixelater.look import REDACTION_WORDS, WORDS
from pixelater_cli.cli.look_choices import list_choices
from pixelater_cli.cli.look_options import (
    LOOK_NAMES,
    OPTIONS,
    LookOption,
    format_variable,
)
from tests.functional.conftest import Pixelater
from tests.pictures import decode, encode, make_scene

WORD = {
    "preset": "preview",
    "grids": "4,6",
    "cells": "square",
    "cell-size": "9",
    "size": "x3",
    "palette": "pico-8",
    "dither": "bayer2",
    "dither-strength": "0.25",
    "tone": "keep",
    "kernel": "crisp",
    "alpha-threshold": "0.9",
    "trim": "true",
    "outline": "true",
    "outline-color": "red",
    "pot": "true",
    "format": "webp",
    "quality": "41",
    "optimize": "true",
    "background": "red",
    "exact": "true",
}
"""A value of each option, that changes the mosaics of a photo."""

WITH = {
    "dither": ["--palette", "4"],
    "dither-strength": ["--palette", "4", "--dither", "bayer4"],
    "tone": ["--palette", "gray-4"],
    "trim": ["--size", "native"],
    "outline": ["--size", "native"],
    "outline-color": ["--size", "x2", "--outline"],
    "pot": ["--size", "x2", "--cells", "square"],
    "background": ["--format", "jpeg"],
    "exact": ["--grids", "4"],
}
"""Options that others need to have an effect."""


def test_options_are_the_words_of_looks() -> None:
    own = {*WORD, "placeholders", *REDACTION_WORDS}
    assert set(LOOK_NAMES) == set(WORDS) == own - {"preset"}


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_help_names_every_choice(option: LookOption) -> None:
    choices = () if option.name in ("preset", "palette") else list_choices(option.name)
    assert [word for word in choices if word not in option.help] == []


def read_mosaics(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def write(option: str, word: str) -> list[str]:
    """Return an option as on a command line."""
    return [f"--{option}"] if word == "true" else [f"--{option}", word]


def write_file(folder: Path, option: str, word: str) -> None:
    value = word if word in ("true", "41", "9") else f'"{word}"'
    (folder / "pixelater.toml").write_text(f"{option} = {value}\n")


def make(pixelater: Pixelater, folder: Path, *words: str, **variables: str) -> dict[str, bytes]:
    """Run on the photo of the folder, and return the mosaics."""
    out = folder / f"out{len(list(folder.iterdir()))}"
    done = pixelater("run", "photo.jpg", "--out", out.name, *words, **variables)
    assert (done.code, "error" in done.err) == (0, False), done.err
    return read_mosaics(out)


@pytest.mark.parametrize("option", WORD)
def test_option_variable_and_setting_mean_the_same(
    pixelater: Pixelater, tmp_path: Path, option: str
) -> None:
    photo = (
        make_cutout()
        if option in ("background", "alpha-threshold", "trim")
        else make_scene((400, 300))
    )
    (tmp_path / "photo.jpg").write_bytes(encode(photo, "PNG" if photo.mode == "RGBA" else "JPEG"))
    word, others = WORD[option], WITH.get(option, [])
    default = make(pixelater, tmp_path, *others)
    by_option = make(pixelater, tmp_path, *others, *write(option, word))
    by_variable = make(pixelater, tmp_path, *others, **{format_variable(option): word})
    write_file(tmp_path, option, word)
    by_file = make(pixelater, tmp_path, *others)
    assert by_option == by_variable == by_file != default


def make_cutout() -> Image.Image:
    """Make a scene whose left is transparent, and its edge half transparent."""
    image = make_scene((400, 300)).convert("RGBA")
    alpha = Image.new("L", image.size, 255)
    alpha.paste(0, (0, 0, 130, 300))
    alpha.paste(128, (130, 0, 180, 300))
    image.putalpha(alpha)
    return image


FILE = """
preset = "small"
format = "png"
[presets.small]
size = "native"
grids = [2]
format = "webp"
"""


@pytest.mark.parametrize(
    ("words", "variables", "expected"),
    [
        ([], {}, {"pixelated-2x2-photo.png": (2, 2)}),
        (["--format", "webp"], {}, {"pixelated-2x2-photo.webp": (2, 2)}),
        ([], {"PIXELATER_GRIDS": "3"}, {"pixelated-3x3-photo.png": (3, 3)}),
        (["--grids", "4"], {"PIXELATER_GRIDS": "3"}, {"pixelated-4x4-photo.png": (4, 4)}),
        # A preset of a layer goes before the options below; it replaces the preset below.
        (["--preset", "moderation"], {}, {"pixelated-8x8-photo.webp": (120, 90)}),
        ([], {"PIXELATER_PRESET": "moderation"}, {"pixelated-8x8-photo.webp": (120, 90)}),
        (
            ["--preset", "moderation"],
            {"PIXELATER_FORMAT": "png"},
            {"pixelated-8x8-photo.webp": (120, 90)},
        ),
        (
            [],
            {"PIXELATER_FORMAT": "png", "PIXELATER_PRESET": "moderation"},
            {"pixelated-8x8-photo.png": (120, 90)},
        ),
        # Cells of a size replace the grids of a layer below, and the other way round.
        (["--cell-size", "30"], {}, {"pixelated-30px-photo.png": (4, 3)}),
        ([], {"PIXELATER_CELL_SIZE": "30"}, {"pixelated-30px-photo.png": (4, 3)}),
        (["--grids", "5"], {"PIXELATER_CELL_SIZE": "30"}, {"pixelated-5x5-photo.png": (5, 5)}),
        (["--size", "photo"], {}, {"pixelated-2x2-photo.png": (120, 90)}),
    ],
)
def test_layers_take_precedence(
    pixelater: Pixelater,
    tmp_path: Path,
    photo: Path,
    words: list[str],
    variables: dict[str, str],
    expected: dict[str, tuple[int, int]],
) -> None:
    (tmp_path / "pixelater.toml").write_text(FILE)
    made = make(pixelater, tmp_path, *words, **variables)
    assert {name: decode(data).size for name, data in made.items()} == expected


def test_palette_files_are_found_next_to_the_settings(
    pixelater: Pixelater, tmp_path: Path, photo: Path
) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "two.hex").write_text("102030\nf0e0d0\n")
    (tmp_path / "set" / "look.toml").write_text('palette = "two.hex"\ngrids = 3\n')
    done = pixelater("--config", "set/look.toml", "run", photo)
    assert done.code == 0
    data = (tmp_path / "pixelated" / "pixelated-3x3-photo.png").read_bytes()
    colors = {color for _, color in decode(data).convert("RGB").getcolors() or ()}
    assert colors <= {(0x10, 0x20, 0x30), (0xF0, 0xE0, 0xD0)}
    assert make(pixelater, tmp_path, "--grids", "3", "--palette", "set/two.hex") == {
        "pixelated-3x3-photo.png": data
    }


@pytest.mark.parametrize("colors", ['["#102030", "f0e0d0"]', '"#102030,#f0e0d0"'])
def test_palettes_are_colors_too(
    pixelater: Pixelater, tmp_path: Path, photo: Path, colors: str
) -> None:
    (tmp_path / "pixelater.toml").write_text(f"palette = {colors}\ngrids = 3\n")
    by_file = make(pixelater, tmp_path)
    (tmp_path / "pixelater.toml").unlink()
    assert make(pixelater, tmp_path, "--grids", "3", "--palette", "#102030,#f0e0d0") == by_file


def test_settings_of_a_file_in_the_folder_are_reported(
    pixelater: Pixelater, tmp_path: Path, photo: Path
) -> None:
    (tmp_path / "pixelater.toml").write_text('stack = "x"\nsize = "x2"\nmax-pixels = 99999\n')
    words = ("run", photo, "--grids", "3")
    assert pixelater(*words).err == "settings from pixelater.toml: size, max-pixels\n"
    assert pixelater(*words, "--size", "x3", "--max-pixels", "99999", "--force").err == ""
    assert pixelater("--config", "pixelater.toml", *words).err == ""
    assert pixelater(*words, "--quiet", "--force").err == ""


ERRORS = [
    ("palete = 4", "pixelater.toml: no such setting: palete", "Did you mean palette?"),
    ('palette = "nes2"', "pixelater.toml: palette: 'nes2' is not a built-in", "Did you mean nes?"),
    ('palette = "no.hex"', "pixelater.toml: palette: ./no.hex: cannot read it: no such file", ""),
    ('palette = ["12", "x"]', "pixelater.toml: palette: '#12,#x' is not colors, such as", ""),
    ("[preset.a]", "pixelater.toml: preset: not a single value", "[presets.NAME]"),
    ("[[rule]]", "pixelater.toml: no such setting: rule", "Did you mean rules?"),
    ("[presets.a]\ngrid = 4", "pixelater.toml: presets.a: no such setting: grid", "Did you mean"),
    ("[presets.preview]", "pixelater.toml: presets.preview is built in", "Choose another name."),
    ("[presets]\na = 1", "pixelater.toml: presets are not tables", "Write a table: "),
    ('preset = "a"\n[presets.a]\nsize = "x"', "pixelater.toml: presets.a: size: 'x' is", "Write"),
    ('preset = "b"', "pixelater.toml: preset: 'b' is not a preset", "List them with: "),
    ("grids = 2\ncell-size = 3", "pixelater.toml: cell-size: replaces pixelater.toml: grids", ""),
    ("cell_size = 3\ncell-size = 3", "pixelater.toml: cell-size is set twice", "Omit one of them."),
    ("[[rules]]", "pixelater.toml: rule 1 has no prefix", "Write an array of tables: "),
    ("rules = 1", "pixelater.toml: rules are not tables", "Write an array of tables: "),
    ('[[rules]]\nprefix = "a"\nmemory = 512', "pixelater.toml: rule 1: no such setting", ""),
    (
        '[[rules]]\nprefix = "a"\n[[rules]]\nprefix = "ab"',
        "pixelater.toml: rule 2 has no effect: rule 1 matches its keys first",
        "Move it before rule 1.",
    ),
]


@pytest.mark.parametrize(("text", "problem", "hint"), ERRORS, ids=range(len(ERRORS)))
def test_wrong_settings_are_named_with_their_place(
    pixelater: Pixelater, tmp_path: Path, photo: Path, text: str, problem: str, hint: str
) -> None:
    (tmp_path / "pixelater.toml").write_text(text)
    done = pixelater("run", photo)
    message = " ".join(done.err.split())
    assert (done.code, message.startswith(f"error: {problem}")) == (2, True), done.err
    assert hint in message


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--format", "jpeg", "--palette", "nes"], "--format: jpeg cannot hold a palette"),
        (["--grids", "8", "--cell-size", "8"], "--cell-size: replaces --grids, which is set, too"),
        (["--dither", "floyd"], "--dither has no effect without --palette"),
        (["--preset", "pixelart"], "--preset: 'pixelart' is not a preset"),
        (["--palette", "photo.jpg"], "--palette: photo.jpg: "),
        (["--palette", "./nes"], "--palette: ./nes: cannot read it: no such file or directory"),
        (["--dither-strength", "2", "--palette", "4"], "--dither-strength: 2.0 is not from 0 to 1"),
    ],
)
def test_wrong_options_are_explained(
    pixelater: Pixelater, photo: Path, words: list[str], problem: str
) -> None:
    done = pixelater("run", photo, *words)
    assert (done.code, done.err.startswith(f"error: {problem}")) == (2, True), done.err


def test_a_palette_of_the_file_can_be_undone(
    pixelater: Pixelater, tmp_path: Path, photo: Path
) -> None:
    (tmp_path / "pixelater.toml").write_text('palette = "nes"\n')
    refused = pixelater("run", photo, "--format", "jpeg")
    assert (refused.code, "add --palette none" in refused.err) == (2, True)
    assert make(pixelater, tmp_path, "--palette", "none", "--format", "jpeg")


def test_switches_of_variables_are_true_or_false(pixelater: Pixelater, photo: Path) -> None:
    done = pixelater("run", photo, PIXELATER_EXACT="maybe")
    problem = "error: PIXELATER_EXACT: must be true or false, not 'maybe'\n"
    assert (done.code, done.err.startswith(problem)) == (2, True)
