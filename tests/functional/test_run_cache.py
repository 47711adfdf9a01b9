"""What `pixelater run` does with files that are there already: its own, and other people's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pixelater_cli.errors import UnusablePath
from pixelater_cli.local.file_owners import FileOwners
from pixelater_cli.local.photo_search import PhotoFile
from tests.functional.command import Snapshot
from tests.functional.conftest import Pixelater
from tests.functional.posix import make_pipe
from tests.functional.test_run_files import run_with_stdin
from tests.pictures import decode, encode, make_scene


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """A folder with the photo a.png in it."""
    folder = tmp_path / "album"
    folder.mkdir()
    (folder / "a.png").write_bytes(encode(make_scene()))
    return folder


@pytest.mark.parametrize("paths", ["album", "album/*.png"])
def test_the_sheet_of_an_earlier_run_is_no_photo(
    pixelater: Pixelater, album: Path, tmp_path: Path, paths: str
) -> None:
    command = ("run", paths, "--grids", "8", "--sheet", "album/sheet.png", "--json")
    first, second = (json.loads(pixelater(*command).out) for _ in range(2))
    assert [photo["photo"] for photo in second["photos"]] == ["album/a.png"]
    assert (first["passed_over"], second["passed_over"]) == (0, 1)
    without = json.loads(pixelater("run", "album", "--grids", "16", "--json").out)
    assert [photo["photo"] for photo in without["photos"]] == ["album/a.png"]


def test_a_sheet_that_is_named_is_a_photo(pixelater: Pixelater, album: Path) -> None:
    pixelater("run", "album", "--sheet", "album/sheet.png")
    done = json.loads(pixelater("run", "album/sheet.png", "--grids", "8", "--json").out)
    assert [photo["photo"] for photo in done["photos"]] == ["album/sheet.png"]


@pytest.mark.parametrize(("option", "name"), [("--sheet", "sheet.png"), ("--html", "page.html")])
def test_a_sheet_or_page_replaces_an_earlier_one_but_no_other_file(
    pixelater: Pixelater,
    album: Path,
    tmp_path: Path,
    option: str,
    name: str,
    snapshot: Snapshot,
) -> None:
    command = ("run", "album", "--grids", "8", option, name)
    path = tmp_path / name
    path.write_bytes(encode(make_scene((9, 9))))
    refused = pixelater(*command)
    assert (refused.code, refused.err) == (1, snapshot)
    assert decode(path.read_bytes()).size == (9, 9)
    assert pixelater(*command, "--force").code == 0
    made = path.read_bytes()
    assert pixelater(*command).code == 0
    assert path.read_bytes() == made != encode(make_scene((9, 9)))


def test_the_sheet_alone_is_no_photo_of_the_sheet_to_come(
    pixelater: Pixelater, album: Path, tmp_path: Path, snapshot: Snapshot
) -> None:
    pixelater("run", "album", "--sheet", "sheet.png")
    before = (tmp_path / "sheet.png").read_bytes()
    done = pixelater("run", "sheet.png", "--sheet", "sheet.png")
    assert (done.code, done.err) == (1, snapshot)
    assert (tmp_path / "sheet.png").read_bytes() == before


def test_force_replaces_no_photo_by_a_sheet(pixelater: Pixelater, album: Path) -> None:
    before = (album / "a.png").read_bytes()
    done = pixelater("run", "album", "--sheet", "album/a.png", "--force")
    assert (done.code, (album / "a.png").read_bytes()) == (1, before)


def test_a_file_that_no_run_made_is_replaced_by_a_mosaic_with_force_only(
    pixelater: Pixelater, photo: Path, tmp_path: Path, snapshot: Snapshot
) -> None:
    mine = tmp_path / "out" / "photo.jpg"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    command = ("run", "photo.jpg", "--grids", "8", "--out", "out", "--name", "{stem}{suffix}")
    refused = pixelater(*command)
    assert (refused.code, mine.read_bytes()) == (1, b"mine")
    assert refused.err == snapshot
    assert pixelater(*command, "--force").code == 0
    assert decode(mine.read_bytes()).size == (120, 90)


def test_mosaics_of_earlier_runs_are_replaced_whatever_came_between(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    command = ("run", "photo.jpg", "--grids", "8", "--name")
    for name in ("a{suffix}", "b{suffix}", "a{suffix}"):
        assert pixelater(*command, name).code == 0
    (tmp_path / "photo.jpg").write_bytes(encode(make_scene((50, 40)), "JPEG"))
    assert pixelater(*command, "b{suffix}").code == 0
    assert decode((tmp_path / "pixelated" / "b.jpg").read_bytes()).size == (50, 40)


def test_the_mosaic_of_a_photo_from_stdin_may_be_replaced_by_the_next(
    clean_environment: dict[str, str], photo: Path, tmp_path: Path
) -> None:
    command = ("-", "--grids", "8", "--name", "webcam{suffix}")
    for size in ((40, 30), (50, 40)):
        data = encode(make_scene(size), "JPEG")
        assert run_with_stdin(clean_environment, tmp_path, data, *command).returncode == 0
        assert decode((tmp_path / "pixelated" / "webcam.jpg").read_bytes()).size == size


def test_the_number_of_a_file_that_another_program_replaced_tells_nothing(tmp_path: Path) -> None:
    one, other = tmp_path / "one.jpg", tmp_path / "other.jpg"
    one.touch()
    owners = FileOwners()
    owners.add(one, Path("one photo.jpg"))
    one.rename(other)
    one.touch()
    owners.check(other, PhotoFile(Path("other photo.jpg"), "other photo.jpg"))
    with pytest.raises(UnusablePath, match=r"would overwrite one photo\.jpg"):
        owners.check(one, PhotoFile(Path("other photo.jpg"), "other photo.jpg"))


def test_a_pipe_is_no_package_to_replace(
    pixelater: Pixelater, tmp_path: Path, snapshot: Snapshot
) -> None:
    make_pipe(tmp_path / "pipe")
    done = pixelater("package", "--out", "pipe")
    assert (done.code, done.err) == (1, snapshot)
