"""The pages show what the commands print now, and .ci/run runs the test command README gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import refresh_output
from pixelater_cli.loading import NAMES

ROOT = Path(__file__).parents[2]
BLOCKS = {
    block["arguments"]: block["output"]
    for page in refresh_output.PAGES
    for block in refresh_output.BLOCK.finditer(page.read_text())
}


def without_numbers(text: str) -> str:
    """Put aside what differs from run to run: digests, numbers, and how wide they make a table."""
    text = re.sub(r"\b[0-9a-f]{12}\b", "DIGEST", text)
    return re.sub(r"[ ─]+", " ", re.sub(r"\d+(\.\d+)?", "N", text))


def test_the_help_of_every_command_is_shown() -> None:
    shown = {f"{name} --help" for name in NAMES}
    assert shown == {arguments for arguments in BLOCKS if arguments.endswith(" --help")}


@pytest.mark.parametrize("arguments", BLOCKS)
def test_a_page_shows_what_the_command_prints(arguments: str) -> None:
    assert without_numbers(refresh_output.run(arguments)) == without_numbers(BLOCKS[arguments])


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = [line for line in (ROOT / "README.md").read_text().splitlines() if "&&" in line]
    (test_command,) = [line for line in commands if line.endswith("-m pytest")]
    assert test_command in (ROOT / ".ci" / "run").read_text().splitlines()


def test_the_changelog_tells_of_this_version() -> None:
    from pixelater_cli import __version__

    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_example_photo_has_what_must_be_stripped() -> None:
    from PIL import ExifTags, Image

    with Image.open(ROOT / "examples" / "photo.jpg") as photo:
        exif = photo.getexif()
        assert (photo.size, exif[0x0112]) == ((1600, 1200), 6)
        assert exif.get_ifd(0x8825)[2] == (51, 28, 40)
        assert exif.get_ifd(ExifTags.IFD.IFD1)[0x0202] > 0
