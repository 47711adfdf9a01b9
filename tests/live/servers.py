"""Servers for tests: a Python for them, their virtual environments, their processes."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from pixelater_cli.local.files import locked

START_SECONDS = 90
STOP_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running server: its address, and the Lambda runtime that its Python stands for."""

    endpoint_url: str
    runtime: str


@dataclass(frozen=True)
class Python:
    """An interpreter, and its version: 3.`minor`."""

    path: str
    minor: int

    @property
    def runtime(self) -> str:
        """Lambda's name for this Python."""
        return f"python3.{self.minor}"


def find_python(minors: Sequence[int], purpose: str) -> Python:
    """Return this Python, one on the PATH, or one of pyenv; the first of `minors` is preferred."""
    if sys.version_info.minor in minors:
        return Python(sys.executable, sys.version_info.minor)
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for minor in minors:
        name = f"python3.{minor}"
        for found in (shutil.which(name), *root.glob(f"versions/3.{minor}.*/bin/{name}")):
            if found and runs(found):
                return Python(str(found), minor)
    versions = " or ".join(f"3.{minor}" for minor in minors)
    raise RuntimeError(f"{purpose} needs Python {versions}: install it, e.g. with pyenv or uv")


def runs(python: str | Path) -> bool:
    """Return whether an interpreter starts: pyenv's shims exist for versions that it refuses."""
    try:
        return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0
    except OSError:  # It does not exist, or what its virtual environment was made with does not.
        return False


def install(python: Python, requirements: Sequence[str], cache: Path) -> Path:
    """Return the `bin` folder of a virtual environment with these requirements, made once.

    Other test processes wait until it is complete.
    """
    digest = hashlib.sha256("\n".join(requirements).encode()).hexdigest()[:16]
    folder = cache / f"python3.{python.minor}-{digest}"
    programs, complete = folder / "bin", folder / "complete"
    cache.mkdir(parents=True, exist_ok=True)
    with locked(folder.with_suffix(".lock"), wait=True):
        if not (complete.exists() and runs(programs / "python")):
            subprocess.run([python.path, "-m", "venv", "--clear", folder], check=True)
            pip: list[str | Path] = [programs / "python", "-m", "pip", "install", "--quiet"]
            subprocess.run([*pip, *requirements], check=True)
            complete.touch()
    return programs


def choose_port() -> int:
    """Return a free port on the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def run_server(
    command: Sequence[str | Path], environment: Mapping[str, str], health: str, log: Path
) -> Iterator[None]:
    """Run a server in a process group of its own; begin when the URL `health` answers."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=log.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_for(process, health, log)
        yield
    finally:
        _stop(process)


def _wait_for(process: subprocess.Popen[bytes], health: str, log: Path) -> None:
    direct = build_opener(ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            direct.open(health, timeout=5).close()
        except (URLError, ConnectionError, TimeoutError):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        else:
            return


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a server to end, which ends its functions, too; kill what is left of its group."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    if sys.platform != "win32":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
