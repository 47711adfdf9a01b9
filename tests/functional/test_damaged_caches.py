"""What `pixelater run` remembers, where its cache holds anything else than what it wrote."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pixelater_cli.local import line_cache
from pixelater_cli.local.cache_lines import DAMAGED
from pixelater_cli.local.files import write_whole
from pixelater_cli.local.run_cache import RunCache, take_stamp
from tests.functional.conftest import Done, Pixelater, settle
from tests.functional.posix import make_pipe

NAME = b'"/photos/a.jpg"\t'
STAMP = [1, 2, 3]
MOSAIC = [8, "/mosaics/a.jpg", 0, STAMP]
DEEP = b"[" * 100_000

DAMAGED_LINES = [
    b"\xff\0",
    b"\0" * 4096,
    b"text",
    b"'/photos/a.jpg'\t('settings', (1, 2, 3), (), (), ())",
    b"null\t[]",
    b"[]\t[]",
    b'{"a": 1}\t[]',
    b"NaN\t[]",
    b"7" * 5000 + b"\t[]",
    DEEP + b"\t[]",
    b'{"a":' * 100_000,
    NAME,
    NAME + b"{",
    NAME + b"null",
    NAME + b"NaN",
    NAME + b'"abcde"',
    NAME + b"[1, 2, 3, 4, 5]",
    NAME + b"7" * 5000,
    NAME + DEEP,
]

DAMAGED_ENTRIES = [
    [],
    ["settings", STAMP, [MOSAIC], []],
    ["settings", STAMP, [MOSAIC], [], [], []],
    [1, STAMP, [MOSAIC], [], []],
    ["settings", None, [MOSAIC], [], []],
    ["settings", [1, 2], [MOSAIC], [], []],
    ["settings", [1, 2, 3.5], [MOSAIC], [], []],
    ["settings", [1, 2, float("nan")], [MOSAIC], [], []],
    ["settings", STAMP, [], [], []],
    ["settings", STAMP, {"a": MOSAIC}, [], []],
    ["settings", STAMP, [8], [], []],
    ["settings", STAMP, [["8", "/mosaics/a.jpg", 0, STAMP]], [], []],
    ["settings", STAMP, [[8, None, 0, STAMP]], [], []],
    ["settings", STAMP, [[10**400, "/mosaics/a.jpg", 0, STAMP]], [], []],
    ["settings", STAMP, [[8, "/mosaics/a.jpg", 10**400, STAMP]], [], []],
    ["settings", STAMP, [[8, "/mosaics/a.jpg", 0, [STAMP]]], [], []],
    ["settings", STAMP, [MOSAIC], "text", []],
    ["settings", STAMP, [MOSAIC], [1], []],
    ["settings", STAMP, [MOSAIC], [], [["/mosaics/b.jpg"]]],
]

LINES = DAMAGED_LINES + [NAME + json.dumps(entry).encode() for entry in DAMAGED_ENTRIES]


@pytest.mark.parametrize("line", LINES, ids=lambda line: repr(line[:40]))
def test_a_damaged_line_is_told_and_dropped(tmp_path: Path, line: bytes) -> None:
    path, photo = tmp_path / "cache", tmp_path / "photo.jpg"
    sound = b'"/photos/b.jpg"\t' + json.dumps(["", STAMP, [MOSAIC], [], []]).encode()
    path.write_bytes(line + b"\n" + sound)
    found = RunCache(path)
    assert found.list_mosaics() <= {"/mosaics/a.jpg"}
    assert found.find(Path("/photos/a.jpg"), "settings") is None
    assert found.problem == DAMAGED
    photo.touch()
    found.record(photo, "settings", take_stamp(photo), [], ())
    found.save()
    again = path.read_bytes().splitlines()
    assert [one for one in again if json.loads(one.split(b"\t")[0]) == "/photos/a.jpg"] == []


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x" * 5000, "a/" * 5000, ""])
def test_a_path_that_no_file_has_is_not_up_to_date(tmp_path: Path, text: str) -> None:
    photo = tmp_path / "photo.jpg"
    photo.touch()
    mosaic = (8, text, 0, STAMP)
    entry = json.dumps(["settings", take_stamp(photo), [mosaic], [], [text]])
    path = tmp_path / "cache"
    path.write_text(f"{json.dumps(str(photo))}\t{entry}")
    found = RunCache(path)
    assert found.list_mosaics() == {text}
    assert found.find(photo, "settings") is None
    found.record(photo, "settings", None, [], ())


@pytest.mark.parametrize("kind", ["folder", "pipe", "link in a circle", "too large"])
def test_what_is_no_cache_file_is_told(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cache"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            make_pipe(path)
        case "link in a circle":
            path.symlink_to(path)
        case "too large":
            monkeypatch.setattr(line_cache, "MAX_CACHE_BYTES", 3)
            path.write_bytes(b"four")
    found = RunCache(path)
    assert found.problem != ""
    assert (found.list_mosaics(), found.find(tmp_path, "")) == (frozenset(), None)
    found.save()


@pytest.mark.parametrize("content", [b"\xff\0", b"[" * 100_000, b"'x'\t(1,"])
def test_a_damaged_cache_is_told_once_and_made_again(
    pixelater: Pixelater, photo: Path, tmp_path: Path, content: bytes
) -> None:
    def run() -> Done:
        return pixelater("run", "photo.jpg", XDG_CACHE_HOME=str(tmp_path / "cache"))

    settle()
    run()
    (kept,) = (tmp_path / "cache" / "pixelater" / "runs").glob("*.jsonl")
    kept.write_bytes(content)
    damaged, again = run(), run()
    assert (damaged.code, damaged.err, "up to date" in damaged.out) == (
        0,
        f"warning: {kept}: {DAMAGED}; mosaics that are not recorded in it are regenerated\n",
        False,
    )
    assert (again.code, again.err, "up to date" in again.out) == (0, "", True)


def test_two_runs_at_once_keep_what_each_has_noted(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    one, other = RunCache(path), RunCache(path)
    for number, found in enumerate((one, other)):
        photo, mosaic = tmp_path / f"{number}.jpg", tmp_path / f"mosaic {number}.jpg"
        photo.touch()
        written = write_whole(mosaic, b"mosaic")
        found.record(photo, "settings", take_stamp(photo), [(8, mosaic, 0, written)], ())
        found.save()
    names = {str(tmp_path / f"mosaic {number}.jpg") for number in (0, 1)}
    assert RunCache(path).list_mosaics() == names


def test_many_runs_at_once_keep_what_each_has_noted(tmp_path: Path) -> None:
    photo, path = tmp_path / "photo.jpg", tmp_path / "cache"
    photo.touch()
    written = write_whole(photo, b"")

    def note(number: int) -> None:
        found = RunCache(path)
        name = tmp_path / f"{number}.jpg"
        found.record(name, "settings", None, [(8, photo, 0, written)], ())
        found.save()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, range(100)))
    assert len(RunCache(path).lines) == 100


def test_a_mosaic_that_another_process_replaced_is_not_up_to_date(tmp_path: Path) -> None:
    photo, mosaic = tmp_path / "photo.jpg", tmp_path / "mosaic.jpg"
    photo.touch()
    os.utime(photo, (time.time() - 10, time.time() - 10))
    written = write_whole(mosaic, b"ours")
    for data, found in ((None, True), (b"else", False)):  # As long, and in the same moment.
        if data:
            write_whole(mosaic, data)
        known = RunCache(tmp_path / "cache")
        known.record(photo, "settings", (0, 0, 0), [(8, mosaic, 0, written)], ())
        stamp = json.loads(known.lines[str(photo)])[2][0][3]
        assert (stamp == list(take_stamp(mosaic) or ())) is found


def test_record_is_kept_without_a_save(tmp_path: Path) -> None:
    """A run that is killed saves nothing."""
    photo, mosaic, path = tmp_path / "photo.jpg", tmp_path / "mosaic.jpg", tmp_path / "cache"
    photo.touch()
    settle()
    written = write_whole(mosaic, b"mosaic")
    RunCache(path).record(photo, "set", take_stamp(photo), [(8, mosaic, 0, written)], ())
    path.write_bytes(path.read_bytes() + b'{"version": 2, "photo": "/cut o')  # And killed again.
    other = tmp_path / "other.jpg"
    RunCache(path).record(other, "set", None, [(8, mosaic, 0, written)], ())
    found = RunCache(path)
    assert (found.find(photo, "set") is None, list(found.lines)) == (False, [str(photo)])
    found.save()
    assert [json.loads(line)["version"] for line in path.read_text().splitlines()] == [2]


@pytest.mark.parametrize("line", ['{"version": 1}', '{"version": 3, "photo": {"name": "a"}}'])
def test_line_of_another_version_is_skipped(tmp_path: Path, line: str) -> None:
    path = tmp_path / "cache"
    path.write_text(line)
    assert (RunCache(path).lines, RunCache(path).problem) == ({}, "")


def test_former_lines_are_dropped_when_they_are_many(tmp_path: Path) -> None:
    path, photo = tmp_path / "cache", tmp_path / "photo.jpg"
    photo.touch()
    written = write_whole(photo, b"")
    found = RunCache(path)
    for _ in range(400):
        found.record(photo, "settings", None, [(8, photo, 0, written)], ())
    assert path.stat().st_size > line_cache.MIN_BYTES
    found.save()
    assert len(path.read_text().splitlines()) == 1
