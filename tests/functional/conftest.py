"""What functional tests share: the command line, in this process or in one of its own; servers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NoReturn
from urllib.request import ProxyHandler, Request, build_opener

import boto3
import botocore.session
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.kms.models import kms_backends

from pixelater_cli.aws.package import builder
from pixelater_cli.aws.package.bytecode import compile_modules
from pixelater_cli.aws.package.detector_files import DetectorFiles
from pixelater_cli.emulator.http_server.dispatcher import RESET
from pixelater_cli.emulator.moto_adapter import server
from pixelater_cli.local.run_cache import UNSETTLED_NS
from tests.browser import find_chromium
from tests.documents import check_output
from tests.functional.command import SECONDS, Done, Environment, run_here, run_process
from tests.functional.lambdas import Bench, start_bench
from tests.functional.running import Running, start_running
from tests.pictures import encode, make_scene

__all__ = ["SECONDS", "Done", "Environment"]  # Tests import them here.

ROOT = Path(__file__).parents[2]

Pixelater = Callable[..., Done]
Connect = Callable[[str], Any]


@pytest.fixture
def clean_environment(tmp_path: Path, make_cache: Callable[[str], Path]) -> Environment:
    """An environment without AWS settings; downloads are kept from one test run to the next."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "BOTO", "COLUMNS", "PIXELATER_"))
    }
    return environment | {
        "HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(make_cache("pixelater")),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "lambda")]),
        "PYTHONWARNDEFAULTENCODING": "",
        "PIXELATER_SMOKE_TEST": "0",  # moto runs no functions.
    }


@pytest.fixture
def pixelater(tmp_path: Path, clean_environment: Environment) -> Pixelater:
    """Run a pixelater command in an empty folder, within this process; JSON is checked.

    That takes a fifth of the time of `cli_process`. Python's own variables have no effect.
    """

    def run(*arguments: str | Path, **environment: str) -> Done:
        done = run_here(arguments, tmp_path, clean_environment | environment)
        check_output(arguments, done.code, done.out)
        return done

    return run


@pytest.fixture
def cli_process(tmp_path: Path, clean_environment: Environment) -> Pixelater:
    """Run a pixelater command as `pixelater` does, but in a process, and with the real package.

    For tests of what a process does: its start, streams that are closed or full, signals, and
    variables that Python reads when it starts.
    """

    def run(*arguments: str | Path, **environment: str) -> Done:
        done = run_process(arguments, tmp_path, clean_environment | environment)
        check_output(arguments, done.code, done.out)
        return done

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


@pytest.fixture(scope="session", autouse=True)
def _shared_models() -> Iterator[None]:
    """Let all sessions of botocore share what they read of its models: they never change.

    Each command has a session; to read them anew is two thirds of a command's time.
    """
    read: dict[Any, Any] = {}
    make_loader = botocore.session.create_loader

    def share(search_path: str | None = None) -> Any:
        loader = make_loader(search_path)
        loader._cache = read
        return loader

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", share)
        yield


@pytest.fixture(scope="session")
def small_package() -> dict[str, Callable[..., Any]]:
    """What stands in for the building of the package: the engine alone, compiled once.

    The emulator's functions find Pillow where the tests do; where nothing runs, none is needed.
    """
    engine = builder.read_own_modules()
    compiled = cache(lambda runtime: compile_modules(engine, runtime))

    def gather_for_lambda(
        _runtime: str, _architecture: str, _cache: Path, detectors: DetectorFiles | None = None
    ) -> builder.Contents:
        return builder.Contents("", {**add(detectors), "PIL/__init__.py": b""}, level=0)

    def gather_for_emulator(detectors: DetectorFiles | None = None) -> builder.Contents:
        return builder.Contents(builder.local_runtime(), add(detectors), level=0)

    def add(detectors: DetectorFiles | None) -> Mapping[str, bytes]:
        if detectors is None:
            return engine
        return {**builder.read_own_modules(detectors), **detectors.list_files()}

    def compile_once(files: Mapping[str, bytes], runtime: str) -> Any:
        return compiled(runtime) if files is engine else compile_modules(files, runtime)

    return {
        "gather_for_lambda": gather_for_lambda,
        "gather_for_emulator": gather_for_emulator,
        "compile_modules": compile_once,
    }


@pytest.fixture(autouse=True)
def _package(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    small_package: dict[str, Callable[..., Any]],
) -> None:
    """Deploy a small package in this process, but in tests that are marked `real_package`."""
    if request.node.get_closest_marker("real_package") is None:
        for name, function in small_package.items():
            monkeypatch.setattr(builder, name, function)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A small JPEG in the folder where commands run."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(encode(make_scene(), "JPEG"))
    return path


@pytest.fixture
def chromium(report_missing: Callable[[str], NoReturn]) -> str:
    """The path of Chromium; tests that need it are skipped without."""
    found = find_chromium()
    if found is None:
        report_missing("Chromium is not on the PATH")
    return found


def settle() -> None:
    """Wait until files just written are old enough for a run to remember them."""
    time.sleep(UNSETTLED_NS / 1e9)


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    """A moto server for all tests of this process: its URL."""
    with server.serve() as url:
        yield url


@pytest.fixture
def moto(moto_server: str) -> str:
    """A moto server, empty, on a free port of this machine: its URL."""
    request = Request(f"{moto_server}{RESET}", method="POST")  # noqa: S310 (http)
    build_opener(ProxyHandler({})).open(request, timeout=SECONDS).close()
    make_keys()
    return moto_server


def make_keys(region: str = "us-east-1") -> None:
    """Make the KMS keys that tests name; only moto's own API can give a key its ID."""
    backend = kms_backends[DEFAULT_ACCOUNT_ID][region]
    for digit, alias in (("1", "alias/photos"), ("9", "alias/other")):
        key = backend.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "", None)
        key.id = f"{digit * 8}-2222-3333-4444-555555555555"
        backend.keys[key.id] = key
        backend.create_alias(key.id, alias)


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
