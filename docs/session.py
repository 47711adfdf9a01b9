"""Owns a shell in which the commands of a page run one after the other, as its reader would type.

They share a folder with a copy of examples/, what is exported, and a `pixelater emulate` once the
page starts one.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SERVE = re.compile(r"pixelater emulate( --json)?")
READY = re.compile(r"Ctrl-C ends it\.\n\n|\{.*\}\n")
SHOWN_PORT = 4566
SECONDS = 120
END = "-- end of the output: "


class SessionError(Exception):
    """A command of a page does not do what the page is about."""


@dataclass
class Session:
    """The shell, its folder, and the free port that stands for the one shown."""

    shell: subprocess.Popen[str]
    folder: Path
    port: int

    def run(self, command: str, codes: Collection[int] = (0, 3)) -> str:
        """Run a command; give what it prints on stdout and stderr. Raises SessionError.

        Another exit code is an error (3: changes to do); a page shows one with `; echo $?`.
        """
        if SERVE.fullmatch(command):
            return self._serve(command)
        output = self._ask(self._swap(command, SHOWN_PORT, self.port))
        output, _, code = output.rpartition(END)
        output = self._swap(output.removesuffix("\n"), self.port, SHOWN_PORT)
        if int(code) not in codes:
            raise SessionError(f"{command}: exit code {code}: {output}")
        return output

    def read_log(self) -> str:
        """Read what the emulator has printed."""
        return self._swap((self.folder / "emulator.log").read_text(), self.port, SHOWN_PORT)

    def _serve(self, command: str) -> str:
        """Leave the emulator running in the background; give what it says first."""
        (self.folder / "emulator.log").touch()
        program = f"{sys.executable} -m pixelater_cli{command.removeprefix('pixelater')}"
        self._ask(f"{program} --port {self.port} >emulator.log 2>&1 &")
        deadline = time.monotonic() + SECONDS
        while not (said := READY.search(self.read_log())):
            if time.monotonic() > deadline:
                raise SessionError(f"{command}: {self.read_log()}")
            time.sleep(0.1)
        return self.read_log()[: said.end()].rstrip("\n") + "\n"

    def _ask(self, command: str) -> str:
        assert self.shell.stdin is not None  # noqa: S101 - it is a pipe
        self.shell.stdin.write(f"{{ {command}\n}} </dev/null\nprintf '\\n{END}%s\\n' $?\n")
        self.shell.stdin.flush()
        lines = []
        for line in self.shell.stdout or ():
            lines.append(line)
            if line.startswith(END):
                return "".join(lines)
        raise SessionError(f"the shell ended at: {command}")

    def _swap(self, text: str, old: int, new: int) -> str:
        return text.replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}")


@contextmanager
def open_session() -> Iterator[Session]:
    """Open a shell; at the end everything that runs in it is ended, and its folder gone."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "BOTO", "PIXELATER_"))
    } | {"COLUMNS": "80", "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "lambda")])}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "examples", folder / "examples")
        shell = subprocess.Popen(
            ["sh"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            session = Session(shell, folder, _find_port())
            session.run(f'pixelater() {{ {sys.executable} -m pixelater_cli "$@"; }}')
            yield session
        finally:
            _end(shell)


def _end(shell: subprocess.Popen[str]) -> None:
    """End the emulator, if one runs, and then the shell."""
    try:
        shell.communicate('test -z "$!" || kill $!; wait\n', timeout=SECONDS)
    except subprocess.TimeoutExpired:
        if sys.platform != "win32":
            os.killpg(shell.pid, signal.SIGKILL)
        raise


def _find_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
