"""Owns the settings of a stack outside the command line: pixelater.toml, and names of variables.

The keys of the file are the options of `pixelater deploy`, with - or _ between words. What the
command line or the environment says goes before what the file says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pixelater_cli.errors import BadSetting, UnusablePath, UsageError
from pixelater_cli.local.files import read_whole

CONFIG_NAME = "pixelater.toml"
MAX_BYTES = 1_000_000

NOT_TEXT, NOT_NUMBER, NOT_SWITCH = "not text", "not a whole number", "neither true nor false"
"""What a value is not that is of another kind."""

CONFIG_KEYS = {
    "architecture": NOT_TEXT,
    "concurrency": NOT_NUMBER,
    "destination-bucket": NOT_TEXT,
    "endpoint-url": NOT_TEXT,
    "grids": NOT_TEXT,
    "log-days": NOT_NUMBER,
    "max-pixels": NOT_NUMBER,
    "memory": NOT_NUMBER,
    "mirror-deletes": NOT_SWITCH,
    "plain-names": NOT_SWITCH,
    "prefix": NOT_TEXT,
    "profile": NOT_TEXT,
    "region": NOT_TEXT,
    "runtime": NOT_TEXT,
    "smoke-test": NOT_SWITCH,
    "source-bucket": NOT_TEXT,
    "stack": NOT_TEXT,
    "suffix": NOT_TEXT,
}
"""The settings, each with the kind of its value; a test holds them against `deploy`."""

KIND_HINTS = {
    NOT_TEXT: "Put it in quotes.",
    NOT_NUMBER: "Write it in digits only, like 512.",
    NOT_SWITCH: "Write true or false, without quotes.",
}

OTHER_VARIABLES = ("PIXELATER_CONFIG", "PIXELATER_FAILURES")
"""Variables of ours that are no settings: the file's name, and one that only the function has."""


def load_config(path: Path) -> dict[str, Any]:
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


def find_misspelled_variables(variables: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Find variables that look like one of ours, and are none: each with the one it looks like."""
    known = [f"PIXELATER_{name.upper().replace('-', '_')}" for name in CONFIG_KEYS]
    known += OTHER_VARIABLES
    strange = [name for name in sorted(variables) if name.startswith("PIXELATER_")]
    for name in (one for one in strange if one not in known):
        from difflib import get_close_matches

        nearest = get_close_matches(name, known, n=1, cutoff=0.85)
        yield from ((name, one) for one in nearest)


def _read_value(path: Path, name: str, value: object) -> object:
    """Read a value as the command line would write it: [8, 16] is "8,16". Raises UsageError."""
    option = name.replace("_", "-")
    if option not in CONFIG_KEYS:
        raise _refuse_name(path, name)
    if option == "grids" and isinstance(value, list):
        return ",".join(str(one) for one in value)
    if option == "grids" and type(value) is int:
        return str(value)
    kind = CONFIG_KEYS[option]
    # Text goes for a number, too: the option reads it. True is an int in Python, not in TOML.
    if isinstance(value, str) or type(value) is {NOT_NUMBER: int, NOT_SWITCH: bool}.get(kind):
        return value
    told = str(value).lower() if isinstance(value, bool) else str(value)
    raise BadSetting(
        option,
        f"{told} is {kind}",
        KIND_HINTS[kind],
        place=f"{path}: {name}",
    )


def _refuse_name(path: Path, name: str) -> UsageError:
    from difflib import get_close_matches

    nearest = get_close_matches(name, CONFIG_KEYS, n=1)
    hint = f"Did you mean {nearest[0]}?" if nearest else f"There are: {', '.join(CONFIG_KEYS)}."
    return UsageError(f"{path}: there is no setting {name}", hint)
