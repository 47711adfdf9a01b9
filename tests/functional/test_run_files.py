"""Which photos `pixelater run` takes, what it calls their mosaics, and what it leaves alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from platformdirs import user_cache_path

from pixelater import Style, pixelate
from pixelater_cli.local import run_cache
from tests.functional.command import Snapshot
from tests.functional.conftest import Pixelater, settle, start
from tests.functional.terminals import run_at_terminal
from tests.functional.test_run import listing
from tests.pictures import encode, make_noise, make_scene


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Photos a.png, b.png and deep/c.png in a folder, and a link back to it."""
    folder = tmp_path / "album"
    (folder / "deep").mkdir(parents=True)
    for number, name in enumerate(("a.png", "b.png", "deep/c.png")):
        (folder / name).write_bytes(encode(make_noise("RGB", (40, 30), number)))
    (folder / "deep" / "back").symlink_to(folder, target_is_directory=True)
    return folder


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("album/*.png", ["8x8-a.png", "8x8-b.png"]),
        ("album/[b]*", ["8x8-b.png"]),
        ("album/**/c.png", ["8x8-c.png"]),
        ("alb*", ["8x8-a.png", "8x8-b.png", "deep/pixelated-8x8-c.png"]),
    ],
)
def test_a_pattern_is_taken_as_a_shell_would(
    pixelater: Pixelater, album: Path, tmp_path: Path, pattern: str, names: list[str]
) -> None:
    done = pixelater("run", pattern, "--grids", "8")
    assert (done.code, done.err) == (0, "")
    expected = [name if "/" in name else f"pixelated-{name}" for name in names]
    assert listing(tmp_path / "pixelated") == sorted(expected)


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(
    pixelater: Pixelater, album: Path, tmp_path: Path
) -> None:
    (album / "a.png").rename(tmp_path / "[ab].png")
    (album / "b.png").rename(tmp_path / "a.png")
    assert pixelater("run", "[ab].png", "--grids", "8").code == 0
    assert listing(tmp_path / "pixelated") == ["pixelated-8x8-[ab].png"]


def test_a_pattern_that_matches_nothing_is_reported(
    pixelater: Pixelater, tmp_path: Path, snapshot: Snapshot
) -> None:
    done = pixelater("run", "*.jpg")
    assert (done.code, done.out, done.err) == (1, "", snapshot)


def test_linked_folders_are_not_followed_but_may_be_named(
    pixelater: Pixelater, album: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(album, target_is_directory=True)
    done = pixelater("run", "link", "--grids", "8")
    assert (done.code, done.err) == (0, "")
    assert listing(tmp_path / "pixelated") == [
        "deep/pixelated-8x8-c.png",
        "pixelated-8x8-a.png",
        "pixelated-8x8-b.png",
    ]


def run_with_stdin(
    environment: dict[str, str], folder: Path, data: bytes, *arguments: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "pixelater_cli", "run", *arguments],
        cwd=folder,
        env=environment,
        input=data,
        capture_output=True,
        check=False,
    )


def test_a_photo_goes_from_stdin_to_stdout(
    clean_environment: dict[str, str], photo: Path, tmp_path: Path
) -> None:
    data = photo.read_bytes()
    done = run_with_stdin(clean_environment, tmp_path, data, "-", "--grids", "8", "--out", "-")
    (mosaic,) = pixelate(data, [8])
    assert (done.returncode, done.stdout, done.stderr) == (0, mosaic.data, b"")
    assert listing(tmp_path) == ["photo.jpg"]


def test_one_mosaic_of_a_cell_size_goes_to_stdout(
    clean_environment: dict[str, str], photo: Path, tmp_path: Path
) -> None:
    data, look = photo.read_bytes(), ["--cell-size", "16", "--size", "native"]
    done = run_with_stdin(clean_environment, tmp_path, data, "-", *look, "--out", "-")
    (mosaic,) = pixelate(data, style=Style(cell_size=16, size="native"))
    assert (done.returncode, done.stdout, done.stderr) == (0, mosaic.data, b"")


def test_a_photo_from_stdin_is_called_so(
    clean_environment: dict[str, str], photo: Path, tmp_path: Path
) -> None:
    for _ in range(2):  # It is never taken for up to date.
        done = run_with_stdin(
            clean_environment, tmp_path, photo.read_bytes(), "-", "--grids", "8", "--json"
        )
        (made,) = json.loads(done.stdout)["photos"]
        assert (done.returncode, made["photo"], made["up_to_date"]) == (0, "-", False)
        assert [one["path"] for one in made["mosaics"]] == ["pixelated/pixelated-8x8-stdin.jpg"]


def test_a_file_called_minus_is_named_with_its_folder(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    photo.rename(tmp_path / "-")
    assert pixelater("run", "./-", "--grids", "8").code == 0
    assert listing(tmp_path / "pixelated") == ["pixelated-8x8--.jpg"]


def test_a_file_taken_for_an_option_is_explained(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    photo.rename(tmp_path / "-x.jpg")
    done = pixelater("run", "-x.jpg")
    assert (done.code, done.err.splitlines()[-1]) == (2, "  The file -x.jpg is written ./-x.jpg")
    assert pixelater("run", "./-x.jpg", "--grids", "8").code == 0


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("- photo.jpg", 2),
        ("photo.jpg --out -", 2),
        ("photo.jpg other.jpg --grids 8 --out -", 2),
        ("photo.jpg --out - --json", 2),
        ("gone.jpg --grids 8 --out -", 1),
        ("- --grids 8 --out -", 1),
    ],
)
def test_what_cannot_go_through_pipes_is_refused(
    clean_environment: dict[str, str],
    photo: Path,
    tmp_path: Path,
    line: str,
    code: int,
    snapshot: Snapshot,
) -> None:
    (tmp_path / "other.jpg").write_bytes(photo.read_bytes())
    done = run_with_stdin(clean_environment, tmp_path, b"", *line.split())
    assert (done.returncode, done.stderr.decode()) == (code, snapshot)
    assert b"\xff\xd8" not in done.stdout


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{stem}-{grid}{suffix}", "photo-8.jpg"),
        ("{grid:03}/{stem}{suffix}", "008/photo.jpg"),
        ("[x] {stem}.{grid}{suffix}", "[x] photo.8.jpg"),
    ],
)
def test_mosaics_are_named_as_asked(
    pixelater: Pixelater, photo: Path, tmp_path: Path, template: str, name: str
) -> None:
    done = pixelater("run", "photo.jpg", "--grids", "8", "--name", template)
    assert (done.code, done.err) == (0, "")
    assert listing(tmp_path / "pixelated") == [name]


@pytest.mark.parametrize(
    "template", ["{grid:999999999999999999}{suffix}", "{stem!x}", "{0}", "{stem.__class__}", "{"]
)
def test_a_name_that_no_file_can_have_is_a_wrong_command_line(
    pixelater: Pixelater, photo: Path, tmp_path: Path, template: str, snapshot: Snapshot
) -> None:
    done = pixelater("run", "photo.jpg", "--name", template)
    assert (done.code, done.out, done.err) == (2, "", snapshot)
    assert listing(tmp_path) == ["photo.jpg"]


def test_mosaics_with_other_names_are_no_photos_either(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    for _ in range(2):
        done = pixelater(
            "run", ".", "--out", ".", "--grids", "8", "--name", "{stem}-{grid}{suffix}"
        )
        assert (done.code, done.err) == (0, "")
    assert listing(tmp_path) == ["photo-8.jpg", "photo.jpg"]


def test_a_photo_never_gives_its_mosaic_its_own_name(
    pixelater: Pixelater, photo: Path, tmp_path: Path, snapshot: Snapshot
) -> None:
    before = photo.read_bytes()
    (tmp_path / "hard.jpg").hardlink_to(photo)
    for name in ("{stem}{suffix}", "hard{suffix}"):
        done = pixelater("run", "photo.jpg", "--out", ".", "--grids", "8", "--name", name)
        assert (done.code, done.err) == (1, snapshot(name="error"))
    assert (photo.read_bytes(), listing(tmp_path)) == (before, ["hard.jpg", "photo.jpg"])


def test_what_is_up_to_date_is_left_alone(
    pixelater: Pixelater, album: Path, tmp_path: Path
) -> None:
    settle()
    pixelater("run", "album")
    made = tmp_path / "pixelated" / "pixelated-8x8-a.png"
    before = made.stat().st_ino
    done = pixelater("run", "album")
    assert (done.code, done.out.rpartition(" (")[0]) == (0, "3 photos up to date in pixelated")
    assert made.stat().st_ino == before
    document = json.loads(pixelater("run", "album", "--json").out)
    assert [photo["up_to_date"] for photo in document["photos"]] == [True, True, True]
    assert [len(photo["mosaics"]) for photo in document["photos"]] == [5, 5, 5]


@pytest.mark.parametrize(
    "change",
    [
        ["--force"],
        ["--quality", "50"],
        ["--optimize"],
        ["--exact"],
        ["--background", "black"],
        ["--grids", "8,16"],
        ["--format", "png"],
        ["--max-pixels", "1000000"],
        ["--name", "{stem}.{grid}{suffix}"],
    ],
    ids=lambda change: change[0],
)
def test_other_options_make_everything_again(
    pixelater: Pixelater, photo: Path, change: list[str]
) -> None:
    first = json.loads(pixelater("run", "photo.jpg", "--json").out)
    again = json.loads(pixelater("run", "photo.jpg", "--json", *change).out)
    assert [one["photos"][0]["up_to_date"] for one in (first, again)] == [False, False]


@pytest.mark.parametrize("what", ["photo", "older photo", "mosaic", "no mosaic"])
def test_another_file_in_its_place_makes_a_photo_anew(
    pixelater: Pixelater, photo: Path, tmp_path: Path, what: str
) -> None:
    pixelater("run", "photo.jpg", "--grids", "8")
    mosaic = tmp_path / "pixelated" / "pixelated-8x8-photo.jpg"
    expected = mosaic.read_bytes()
    if "photo" in what:
        stamp = photo.stat()
        other = encode(make_scene((60, 60)), "JPEG").ljust(stamp.st_size, b"\0")
        photo.write_bytes(other[: stamp.st_size])
        expected = pixelate(photo.read_bytes(), [8])[0].data
        seconds = stamp.st_mtime - (1000 if what == "older photo" else 0)
        os.utime(photo, (seconds, seconds))
    elif what == "mosaic":
        mosaic.write_bytes(b"")
    else:
        mosaic.unlink()
    assert pixelater("run", "photo.jpg", "--grids", "8").code == 0
    assert mosaic.read_bytes() == expected


def test_without_a_cache_folder_all_is_made_each_time(
    pixelater: Pixelater, photo: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    for _ in range(2):
        done = pixelater("run", "photo.jpg", XDG_CACHE_HOME=str(tmp_path / "file"))
        assert (done.code, done.err, "up to date" in done.out) == (0, "", False)


@pytest.mark.parametrize("base", [None, "", " ", "/somewhere/else"])
def test_the_cache_is_where_it_belongs(base: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if base is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", base)
    assert run_cache.find_cache() == user_cache_path("pixelater")


def test_quiet_says_nothing_but_warnings_and_errors(
    pixelater: Pixelater, photo: Path, snapshot: Snapshot
) -> None:
    for flag in ("-q", "--quiet"):
        done = pixelater("run", "photo.jpg", "gone.jpg", flag)
        assert (done.code, done.out) == (1, "")
        assert done.err == snapshot


def test_verbose_tells_what_becomes_of_every_file(
    pixelater: Pixelater, album: Path, tmp_path: Path
) -> None:
    (album / "notes.txt").write_text("no photo")
    settle()
    pixelater("run", "album/a.png", "--grids", "8")
    done = pixelater("run", "album", "--grids", "8", "-v")
    lines = done.err.splitlines()
    told = [line.rpartition(": ") for line in lines if not line.startswith("wrote ")]
    assert [(name, words.endswith(" s")) for name, _, words in told] == [
        ("album/a.png", False),
        ("album/b.png", True),
        ("album/deep/c.png", True),
        ("skipped", False),
    ]
    assert (told[0][2], told[-1][2]) == ("up to date", "album/notes.txt")
    assert sum(line.startswith("wrote pixelated/pixelated-8x8-b.png, ") for line in lines) == 1
    done = pixelater("run", "album/notes.txt", "--verbose")
    assert done.err.splitlines()[0] == "album/notes.txt: failed"


def test_json_without_any_photo_is_still_a_document(pixelater: Pixelater, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = pixelater("run", "empty", "--json")
    document = json.loads(done.out)
    assert (done.code, [one["error"] for one in document["photos"]]) == (
        1,
        ["no photos in this folder"],
    )


@pytest.mark.parametrize(
    ("arguments", "command", "message"),
    [
        (["run", "a", "--json", "--grids", "x"], "run", "--grids: 'x' is not a grid"),
        (["run", "a", "--json", "--nope"], "run", "no such option: --nope"),
        (
            ["deploy", "--json", "--memory", "x"],
            "deploy",
            "--memory: must be a whole number from 128 to 10240, not 'x'",
        ),
        (["nope", "--json"], "nope", "no such command: nope"),
        (["run", "--json"], "run", "missing argument"),
    ],
)
def test_a_wrong_command_line_is_a_json_document_too(
    pixelater: Pixelater, arguments: list[str], command: str, message: str
) -> None:
    done = pixelater(*arguments)
    document = json.loads(done.out)
    assert (done.code, document["version"], document["command"]) == (2, 1, command)
    assert document["error"]["message"].startswith(message)
    assert document["error"]["exit_code"] == 2
    assert message in done.err


def test_json_after_a_double_dash_is_a_file(pixelater: Pixelater) -> None:
    done = pixelater("run", "--", "--json")
    assert (done.code, done.out) == (1, "")


def test_a_terminal_sees_how_many_photos_are_done_and_no_rate_before_there_is_one(
    clean_environment: dict[str, str], album: Path, tmp_path: Path
) -> None:
    said = run_at_terminal(clean_environment, tmp_path, "run", "album", "--jobs", "1")
    assert "0/3" in said and "photos" in said
    assert " 0.0 a second" not in said


def test_a_picture_does_not_garble_a_terminal(
    clean_environment: dict[str, str], photo: Path, tmp_path: Path
) -> None:
    said = run_at_terminal(
        clean_environment, tmp_path, "run", "photo.jpg", "--grids", "8", "--out", "-"
    )
    assert said.replace("\r", "") == (
        "\x1b[31merror:\x1b[0m stdout is a terminal, which cannot show an image file\n"
        "  Redirect it to a file: --out - > mosaic.jpg\n"
    )


def test_a_terminal_is_not_waited_for_as_stdin(
    clean_environment: dict[str, str], tmp_path: Path
) -> None:
    said = run_at_terminal(clean_environment, tmp_path, "run", "-")
    assert said.startswith("\x1b[31merror:\x1b[0m no input on stdin")


def test_ctrl_c_leaves_whole_files_only_and_no_traceback(
    clean_environment: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(200):
        (folder / f"{number:03}.png").write_bytes(encode(make_noise("RGB", (200, 200), number)))
    with start(["run", "many", "--jobs", "2"], tmp_path, clean_environment) as process:
        while process.poll() is None and not (tmp_path / "pixelated").is_dir():
            time.sleep(0.01)
        while process.poll() is None and not listing(tmp_path / "pixelated"):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in said) == (130, False)
    names = listing(tmp_path / "pixelated")
    assert 0 < len(names) < 1000
    for name in names:
        assert name.startswith("pixelated-")
        with Image.open(tmp_path / "pixelated" / name) as mosaic:
            mosaic.load()


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", ""),
        ("run", "photo.jpg", ""),
        ("run", "--quiet", ""),
        ("run", "--", ""),
        ("run", "photo.jpg", "--out", ""),
        ("run", "photo.jpg", "--out="),
        ("push", ""),
        ("push", "photo.jpg", "--out", ""),
        ("emulate", ""),
        ("emulate", "photo.jpg", "--out", ""),
        ("emulate", "--persist", ""),
        ("package", "--output", ""),
        ("failures", "drop", ""),
    ],
    ids=" ".join,
)
def test_an_empty_word_is_not_taken_for_this_folder(
    pixelater: Pixelater,
    photo: Path,
    arguments: tuple[str, ...],
    snapshot: Snapshot,
) -> None:
    done = pixelater(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err == snapshot
    assert [path.name for path in photo.parent.iterdir() if path.is_file()] == ["photo.jpg"]


def test_files_that_are_no_photos_by_their_suffix_are_passed_over(
    pixelater: Pixelater, photo: Path
) -> None:
    for name in ("text.pdf", "film.mpg", "data.h5", "drawing.eps"):
        photo.with_name(name).write_text("no photo")
    done = pixelater("run", ".", "--json")
    document = json.loads(done.out)
    assert (done.code, document["passed_over"]) == (0, 4)
    assert [one["photo"] for one in document["photos"]] == ["photo.jpg"]
