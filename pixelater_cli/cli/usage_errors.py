"""Typer's usage errors as pixelater's own, with a hint that names what was probably meant."""

from __future__ import annotations

import itertools
import os
import re
import shlex
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Any

from pixelater_cli.errors import UsageError

OPTION_SYNONYMS = {
    "--check": "--plan",
    "--colors": "--palette",
    "--debug": "--verbose",
    "--dest": "--out",
    "--endpoint": "--endpoint-url",
    "--grid": "--grids",
    "--output": "--out",
    "--output-dir": "--out",
    "--overwrite": "--force",
    "--pixel-size": "--cell-size",
    "--preview": "--show",
    "--scale": "--size",
    "--silent": "--quiet",
    "--stack-name": "--stack",
    "--style": "--preset",
    "--threads": "--jobs",
    "--workers": "--jobs",
}
"""What users of other tools write -> the option here; suggested where the command has it."""

COMMAND_SYNONYMS = {
    "apply": "deploy",
    "build": "package",
    "check": "doctor",
    "convert": "run",
    "create": "deploy",
    "delete": "destroy",
    "down": "destroy",
    "log": "logs",
    "pixelate": "run",
    "remove": "destroy",
    "serve": "emulate",
    "start": "emulate",
    "up": "deploy",
    "upload": "push",
}
"""Verbs of other tools -> the command here."""

NUMBERS = {
    "int": "a whole number",
    "int range": "a whole number",
    "float": "a number",
    "float range": "a number",
}
"""Typer's names of the types of numbers -> words for users."""

SIMILAR_ENOUGH = 0.75
"""--faces is not --force (0.71): an option that overwrites is not suggested for another word."""


def to_usage_error(error: Any, arguments: Sequence[str], name: str = "") -> UsageError:
    """Return Typer's usage error as a UsageError whose hint names what was probably meant.

    `arguments` are the words of the command line, `name` is the command in them. Typer has no
    public names for its errors: that for an unknown option has `possibilities`, and that for a
    missing value has no context.
    """
    context = error.ctx
    command = context.command_path if context else f"pixelater {name}".rstrip()
    if hasattr(error, "possibilities"):
        known = [name for parameter in context.command.params for name in parameter.opts]
        meant = suggest_option(error.option_name, known)
        hint = f"Did you mean {meant}? See: {command} --help" if meant else f"See: {command} --help"
        return UsageError(f"no such option: {error.option_name}", _hint_dashes(arguments) or hint)
    message = error.format_message()
    message = message[:1].lower() + message[1:].rstrip(".")
    hint = _hint_grids(arguments) or suggest_choice(error) or f"See: {command} --help"
    return UsageError(message, hint)


def describe_bad_value(error: Any) -> str:
    """Return what is wrong with the value of an option; a number is described by its range."""
    kind = getattr(error.param, "type", None)
    name = getattr(kind, "name", "")
    if name == "boolean":
        return f"must be true or false, not {error.message.rpartition(' is not ')[0]}"
    number = NUMBERS.get(name)
    if number is None:
        message: str = error.message.rstrip(".")
        return message[:1].lower() + message[1:]
    written = error.message.rpartition(" is not ")[0]
    return f"must be {number}{describe_range(kind)}, not {written}"


def describe_range(kind: Any) -> str:
    """Return the limits of Typer's type of a number, or ""."""
    low, high = getattr(kind, "min", None), getattr(kind, "max", None)
    if low is None:
        return "" if high is None else f" of at most {high}"
    return f" of at least {low}" if high is None else f" from {low} to {high}"


def word_range(text: str) -> str:
    """Word the limits of a number in a help page of Typer.

    >>> word_range("JPEG quality.  [default: 80; 1<=x<=100]"), word_range("Days.  [x>=1]")
    ('JPEG quality.  [default: 80; 1 to 100]', 'Days.  [at least 1]')
    """
    text = re.sub(r"([\d.]+)<=x<=([\d.]+)(?=\])", r"\1 to \2", text)
    return re.sub(r"x>=([\d.]+)(?=\])", r"at least \1", text)


def suggest_choice(error: Any) -> str:
    """Return a hint for a word that is close to one of the values that are allowed, or ""."""
    choices = getattr(getattr(getattr(error, "param", None), "type", None), "choices", ())
    written = error.message.partition(" is not ")[0].strip("'\"")
    close = get_close_matches(written, choices, n=1)
    return f"Did you mean {close[0]}?" if close else ""


def suggest_option(written: str, known: Collection[str]) -> str:
    """Return the option that was probably meant, or "".

    >>> suggest_option("--output", ["--out", "--force"])
    '--out'
    >>> suggest_option("--faces", ["--out", "--force"])
    ''
    """
    meant = OPTION_SYNONYMS.get(written, "")
    if meant in known:
        return meant
    return next(iter(get_close_matches(written, known, n=1, cutoff=SIMILAR_ENOUGH)), "")


def suggest_command(written: str, commands: Collection[str]) -> str:
    """Return a hint for a word that is not a command: a path is probably a photo for `run`."""
    if os.path.lexists(written):
        return f"Did you mean: pixelater run {shlex.quote(written)}"
    close = get_close_matches(written, commands, n=1)
    meant = COMMAND_SYNONYMS.get(written) or next(iter(close), None)
    return f"Did you mean: pixelater {meant}" if meant else "See: pixelater --help"


def _hint_grids(arguments: Sequence[str]) -> str:
    """Return how to write numbers that follow --grids as separate words, or ""."""
    if "--grids" not in arguments:
        return ""
    numbers = itertools.takewhile(str.isdecimal, arguments[arguments.index("--grids") + 1 :])
    return join_grids(list(numbers))


def join_grids(numbers: Sequence[str]) -> str:
    """Return how to write several grids, or "" for fewer.

    >>> join_grids(["8", "16"])
    'Separate the numbers with commas: --grids 8,16'
    """
    return f"Separate the numbers with commas: --grids {','.join(numbers)}" if numbers[1:] else ""


def _hint_dashes(arguments: Sequence[str]) -> str:
    """Return how to write the name of a file that was read as an option, or ""."""
    for word in arguments:
        if word.startswith("-") and len(word) > 1 and os.path.lexists(word):
            return f"The file {word} is written ./{word}"
    return ""
