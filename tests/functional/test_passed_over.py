"""Files that are passed over are named if they may be meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.functional.conftest import Pixelater
from tests.pictures import encode, make_scene

MP4 = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
PHOTO = encode(make_scene(), "JPEG")
TIFF = encode(make_scene(), "TIFF")


@pytest.fixture
def holiday(tmp_path: Path) -> Path:
    """A folder with one photo in it."""
    folder = tmp_path / "holiday"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(PHOTO)
    return folder


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("clip.mp4", b"", "video"),
        ("CLIP.MOV", b"", "video"),
        ("clip", MP4, "video"),
        ("clip.ts", (b"G" + bytes(187)) * 4, "video"),
        ("IMG_1.CR3", b"", "raw photo"),
        ("IMG_1.nef", TIFF, "raw photo"),
        ("IMG_1", b"FUJIFILMCCD-RAW 0201", "raw photo"),
        ("scan.pdf", b"", "PDF document"),
        ("scan", b"%PDF-1.7\n", "PDF document"),
        ("logo.svg", b"<svg/>", "SVG drawing"),
        ("IMG_1.jxl", b"", "JPEG XL image"),
        ("IMG_1", HEIC, "HEIC or AVIF image with the suffix of another format"),
        ("IMG_1.jpg_large", PHOTO, "JPEG image with the suffix of another format"),
        ("IMG_1.bak", TIFF, "TIFF image with the suffix of another format"),
    ],
)
def test_file_that_may_be_meant_is_named(
    pixelater: Pixelater, holiday: Path, name: str, data: bytes, kind: str
) -> None:
    (holiday / name).write_bytes(data)
    done = pixelater("run", "holiday", "--grids", "8")
    assert (done.code, done.err) == (0, f"warning: not pixelated: holiday/{name} ({kind})\n")
    assert ", 1 not pixelated (" in done.out.replace("\n", "")
    document = json.loads(pixelater("run", "holiday", "--grids", "8", "--json").out)
    assert document["not_pixelated"] == [{"path": f"holiday/{name}", "kind": kind}]
    assert document["passed_over"] == 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("notes.txt", b"Dear diary"),
        ("picture.txt", PHOTO),
        ("page.ts", b"export const a = 1;\n"),
        ("album.zip", b"PK\3\4\x14\0\0\0"),
        ("song.mp3", b"ID3\4\0\0\0"),
        (".clip.mp4", MP4),
        ("pixelated-8x8-a.jpg", PHOTO),
        ("empty", b""),
    ],
)
def test_other_files_are_only_counted(
    pixelater: Pixelater, holiday: Path, name: str, data: bytes
) -> None:
    (holiday / name).write_bytes(data)
    done = pixelater("run", "holiday", "--grids", "8")
    assert (done.code, done.err) == (0, "")


def test_link_that_leads_nowhere_is_named(pixelater: Pixelater, holiday: Path) -> None:
    (holiday / "b.jpg").symlink_to("gone.jpg")
    done = pixelater("run", "holiday", "--grids", "8")
    assert done.err == "warning: not pixelated: holiday/b.jpg (does not exist)\n"


def test_many_files_of_one_kind_are_counted(pixelater: Pixelater, holiday: Path) -> None:
    for number in range(11):
        (holiday / f"{number:02}.mp4").write_bytes(MP4)
    lines = pixelater("run", "holiday", "--grids", "8").err.splitlines()
    assert lines[0] == "warning: not pixelated: holiday/00.mp4 (video)"
    assert lines[9:] == ["warning: not pixelated: 2 more (video)"]
    document = json.loads(pixelater("run", "holiday", "--grids", "8", "--json").out)
    assert len(document["not_pixelated"]) == 11


def test_folder_without_photos_tells_what_is_in_it(pixelater: Pixelater, holiday: Path) -> None:
    (holiday / "a.jpg").rename(holiday / "a.jpg_large")
    (holiday / "b.mp4").write_bytes(MP4)
    (holiday / "c.mp4").write_bytes(MP4)
    done = pixelater("run", "holiday")
    assert (done.code, done.err.splitlines()[0]) == (
        1,
        "error: holiday: no photos in this folder (1 JPEG image with the suffix of another "
        "format, 2 videos)",
    )


@pytest.mark.parametrize(
    "name", ["pixelated-{grid}x{grid}-{stem}{suffix}", "{stem}_{grid}{suffix}"]
)
def test_mosaics_that_a_pattern_finds_are_no_photos(
    pixelater: Pixelater, holiday: Path, name: str
) -> None:
    command = ("--out", "holiday", "--grids", "8", "--name", name, "--json")
    pixelater("run", "holiday/a.jpg", *command)
    found = sorted(path.name for path in holiday.iterdir())
    document = json.loads(pixelater("run", "holiday/*.jpg", *command).out)
    (mosaic,) = set(found) - {"a.jpg"}
    assert [photo["photo"] for photo in document["photos"]] == ["holiday/a.jpg"]
    assert document["not_pixelated"] == [{"path": f"holiday/{mosaic}", "kind": "mosaic"}]
    assert sorted(path.name for path in holiday.iterdir()) == found


def test_one_mosaic_is_taken_if_it_is_named_alone(pixelater: Pixelater, holiday: Path) -> None:
    (holiday / "pixelated-8x8-a.jpg").write_bytes(PHOTO)
    done = pixelater("run", "holiday/pixelated-8x8-a.jpg", "--grids", "8", "--json")
    assert [photo["error"] for photo in json.loads(done.out)["photos"]] == [""]


def test_only_mosaics_are_no_photos(pixelater: Pixelater, holiday: Path) -> None:
    for grid in ("8x8", "16x16"):
        (holiday / f"pixelated-{grid}-a.jpg").write_bytes(PHOTO)
    done = pixelater("run", "holiday/pixelated-*")
    assert (done.code, done.err) == (
        1,
        "error: only mosaics were named\n  To pixelate one again, name it alone.\n",
    )
