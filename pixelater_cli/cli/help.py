"""Owns how a command meets its reader: its help page in groups, and where a wrong value came from.

Typer groups options only with rich, which takes longer to load than the whole command line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from pixelater_cli.errors import BadSetting, on_interrupt

if TYPE_CHECKING:
    from collections.abc import Iterable

OTHER = "Options"
RUN_AGAIN = "run the command again"


class GroupedCommand(TyperCommand):
    """A command whose help page groups options by their `rich_help_panel`, in plain text.

    A wrong value that comes from the environment or from pixelater.toml is told as such. Ctrl-C
    ends it with one line.
    """

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, then each group of options, then the options of no group."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                record = record[0], _word_range(record[1])
                is_argument = parameter.param_type_name == "argument"
                group = getattr(parameter, "rich_help_panel", None) or OTHER
                groups.setdefault("Arguments" if is_argument else group, []).append(record)
        for name in _sort(groups):
            with formatter.section(name):
                formatter.write_dl(groups[name])

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Write what is required without the braces that Typer puts around it."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line, the environment and the file. Raises BadSetting."""
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            option: Any = error.param
            if type(error) is not typer.BadParameter or option.param_type_name != "option":
                raise  # What is missing, or an argument, Typer tells well.
            name = _name_option(option)
            place, problem = _find_place(ctx, option, name), _word_problem(error.message)
            raise BadSetting(
                name, problem, f"See: {ctx.command_path} --help", place=place
            ) from error

    def invoke(self, ctx: Any) -> Any:
        """Carry the command out. Raises BadSetting and Interrupted, too."""
        root = ctx.find_root()
        if root.default_map:
            import logging

            logging.getLogger(__name__).debug("read %s", root.obj)
        try:
            with on_interrupt(RUN_AGAIN):
                return super().invoke(ctx)
        except BadSetting as error:
            for parameter in self.params:
                if not error.place and _name_option(parameter) == error.option:
                    error.place = _find_place(ctx, parameter, error.option)
            raise


def _name_option(parameter: Any) -> str:
    """Name an option as people write it, without hyphens before it."""
    return str(max(parameter.opts, key=len)).lstrip("-")


def _find_place(ctx: Any, parameter: Any, option: str) -> str:
    """Say where a value came from, if not from the command line."""
    source = ctx.get_parameter_source(parameter.name)
    origin = source.name if source else ""
    if origin == "DEFAULT_MAP":
        return f"{ctx.find_root().obj}: {option}"
    if origin == "ENVIRONMENT":
        return str(parameter.envvar)
    return ""


def _word_range(text: str) -> str:
    """Put Typer's ranges into words.

    >>> _word_range("Of JPEG.  [default: 90; 1<=x<=100]"), _word_range("[x>=1]")
    ('Of JPEG.  [default: 90; 1 to 100]', '[at least 1]')
    """
    text = re.sub(r"([\d.]+)<=x<=([\d.]+)\]$", r"\1 to \2]", text)
    return re.sub(r"x>=([\d.]+)\]$", r"at least \1]", text)


def _word_problem(text: str) -> str:
    """Put what Typer says of a wrong value into words.

    >>> _word_problem("64 is not in the range 128<=x<=10240.")
    '64 is not from 128 to 10240'
    >>> _word_problem("'much' is not a valid int range.")
    "'much' is not a whole number"
    """
    text = text.rstrip(".")
    text = re.sub(r"is not a valid (int|integer)( range)?$", "is not a whole number", text)
    text = re.sub(r"is not a valid float( range)?$", "is not a number", text)
    text = re.sub(r"is not in the range ([\d.]+)<=x<=([\d.]+)$", r"is not from \1 to \2", text)
    return re.sub(r"is not in the range x>=([\d.]+)$", r"is less than \1", text)


def _sort(groups: Iterable[str]) -> list[str]:
    """Put what every command has at the end."""
    return sorted(groups, key=lambda name: (name != "Arguments", name == OTHER))
