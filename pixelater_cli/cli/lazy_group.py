"""The commands by name. Only the command that is called is loaded."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from pixelater_cli.cli.help import GroupedCommand
from pixelater_cli.cli.trust import make_trust_option
from pixelater_cli.cli.usage_errors import suggest_command
from pixelater_cli.errors import UsageError

SECTIONS = {
    "On this machine": {
        "run": "Pixelate photos on this machine.",
        "preview": "Make placeholders of photos for web pages and apps.",
        "emulate": "Run the whole pipeline on this machine.",
        "presets": "List the presets of looks.",
        "models": "List, install and remove the models of detectors.",
        "palette": "List and show palettes, or extract one from photos.",
        "doctor": "Check this machine's setup and suggest fixes.",
    },
    "In AWS, or on an AWS emulator": {
        "deploy": "Create or update the pipeline in AWS.",
        "status": "Show a stack's resources, traffic and errors.",
        "push": "Upload photos to a stack and download their mosaics.",
        "logs": "Show the function's log.",
        "failures": "List, retry or delete failed events.",
        "backfill": "Create mosaics of photos that were already in the bucket.",
        "rollback": "Roll back to the previous version.",
        "destroy": "Remove a stack.",
        "package": "Build the function's zip and list its contents.",
    },
}
"""The commands, each with the first line of its help, so that the overview loads none."""

COMMAND_NAMES = tuple(name for section in SECTIONS.values() for name in section)

STARTED = "pixelater.started"
"""Entry of a context's `meta`: when the command began, by time.monotonic."""

TYPER_SETTINGS: dict[str, Any] = {
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
"""Settings of Typer for the program and for each command."""


class LazyGroup(TyperGroup):
    """The program's commands, in sections."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer calls it so
        """List the commands without loading them."""
        return list(COMMAND_NAMES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Load a command."""
        return load_command(cmd_name) if cmd_name in COMMAND_NAMES else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command of a command line; `help COMMAND` is `COMMAND --help`.

        Raises UsageError.
        """
        if args[0] == "help":
            if not args[1:]:
                typer.echo(ctx.get_help())
                ctx.exit()
            args = [args[1], "--help"]
        if args[0] not in COMMAND_NAMES:
            hint = suggest_command(args[0], COMMAND_NAMES)
            raise UsageError(f"no such command: {args[0]}", hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write the sections of the overview."""
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()))


def load_command(name: str) -> Any:
    """Load a command, with the options that every command has."""
    from pixelater_cli.cli import look_options
    from pixelater_cli.cli.options import LIMITS, list_common_options

    function = getattr(import_module(f"pixelater_cli.commands.{name}"), name)
    single = typer.Typer(add_completion=False, **TYPER_SETTINGS)
    single.command(name, cls=GroupedCommand)(function)
    command = get_command(single)
    if name in look_options.COMMANDS:
        limits = next(i for i, each in enumerate(command.params) if _get_group(each) == LIMITS)
        command.params[limits:limits] = look_options.list_look_options(name)
    if name == "run":
        from pixelater_cli.cli.region_options import list_region_options

        limits = next(i for i, each in enumerate(command.params) if _get_group(each) == LIMITS)
        command.params[limits:limits] = list_region_options()
    connects = any(parameter.name == "endpoint_url" for parameter in command.params)
    # `emulate` does not read the file.
    trust = [make_trust_option()] if connects and name != "emulate" else []
    ends_with_json = command.params[-1].name == "json"
    command.params[-1 if ends_with_json else len(command.params) :] = [
        *trust,
        *list_common_options(),
        *(command.params[-1:] if ends_with_json else ()),
    ]
    return command


def _get_group(parameter: Any) -> str | None:
    return getattr(parameter, "rich_help_panel", None)
