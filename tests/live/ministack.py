"""Owns a ministack for the tests: installed in a virtual environment of its own, served, ended.

ministack runs functions with its own Python, whatever runtime
they name, so that Python decides for which runtime to deploy.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest

REQUIREMENTS = ("ministack==1.5.33", "boto3==1.43.106")
"""boto3 is in Lambda's runtimes; ministack brings botocore only."""

MINORS = (13, 14, 12)
"""Of the Pythons that `pixelater deploy --runtime` knows; the first is its default."""

START_SECONDS = 60


@dataclass(frozen=True)
class Ministack:
    """A running ministack: its address, and the runtime that its Python can stand for."""

    endpoint_url: str
    runtime: str


@contextmanager
def serve_ministack(cache: Path, folder: Path) -> Iterator[Ministack]:
    """Serve on a free loopback port; `folder` takes its log and files. Skips without a Python."""
    python, minor = find_python()
    program = install(python, cache / f"{REQUIREMENTS[0]}-python3.{minor}")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2",  # Between the tries of an event that fails.
    }
    log = folder / "ministack.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program], env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_for(process, f"{url}/_ministack/health", log)
        yield Ministack(url, f"python3.{minor}")
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # Its functions run in processes of its group.
        process.wait()


def find_python() -> tuple[str, int]:
    """Find a Python that a Lambda runtime stands for: this one, one on the PATH, or of pyenv."""
    if sys.version_info[:2] in {(3, minor) for minor in MINORS}:
        return sys.executable, sys.version_info.minor
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for minor in MINORS:
        name = f"python3.{minor}"
        for found in (shutil.which(name), *root.glob(f"versions/3.{minor}.*/bin/{name}")):
            if found and runs(found):
                return str(found), minor
    pytest.skip("ministack needs Python 3.12, 3.13 or 3.14 to run the function with")


def runs(python: str | Path) -> bool:
    """Tell whether it starts: pyenv has a program for each version it knows of."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def install(python: str, folder: Path) -> Path:
    """Make a virtual environment with ministack, unless an earlier test run has."""
    program, complete = folder / "bin" / "ministack", folder / "complete"
    if not complete.exists():
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, *REQUIREMENTS], check=True)
        complete.touch()
    return program


def wait_for(process: subprocess.Popen[bytes], health: str, log: Path) -> None:
    direct = build_opener(ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            direct.open(health, timeout=5).close()
        except (URLError, ConnectionError):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        else:
            return
