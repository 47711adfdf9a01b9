"""Ctrl-C, as a terminal sends it to every process: one line, exit code 130, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.command import Snapshot
from tests.functional.conftest import SECONDS, Done, Environment, start
from tests.pictures import encode, make_noise

if sys.platform == "win32":
    pytest.skip("process groups are POSIX's", allow_module_level=True)


@pytest.fixture
def silent_server() -> Iterator[socket.socket]:
    """A server that takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(SECONDS)
        yield server


def interrupt(process: subprocess.Popen[str]) -> Done:
    """Press Ctrl-C, and see that nothing of the group is left."""
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS)
    deadline = time.monotonic() + 10
    while list_group(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list_group(process.pid) == []
    return Done(process.returncode, out, err)


def list_group(group: int) -> list[int]:
    """List the processes of a group that still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _parent, its_group = (
                (folder / "stat").read_text().rpartition(") ")[2].split()[:3]
            )
        except OSError:
            continue
        if int(its_group) == group and state != "Z":
            found.append(int(folder.name))
    return found


def wait_for(path: Path, process: subprocess.Popen[str], files: int = 1) -> None:
    """Wait until a folder has so many files in it."""
    while process.poll() is None and not (path.is_dir() and len(list(path.iterdir())) >= files):
        time.sleep(0.01)


@pytest.mark.parametrize(
    "command",
    [
        ["deploy"],
        ["status"],
        ["push", "photo.jpg"],
        ["logs"],
        ["logs", "--follow"],
        ["failures"],
        ["backfill"],
        ["rollback"],
        ["destroy", "--yes"],
        ["doctor"],
        ["emulate"],
    ],
    ids=" ".join,
)
def test_a_command_that_waits_for_a_server_ends_with_one_line(
    command: list[str],
    silent_server: socket.socket,
    photo: Path,
    tmp_path: Path,
    clean_environment: Environment,
    snapshot: Snapshot,
) -> None:
    done = interrupt_waiting(command, silent_server, tmp_path, clean_environment)
    assert (done.code, done.out) == (130, "")
    assert done.err == snapshot


def test_a_command_that_is_to_answer_in_json_does_so_when_interrupted(
    silent_server: socket.socket,
    tmp_path: Path,
    clean_environment: Environment,
    snapshot: Snapshot,
) -> None:
    """Which command it is makes no difference: one place writes this for all."""
    words = ["status", "--json"]
    done = interrupt_waiting(words, silent_server, tmp_path, clean_environment)
    message = "run the command again"
    assert (done.code, done.err) == (130, snapshot)
    assert json.loads(done.out) == {
        "version": 1,
        "command": "status",
        "error": {"message": message, "hint": "", "exit_code": 130},
    }


def interrupt_waiting(
    command: list[str], server: socket.socket, folder: Path, environment: Environment
) -> Done:
    """Run a command until it waits for a server, and press Ctrl-C then."""
    url = f"http://127.0.0.1:{server.getsockname()[1]}"
    with start([*command, "--endpoint-url", url], folder, environment) as process:
        call, _ = server.accept()
        done = interrupt(process)
        call.close()
    return done


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_says_that_it_can_go_on_and_does(
    jobs: str, tmp_path: Path, clean_environment: Environment, snapshot: Snapshot
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number:03}.png").write_bytes(encode(make_noise("RGB", (300, 300), number)))
    words = ["run", "many", "--jobs", jobs]
    with start(words, tmp_path, clean_environment) as process:
        wait_for(tmp_path / "pixelated", process, files=20)
        done = interrupt(process)
    assert (done.code, done.out, done.err) == (130, "", snapshot)
    with start([*words, "--json"], tmp_path, clean_environment) as process:
        out, _ = process.communicate(timeout=SECONDS)
    photos = json.loads(out)["photos"]
    assert (process.returncode, len(photos)) == (0, 60)
    assert 0 < sum(photo["up_to_date"] for photo in photos) < 60


def test_workers_that_are_just_starting_say_nothing(
    tmp_path: Path, clean_environment: Environment
) -> None:
    """Ctrl-C reaches them while they load modules: it must not end in their tracebacks."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(8):
        (folder / f"{number}.png").write_bytes(encode(make_noise("RGB", (20, 20), number)))
    for delay in (0.0, 0.05, 0.1, 0.2):
        words = ["run", "many", "--jobs", "2", "--force"]
        with start(words, tmp_path, clean_environment) as process:
            while process.poll() is None and len(list_group(process.pid)) < 2:
                time.sleep(0.005)
            time.sleep(delay)
            done = interrupt(process)
        assert "Traceback" not in done.err
        assert done.code in (0, 130)


def test_the_next_deploy_finishes_the_job(
    moto: str, tmp_path: Path, clean_environment: Environment
) -> None:
    words = ["deploy", "--endpoint-url", moto]
    with start(words, tmp_path, clean_environment) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("done: create bucket ")
        done = interrupt(process)
    assert done.code == 130
    *steps, last = done.err.splitlines()
    assert all(step.startswith("done: ") for step in steps)
    assert last == "interrupted: what is done stays; the next deploy continues"
    with start([*words, "--json"], tmp_path, clean_environment) as process:
        again = json.loads(process.communicate(timeout=SECONDS)[0])
    assert process.returncode == 0
    assert "bucket pixelater-code-bucket" not in [
        change["resource"] for change in again["changes"] if change["action"] == "create"
    ]
    with start(["status", "--endpoint-url", moto], tmp_path, clean_environment) as process:
        process.communicate(timeout=SECONDS)
    assert process.returncode == 0


def test_emulating_photos_leaves_whole_mosaics_and_nothing_else(
    tmp_path: Path, clean_environment: Environment, snapshot: Snapshot
) -> None:
    for number in range(40):
        (tmp_path / f"{number}.png").write_bytes(encode(make_noise("RGB", (300, 300), number)))
    with start(["emulate", "."], tmp_path, clean_environment) as process:
        wait_for(tmp_path / "pixelated", process)
        done = interrupt(process)
    assert (done.code, done.err) == (130, snapshot)
