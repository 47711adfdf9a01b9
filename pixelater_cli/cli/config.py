"""Settings of a stack outside the command line: pixelater.toml, and environment variables.

The keys of the file are the options of `pixelater deploy`, with - or _ between words. What the
command line or the environment says takes precedence over the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pixelater_cli.errors import BadSetting, UnusablePath, UsageError
from pixelater_cli.local.files import read_whole

CONFIG_NAME = "pixelater.toml"
MAX_BYTES = 1_000_000

CONFIG_KEYS = (
    "architecture",
    "concurrency",
    "destination-bucket",
    "endpoint-url",
    "function-role",
    "grids",
    "kms-key",
    "log-days",
    "max-memory",
    "max-pixels",
    "max-seconds",
    "max-written",
    "memory",
    "mirror-deletes",
    "permissions-boundary",
    "plain-names",
    "prefix",
    "profile",
    "region",
    "role-path",
    "runtime",
    "smoke-test",
    "source-bucket",
    "stack",
    "suffix",
    "tag",
)
"""The settings of `deploy`, as a test verifies: the options convert their values."""

OTHER_VARIABLES = ("PIXELATER_CONFIG", "PIXELATER_FAILURES")
"""Other variables of pixelater: the file's name, and one that only the function has."""


def load_config(path: Path) -> dict[str, str | list[str]]:
    """Read the settings of a file, by the names of the parameters: log_days. Raises UsageError."""
    import tomllib

    try:
        found = tomllib.loads(read_whole(path, MAX_BYTES).decode("utf-8-sig"))
    except UnusablePath as error:
        raise UsageError(f"{path}: {error}", "Name another with --config.") from error
    except (
        ValueError,
        RecursionError,
    ) as error:  # ValueError also for numbers of thousands of digits.
        hint = 'Settings look like this: memory = 512, or: prefix = "in/"'
        raise UsageError(f"{path} is not TOML: {error}", hint) from error
    return {
        name.replace("-", "_"): _format_value(path, name, value) for name, value in found.items()
    }


def find_misspelled_variables(variables: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Find variables that look like misspelled ones of pixelater, each with the correct name."""
    known = [f"PIXELATER_{name.upper().replace('-', '_')}" for name in CONFIG_KEYS]
    known += OTHER_VARIABLES
    for name in sorted(variables):
        if name.startswith("PIXELATER_") and name not in known:
            from difflib import get_close_matches

            nearest = get_close_matches(name, known, n=1, cutoff=0.85)
            yield from ((name, meant) for meant in nearest)


def _format_value(path: Path, name: str, value: object) -> str | list[str]:
    """Return a value as on the command line: "8,16" for [8, 16]. Raises UsageError.

    Tags may be written as `tag = ["team=imaging"]` or as a table, `tag = {team = "imaging"}`.
    """
    option = name.replace("_", "-")
    if option not in CONFIG_KEYS:
        raise _refuse_name(path, name)
    if option == "grids" and isinstance(value, list):
        return ",".join(map(str, value))
    if option == "tag":
        tags = value if isinstance(value, dict) else {}
        values = value if isinstance(value, list) else list(tags.values()) or [value]
        if not any(isinstance(each, dict | list) for each in values):
            names = [f"{key}=" for key in tags] or [""] * len(values)
            return [start + _format_word(each) for start, each in zip(names, values, strict=True)]
    if isinstance(value, (dict, list)):
        hint = 'Settings look like this: memory = 512, or: prefix = "in/"'
        raise BadSetting(option, "not a single value", hint, place=f"{path}: {name}")
    return _format_word(value)


def _format_word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refuse_name(path: Path, name: str) -> UsageError:
    from difflib import get_close_matches

    nearest = get_close_matches(name, CONFIG_KEYS, n=1)
    hint = f"Did you mean {nearest[0]}?" if nearest else f"Settings: {', '.join(CONFIG_KEYS)}."
    return UsageError(f"{path}: no such setting: {name}", hint)
