"""The look of mosaics that command line, variables, pixelater.toml and presets say.

What the command line says takes precedence over variables, and those over the file. In each of
these layers, options take precedence over its preset, and a preset over the layers below.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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
    from pixelater_cli.results.presets import ShownPreset

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
    presets = _find_presets(context)
    collected: GivenWords = context.meta.get(GIVEN, {})
    preset = collected.get("preset")
    merged: GivenWords = {}
    for layer in LAYERS:
        if preset and preset.layer == layer:
            merged = _merge(merged, _choose_preset(preset, presets))
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

    path, presets = context.find_root().obj, _find_presets(context)
    rules = []
    for number, words in enumerate(_get_configuration(context).rules, 1):
        merged: GivenWords = dict(settings.given)
        own = _place(words, "", f"{path}: rule {number}: ")
        prefix = own.pop("prefix").word
        if "preset" in own:
            merged = _merge(merged, _choose_preset(own.pop("preset"), presets))
        look, _ = _parse(_merge(merged, _refuse_both(own)))
        rules.append(Rule(prefix, look))
    return replace(settings, rules=tuple(rules))


def list_presets(context: Any, name: str | None = None) -> Iterator[ShownPreset]:
    """List the presets, or one of them. Raises UsageError for one that cannot be used."""
    from pixelater_cli.results.presets import ShownPreset

    known = _find_presets(context)
    if name is not None and name not in known:
        close = get_close_matches(name, known, n=1)
        hint = f"Did you mean {close[0]}?" if close else _find_hint("preset")
        raise UsageError(f"{name!r} is not a preset", hint)
    for each in known if name is None else [name]:
        preset = known[each]
        _parse(preset.words)
        words = {option: given.word for option, given in preset.words.items()}
        yield ShownPreset(each, preset.purpose, preset.source, words)


class _FoundPreset(NamedTuple):
    """A preset; `source` is the file, or "" for one that is built in."""

    words: GivenWords
    purpose: str = ""
    source: str = ""


def _find_presets(context: Any) -> dict[str, _FoundPreset]:
    """Return the presets that are built in, and those of the file. Raises UsageError."""
    from pixelater.presets import PRESETS

    path, own = context.find_root().obj, _get_configuration(context).presets
    for name in own:
        if name in PRESETS:
            raise UsageError(f"{path}: presets.{name} is built in", "Choose another name.")
    found = {
        name: _FoundPreset(_place(preset.words, "", f"preset {name}: "), preset.purpose)
        for name, preset in PRESETS.items()
    }
    for name, words in own.items():
        found[name] = _FoundPreset(_place(words, "", f"{path}: presets.{name}: "), "", str(path))
    return found


def _place(words: Mapping[str, str], layer: str, where: str) -> GivenWords:
    return {option: GivenWord(word, layer, where + option) for option, word in words.items()}


def _get_configuration(context: Any) -> Configuration:
    found: Configuration = context.meta.get(CONFIGURATION, Configuration())
    return found


def _choose_preset(given: GivenWord, known: Mapping[str, _FoundPreset]) -> GivenWords:
    """Return the words of a preset. Raises BadSetting."""
    if given.word not in known:
        raise _refuse("preset", given, f"{given.word!r} is not a preset", known)
    return known[given.word].words


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


def _refuse(option: str, given: GivenWord, problem: str, choices: Iterable[str]) -> BadSetting:
    """Return the error of a word that cannot be used."""
    others = [choice for choice in choices if choice != given.word]
    close = get_close_matches(given.word, others, n=1)
    hint = f"Did you mean {close[0]}?" if close else _find_hint(option)
    place = "" if given.place == f"--{option}" else given.place
    return BadSetting(option, problem, hint, place=place)


def _find_hint(option: str) -> str:
    return next(each.hint for each in OPTIONS if each.name == option)


def _check_effect(given: GivenWords, look: Look) -> None:
    """Raise UsageError for options on the command line that have no effect."""
    useless = {
        "palette": ("dither", "dither-strength", "tone") if look.style.palette is None else (),
        "outline": () if look.style.outline else ("outline-color",),
    }
    for needed, options in useless.items():
        for option in options:
            if option in given and given[option].place == f"--{option}":
                example = ", such as --palette 16," if needed == "palette" else ""
                hint = f"Add --{needed}{example} or omit it."
                raise UsageError(f"--{option} has no effect without --{needed}", hint)


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
