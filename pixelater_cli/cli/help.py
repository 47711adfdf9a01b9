"""Help pages whose options are grouped, and the places that wrong values come from.

Typer groups options only with rich, which takes longer to load than the whole command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from pixelater_cli.cli.hints import repeat_options
from pixelater_cli.cli.trust import require_trust
from pixelater_cli.cli.usage_errors import describe_bad_value, suggest_choice, word_range
from pixelater_cli.errors import BadSetting, Interrupted, PixelaterError, on_interrupt

if TYPE_CHECKING:
    from collections.abc import Iterable

OTHER = "Options"
RUN_AGAIN = "run the command again"

OPTIONAL_VALUES = {"--print-policy": "deployer"}
"""Options whose value may be omitted, with that value. Typer has none."""


class GroupedCommand(TyperCommand):
    """A command whose help page groups options by their `rich_help_panel`, in plain text.

    The message about a wrong value names the variable or the file that it comes from. Ctrl-C ends
    the command with one line.
    """

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, then each group of options, then the options of no group."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                is_argument = parameter.param_type_name == "argument"
                group = getattr(parameter, "rich_help_panel", None) or OTHER
                record = (record[0], word_range(record[1]))
                groups.setdefault("Arguments" if is_argument else group, []).append(record)
        for name in _sort(groups):
            with formatter.section(name):
                formatter.write_dl(groups[name])

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the pieces without the braces that Typer puts around required arguments."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line, the environment and the file. Raises BadSetting."""
        try:
            return super().parse_args(ctx, complete_values(args))
        except typer.BadParameter as error:
            option: Any = error.param
            if type(error) is not typer.BadParameter or option.param_type_name != "option":
                raise  # Typer's message about a missing option or an argument needs no place.
            name = _name_option(option)
            problem = describe_bad_value(error)
            hint = suggest_choice(error) or f"See: {ctx.command_path} --help"
            raise BadSetting(name, problem, hint, place=_find_place(ctx, option, name)) from error

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Raises PixelaterError with the options of the user in its hint."""
        root = ctx.find_root()
        if root.default_map:
            import logging

            logging.getLogger(__name__).debug("read %s", root.obj)
        try:
            with on_interrupt(RUN_AGAIN):
                require_trust(ctx)
                return super().invoke(ctx)
        except PixelaterError as error:
            if isinstance(error, BadSetting):
                error.hint = error.hint or f"See: {ctx.command_path} --help"
            error.hint = repeat_options(error.hint, ctx)
            if isinstance(error, Interrupted):
                error.args = (repeat_options(str(error), ctx),)
            if isinstance(error, BadSetting) and not error.place:
                for parameter in self.params:
                    if _name_option(parameter) == error.option:
                        error.place = _find_place(ctx, parameter, error.option)
            raise


def _name_option(parameter: Any) -> str:
    """Return the long form of an option, without hyphens before it."""
    return str(max(parameter.opts, key=len)).lstrip("-")


def _find_place(ctx: Any, parameter: Any, option: str) -> str:
    """Return where a value comes from: "" for the command line."""
    source = ctx.get_parameter_source(parameter.name)
    origin = source.name if source else ""
    if origin == "DEFAULT_MAP":
        return f"{ctx.find_root().obj}: {option}"
    if origin == "ENVIRONMENT":
        return str(parameter.envvar)
    return ""


def _sort(groups: Iterable[str]) -> list[str]:
    """Sort groups: arguments first, the options of every command last."""
    return sorted(groups, key=lambda name: (name != "Arguments", name == OTHER))


def complete_values(words: list[str]) -> list[str]:
    """Return the words of a command line, with the values that may be omitted.

    >>> complete_values(["--print-policy", "--stack", "mine"])
    ['--print-policy', 'deployer', '--stack', 'mine']
    """
    completed = []
    for word, following in zip(words, [*words[1:], "--"], strict=False):
        completed.append(word)
        if word in OPTIONAL_VALUES and following.startswith("-"):
            completed.append(OPTIONAL_VALUES[word])
    return completed
