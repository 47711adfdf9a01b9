"""Owns the output shown in the documentation: runs the commands of each ```console block.

    python docs/refresh_output.py [PAGE...]

A block with one command has a folder and an empty S3 and Lambda of its own. Where a page says that
it is one session, all its commands run in one shell, in their order (session.py); besides
```console blocks these are documents ("`COMMAND --json` prints:" and then ```json), of which lists
are cut to one item, and what a reader need not see: <!-- run: COMMAND -->.

A test runs the same commands and compares, numbers aside (tests/functional/test_docs.py).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from docs.session import Session, open_session
from pixelater_cli.emulator.moto_adapter import server
from pixelater_cli.results import CHANGES_PENDING

ROOT = Path(__file__).parents[1]
PAGES = tuple(ROOT / name for name in ("README.md", "docs/COMMANDS.md", "docs/DEPLOY.md"))
BLOCK = re.compile(r"```console\n\$ pixelater (?P<arguments>[^\n]*)\n(?P<output>.*?)```", re.DOTALL)
SHOWN_ENDPOINT = "http://localhost:4566"

COLUMNS = 88

ANY_CODE = range(4)
"""Documents tell of failures, too."""

SESSIONS = tuple(ROOT / name for name in ("docs/TUTORIAL.md", "docs/JSON.md"))
"""Pages whose commands build on one another."""

PART = re.compile(
    r"```console\n(?P<block>\$ .*?)```"
    r"|<!-- run: (?P<hidden>[^\n]*) -->"
    r"|(?P<lead>`(?P<command>pixelater [^`]* --json)` (?P<verb>prints|then prints):\n\n)"
    r"```json\n(?P<document>.*?)```",
    re.DOTALL,
)


def main() -> None:
    """Write the output of every command into its page."""
    wanted = [Path(name).resolve() for name in sys.argv[1:]] or [*PAGES, *SESSIONS]
    for page in wanted:
        text = page.read_text()
        if page in SESSIONS:
            page.write_text(play(text))
        else:
            page.write_text(BLOCK.sub(lambda block: show(block["arguments"]), text))


def show(arguments: str) -> str:
    """Give the block of one command with its output as it is now."""
    return f"```console\n$ pixelater {arguments}\n{run(arguments)}```"


def run(arguments: str) -> str:
    """Run a command beside a copy of examples/, with an empty S3 and Lambda as its endpoint."""
    environment = os.environ | {
        "COLUMNS": "80",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "lambda")]),
    }
    with tempfile.TemporaryDirectory() as folder, server.serve() as url:
        shutil.copytree(ROOT / "examples", Path(folder, "examples"))
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pixelater_cli",
                *arguments.replace(SHOWN_ENDPOINT, url).split(),
            ],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode not in (0, CHANGES_PENDING):
        raise subprocess.CalledProcessError(done.returncode, arguments, done.stdout)
    return done.stdout.decode().replace(url, SHOWN_ENDPOINT)


def play(page: str) -> str:
    """Give a page that is one session with the output of its commands as it is now."""
    with open_session() as session:
        return PART.sub(lambda part: _play_part(part, session), page)


def _play_part(part: re.Match[str], session: Session) -> str:
    if part["hidden"]:
        session.run(part["hidden"])
        return part[0]
    if part["document"] is not None:
        later = part["verb"] == "then prints"
        output = session.read_log() if later else session.run(part["command"], ANY_CODE)
        document = json.loads([one for one in output.splitlines() if one.startswith("{")][-1])
        return f"{part['lead']}```json\n{lay_out(cut(document))}\n```"
    commands = [line for line in part["block"].splitlines() if line.startswith("$ ")]
    shown = "".join(f"{one}\n{session.run(one[2:])}" for one in commands)
    return f"```console\n{shown}```"


def cut(value: Any) -> Any:
    """Cut the lists in a document to their first item."""
    if isinstance(value, dict):
        return {name: cut(one) for name, one in value.items()}
    return [cut(one) for one in value[:1]] if isinstance(value, list) else value


def lay_out(value: Any, indent: int = 0) -> str:
    """Write JSON with what fits into a line on one.

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
        items = [f"{json.dumps(name)}: {lay_out(one, indent + 2)}" for name, one in value.items()]
        begin, end = "{}"
    else:
        items = [lay_out(one, indent + 2) for one in value]
        begin, end = "[]"
    return begin + inner + f",{inner}".join(items) + "\n" + indent * " " + end


if __name__ == "__main__":
    main()
