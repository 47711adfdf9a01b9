"""Owns which commands there are, and loads one when it is called: the others cost no time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from pixelater_cli.help import GroupedCommand

SECTIONS = {
    "On this machine": {
        "run": "Pixelate photos on this machine.",
        "emulate": "Run the whole pipeline on this machine.",
        "doctor": "Say what works on this machine, and how to mend the rest.",
    },
    "In AWS, or at the endpoint of a stand-in": {
        "deploy": "Create the AWS pipeline, or bring it up to date.",
        "status": "Show what there is of a stack, and how it does.",
        "push": "Upload photos to a stack, and fetch their mosaics.",
        "logs": "Show the function's log.",
        "failures": "List what failed, try it again, or drop it.",
        "backfill": "Make mosaics of photos that were in the bucket before.",
        "rollback": "Let the version before run again.",
        "destroy": "Remove a stack.",
        "package": "Build the function's zip, as deploy would, and show what is in it.",
    },
}
"""The commands, each with the first line of its help: the overview loads none of them."""

NAMES = tuple(name for section in SECTIONS.values() for name in section)
NARROWEST = 24


def choose_width(columns: int) -> int | None:
    """Choose how wide help pages are: Typer's own choice, None, is never less than 50 columns."""
    return max(NARROWEST, columns - 2) if columns < 52 else None


SETTINGS: dict[str, Any] = {
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
"""What Typer is told for the program, and again for each command."""


class _Commands(Mapping[str, Any]):
    """Commands by name, each loaded when it is asked for."""

    def __getitem__(self, name: str) -> Any:
        if name not in NAMES:
            raise KeyError(name)
        return load(name)

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


class LazyGroup(TyperGroup):
    """The program's commands, in sections."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Commands()  # type: ignore[assignment] # nobody adds to it

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer calls it so
        """List the commands without loading them."""
        return list(NAMES)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write the sections of the overview."""
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()))


def load(name: str) -> Any:
    """Load a command, with the options that every command has."""
    from pixelater_cli.commands.options import list_common_options

    function = getattr(import_module(f"pixelater_cli.commands.{name}"), name)
    single = typer.Typer(add_completion=False, **SETTINGS)
    single.command(name, cls=GroupedCommand)(function)
    command = get_command(single)
    ends_with_json = command.params[-1].name == "json"
    command.params[-1 if ends_with_json else len(command.params) :] = [
        *list_common_options(),
        *(command.params[-1:] if ends_with_json else ()),
    ]
    return command
