"""Files under way to their names: what a killed run leaves, and what another run writes."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pixelater import pixelate
from pixelater_cli.errors import UnusablePath
from pixelater_cli.local import part_files
from pixelater_cli.local.part_files import PartFile, remove_leftovers, sync_file, write_all
from tests.functional.conftest import Pixelater, settle
from tests.functional.test_run import listing
from tests.pictures import encode, make_noise

LEFTOVER = ".pixelater-0123456789abcdef.part"


def test_all_files_are_written_with_their_status(tmp_path: Path) -> None:
    files = [(tmp_path / f"a/{number}", bytes([number]) * 1000) for number in range(40)]
    statuses = list(write_all(files))
    assert [path.read_bytes() for path, _ in files] == [data for _, data in files]
    assert [status.st_ino for status in statuses] == [path.stat().st_ino for path, _ in files]
    assert len(listing(tmp_path)) == 40
    assert list(write_all([])) == []


def test_files_before_one_that_fails_have_their_names(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    written = write_all([(tmp_path / str(number), b"data") for number in range(3)])
    next(written)
    with pytest.raises(UnusablePath, match="1: is a directory"):
        next(written)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1"]


def test_file_that_a_process_writes_is_no_leftover(tmp_path: Path) -> None:
    part = PartFile(tmp_path / "file", b"data", sync=False)
    part.write()
    (tmp_path / LEFTOVER).write_bytes(b"half")
    (tmp_path / "pixelater-notes.part").write_bytes(b"a user's")
    remove_leftovers(tmp_path)
    part.commit()
    part.discard()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "pixelater-notes.part"]


def test_file_that_was_taken_for_a_leftover_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its creation and its lock, another process may remove it."""
    lock, calls = part_files._try_lock, 0

    def lock_late(file: object) -> bool | None:
        nonlocal calls
        calls += 1
        if calls == 1:
            remove_leftovers(tmp_path)  # The second call.
        return lock(file)  # type: ignore[arg-type]

    monkeypatch.setattr(part_files, "_try_lock", lock_late)
    part = PartFile(tmp_path / "file", b"data", sync=False)
    part.write()
    part.commit()
    part.discard()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"data"}


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_file_system_without_fsync_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    sync_file(0)


def test_disk_that_fails_at_fsync_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(UnusablePath, match="input/output error"):
        list(write_all([(tmp_path / "file", b"data")]))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("up_to_date", [True, False])
def test_next_run_removes_what_a_killed_one_left(
    pixelater: Pixelater, photo: Path, tmp_path: Path, up_to_date: bool
) -> None:
    settle()
    if up_to_date:
        pixelater("run", "photo.jpg", "--grids", "8")
    (tmp_path / "pixelated").mkdir(exist_ok=True)
    (tmp_path / "pixelated" / LEFTOVER).write_bytes(b"half")
    pixelater("run", "photo.jpg", "--grids", "8")
    assert listing(tmp_path / "pixelated") == ["pixelated-8x8-photo.jpg"]


def write_photos(folder: Path, *places: str) -> None:
    for seed, place in enumerate(places):
        (folder / place).parent.mkdir(exist_ok=True)
        (folder / place).write_bytes(encode(make_noise("RGB", (40, 30), seed)))


def test_mosaics_of_another_photo_are_not_replaced_in_silence(
    pixelater: Pixelater, tmp_path: Path
) -> None:
    write_photos(tmp_path, "a/x.png", "b/x.png")
    command = ("--grids", "8", "--out", "out", "--json")
    first = json.loads(pixelater("run", "a", *command).out)
    second = json.loads(pixelater("run", "b", *command).out)
    third = json.loads(pixelater("run", "b", *command).out)
    assert first["photos"][0]["warnings"] == []
    assert second["photos"][0]["warnings"] == [f"its mosaics replaced those of {tmp_path}/a/x.png"]
    assert third["photos"][0]["warnings"] == []


def run_while(folder: Path, environment: dict[str, str], act: Callable[[], None]) -> str:
    """Run pixelater on b/x.png; act once it has begun, before it writes. Return its document."""
    code = """
import sys, time
from pixelater_cli.local import writer
write_all = writer.write_all
def wait(files, check):
    print("ready", flush=True)
    sys.stdin.readline()
    return write_all(files, check)
writer.write_all = wait
from pixelater_cli.__main__ import main
main()
"""
    command = [
        sys.executable,
        "-c",
        code,
        "run",
        "b/x.png",
        "--grids",
        "8",
        "--out",
        "out",
        "--json",
    ]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        process.stdout.readline()
        act()
        out, _ = process.communicate("\n")
    return out


@pytest.mark.parametrize("same", [True, False])
def test_file_that_another_run_wrote_meanwhile_is_kept(
    clean_environment: dict[str, str], tmp_path: Path, same: bool
) -> None:
    write_photos(tmp_path, "a/x.png", "b/x.png")
    (mosaic,) = pixelate(tmp_path / ("b/x.png" if same else "a/x.png"), (8,))
    path = tmp_path / "out" / "pixelated-8x8-x.png"

    def write_theirs() -> None:
        time.sleep(0.02)  # The clock of files is coarse.
        path.write_bytes(mosaic.data)

    (photo,) = json.loads(run_while(tmp_path, clean_environment, write_theirs))["photos"]
    expected = "" if same else f"out/{path.name} was written by another run at the same time"
    assert (photo["error"], path.read_bytes() == mosaic.data) == (expected, True)
