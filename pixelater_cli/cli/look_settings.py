"""The look of mosaics that command line, variables, pixelater.toml and presets say.

What the command line says takes precedence over variables, and those over the file. In each of
these layers, options take precedence over its preset, and a preset over the layers below.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pixelater_cli import console
from pixelater_cli.cli.config import CONFIGURATION, Configuration, Words
from pixelater_cli.cli.look_options import GIVEN, GivenWord
from pixelater_cli.cli.look_words import (
    GivenWords,
    merge_words,
    parse_words,
    place_words,
    refuse_both,
)
from pixelater_cli.errors import BadSetting, UsageError

if TYPE_CHECKING:
    from pixelater.look import Look, Rule
    from pixelater_cli.aws.photo_settings import LookFields

LAYERS = ("DEFAULT_MAP", "ENVIRONMENT", "COMMANDLINE")
"""From the lowest to the highest, by Typer's names."""


class LookSettings(NamedTuple):
    """A look, and what it was read from.

    `given` are the words that are not defaults because something says so; a palette is given as its
    colors. `rules` are those of the file, complete: each inherits the look.
    """

    look: Look
    given: Mapping[str, GivenWord]
    rules: tuple[Rule, ...] = ()

    @property
    def words(self) -> Words:
        """The words that were given."""
        return {option: given.word for option, given in self.given.items()}

    def get_option(self, option: str) -> str:
        """Return the word of an option that is on the command line, or ""."""
        given = self.given.get(option)
        return given.word if given and given.place == f"--{option}" else ""


def read_look(context: Any) -> LookSettings:
    """Read the look of a command's mosaics. Raises UsageError."""
    collected: GivenWords = context.meta.get(GIVEN, {})
    preset = collected.get("preset")
    merged: GivenWords = {}
    for layer in LAYERS:
        if preset and preset.layer == layer:
            merged = merge_words(merged, _choose_preset(preset, context))
        options = {
            option: given
            for option, given in collected.items()
            if given.layer == layer and option != "preset"
        }
        merged = merge_words(merged, refuse_both(options))
    look, given = parse_words(merged)
    _check_effect(given, look)
    return LookSettings(look, given)


def read_rules(context: Any, settings: LookSettings) -> LookSettings:
    """Add the rules of the file to the settings of a command. Raises UsageError."""
    from pixelater.look import Rule

    path = context.find_root().obj
    rules = []
    for number, words in enumerate(get_configuration(context).rules, 1):
        merged: GivenWords = dict(settings.given)
        own = place_words(words, f"{path}: rule {number}: ")
        prefix = own.pop("prefix").word
        if "preset" in own:
            merged = merge_words(merged, _choose_preset(own.pop("preset"), context))
        look, _ = parse_words(merge_words(merged, refuse_both(own)))
        rules.append(Rule(prefix, look))
    return settings._replace(rules=tuple(rules))


def get_configuration(context: Any) -> Configuration:
    """Return the settings file that a command has read, or an empty one."""
    found: Configuration = context.meta.get(CONFIGURATION, Configuration())
    return found


def _choose_preset(given: GivenWord, context: Any) -> GivenWords:
    from pixelater.presets import PRESETS
    from pixelater_cli.cli.own_presets import choose_preset

    words = choose_preset(given, get_configuration(context), context.find_root().obj)
    if context.command.name == "run":  # `read_regions` reads the regions of built-in ones.
        if words.get("only"):
            problem = f"{given.word} hides regions, which run takes from the command line only"
            hint = f"Add --only {words['only'].word}, or choose another preset."
            raise BadSetting("preset", problem, hint, place=given.place)
        return words
    regions = PRESETS[given.word].regions if given.word in PRESETS else {}
    return {**words, **place_words(regions, f"preset {given.word}: ")}


def _check_effect(given: GivenWords, look: Look) -> None:
    """Raise UsageError for options on the command line that have no effect."""
    from pixelater.look import FILE_FIELDS, REDACTION_WORDS

    redaction = look.redaction
    useless = {
        "palette": ("dither", "dither-strength", "tone") if look.style.palette is None else (),
        "outline": () if look.style.outline else ("outline-color",),
        "only": () if redaction else [name for name in REDACTION_WORDS if name != "only"],
        "solid": ("solid-color",) if redaction and not redaction.solid else (),
    }
    examples = {"palette": ", such as --palette 16,", "only": " faces"}
    for needed, options in useless.items():
        for option in options:
            if option in given and given[option].place == f"--{option}":
                hint = f"Add --{needed}{examples.get(needed, '')} or omit it."
                raise UsageError(f"--{option} has no effect without --{needed}", hint)
    for option, word in given.items():
        whole = option not in (*FILE_FIELDS, *REDACTION_WORDS)
        if redaction and whole and word.place == f"--{option}":
            raise UsageError(
                f"--{option} is for whole photos, and only regions are hidden",
                "Omit it, or add --only none.",
            )


def note_file_settings(context: Any, unused: Container[str] = ()) -> None:
    """Print which settings a command takes from the file of the current folder.

    A file that the user has named is no news. Parameters that are `unused` are not taken.
    """
    root = context.find_root()
    taken = [
        parameter.name.replace("_", "-")
        for parameter in context.command.params
        if parameter.name not in unused and get_source(context, parameter.name) == "DEFAULT_MAP"
    ]
    if context.command.name == "emulate" and get_configuration(context).rules:
        taken.append("rules")
    if taken and get_source(root, "config") == "DEFAULT":
        console.note_unless_quiet(f"settings from {root.obj}: {', '.join(taken)}")


def get_source(context: Any, name: str) -> str:
    """Return Typer's name of the layer that a parameter's value is from."""
    source = context.get_parameter_source(name)
    return source.name if source else ""


def read_stack_looks(context: Any) -> LookFields:
    """Read the looks of a command that deploys, rules included. Raises BadSetting."""
    from pixelater_cli.aws.stack_looks import make_settings

    settings = read_rules(context, read_look(context))
    grids = settings.look.grids if "grids" in settings.given else ()
    return make_settings(settings.look, settings.rules, grids)
