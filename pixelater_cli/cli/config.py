"""Settings outside the command line: pixelater.toml, and environment variables.

The keys of the file are the options of `pixelater deploy`, with - or _ between words; `run` and
`emulate` take those of mosaics. What the command line or the environment says takes precedence over
the file. Tables below `presets` name looks, and the tables of the array `rules` are looks of keys
with a prefix; `look_settings` reads both.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from pixelater_cli.cli.look_options import LOOK_NAMES, OPTIONS, format_variable, names_file
from pixelater_cli.errors import BadSetting, UnusablePath, UsageError
from pixelater_cli.local.files import read_whole

CONFIG_NAME = "pixelater.toml"
MAX_BYTES = 1_000_000

MOSAIC_KEYS = ("preset", *LOOK_NAMES, "max-memory", "max-pixels", "max-seconds", "max-written")
"""The settings of mosaics, which `run` and `emulate` take, too."""

PIPELINE_KEYS = frozenset(option.name for option in OPTIONS if "run" not in option.commands)
"""Those of them that `run` does not take: a file must not weaken what it hides."""

TAKEN = {
    "run": tuple(key for key in MOSAIC_KEYS if key not in PIPELINE_KEYS),
    "emulate": (*MOSAIC_KEYS, "cache-control"),
}
"""Commands that do not take all settings -> those that they take.

`emulate` does not take `cors`: with it, a downloaded file would let a page of others read buckets.
"""

CONFIG_KEYS = (
    *MOSAIC_KEYS,
    "architecture",
    "cache-control",
    "concurrency",
    "cors",
    "destination-bucket",
    "endpoint-url",
    "function-role",
    "kms-key",
    "log-days",
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

PREFIX = "PIXELATER_"
OTHER_VARIABLES = {"CONFIG", "FAILURES"}
"""Other variables of pixelater: the file's name, and one that only the function has."""


EXAMPLE = 'Settings look like this: memory = 512, or: prefix = "in/"'

Value = str | list[str]
Words = dict[str, str]

CONFIGURATION = "pixelater.configuration"
"""Key in Typer's `meta`: the Configuration that was loaded."""


class Configuration(NamedTuple):
    """What a file says: `values` by the names of options, and the words of presets and rules.

    Each rule has its `prefix`, and it may have a `preset`. Values of looks are not checked yet.
    """

    values: Mapping[str, Value] = MappingProxyType({})
    presets: Mapping[str, Words] = MappingProxyType({})
    rules: tuple[Words, ...] = ()

    def choose(self, command: str) -> dict[str, Value]:
        """Return what a command takes, by the names of parameters: log_days.

        `emulate` has options of stacks that are elsewhere: they are taken from the command line. So
        are the options of `run` that say what is hidden: a file must not weaken them.
        """
        return {
            option.replace("-", "_"): value
            for option, value in self.values.items()
            if command not in TAKEN or option in TAKEN[command]
        }


def load_config(path: Path) -> Configuration:
    """Read the settings of a file. Raises UsageError."""
    import tomllib

    try:
        found = tomllib.loads(read_whole(path, MAX_BYTES).decode("utf-8-sig"))
    except UnusablePath as error:
        raise UsageError(f"{path}: {error}", "Name another with --config.") from error
    except (
        ValueError,
        RecursionError,
    ) as error:  # ValueError also for numbers of thousands of digits.
        raise UsageError(f"{path} is not TOML: {error}", EXAMPLE) from error
    presets = _read_presets(path, found.pop("presets", {}))
    rules = _read_rules(path, found.pop("rules", []))
    return Configuration(_read_table(path, "", found, CONFIG_KEYS), presets, rules)


def _read_presets(path: Path, found: Any) -> dict[str, Words]:
    if not isinstance(found, dict) or not all(isinstance(each, dict) for each in found.values()):
        hint = 'Write a table: [presets.small] and below it: size = "native"'
        raise UsageError(f"{path}: presets are not tables", hint)
    if found:
        from pixelater.presets import PRESETS

        for name in sorted(PRESETS.keys() & found.keys()):
            raise UsageError(f"{path}: presets.{name} is built in", "Choose another name.")
    return {
        name: _read_words(path, f"presets.{name}: ", table, LOOK_NAMES)
        for name, table in found.items()
    }


def _read_rules(path: Path, found: Any) -> tuple[Words, ...]:
    example = 'Write an array of tables: [[rules]] and below it: prefix = "in/"'
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise UsageError(f"{path}: rules are not tables", example)
    keys = ("prefix", "preset", *LOOK_NAMES)
    rules: list[Words] = []
    for number, table in enumerate(found, 1):
        rule = _read_words(path, f"rule {number}: ", table, keys)
        if not isinstance(table.get("prefix"), str):
            raise UsageError(f"{path}: rule {number} has no prefix", example)
        for before, other in enumerate(rules, 1):
            if rule["prefix"].startswith(other["prefix"]):
                problem = f"rule {number} has no effect: rule {before} matches its keys first"
                raise UsageError(f"{path}: {problem}", f"Move it before rule {before}.")
        rules.append(rule)
    return tuple(rules)


def _read_words(path: Path, where: str, table: Mapping[str, Any], keys: tuple[str, ...]) -> Words:
    words = _read_table(path, where, table, keys)
    return {option: word for option, word in words.items() if isinstance(word, str)}


def _read_table(
    path: Path, where: str, table: Mapping[str, Any], keys: tuple[str, ...]
) -> dict[str, Value]:
    """Read a table by the names of options; `where` in the file names it. Raises UsageError."""
    options = {name: name.replace("_", "-") for name in table}
    values: dict[str, Value] = {}
    for name, option in options.items():
        if option not in keys:
            known = keys if where else (*keys, "presets", "rules")
            raise _refuse_name(path, where, name, known)
        if option in values:
            raise UsageError(f"{path}: {where}{option} is set twice", "Omit one of them.")
        values[option] = _format_value(path, where, option, table[name])
    return values


def find_misspelled_variables(variables: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Find variables that look like misspelled ones of pixelater, each with the correct name."""
    known = {format_variable(key).removeprefix(PREFIX) for key in CONFIG_KEYS} | OTHER_VARIABLES
    for name in sorted(variables):
        word = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and word not in known:
            from difflib import get_close_matches

            nearest = get_close_matches(word, sorted(known), n=1, cutoff=0.75)
            yield from ((name, PREFIX + meant) for meant in nearest)


def _format_value(path: Path, where: str, option: str, value: object) -> Value:
    """Return a value as on the command line: "8,16" for [8, 16]. Raises UsageError.

    Tags may be written as `tag = ["team=imaging"]` or as a table, `tag = {team = "imaging"}`. The
    path of a palette begins at the folder of the file; a list has its colors, with or without #.
    """
    if option == "grids" and isinstance(value, list):
        return ",".join(map(str, value))
    if option == "palette" and isinstance(value, list):
        return ",".join(f"#{str(color).removeprefix('#')}" for color in value)
    if option == "cors" and isinstance(value, list | str):
        return [_format_word(each) for each in (value if isinstance(value, list) else [value])]
    if option == "tag":
        tags = value if isinstance(value, dict) else {}
        values = value if isinstance(value, list) else list(tags.values()) or [value]
        if not any(isinstance(each, dict | list) for each in values):
            names = [f"{key}=" for key in tags] or [""] * len(values)
            return [start + _format_word(each) for start, each in zip(names, values, strict=True)]
    if isinstance(value, (dict, list)):
        place = f"{path}: {where}{option}"
        hint = (
            "Write tables of presets like this: [presets.NAME]" if option == "preset" else EXAMPLE
        )
        raise BadSetting(option, "not a single value", hint, place=place)
    if option == "palette" and isinstance(value, str) and names_file(value):
        return os.path.join(path.parent, value)  # noqa: PTH118 - keeps ./
    return _format_word(value)


def _format_word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refuse_name(path: Path, where: str, name: str, keys: tuple[str, ...]) -> UsageError:
    from difflib import get_close_matches

    nearest = get_close_matches(name, keys, n=1)
    hint = f"Did you mean {nearest[0]}?" if nearest else f"Settings: {', '.join(sorted(keys))}."
    return UsageError(f"{path}: {where}no such setting: {name}", hint)
