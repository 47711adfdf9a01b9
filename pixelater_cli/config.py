"""Owns the settings of a stack outside the command line: pixelater.toml, and names of variables.

The keys of the file are the options of `pixelater deploy`, with - or _ between words. What the
command line or the environment says goes before what the file says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pixelater_cli.errors import BadSetting, UnusablePath, UsageError
from pixelater_cli.whole import read_whole

NAME = "pixelater.toml"
MAX_BYTES = 1_000_000

TEXT, NUMBER, SWITCH = "not text", "not a whole number", "neither true nor false"
"""What a value is not that is of another kind."""

SETTINGS = {
    "architecture": TEXT,
    "concurrency": NUMBER,
    "destination-bucket": TEXT,
    "endpoint-url": TEXT,
    "grids": TEXT,
    "log-days": NUMBER,
    "max-pixels": NUMBER,
    "memory": NUMBER,
    "mirror-deletes": SWITCH,
    "plain-names": SWITCH,
    "prefix": TEXT,
    "profile": TEXT,
    "region": TEXT,
    "runtime": TEXT,
    "smoke-test": SWITCH,
    "source-bucket": TEXT,
    "stack": TEXT,
    "suffix": TEXT,
}
"""The settings, each with the kind of its value; a test holds them against `deploy`."""

HINTS = {
    TEXT: "Put it in quotes.",
    NUMBER: "Write it in digits only, like 512.",
    SWITCH: "Write true or false, without quotes.",
}

OTHER_VARIABLES = ("PIXELATER_CONFIG", "PIXELATER_FAILURES")
"""Variables of ours that are no settings: the file's name, and one that only the function has."""


def read_settings(path: Path) -> dict[str, Any]:
    """Read the settings of a file, by the names of the parameters that take them, as log_days.

    Raises UsageError.
    """
    import tomllib

    try:
        found = tomllib.loads(read_whole(path, MAX_BYTES).decode("utf-8-sig"))
    except UnusablePath as error:
        raise UsageError(f"{path}: {error}", "Name another with --config.") from error
    except (ValueError, RecursionError) as error:  # Also for numbers of thousands of digits.
        hint = 'Settings look like this: memory = 512, or: prefix = "in/"'
        raise UsageError(f"{path} is no TOML: {error}", hint) from error
    return {name.replace("-", "_"): _read_value(path, name, value) for name, value in found.items()}


def find_misspelt(variables: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Find variables that look like one of ours, and are none: each with the one it looks like."""
    known = [f"PIXELATER_{name.upper().replace('-', '_')}" for name in SETTINGS]
    known += OTHER_VARIABLES
    strange = [name for name in sorted(variables) if name.startswith("PIXELATER_")]
    for name in (one for one in strange if one not in known):
        from difflib import get_close_matches

        nearest = get_close_matches(name, known, n=1, cutoff=0.85)
        yield from ((name, one) for one in nearest)


def _read_value(path: Path, name: str, value: object) -> object:
    """Read a value as the command line would write it: [8, 16] is "8,16". Raises UsageError."""
    option = name.replace("_", "-")
    if option not in SETTINGS:
        raise _refuse_name(path, name)
    if option == "grids" and isinstance(value, list):
        return ",".join(str(one) for one in value)
    if option == "grids" and type(value) is int:
        return str(value)
    kind = SETTINGS[option]
    # Text goes for a number, too: the option reads it. True is an int in Python, not in TOML.
    if isinstance(value, str) or type(value) is {NUMBER: int, SWITCH: bool}.get(kind):
        return value
    told = str(value).lower() if isinstance(value, bool) else str(value)
    raise BadSetting(
        option,
        f"{told} is {kind}",
        HINTS[kind],
        place=f"{path}: {name}",
    )


def _refuse_name(path: Path, name: str) -> UsageError:
    from difflib import get_close_matches

    nearest = get_close_matches(name, SETTINGS, n=1)
    hint = f"Did you mean {nearest[0]}?" if nearest else f"There are: {', '.join(SETTINGS)}."
    return UsageError(f"{path}: there is no setting {name}", hint)
