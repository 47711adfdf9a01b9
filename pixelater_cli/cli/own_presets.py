"""Presets: those built in, and those of the settings file."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from pixelater.presets import PRESETS
from pixelater_cli.cli.config import Configuration
from pixelater_cli.cli.look_options import GivenWord
from pixelater_cli.cli.look_words import (
    GivenWords,
    find_hint,
    parse_words,
    place_words,
    refuse,
    refuse_both,
)
from pixelater_cli.errors import UsageError
from pixelater_cli.results.presets import ShownPreset


def choose_preset(given: GivenWord, configuration: Configuration, path: Path) -> GivenWords:
    """Return the words of a preset; the settings file is at `path`. Raises UsageError."""
    name = given.word
    if name in PRESETS:
        return place_words(PRESETS[name].words, f"preset {name}: ")
    own = configuration.presets
    if name not in own:
        raise refuse("preset", given, f"{name!r} is not a preset", (*PRESETS, *own))
    return refuse_both(place_words(own[name], f"{path}: presets.{name}: "))


def list_presets(
    configuration: Configuration, path: Path, wanted: str | None = None
) -> Iterator[ShownPreset]:
    """List all presets, or the one that is wanted. Raises UsageError for one that is wrong."""
    known = [*PRESETS, *configuration.presets]
    if wanted is not None and wanted not in known:
        close = get_close_matches(wanted, known, n=1)
        hint = f"Did you mean {close[0]}?" if close else find_hint("preset")
        raise UsageError(f"{wanted!r} is not a preset", hint)
    for name in known if wanted is None else [wanted]:
        given = choose_preset(GivenWord(name, "", ""), configuration, path)
        parse_words(given)
        is_own = name in configuration.presets
        yield ShownPreset(
            name,
            purpose="" if is_own else PRESETS[name].purpose,
            source=str(path) if is_own else "",
            options={option: word.word for option, word in given.items()}
            | ({} if is_own else PRESETS[name].regions),
        )
