"""Owns the output shown in the documentation: runs the command of each ```console block.

    python docs/refresh_output.py

A test runs the same commands and compares, numbers aside (tests/functional/test_docs.py).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pixelater_cli.commands.deploy import CHANGES_PENDING
from pixelater_cli.emulator import moto_service

ROOT = Path(__file__).parents[1]
PAGES = tuple(ROOT / name for name in ("README.md", "docs/COMMANDS.md", "docs/DEPLOY.md"))
BLOCK = re.compile(r"```console\n\$ pixelater (?P<arguments>[^\n]*)\n(?P<output>.*?)```", re.DOTALL)
SHOWN_ENDPOINT = "http://localhost:4566"


def main() -> None:
    """Write the output of every command into its page."""
    for page in PAGES:
        page.write_text(BLOCK.sub(lambda block: show(block["arguments"]), page.read_text()))


def show(arguments: str) -> str:
    """Give the block of one command with its output as it is now."""
    return f"```console\n$ pixelater {arguments}\n{run(arguments)}```"


def run(arguments: str) -> str:
    """Run a command beside a copy of examples/, with an empty S3 and Lambda as its endpoint."""
    environment = os.environ | {
        "COLUMNS": "80",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "lambda")]),
    }
    with tempfile.TemporaryDirectory() as folder, moto_service.serve() as url:
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


if __name__ == "__main__":
    main()
