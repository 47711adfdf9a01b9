"""`pixelater run --plan`: what would be written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.functional.command import Snapshot
from tests.functional.conftest import Pixelater, settle
from tests.pictures import encode, make_scene


def list_files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_plan_lists_what_a_run_then_writes(
    pixelater: Pixelater, tmp_path: Path, snapshot: Snapshot
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ("known.png", "new.jpg", "taken.webp"):
        kind = {"jpg": "JPEG", "png": "PNG", "ebp": "WEBP"}[name[-3:]]
        (photos / name).write_bytes(encode(make_scene(), kind))
    (photos / "bad.gif").write_bytes(b"GIF89a")
    (photos / "notes.txt").write_bytes(b"notes")
    settle()
    options = ("photos", "--grids", "8,16", "--name", "{stem}-{grid}{suffix}")
    assert pixelater("run", "photos/known.png", *options[1:]).code == 0
    (tmp_path / "pixelated" / "taken-8.webp").write_bytes(b"mine")
    (tmp_path / "pixelated" / "pixelated-8x8-new.jpg").write_bytes(b"a mosaic")
    before = list_files(tmp_path)
    planned = pixelater("run", *options, "--plan")
    assert (planned.code, planned.out, planned.err) == (3, snapshot, snapshot)
    assert list_files(tmp_path) == before
    document = json.loads(pixelater("run", *options, "--dry-run", "--json").out)
    made = json.loads(pixelater("run", *options, "--json").out)
    paths = [[mosaic["path"] for mosaic in photo["planned"]] for photo in document["plan"]]
    assert paths == [
        [] if photo["up_to_date"] else [mosaic["path"] for mosaic in photo["mosaics"]]
        for photo in made["photos"]
    ]
    assert [bool(one["error"]) for one in document["plan"]] == [
        bool(one["error"]) for one in made["photos"]
    ]


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_plan_without_changes_exits_with_zero(
    pixelater: Pixelater, photo: Path, force: list[str]
) -> None:
    settle()
    assert pixelater("run", "photo.jpg", "--grids", "8").code == 0
    planned = pixelater("run", "photo.jpg", "--grids", "8", "--plan", *force)
    lines = {
        0: "up to date: photo.jpg\n"
        "Nothing was written: 0 mosaics to create, 0 to replace, 1 photo up to date.\n",
        3: "replace: pixelated/pixelated-8x8-photo.jpg\n"
        "Nothing was written: 0 mosaics to create, 1 to replace.\n",
    }
    assert (planned.out, planned.err) == (lines[3 if force else 0], "")
    assert planned.code == (3 if force else 0)


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ("--out small.bmp --grids 8", "small.bmp"),
        ("--cell-size 20", "pixelated/pixelated-20px-photo.jpg"),
        ("--preset pixel-art", "pixelated/pixelated-64x64-photo.png"),
        ("--palette 4 --grids 8", "pixelated/pixelated-8x8-photo.png"),
        ("--format TIF --grids 8", "pixelated/pixelated-8x8-photo.tif"),
    ],
)
def test_planned_path_is_that_of_the_run(
    pixelater: Pixelater, photo: Path, tmp_path: Path, options: str, path: str
) -> None:
    planned = pixelater("run", "photo.jpg", *options.split(), "--plan")
    assert (planned.code, planned.out.splitlines()[0]) == (3, f"create: {path}")
    assert pixelater("run", "photo.jpg", *options.split()).code == 0
    assert (tmp_path / path).exists()


def test_plan_of_auto_names_both_files(pixelater: Pixelater, photo: Path) -> None:
    planned = pixelater("run", "photo.jpg", "--grids", "8", "--format", "auto", "--plan")
    stem = "pixelated/pixelated-8x8-photo"
    assert planned.out.splitlines()[0] == f"create: {stem}.webp or {stem}.png"


def test_plan_refuses_what_the_run_would_refuse(pixelater: Pixelater, photo: Path) -> None:
    planned = pixelater("run", "photo.jpg", "--max-pixels", "10", "--plan")
    assert (planned.code, "--max-pixels 10800" in planned.err) == (1, True)


@pytest.mark.parametrize("options", ["--show", "--sheet s.png", "--out - --grids 8"])
def test_plan_does_not_go_with_what_is_not_a_file(
    pixelater: Pixelater, photo: Path, options: str
) -> None:
    planned = pixelater("run", "photo.jpg", "--plan", *options.split())
    assert (planned.code, planned.err.splitlines()[0]) == (
        2,
        "error: --plan lists files, and does not go with "
        + ("--out -" if "--out" in options else "--show, --sheet and --html"),
    )


def test_plan_of_a_hidden_gif_names_both_files(pixelater: Pixelater, tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_bytes(encode(make_scene(), "GIF"))
    planned = pixelater("run", "a.gif", "--region", "0,0,9,9", "--plan")
    stem = "pixelated/pixelated-regions-a"
    assert planned.out.splitlines()[0] == f"create: {stem}.gif or {stem}.png"


def test_plan_of_a_hidden_photo_with_format_auto(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    options = ("photo.jpg", "--region", "0,0,9,9", "--format", "auto")
    planned = pixelater("run", *options, "--plan")
    assert planned.out.splitlines()[0] == "create: pixelated/pixelated-regions-photo.webp"
    assert pixelater("run", *options).code == 0
    assert (tmp_path / "pixelated" / "pixelated-regions-photo.webp").exists()
