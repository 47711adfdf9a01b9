"""Typer's usage errors as pixelater's own, with a hint that names what was probably meant."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Any

from pixelater_cli.errors import UsageError

OPTION_SYNONYMS = {
    "--check": "--plan",
    "--debug": "--verbose",
    "--dest": "--out",
    "--dry-run": "--plan",
    "--endpoint": "--endpoint-url",
    "--grid": "--grids",
    "--output": "--out",
    "--output-dir": "--out",
    "--overwrite": "--force",
    "--preview": "--show",
    "--silent": "--quiet",
    "--size": "--grids",
    "--stack-name": "--stack",
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

SIMILAR_ENOUGH = 0.75
"""--faces is not --force (0.71): an option that overwrites is not suggested for another word."""


def to_usage_error(error: Any, arguments: Sequence[str]) -> UsageError:
    """Return Typer's usage error as a UsageError whose hint names what was probably meant.

    `arguments` are the words of the command line. Typer has no public names for its errors: that
    for an unknown option has `possibilities`.
    """
    context = error.ctx
    command = context.command_path if context else "pixelater"
    if hasattr(error, "possibilities"):
        known = [name for parameter in context.command.params for name in parameter.opts]
        meant = suggest_option(error.option_name, known)
        hint = f"Did you mean {meant}? See: {command} --help" if meant else f"See: {command} --help"
        return UsageError(f"no such option: {error.option_name}", _hint_dashes(arguments) or hint)
    message = error.format_message()
    message = message[:1].lower() + message[1:].rstrip(".")
    return UsageError(message, f"See: {command} --help")


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


def _hint_dashes(arguments: Sequence[str]) -> str:
    """Return how to write the name of a file that was read as an option, or ""."""
    for word in arguments:
        if word.startswith("-") and len(word) > 1 and os.path.lexists(word):
            return f"The file {word} is written ./{word}"
    return ""
