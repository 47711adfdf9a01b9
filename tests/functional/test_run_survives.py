"""A run survives every photo: what cannot be written, bugs of ours, and processes that die."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.functional.command import Snapshot
from tests.functional.conftest import Done, Pixelater
from tests.functional.test_run import listing
from tests.pictures import encode, encode_endless_fli, make_noise

ENDLESS = "writing a mosaic of it as PNG failed (the animation is too long for this format)"
BUG = "bug in pixelater: "
CRASH = "the worker process crashed while decoding it (out of memory, or a bug)"

BREAK = """
import os
from pixelater.encode import encoder

class Odd(Exception):
    def __init__(self, one, other):
        super().__init__("odd")

def recurse():
    recurse()

def write(frames, photo, *rest, real=encoder.write_mosaic):
    if photo.width == 77:
        {statement}
    return real(frames, photo, *rest)

encoder.write_mosaic = write
"""
"""A module that Python loads when it starts (site): the engine fails for one photo."""


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Five photos, the second of which is 77 pixels wide."""
    folder = tmp_path / "album"
    folder.mkdir()
    for number, width in enumerate((40, 77, 41, 42, 43)):
        data = encode(make_noise("RGB", (width, 30), number))
        (folder / f"{number}.png").write_bytes(data)
    return folder


def run_broken(
    cli_process: Pixelater, tmp_path: Path, statement: str, *arguments: str, path: str
) -> Done:
    """Run with an engine that carries out a statement for the second photo."""
    (tmp_path / "site").mkdir(exist_ok=True)
    (tmp_path / "site" / "sitecustomize.py").write_text(BREAK.format(statement=statement))
    environment = {"PYTHONPATH": f"{tmp_path / 'site'}:{path}"}
    return cli_process("run", "album", "--grids", "8", *arguments, **environment)


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("raise OverflowError('too big')", "writing a mosaic of it as PNG failed (too big)"),
        ("raise MemoryError", "writing a mosaic of it as PNG failed (there is not enough memory)"),
        ("recurse()", "writing a mosaic of it as PNG failed (maximum recursion depth exceeded)"),
        ("raise TypeError('no such thing')", f"{BUG}TypeError: no such thing"),
        ("assert not photo.width", f"{BUG}AssertionError: "),
    ],
)
def test_a_photo_that_fails_while_it_is_written_is_told(
    cli_process: Pixelater,
    album: Path,
    tmp_path: Path,
    clean_environment: dict[str, str],
    statement: str,
    told: str,
    jobs: str,
) -> None:
    path = clean_environment["PYTHONPATH"]
    done = run_broken(cli_process, tmp_path, statement, "--jobs", jobs, "--json", path=path)
    photos = json.loads(done.out)["photos"]
    assert (done.code, done.err) == (1, "")
    assert [one["error"] for one in photos] == ["", told, "", "", ""]
    assert photos[1]["hint"] != ""
    assert listing(tmp_path / "pixelated") == [f"pixelated-8x8-{n}.png" for n in (0, 2, 3, 4)]


@pytest.mark.parametrize("statement", ["os._exit(9)", "os.abort()", "raise Odd(1, 2)"])
def test_a_photo_that_ends_its_process_is_told(
    cli_process: Pixelater,
    album: Path,
    tmp_path: Path,
    clean_environment: dict[str, str],
    statement: str,
) -> None:
    """Also one whose error no other process can read: Odd takes two arguments, and keeps one."""
    path = clean_environment["PYTHONPATH"]
    done = run_broken(cli_process, tmp_path, statement, "--jobs", "2", "--json", path=path)
    photos = json.loads(done.out)["photos"]
    assert (done.code, [one["error"] for one in photos]) == (1, ["", CRASH, "", "", ""])


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize(("verbose", "shown"), [((), False), (("--verbose",), True)])
def test_the_traceback_of_a_bug_is_for_verbose(
    cli_process: Pixelater,
    album: Path,
    tmp_path: Path,
    clean_environment: dict[str, str],
    verbose: tuple[str, ...],
    shown: bool,
    jobs: str,
) -> None:
    path = clean_environment["PYTHONPATH"]
    done = run_broken(cli_process, tmp_path, "None + 1", "--jobs", jobs, *verbose, path=path)
    lines = done.err.splitlines()
    assert (done.code, "Traceback (most recent call last):" in lines) == (1, shown)
    assert any("sitecustomize.py" in line for line in lines) is shown
    assert any(line.startswith(f"error: album/1.png: {BUG}TypeError: ") for line in lines)


def test_a_mosaic_for_stdout_that_fails_is_told(
    pixelater: Pixelater, album: Path, tmp_path: Path, snapshot: Snapshot
) -> None:
    (tmp_path / "endless.fli").write_bytes(encode_endless_fli())
    done = pixelater("run", "endless.fli", "--grids", "2", "--out", "-")
    assert (done.code, done.out) == (1, "")
    assert done.err == snapshot


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_animation_that_cannot_be_written_leaves_the_others_as_they_are(
    pixelater: Pixelater, album: Path, tmp_path: Path, jobs: str
) -> None:
    (album / "1.fli").write_bytes(encode_endless_fli())
    done = pixelater("run", "album", "--grids", "2", "--jobs", jobs, "--json")
    errors = {one["photo"]: one["error"] for one in json.loads(done.out)["photos"]}
    expected = {f"album/{number}.png": "" for number in range(5)}
    assert (done.code, errors) == (1, {**expected, "album/1.fli": ENDLESS})
    assert pixelater("run", "album/1.fli", "--grids", "2", "--format", "jpeg").code == 0
