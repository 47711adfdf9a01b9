"""`pixelater run --out FILE`, and addresses where paths are expected."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.functional.command import Snapshot
from tests.functional.conftest import Pixelater
from tests.pictures import encode, make_scene


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("small.png", "PNG"),
        ("small.JPG", "JPEG"),
        ("new/small.webp", "WEBP"),
        ("small.gif", "GIF"),
        ("small.tif", "TIFF"),
        ("small.bmp", "BMP"),
        ("small.avif", "AVIF"),
    ],
)
def test_suffix_of_a_file_says_the_format(
    cli_process: Pixelater, photo: Path, tmp_path: Path, name: str, format: str
) -> None:
    done = cli_process("run", "photo.jpg", "--out", name, "--grids", "8")
    assert (done.code, done.err) == (0, "")
    assert f"1 mosaic, {done.out.split('  ')[1].splitlines()[0]} in {name}" in done.out
    with Image.open(tmp_path / name) as image:
        assert image.format == format


def test_file_is_replaced_by_the_run_that_made_it_and_no_other(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    for grids in ("8", "16"):
        assert pixelater("run", "photo.jpg", "-o", "small.png", "--grids", grids).code == 0
    (tmp_path / "mine.png").write_bytes(b"mine")
    done = pixelater("run", "photo.jpg", "-o", "mine.png", "--grids", "8")
    assert (done.code, "mine.png already exists" in done.err) == (1, True)
    assert (tmp_path / "mine.png").read_bytes() == b"mine"


def test_folder_with_the_name_of_a_file_is_a_folder(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    (tmp_path / "art.png").mkdir()
    assert pixelater("run", "photo.jpg", "-o", "art.png", "--grids", "8,16").code == 0
    assert len(list((tmp_path / "art.png").iterdir())) == 2


def test_suffix_is_stronger_than_the_format_of_a_preset(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    assert pixelater("run", "photo.jpg", "--preset", "pixel-art", "-o", "art.gif").code == 0
    with Image.open(tmp_path / "art.gif") as image:
        assert (image.format, image.mode) == ("GIF", "P")


@pytest.mark.parametrize(
    "line",
    [
        "photo.jpg -o small.png",
        "photo.jpg other.jpg -o small.png --grids 8",
        "photo.jpg -o small.png --grids 8 --format webp",
        "photo.jpg -o small.png --grids 8 --format auto",
        "photo.jpg -o small.png --grids 8 --name {stem}{suffix}",
        "photo.jpg -o small.heic --grids 8",
        "photo.jpg -o small.jpg --grids 8 --palette gameboy",
        "photo.jpg -o small.png --grids 8 --html page.htm --sheet sheet.bmp",
        "https://example.org/photo.jpg",
        "s3://bucket/photo.jpg",
        "FILE:///tmp/a%20photo.jpg",
        "photo.jpg -o s3://bucket/mosaics",
        "photo.jpg -o https://example.org/",
    ],
)
def test_what_cannot_be_one_file_or_a_path_is_refused(
    pixelater: Pixelater, photo: Path, tmp_path: Path, line: str, snapshot: Snapshot
) -> None:
    (tmp_path / "other.jpg").write_bytes(photo.read_bytes())
    done = pixelater("run", *line.split())
    assert (done.code, done.err) == (2, snapshot)


@pytest.mark.parametrize("name", ["photo.tga", "photo.jpg"])
def test_file_of_another_format_or_the_photo_itself_is_an_error_of_the_photo(
    pixelater: Pixelater, photo: Path, name: str, snapshot: Snapshot
) -> None:
    before = photo.read_bytes()
    done = pixelater("run", "photo.jpg", "-o", name, "--grids", "8")
    assert (done.code, done.err, photo.read_bytes()) == (1, snapshot, before)


def test_photo_in_the_folder_of_the_file_is_found(pixelater: Pixelater, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").write_bytes(encode(make_scene()))
    done = pixelater("run", "photos", "-o", "photos/small.png", "--grids", "8")
    assert (done.code, (tmp_path / "photos" / "small.png").exists()) == (0, True)
    again = pixelater("run", "photos", "-o", "photos/small.png", "--grids", "16")
    assert (again.code, "1 photo done" in again.out) == (0, True)


@pytest.mark.parametrize("command", ["push", "emulate"])
def test_other_commands_refuse_addresses_too(pixelater: Pixelater, command: str) -> None:
    done = pixelater(command, "https://example.org/photo.jpg")
    assert (done.code, "is a URL, and photos are read from files only" in done.err) == (2, True)
