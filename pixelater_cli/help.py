"""Owns how a command's help page is laid out: its options in groups, each under its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand

if TYPE_CHECKING:
    from collections.abc import Iterable

OTHER = "Options"


class GroupedCommand(TyperCommand):
    """A command whose help page groups options by their `rich_help_panel`, in plain text."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, then each group of options, then the options of no group."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                is_argument = parameter.param_type_name == "argument"
                group = getattr(parameter, "rich_help_panel", None) or OTHER
                groups.setdefault("Arguments" if is_argument else group, []).append(record)
        for name in _sort(groups):
            with formatter.section(name):
                formatter.write_dl(groups[name])


def _sort(groups: Iterable[str]) -> list[str]:
    """Put what every command has at the end."""
    return sorted(groups, key=lambda name: (name != "Arguments", name == OTHER))
