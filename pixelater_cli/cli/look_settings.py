"""The look of mosaics that command line, variables, pixelater.toml and presets say.

What the command line says takes precedence over variables, and those over the file. In each of
these layers, options take precedence over its preset, and a preset over the layers below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixelater_cli import console
from pixelater_cli.cli.config import CONFIGURATION, Configuration, Words
from pixelater_cli.cli.look_options import (
    GIVEN,
    OPTIONS,
    GivenWord,
    list_choices,
    names_file,
)
from pixelater_cli.errors import BadSetting, UnusablePath, UsageError

if TYPE_CHECKING:
    from pixelater.look import Look, Rule

LAYERS = ("DEFAULT_MAP", "ENVIRONMENT", "COMMANDLINE")
"""From the lowest to the highest, by Typer's names."""

OTHER = {"grids": "cell-size", "cell-size": "grids"}
"""Options of which one replaces the other."""

GivenWords = dict[str, GivenWord]


@dataclass(frozen=True)
class LookSettings:
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


def read_look(context: Any) -> LookSettings:
    """Read the look of a command's mosaics. Raises BadSetting."""
    configuration = _get_configuration(context)
    collected: GivenWords = context.meta.get(GIVEN, {})
    preset = collected.get("preset")
    merged: GivenWords = {}
    for layer in LAYERS:
        if preset and preset.layer == layer:
            merged = _merge(merged, _find_preset(preset, configuration, context.find_root().obj))
        options = {
            option: given
            for option, given in collected.items()
            if given.layer == layer and option != "preset"
        }
        merged = _merge(merged, _refuse_both(options))
    look, given = _parse(merged)
    _check_effect(given, look)
    return LookSettings(look, given)


def read_rules(context: Any, settings: LookSettings) -> LookSettings:
    """Add the rules of the file to the settings of a command. Raises BadSetting."""
    from dataclasses import replace

    from pixelater.look import Rule

    path = context.find_root().obj
    configuration = _get_configuration(context)
    rules = []
    for number, words in enumerate(configuration.rules, 1):
        place = f"{path}: rule {number}"
        merged: GivenWords = dict(settings.given)
        own = {
            option: GivenWord(word, place, f"{place}: {option}") for option, word in words.items()
        }
        prefix = own.pop("prefix").word
        if "preset" in own:
            merged = _merge(merged, _find_preset(own.pop("preset"), configuration, path))
        look, _ = _parse(_merge(merged, _refuse_both(own)))
        rules.append(Rule(prefix, look))
    return replace(settings, rules=tuple(rules))


def _get_configuration(context: Any) -> Configuration:
    found: Configuration = context.meta.get(CONFIGURATION, Configuration())
    return found


def _find_preset(given: GivenWord, configuration: Configuration, path: Path) -> GivenWords:
    """Return the words of a preset, its own before those of the file. Raises BadSetting."""
    from pixelater.presets import PRESETS

    name = given.word
    if name in PRESETS:
        words, place = PRESETS[name].words, given.place
    elif name in configuration.presets:
        words, place = configuration.presets[name], f"{path}: presets.{name}"
    else:
        problem = f"{name!r} is not a preset"
        raise _refuse("preset", given, problem, list_choices("preset", configuration.presets))
    return {
        option: GivenWord(word, given.layer, f"{place}: {option}") for option, word in words.items()
    }


def _merge(below: GivenWords, above: GivenWords) -> GivenWords:
    """Return the words of two layers: grids above replace a cell size below.

    >>> word = GivenWord("8", "", "")
    >>> list(_merge({"grids": word, "format": word}, {"cell-size": word}))
    ['format', 'cell-size']
    """
    replaced = {OTHER[option] for option in above if option in OTHER}
    kept = {option: given for option, given in below.items() if option not in replaced}
    return kept | above


def _refuse_both(options: GivenWords) -> GivenWords:
    """Return the options of a layer. Raises BadSetting if grids and a cell size are among them."""
    if "grids" in options and "cell-size" in options:
        problem = f"replaces {options['grids'].place}, which is set, too"
        raise BadSetting("cell-size", problem, "Omit one.", place=options["cell-size"].place)
    return options


def _parse(given: GivenWords) -> tuple[Look, GivenWords]:
    """Parse the words of a look; a palette's file is replaced by its colors. Raises BadSetting."""
    from pixelater.look import BadLook, parse_look

    given = {
        option: _read_file(word) if option == "palette" and names_file(word.word) else word
        for option, word in given.items()
    }
    try:
        return parse_look({option: word.word for option, word in given.items()}), given
    except BadLook as error:
        raise _refuse(
            error.name, given[error.name], str(error), list_choices(error.name)
        ) from error


def _read_file(given: GivenWord) -> GivenWord:
    """Return the colors of a palette's file as a word. Raises BadSetting."""
    from pixelater.look import WORDS
    from pixelater.palette.files import MAX_BYTES, parse_palette
    from pixelater.palette.palette import BadPalette
    from pixelater_cli.local.files import read_whole

    path = Path(given.word)
    try:
        palette = parse_palette(read_whole(path, MAX_BYTES), "")
    except (UnusablePath, BadPalette) as error:
        hint = getattr(error, "hint", "") or "Save it as .hex, .gpl or .png."
        raise BadSetting("palette", f"{path}: {error}", hint, place=given.place) from error
    return given._replace(word=WORDS["palette"].format(palette))


def _refuse(option: str, given: GivenWord, problem: str, choices: tuple[str, ...]) -> BadSetting:
    """Return the error of a word that cannot be used."""
    close = get_close_matches(given.word, choices, n=1)
    hint = next(each.hint for each in OPTIONS if each.name == option)
    hint = f"Did you mean {close[0]}?" if close else hint
    place = "" if given.place == f"--{option}" else given.place
    return BadSetting(option, problem, hint, place=place)


def _check_effect(given: GivenWords, look: Look) -> None:
    """Raise UsageError for options on the command line that have no effect."""
    if look.style.palette is not None:
        return
    for option in ("dither", "dither-strength", "tone"):
        if option in given and given[option].place == f"--{option}":
            hint = "Add --palette, such as --palette 16, or omit it."
            raise UsageError(f"--{option} has no effect without --palette", hint)


def note_file_settings(context: Any) -> None:
    """Print which settings a command takes from the file of the current folder.

    A file that the user has named is no news.
    """
    root = context.find_root()
    taken = [
        parameter.name.replace("_", "-")
        for parameter in context.command.params
        if get_source(context, parameter.name) == "DEFAULT_MAP"
    ]
    if taken and get_source(root, "config") == "DEFAULT":
        console.note(f"settings from {root.obj}: {', '.join(taken)}")


def get_source(context: Any, name: str) -> str:
    """Return Typer's name of the layer that a parameter's value is from."""
    source = context.get_parameter_source(name)
    return source.name if source else ""


def refuse_looks(settings: LookSettings) -> None:
    """Raise UsageError for looks that stacks cannot have yet: all but grids."""
    others = [given.place for option, given in settings.given.items() if option != "grids"]
    if others:
        raise UsageError(f"{others[0]}: not deployed yet", "Omit it, or use pixelater run.")
