"""Words of looks with the places that they are from: merged, parsed, and refused by place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from pixelater_cli.cli.look_choices import list_choices
from pixelater_cli.cli.look_options import OPTIONS, GivenWord, names_file
from pixelater_cli.errors import BadSetting, UnusablePath

if TYPE_CHECKING:
    from pixelater.look import Look

OTHER = {"grids": "cell-size", "cell-size": "grids"}
"""Options of which one replaces the other."""

NOT_A_PALETTE = (
    "Save it as .hex, .gpl or .png. The colors of a photo: "
    "pixelater palette extract photo.jpg --out colors.hex"
)
"""What to do about a file that is not a palette."""

GivenWords = dict[str, GivenWord]


def place_words(words: Mapping[str, str], where: str) -> GivenWords:
    """Return the words of a table; `where` begins the places of all."""
    return {option: GivenWord(word, "", where + option) for option, word in words.items()}


def merge_words(below: GivenWords, above: GivenWords) -> GivenWords:
    """Return the words of two layers: grids above replace a cell size below.

    >>> word = GivenWord("8", "", "")
    >>> list(merge_words({"grids": word, "format": word}, {"cell-size": word}))
    ['format', 'cell-size']
    """
    replaced = {OTHER[option] for option in above if option in OTHER}
    kept = {option: given for option, given in below.items() if option not in replaced}
    return kept | above


def refuse_both(options: GivenWords) -> GivenWords:
    """Return the options of a layer. Raises BadSetting if grids and a cell size are among them."""
    if "grids" in options and "cell-size" in options:
        problem = f"replaces {options['grids'].place}, which is set, too"
        raise BadSetting("cell-size", problem, "Omit one.", place=options["cell-size"].place)
    return options


def parse_words(given: GivenWords) -> tuple[Look, GivenWords]:
    """Parse the words of a look; a palette's file is replaced by its colors. Raises BadSetting."""
    from pixelater.look import BadLook, parse_look

    given = {
        option: _read_file(word) if option == "palette" and names_file(word.word) else word
        for option, word in given.items()
    }
    try:
        return parse_look({option: word.word for option, word in given.items()}), given
    except BadLook as error:
        option = error.name
        refused = refuse(option, given[option], str(error), list_choices(option))
        if option == "format" and "palette" in given and "palette" in str(error):
            refused.hint = "To keep the format, and all colors, add --palette none"
        raise refused from error


def _read_file(given: GivenWord) -> GivenWord:
    """Return the colors of a palette's file as a word. Raises BadSetting."""
    from pixelater.look import WORDS
    from pixelater.palette.files import MAX_BYTES, parse_palette
    from pixelater.palette.palette import BadPalette
    from pixelater_cli.local.files import read_whole

    problem, hint = "", ""
    try:
        palette = parse_palette(read_whole(Path(given.word), MAX_BYTES), "")
    except UnusablePath as error:
        problem, hint = str(error), "Check the path. Palettes without file: pixelater palette list"
    except BadPalette as error:
        problem, hint = str(error), NOT_A_PALETTE
    if problem:
        raise BadSetting("palette", f"{given.word}: {problem}", hint, place=given.place)
    return given._replace(word=WORDS["palette"].format(palette))


def refuse(option: str, given: GivenWord, problem: str, choices: Iterable[str]) -> BadSetting:
    """Return the error of a word that cannot be used."""
    others = [choice for choice in choices if choice != given.word]
    close = get_close_matches(given.word, others, n=1)
    hint = f"Did you mean {close[0]}?" if close else find_hint(option)
    place = "" if given.place == f"--{option}" else given.place
    return BadSetting(option, problem, hint, place=place)


def find_hint(option: str) -> str:
    """Return what to do about a wrong value of an option."""
    return next(each.hint for each in OPTIONS if each.name == option)
