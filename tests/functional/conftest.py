"""What functional tests share: the command line in a process of its own, and a moto server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from pixelater_cli.emulator.moto_adapter import server
from pixelater_cli.local.run_cache import UNSETTLED_NS
from tests.documents import check_output
from tests.functional.lambdas import Bench, start_bench
from tests.functional.running import Running, start_running
from tests.pictures import encode, make_scene

ROOT = Path(__file__).parents[2]
SECONDS = 120


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


Environment = dict[str, str]
Pixelater = Callable[..., Done]
Connect = Callable[[str], Any]


@pytest.fixture
def clean_environment(tmp_path: Path, pytestconfig: pytest.Config) -> Environment:
    """An environment without AWS settings; downloads are kept from one test run to the next."""
    cache = pytestconfig.cache
    assert cache is not None
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "BOTO", "COLUMNS", "PIXELATER_"))
    }
    return environment | {
        "HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(cache.mkdir("pixelater")),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "lambda")]),
        "PYTHONWARNDEFAULTENCODING": "",
        "PIXELATER_SMOKE_TEST": "0",  # moto runs no functions.
    }


@pytest.fixture
def pixelater(tmp_path: Path, clean_environment: Environment) -> Pixelater:
    """Run a pixelater command in an empty folder, as a person would; JSON is checked."""

    def run(*arguments: str | Path, **environment: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "pixelater_cli", *arguments],
            cwd=tmp_path,
            env=clean_environment | environment,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        check_output(arguments, done.returncode, done.stdout.decode())
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@contextmanager
def start(
    arguments: Sequence[str], folder: Path, environment: Environment
) -> Iterator[subprocess.Popen[str]]:
    """Start a command as the first of a process group of its own, as shells do.

    Whatever becomes of the test, it is gone at the end.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "pixelater_cli", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A small JPEG in the folder where commands run."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(encode(make_scene(), "JPEG"))
    return path


def settle() -> None:
    """Wait until files just written are old enough for a run to remember them."""
    time.sleep(UNSETTLED_NS / 1e9)


@pytest.fixture
def moto() -> Iterator[str]:
    """A moto server, empty, on a free port of this machine: its URL."""
    with server.serve() as url:
        yield url


@pytest.fixture
def connect(moto: str) -> Callable[[str], Any]:
    """Make a client for a service of the moto server."""

    def make_client(service: str) -> Any:
        return boto3.client(
            service,
            "us-east-1",
            endpoint_url=moto,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    return make_client


@pytest.fixture
def bench() -> Iterator[Bench]:
    """An emulator with nothing in it."""
    with start_bench() as one:
        yield one


@pytest.fixture
def running(pixelater: Pixelater) -> Iterator[Running]:
    """An emulator with a stack in it."""
    with start_running(pixelater) as one:
        yield one
