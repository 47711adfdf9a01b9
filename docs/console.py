"""Console blocks of the pages: what a command prints, as cog writes it into a page.

A page asks for a block in a comment (https://cog.readthedocs.io):

    <!-- [[[cog from docs.console import show; show(cog, "run --help") ]]] -->
    <!-- [[[end]]] -->

`python -m cogapp -r README.md docs/*/*.md` writes the blocks again, and a test runs
`cog --check` (tests/functional/test_docs.py). Seconds and sizes differ between machines and
versions of libraries: a block in which nothing else has changed is left as it is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MEASURED = re.compile(r"\d+(\.\d+)?(?= (s|ms|kB|MB)\b)")
PADDING = re.compile(r"[ ─]+")
SHOWN_CODES = (0, 3)
"""Exit codes of commands that a page shows: done, and changes to do."""


def show(cog: Any, arguments: str) -> None:
    """Write the ```console block of a pixelater command, with `cog`, the module of cog itself."""
    block = f"```console\n$ pixelater {arguments}\n{run(arguments)}```\n"
    cog.out(keep_measured(block, cog.previous))


def keep_measured(block: str, previous: str) -> str:
    """Return the previous block if only measured values and the widths they need have changed.

    >>> keep_measured("1 photo, 347 kB (0.21 s)", "1 photo, 351 kB (0.2 s)")
    '1 photo, 351 kB (0.2 s)'
    >>> keep_measured("2 photos, 347 kB (0.21 s)", "1 photo, 351 kB (0.2 s)")
    '2 photos, 347 kB (0.21 s)'
    """
    if MEASURED.search(block) and _without_measured(block) == _without_measured(previous):
        return previous
    return block


def _without_measured(text: str) -> str:
    return PADDING.sub(" ", MEASURED.sub("N", text))


def run(arguments: str) -> str:
    """Run a command next to a copy of examples/; return what it prints on stdout and stderr.

    Raises CalledProcessError for an exit code that no page should show.
    """
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "examples", Path(folder, "examples"))
        done = subprocess.run(
            [sys.executable, "-m", "pixelater_cli", *arguments.split()],
            cwd=folder,
            env=make_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode not in SHOWN_CODES:
        raise subprocess.CalledProcessError(done.returncode, arguments, done.stdout)
    return done.stdout


def make_environment() -> dict[str, str]:
    """Return an environment without the settings of this user, 80 columns wide."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "BOTO", "PIXELATER_"))
    }
    return kept | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "COLUMNS": "80",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "lambda")]),
    }
