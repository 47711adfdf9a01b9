"""Files are written whole, and only by whoever writes them: links, pipes and processes apart."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path, PosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixelater import name_mosaic, pixelate
from pixelater_cli.emulator.serve import persistence
from pixelater_cli.errors import EmulatorError, UnusablePath
from pixelater_cli.local.files import create_file, open_whole, place_below, write_whole
from tests.functional.command import Snapshot
from tests.functional.conftest import Pixelater, settle
from tests.functional.posix import make_pipe
from tests.functional.test_run import listing
from tests.pictures import encode, make_noise

OWN_PROCESS_IDS = ["unshare", "--pid", "--fork", "--mount-proc"]
"""Runs a command as the first of its process IDs, as a container does; root may."""


@contextmanager
def masking(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def read_mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002, 0o000])
def test_new_file_has_the_permissions_that_open_gives(tmp_path: Path, mask: int) -> None:
    with masking(mask):
        write_whole(tmp_path / "new", b"data")
        (tmp_path / "opened").write_bytes(b"data")
    assert read_mode(tmp_path / "new") == read_mode(tmp_path / "opened") == 0o666 & ~mask


@pytest.mark.parametrize(
    ("before", "after"), [(0o600, 0o600), (0o664, 0o664), (0o444, 0o444), (0o4755, 0o755)]
)
def test_replaced_file_keeps_its_permissions(tmp_path: Path, before: int, after: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    path.chmod(before)
    with masking(0o022):
        write_whole(path, b"after")
    assert (path.read_bytes(), read_mode(path)) == (b"after", after)


@pytest.mark.parametrize("there", [True, False])
def test_new_file_does_not_follow_a_link(tmp_path: Path, there: bool) -> None:
    victim, link = tmp_path / "victim", tmp_path / "link"
    if there:
        victim.write_bytes(b"precious")
    link.symlink_to(victim)
    with pytest.raises(FileExistsError):
        create_file(link, b"data")
    assert victim.exists() is there
    assert not there or victim.read_bytes() == b"precious"


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_link_at_the_path_is_replaced_not_followed(tmp_path: Path, link: object) -> None:
    victim, path = tmp_path / "victim", tmp_path / "file"
    victim.write_bytes(b"precious")
    victim.chmod(0o600)
    assert callable(link)
    link(path, victim)
    write_whole(path, b"data")
    assert (path.read_bytes(), path.is_symlink()) == (b"data", False)
    assert (victim.read_bytes(), read_mode(victim)) == (b"precious", 0o600)
    assert listing(tmp_path) == ["file", "victim"]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("folder", "is a directory"),
        ("pipe", "not a regular file"),
        ("link to a folder", "is a directory"),
        ("link to a pipe", "not a regular file"),
        ("link to a device", "not a regular file"),
        ("link to itself", "too many levels of symbolic links"),
    ],
)
def test_what_is_no_file_is_not_replaced(tmp_path: Path, kind: str, reason: str) -> None:
    path = tmp_path / "out" / "path"
    path.parent.mkdir()
    (tmp_path / "folder").mkdir()
    make_pipe(tmp_path / "pipe")
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            make_pipe(path)
        case "link to a device":
            path.symlink_to(os.devnull)
        case "link to itself":
            path.symlink_to(path)
        case _:
            path.symlink_to(tmp_path / kind.removeprefix("link to a "))
    before = path.lstat()
    with pytest.raises(UnusablePath, match=f"cannot write {path}: {reason}"):
        write_whole(path, b"data")
    assert os.path.samestat(path.lstat(), before)
    assert [one.name for one in path.parent.iterdir()] == ["path"]


class Interrupted(PosixPath):
    """A path whose file is written, but Ctrl-C comes before it has its name."""

    def replace(self, target: object) -> Interrupted:
        raise KeyboardInterrupt(target)


def test_an_interrupted_write_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_whole(Interrupted(tmp_path / "file"), b"data")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_leaves_nothing_behind(
    clean_environment: dict[str, str], photo: Path, tmp_path: Path
) -> None:
    command = f"ulimit -f 2; {sys.executable} -m pixelater_cli run photo.jpg --grids 64"
    done = subprocess.run(  # noqa: S602
        command,
        shell=True,
        cwd=tmp_path,
        env=clean_environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        1,
        "error: photo.jpg: cannot write pixelated/pixelated-64x64-photo.jpg: file too large",
    )
    assert list((tmp_path / "pixelated").iterdir()) == []


def test_what_a_killed_run_leaves_is_no_photo(
    pixelater: Pixelater, photo: Path, snapshot: Snapshot
) -> None:
    photo.rename(photo.with_name(".pixelater-0123456789abcdef.part"))
    done = pixelater("run", ".")
    assert (done.code, done.err) == (1, snapshot)


def test_one_process_id_writes_many_files_at_once(tmp_path: Path) -> None:
    """Threads have one process ID, as the first processes of two containers have."""
    names = [f"{writer} {number}" for number in range(100) for writer in "ab"]

    def write(name: str) -> None:
        write_whole(tmp_path / name, name.encode() * 5000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, names))
    wrong = [name for name in names if (tmp_path / name).read_bytes() != name.encode() * 5000]
    assert (wrong, len(list(tmp_path.iterdir()))) == ([], len(names))


def may_have_own_process_ids() -> bool:
    if shutil.which(OWN_PROCESS_IDS[0]) is None:
        return False
    tried = subprocess.run([*OWN_PROCESS_IDS, "true"], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.mark.skipif(not may_have_own_process_ids(), reason="unshare is not permitted here")
@pytest.mark.parametrize("caches", [("one", "other"), ("one", "one")])
def test_two_containers_may_share_an_output_folder(
    clean_environment: dict[str, str], tmp_path: Path, caches: tuple[str, str]
) -> None:
    photos = {f"{folder}{number}.png": folder for number in range(30) for folder in "ab"}
    for seed, (name, folder) in enumerate(photos.items()):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_bytes(encode(make_noise("RGB", (90, 90), seed)))

    def start(folder: str, cache: str) -> subprocess.Popen[str]:
        arguments = ["run", folder, "--grids", "8,16", "--out", "out", "--jobs", "1"]
        return subprocess.Popen(
            [*OWN_PROCESS_IDS, sys.executable, "-m", "pixelater_cli", *arguments],
            cwd=tmp_path,
            env=clean_environment | {"XDG_CACHE_HOME": str(tmp_path / cache)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run_both() -> list[tuple[str, str]]:
        processes = [start(folder, cache) for folder, cache in zip("ab", caches, strict=True)]
        return [process.communicate() for process in processes]

    settle()
    first, again = run_both(), run_both()
    assert [err for _, err in (*first, *again)] == [""] * 4
    expected = {
        name_mosaic(name, mosaic): mosaic.data
        for name, folder in photos.items()
        for mosaic in pixelate((tmp_path / folder / name).read_bytes(), (8, 16))
    }
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == expected
    assert [out.startswith("30 photos up to date in out") for out, _ in again] == [True, True]


@pytest.mark.parametrize("name", ["../x.jpg", "a/../../x.jpg", "/x.jpg", ".."])
def test_a_key_that_leads_out_of_the_folder_is_refused(name: str) -> None:
    with pytest.raises(UnusablePath, match="leads out of out"):
        place_below(Path("out"), name)


def test_a_key_that_does_not_lead_out_is_a_path_below_the_folder() -> None:
    assert place_below(Path("out"), "a/..b/x.jpg") == Path("out/a/..b/x.jpg")


PLACES = st.lists(
    st.sampled_from(
        ["..", ".", "", "in", "inside", "outside", "loop", "file", "x.jpg", "\0", "C:"]
    ),
    min_size=1,
    max_size=5,
).map("/".join)


@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
@given(PLACES)
def test_files_below_a_folder_with_links_never_leave_it(tmp_path: Path, name: str) -> None:
    """Links below the folder lead inside, outside, to themselves; one is a file."""
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    if not out.exists():
        (out / "in").mkdir(parents=True)
        elsewhere.mkdir()
        (out / "inside").symlink_to(out / "in")
        (out / "outside").symlink_to(elsewhere)
        (out / "loop").symlink_to("loop")
        (out / "file").symlink_to(elsewhere / "made by a link")
    with suppress(UnusablePath):
        write_whole(place_below(out, name), b"data")
    assert list(elsewhere.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "out"]


def test_folder_that_is_a_link_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to("real")
    write_whole(place_below(tmp_path / "out", "a/x.jpg"), b"data")
    assert (tmp_path / "real" / "a" / "x.jpg").read_bytes() == b"data"


def test_push_refuses_a_prefix_that_leads_out_before_it_uploads(
    pixelater: Pixelater, photo: Path, snapshot: Snapshot
) -> None:
    done = pixelater("push", "photo.jpg", "--out", "out", "--key-prefix", "../x/")
    assert (done.code, done.err) == (1, snapshot)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    make_pipe(tmp_path / "pipe")
    with pytest.raises(UnusablePath, match="cannot read it: not a regular file"):
        open_whole(tmp_path / "pipe")


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_the_lock_of_a_kept_folder_is_a_file_of_its_own(tmp_path: Path, kind: str) -> None:
    victim, lock = tmp_path / "victim", tmp_path / "kept" / "lock"
    lock.parent.mkdir()
    victim.write_bytes(b"precious")
    match kind:
        case "link":
            lock.symlink_to(victim)
        case "pipe":
            make_pipe(lock)
        case "folder":
            lock.mkdir()
    with (
        pytest.raises(EmulatorError, match=f"cannot lock {lock}"),
        persistence.lock_folder(lock.parent),
    ):
        pytest.fail("it was locked")
    assert victim.read_bytes() == b"precious"
