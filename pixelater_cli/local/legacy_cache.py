"""Run caches of pixelater 0.1.0: Python literals where there are JSON lines today.

A cache of 0.1.0 tells which files are mosaics, so that they are replaced without --force. What it
calls up to date is made again: its settings name the code that made it. The next cache that is
saved for the same output folder takes its place.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from pixelater_cli.errors import UnusablePath
from pixelater_cli.local.files import read_whole


def load_legacy_lines(path: Path, max_bytes: int) -> dict[str, str]:
    """Load a cache of 0.1.0 as entries in JSON, by the names of photos; skip damaged lines.

    A line is the name and the entry, written by ascii() and separated by a tab.
    """
    if not os.path.lexists(path):
        return {}
    from ast import literal_eval

    lines: dict[str, str] = {}
    with suppress(UnusablePath, UnicodeDecodeError):
        for line in read_whole(path, max_bytes).decode("ascii").splitlines():
            name, _, entry = line.partition("\t")
            # The last three: for nesting that is too deep, and for literals that JSON lacks.
            with suppress(ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
                lines[str(literal_eval(name))] = json.dumps(literal_eval(entry))
    return lines
