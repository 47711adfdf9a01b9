"""Pages that are one session: all commands of a page run in one shell, in their order.

    python -m docs.session [PAGE...]

writes the output of every command of these pages into them again. The commands share a folder
with a copy of examples/, what is exported, and a `pixelater emulate` once the page starts one, on
a free port that is shown as 4566. Run and replaced are

* ```console blocks with one or several commands,
* documents: "`COMMAND --json` prints:" and then ```json, with lists cut to their first item
  ("then prints": the newest line of the emulator that the command started),
* commands that a reader need not see: <!-- run: COMMAND -->.

A test runs the same commands and compares, numbers aside (tests/functional/test_docs.py).
"""

from __future__ import annotations

import json
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
from typing import Any

from docs.console import ROOT, make_environment

PAGES = tuple(ROOT / "docs" / name for name in ("tutorial/first-pipeline.md", "reference/json.md"))
PART = re.compile(
    r"```console\n(?P<block>\$ .*?)```"
    r"|<!-- run: (?P<hidden>[^\n]*) -->"
    r"|(?P<lead>`(?P<command>pixelater [^`]* --json)` (?P<verb>prints|then prints):\n\n)"
    r"```json\n(?P<document>.*?)```",
    re.DOTALL,
)
COLUMNS = 88
ANY_CODE = range(4)
"""Documents are shown of failures, too."""

SERVE = re.compile(r"pixelater emulate( --json)?")
READY = re.compile(r"Press Ctrl-C to stop\.\n\n|\{.*\}\n")
SHOWN_PORT = 4566
SECONDS = 120
END = "-- end of the output: "


def main() -> None:
    """Write the output of every command into its page."""
    for page in [Path(name) for name in sys.argv[1:]] or PAGES:
        page.write_text(play(page.read_text()))


def play(page: str) -> str:
    """Run the commands of a page; return the page with what they print now."""
    with open_session() as session:
        return PART.sub(lambda part: _play_part(part, session), page)


def _play_part(part: re.Match[str], session: Session) -> str:
    if part["hidden"]:
        session.run(part["hidden"])
        return part[0]
    if part["document"] is not None:
        later = part["verb"] == "then prints"
        output = session.read_log() if later else session.run(part["command"], ANY_CODE)
        document = json.loads([line for line in output.splitlines() if line.startswith("{")][-1])
        return f"{part['lead']}```json\n{lay_out(cut(document))}\n```"
    commands = [line for line in part["block"].splitlines() if line.startswith("$ ")]
    shown = "".join(f"{line}\n{session.run(line[2:])}" for line in commands)
    return f"```console\n{shown}```"


def cut(value: Any) -> Any:
    """Cut the lists in a document to their first item."""
    if isinstance(value, dict):
        return {name: cut(item) for name, item in value.items()}
    return [cut(item) for item in value[:1]] if isinstance(value, list) else value


def lay_out(value: Any, indent: int = 0) -> str:
    """Format JSON, with what fits into a line on one line.

    >>> print(lay_out({"number": 1, "words": [50 * "a", 50 * "b"]}))
    {
      "number": 1,
      "words": [
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
      ]
    }
    """
    short = json.dumps(value)
    if len(short) + indent <= COLUMNS or not isinstance(value, (dict, list)):
        return short
    inner = "\n" + (indent + 2) * " "
    if isinstance(value, dict):
        items = [f"{json.dumps(name)}: {lay_out(item, indent + 2)}" for name, item in value.items()]
        begin, end = "{}"
    else:
        items = [lay_out(item, indent + 2) for item in value]
        begin, end = "[]"
    return begin + inner + f",{inner}".join(items) + "\n" + indent * " " + end


class SessionError(Exception):
    """A command of a page fails, or does not start what the page needs."""


@dataclass
class Session:
    """The shell, its folder, and the free port that stands for the one shown."""

    shell: subprocess.Popen[str]
    folder: Path
    port: int

    def run(self, command: str, codes: Collection[int] = (0, 3)) -> str:
        """Run a command; return what it prints on stdout and stderr. Raises SessionError.

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
        """Start the emulator in the background; return what it prints first."""
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
    """Open a shell; at the end, stop everything that runs in it and remove its folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "examples", folder / "examples")
        shell = subprocess.Popen(
            ["sh"],
            cwd=folder,
            env=make_environment(),
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


if __name__ == "__main__":
    main()
