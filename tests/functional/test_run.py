"""`pixelater run`, as a person runs it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from pixelater import Style, pixelate
from tests.boxes import add_properties, crop_to
from tests.functional.command import Snapshot
from tests.functional.conftest import Pixelater
from tests.functional.posix import IS_ROOT, make_pipe
from tests.pictures import decode, encode, make_noise, make_scene
from tests.tiffs import Page, make_tiff

NAMES = [f"pixelated-{n}x{n}-photo.jpg" for n in (8, 16, 32, 48, 64)]


def listing(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def test_a_photo_becomes_five_files_in_the_default_folder(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    done = pixelater("run", "photo.jpg")
    assert (done.code, done.err) == (0, "")
    assert listing(tmp_path / "pixelated") == sorted(NAMES)
    written = [(tmp_path / "pixelated" / name).read_bytes() for name in NAMES]
    assert written == [mosaic.data for mosaic in pixelate(photo.read_bytes())]


def test_a_folder_is_searched_and_its_structure_kept(pixelater: Pixelater, tmp_path: Path) -> None:
    for name in ("album/a.png", "album/deep/b.png", "album/.hidden.png", "album/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(encode(make_noise("L", (20, 20))))
    done = pixelater("run", "album", "--out", "album/out", "--grids", "8")
    assert (done.code, done.err) == (0, "")
    assert listing(tmp_path / "album" / "out") == [
        "deep/pixelated-8x8-b.png",
        "pixelated-8x8-a.png",
    ]
    assert done.out.endswith("1 other file skipped (" + done.out.rpartition("(")[2])


def test_mosaics_of_an_earlier_run_are_no_photos(pixelater: Pixelater, photo: Path) -> None:
    for _ in range(2):
        done = pixelater("run", ".", "--out", ".", "--grids", "8", "--force")
        assert (done.code, done.out.splitlines()[0].split("  ")[0]) == (
            0,
            "pixelated-8x8-photo.jpg",
        )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.jpg", b"only text\n" * 100),
        ("cut.jpg", encode(make_noise("RGB", (99, 99)), "JPEG")[:4000]),
        ("raw.dng", make_tiff(Page((16, 12), ((254, 1),)), Page((64, 48), ((262, 32803),)))),
        (
            "cropped.avif",
            add_properties(encode(make_scene(), "AVIF"), crop_to((0, 0, 121, 90), (120, 90))),
        ),
        ("empty.jpg", b""),
        ("gone.jpg", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_file_is_reported_and_the_rest_is_done(
    pixelater: Pixelater,
    photo: Path,
    tmp_path: Path,
    name: str,
    content: bytes | None,
    snapshot: Snapshot,
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = pixelater("run", name, "photo.jpg")
    assert (done.code, done.err) == (1, snapshot)
    assert listing(tmp_path / "pixelated") == sorted(NAMES)


def test_an_empty_folder_is_said_to_hold_no_photos(
    pixelater: Pixelater, tmp_path: Path, snapshot: Snapshot
) -> None:
    (tmp_path / "empty").mkdir()
    done = pixelater("run", "empty")
    assert (done.code, done.out) == (1, "")
    assert done.err == snapshot
    assert not (tmp_path / "pixelated").exists()


def test_an_output_folder_that_cannot_be_written_is_named(
    pixelater: Pixelater, photo: Path, tmp_path: Path, snapshot: Snapshot
) -> None:
    (tmp_path / "file").write_text("in the way")
    done = pixelater("run", "photo.jpg", "--out", "file/out")
    assert (done.code, done.out) == (1, "")
    assert done.err == snapshot


@pytest.mark.skipif(IS_ROOT, reason="root may write everywhere")
def test_an_output_folder_without_permission_is_named(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    (tmp_path / "closed").mkdir(mode=0o555)
    done = pixelater("run", "photo.jpg", "--out", "closed")
    assert (done.code, done.err.splitlines()[0]) == (1, "error: cannot write into closed")


@pytest.mark.parametrize("line", ["--grids 8,x", "--grids 0", "--jobs 0", "--unknown"])
def test_a_wrong_command_line_exits_with_2(
    pixelater: Pixelater, photo: Path, line: str, snapshot: Snapshot
) -> None:
    done = pixelater("run", "photo.jpg", *line.split())
    assert (done.code, done.out, done.err) == (2, "", snapshot)


def test_no_photo_named_is_a_wrong_command_line(pixelater: Pixelater) -> None:
    assert pixelater("run").code == 2


def test_what_is_no_file_is_reported_and_not_waited_for(
    pixelater: Pixelater, photo: Path, tmp_path: Path, snapshot: Snapshot
) -> None:
    make_pipe(tmp_path / "pipe.jpg")
    (tmp_path / "d.jpg").mkdir()
    done = pixelater("run", "pipe.jpg", "d.jpg", "photo.jpg", "n" * 300, "photo.jpg/x")
    assert (done.code, done.err) == (1, snapshot)
    assert listing(tmp_path / "pixelated") == sorted(NAMES)


def test_a_pipe_in_a_folder_is_passed_over(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    make_pipe(tmp_path / "pipe.jpg")
    assert pixelater("run", ".").code == 0


def test_a_photo_is_never_overwritten_by_the_mosaics_of_another(
    pixelater: Pixelater, photo: Path, tmp_path: Path, snapshot: Snapshot
) -> None:
    other = tmp_path / "pixelated-8x8-photo.jpg"
    other.write_bytes(encode(make_noise("L", (30, 30)), "JPEG"))
    before = other.read_bytes()
    done = pixelater("run", "photo.jpg", other.name, "--out", ".", "--grids", "8")
    assert (done.code, other.read_bytes()) == (1, before)
    assert done.err == snapshot


def test_damage_that_decoders_answer_in_odd_ways_ends_no_batch(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    avif = encode(make_noise("RGB", (64, 64)), "AVIF")
    (tmp_path / "broken.avif").write_bytes(avif[: len(avif) // 2] + bytes(len(avif) // 2))
    done = pixelater("run", "broken.avif", "photo.jpg", "--grids", "8")
    assert done.code == 1
    assert done.err.startswith("error: broken.avif: the image is truncated")
    assert listing(tmp_path / "pixelated") == ["pixelated-8x8-photo.jpg"]


def test_a_warning_is_said_once_with_the_grids_it_is_about(
    pixelater: Pixelater, tmp_path: Path, snapshot: Snapshot
) -> None:
    (tmp_path / "icon.png").write_bytes(encode(make_noise("L", (32, 32))))
    done = pixelater("run", "icon.png")
    assert (done.code, done.err) == (0, snapshot)


def test_two_photos_whose_mosaics_would_share_a_name_do_not_overwrite_each_other(
    pixelater: Pixelater, tmp_path: Path, snapshot: Snapshot
) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.png").write_bytes(encode(make_scene()))
    done = pixelater("run", "one/same.png", "two/same.png", "--grids", "8")
    assert done.code == 1
    assert done.err == snapshot


@pytest.mark.parametrize(
    "name",
    ["my photo+1.jpg", "[bold]été 🙂.jpg", "a\nb.jpg", os.fsdecode(b"caf\xe9.jpg"), "-x.jpg"],
)
def test_odd_file_names_work(pixelater: Pixelater, photo: Path, tmp_path: Path, name: str) -> None:
    photo.rename(tmp_path / name)
    done = pixelater("run", "--grids", "8", "--", name)
    assert (done.code, done.err) == (0, "")
    assert listing(tmp_path / "pixelated") == [f"pixelated-8x8-{name}"]


def test_nothing_of_the_photos_metadata_is_in_the_mosaics(
    pixelater: Pixelater, tmp_path: Path
) -> None:
    example = Path(__file__).parents[2] / "examples" / "photo.jpg"
    assert pixelater("run", example).code == 0
    for name in NAMES:
        data = (tmp_path / "pixelated" / name).read_bytes()
        with Image.open(tmp_path / "pixelated" / name) as mosaic:
            assert mosaic.size == (1200, 1600)
            assert dict(mosaic.getexif()) == {}
        assert data.count(b"\xff\xd8\xff") == 1
        assert b"Exif" not in data and b"rendered, not taken" not in data


def test_json_is_one_document_on_stdout(pixelater: Pixelater, photo: Path) -> None:
    done = pixelater("run", "photo.jpg", "gone.jpg", "--grids", "8", "--json")
    document = json.loads(done.out)
    assert (done.code, done.err) == (1, "")
    assert (document["version"], document["command"]) == (1, "run")
    assert [(photo["photo"], photo["error"]) for photo in document["photos"]] == [
        ("photo.jpg", ""),
        ("gone.jpg", "does not exist"),
    ]
    assert [mosaic["path"] for mosaic in document["photos"][0]["mosaics"]] == [
        "pixelated/pixelated-8x8-photo.jpg"
    ]


def test_several_photos_at_a_time_give_the_same_files(pixelater: Pixelater, tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"{number}.png").write_bytes(encode(make_noise("RGB", (50, 40), number)))
    names = [f"{number}.png" for number in range(6)]
    for jobs, out in (("1", "one"), ("4", "four")):
        assert pixelater("run", *names, "--jobs", jobs, "--out", out).code == 0
    assert listing(tmp_path / "one") == listing(tmp_path / "four")
    for name in listing(tmp_path / "one"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "four" / name).read_bytes()


def test_no_half_written_file_is_left_when_a_mosaic_cannot_be_written(
    pixelater: Pixelater, photo: Path, tmp_path: Path, snapshot: Snapshot
) -> None:
    (tmp_path / "pixelated" / NAMES[1]).mkdir(parents=True)
    done = pixelater("run", "photo.jpg")
    assert (done.code, done.err) == (1, snapshot)
    assert listing(tmp_path / "pixelated") == [NAMES[0]]


@pytest.mark.parametrize(
    ("options", "name", "format"),
    [
        (["--format", "same"], "pixelated-8x8-photo.jpg", "JPEG"),
        (["--format", "jpeg"], "pixelated-8x8-photo.jpg", "JPEG"),
        (["--format", "png"], "pixelated-8x8-photo.png", "PNG"),
        (["--format", "webp"], "pixelated-8x8-photo.webp", "WEBP"),
        (["--format", "auto"], "pixelated-8x8-photo.webp", "WEBP"),
    ],
)
def test_mosaics_are_written_in_the_format_asked_for(
    pixelater: Pixelater, photo: Path, tmp_path: Path, options: list[str], name: str, format: str
) -> None:
    done = pixelater("run", "photo.jpg", "--grids", "8", *options)
    assert (done.code, done.err) == (0, "")
    with Image.open(tmp_path / "pixelated" / name) as mosaic:
        assert (mosaic.format, mosaic.size) == (format, (120, 90))


def test_the_smallest_exact_format_says_what_it_saves(pixelater: Pixelater, photo: Path) -> None:
    own, auto = (
        json.loads(pixelater("run", "photo.jpg", "--format", wanted, "--json").out)
        for wanted in ("same", "auto")
    )
    sizes = [[mosaic["bytes"] for mosaic in one["photos"][0]["mosaics"]] for one in (own, auto)]
    saved = [mosaic["saved"] for mosaic in auto["photos"][0]["mosaics"]]
    assert saved == [before - after for before, after in zip(*sizes, strict=True)]


def test_quality_and_optimised_tables_make_jpegs_smaller(pixelater: Pixelater, photo: Path) -> None:
    sizes = [
        sum(mosaic["bytes"] for mosaic in json.loads(done.out)["photos"][0]["mosaics"])
        for done in (
            pixelater("run", "photo.jpg", "--json", *options)
            for options in ([], ["--optimize"], ["--quality", "30"])
        )
    ]
    assert sizes[0] > sizes[1] > sizes[2]


def test_transparency_is_laid_on_the_background_in_jpeg(
    pixelater: Pixelater, tmp_path: Path, snapshot: Snapshot
) -> None:
    (tmp_path / "clear.png").write_bytes(encode(Image.new("RGBA", (16, 16), (9, 9, 9, 0))))
    for colour, expected in (([], (255, 255, 255)), (["--background", "#0000ff"], (0, 0, 254))):
        pixelater("run", "clear.png", "--format", "jpeg", "--grids", "1", *colour)
        with Image.open(tmp_path / "pixelated" / "pixelated-1x1-clear.jpg") as mosaic:
            assert mosaic.getpixel((8, 8)) == expected
    done = pixelater("run", "clear.png", "--background", "nothing")
    assert (done.code, done.err) == (2, snapshot)


def test_an_exact_run_decodes_the_whole_photo(pixelater: Pixelater, tmp_path: Path) -> None:
    noise = make_noise("RGB", (1000, 800)).resize((2000, 1600))
    (tmp_path / "noise.jpg").write_bytes(encode(noise, "JPEG", quality=95))
    colours = []
    for options in ([], ["--exact"]):
        pixelater("run", "noise.jpg", "--format", "png", "--grids", "16", *options)
        with Image.open(tmp_path / "pixelated" / "pixelated-16x16-noise.png") as mosaic:
            colours.append(mosaic.convert("RGB"))
    expected = pixelate((tmp_path / "noise.jpg").read_bytes(), [16], Style("png"), exact=True)
    assert colours[1].tobytes() == decode(expected[0].data).convert("RGB").tobytes()
    difference = ImageChops.difference(*colours)
    assert 0 < max(difference.tobytes()) <= 4


@pytest.mark.parametrize("extra", [(), ("--grids", "8", "--out", "-")])
def test_a_photo_above_the_pixel_limit_is_refused_and_the_limit_that_allows_it_told(
    pixelater: Pixelater, photo: Path, extra: tuple[str, ...], snapshot: Snapshot
) -> None:
    done = pixelater("run", "photo.jpg", "--max-pixels", "1000", *extra)
    assert (done.code, done.err) == (1, snapshot)
    assert pixelater("run", "photo.jpg", "--max-pixels", "10800").code == 0


def test_what_to_do_is_said_once_and_for_each_photo_in_json(
    pixelater: Pixelater, tmp_path: Path
) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"text")
    hint = "Check where it comes from: a download may have failed."
    assert pixelater("run", "a.jpg", "b.jpg").err.count(hint) == 1
    told = json.loads(pixelater("run", "a.jpg", "b.jpg", "--json").out)
    assert [photo["hint"] for photo in told["photos"]] == [hint, hint]
