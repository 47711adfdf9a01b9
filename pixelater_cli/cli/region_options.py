"""The options of `run` that hide regions of photos instead of pixelating them whole."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.core import TyperOption

from pixelater_cli.cli import look_options
from pixelater_cli.cli.options import PathWord
from pixelater_cli.errors import BadSetting, UsageError

if TYPE_CHECKING:
    from pixelater.look import Look
    from pixelater.regions.hiding import Hiding
    from pixelater.regions.region import Region
    from pixelater_cli.cli.look_settings import LookSettings
    from pixelater_cli.local.region_job import RegionJob
    from pixelater_cli.video.pixelate import Audio

PANEL = "Regions (instead of whole photos)"
GIVEN = "pixelater.region-options"
"""Key in Typer's `meta`: the options that were given, by their names."""

MAX_BYTES = 10_000_000

AUDIO = ("copy", "drop")

FILE_OPTIONS = ("format", "quality", "optimize", "background")
"""Options of looks that regions have, too."""

OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "region": (
        "Hide a rectangle: pixels, or with % percent; repeatable.",
        {"metavar": "X,Y,W,H", "multiple": True},
    ),
    "regions": ("JSON file of regions, for all photos or by file name.", {"metavar": "FILE.json"}),
    "only": ("Hide what detectors find: faces, text, or faces,text.", {"metavar": "KINDS"}),
    "thorough": ("Find turned faces, too; takes up to four times as long.", {"is_flag": True}),
    "threshold": ("Least score of what is found, 0 to 1; default: as measured.", {"metavar": "N"}),
    "region-cells": ("Cells across the shorter side of a region; default: 6.", {"metavar": "N"}),
    "pad": (
        "Grow regions on each side, by pixels or percent of their size; default: as measured for "
        "what is found, otherwise 0.",
        {"metavar": "N|N%"},
    ),
    "ellipse": ("Hide the ellipse in each region, not its corners.", {"is_flag": True}),
    "invert": ("Hide all but the regions.", {"is_flag": True}),
    "solid": ("Hide in one color, instead of cells.", {"is_flag": True}),
    "solid-color": ("Color of --solid; default: black.", {"metavar": "COLOR"}),
    "copy-unchanged": (
        "Write photos in which nothing is hidden, too, without metadata.",
        {"is_flag": True},
    ),
    "audio": ("Sound of videos: copy or drop; default: copy.", {"metavar": "KIND"}),
}
"""Help and settings of each option, in the order of the help page."""


def list_region_options() -> list[TyperOption]:
    """Return the options for a command. `read_regions` reads what they are given."""
    return [_make(name) for name in OPTIONS]


def _make(name: str) -> TyperOption:
    text, settings = OPTIONS[name]
    given = dict(settings)
    if name == "regions":
        given["type"] = PathWord(dir_okay=False)
    return TyperOption(
        param_decls=[f"--{name}"],
        help=text,
        default=False if settings.get("is_flag") else None,
        show_default=False,
        expose_value=False,
        rich_help_panel=PANEL,
        callback=_collect,
        **given,
    )


def _collect(context: Any, parameter: Any, value: Any) -> None:
    """Keep the value of an option, if it is given."""
    if value:
        context.meta.setdefault(GIVEN, {})[parameter.name.replace("_", "-")] = value


def read_regions(context: Any) -> "RegionJob | None":
    """Return what a command hides; None to pixelate whole photos. Raises BadSetting, UsageError."""
    given: dict[str, Any] = _read_preset(context) | context.meta.get(GIVEN, {})
    given = {name: value for name, value in given.items() if name != "audio"}
    if not given:
        return None
    if not {"region", "regions", "only"} & given.keys():
        raise UsageError(
            f"--{next(iter(given))} has no effect without regions",
            "Add --region X,Y,W,H, --regions FILE or --only faces, or omit it.",
        )
    from pixelater_cli.local.region_job import RegionJob

    kinds = _read_kinds(given.get("only", ""))
    if not kinds and (useless := {"thorough", "threshold"} & given.keys()):
        raise UsageError(
            f"--{min(useless)} has no effect without --only", "Add --only faces, or omit it."
        )
    return RegionJob(
        _read_hiding(given),
        tuple(_parse("region", text) for text in given.get("region", ())),
        _read_file(given.get("regions")),
        kinds,
        given.get("thorough", False),
        _read_threshold(given.get("threshold")),
        "pad" not in given,
        given.get("copy-unchanged", False),
    )


def _read_preset(context: Any) -> dict[str, str]:
    """Return the region options of a command's preset.

    Raises BadSetting if a file that nobody has named would leave most of the photos sharp.
    """
    from pixelater.presets import PRESETS
    from pixelater_cli.cli.look_settings import get_source

    preset = context.meta.get(look_options.GIVEN, {}).get("preset")
    words = PRESETS[preset.word].regions if preset and preset.word in PRESETS else {}
    if words and preset.layer == "DEFAULT_MAP":
        root = context.find_root()
        if get_source(root, "config") == "DEFAULT":
            problem = f"{preset.word} leaves most of a photo sharp, and nobody has named the file"
            hint = f"Add --preset {preset.word}, or name the file: pixelater --config {root.obj}"
            raise BadSetting("preset", problem, hint, place=preset.place)
    return dict(words)


def note_untaken_regions(context: Any) -> None:
    """Say which settings of what is hidden, in file and variables, `run` does not take.

    Those of its command line are no news.
    """
    from pixelater_cli import console
    from pixelater_cli.cli.config import PIPELINE_KEYS
    from pixelater_cli.cli.look_settings import get_configuration

    names = PIPELINE_KEYS & OPTIONS.keys()
    variables = {name: os.environ.get(look_options.format_variable(name)) for name in names}
    places: dict[str, Mapping[str, object]] = {
        str(context.find_root().obj): get_configuration(context).values,
        "environment": {name: word for name, word in variables.items() if word},
    }
    for place, found in places.items():
        keys = sorted(names & found.keys() - context.meta.get(GIVEN, {}).keys())
        if keys and found.get("only", "none") != "none":
            words = "run hides what its command line says"
            console.note(f"warning: {place}: {words}; not taken: {', '.join(keys)}")


def read_audio(context: Any) -> "Audio":
    """Return what becomes of the sound of videos. Raises BadSetting."""
    word: Audio = context.meta.get(GIVEN, {}).get("audio", "copy")
    if word not in AUDIO:
        raise BadSetting("audio", f"{word!r} is not copy or drop", "Use --audio drop.")
    return word


def check_look(settings: "LookSettings", *, textures: bool) -> "Look":
    """Return a look without grids. Raises UsageError for options that whole photos have only."""
    from dataclasses import replace

    if textures:
        raise UsageError(
            "spritesheets and textures are of whole photos, and only regions are hidden",
            "Omit --spritesheet, --mipmaps and --ktx2.",
        )

    for option, given in settings.given.items():
        if option not in FILE_OPTIONS and given.place == f"--{option}":
            raise UsageError(
                f"--{option} is for whole photos, and only regions are hidden", "Omit it."
            )
    style, default = settings.look.style, type(settings.look.style)()
    own = {option: getattr(style, option) for option in FILE_OPTIONS}
    return replace(settings.look, grids=(0,), style=replace(default, **own))


def _read_kinds(words: str) -> tuple[str, ...]:
    from pixelater_detectors.detect import KINDS

    found = [word.strip() for word in words.split(",")] if words else []
    for word in found:
        if word not in KINDS:
            raise BadSetting("only", f"{word!r} is not faces or text", "Write faces,text for both.")
    return tuple(dict.fromkeys(found))


def _read_hiding(given: dict[str, Any]) -> "Hiding":
    from PIL import ImageColor

    from pixelater.redaction import CELLS
    from pixelater.regions.hiding import Hiding
    from pixelater.regions.region import BadRegion, parse_length

    color = None
    if "solid-color" in given and "solid" not in given:
        raise UsageError("--solid-color has no effect without --solid", "Add --solid, or omit it.")
    if "solid" in given:
        word = given.get("solid-color", "black")
        try:
            red, green, blue = ImageColor.getrgb(word)[:3]
        except ValueError as error:
            hint = "Write white, black or #ff8800."
            raise BadSetting("solid-color", f"{word!r} is not a color", hint) from error
        color = red, green, blue
    cells = str(given.get("region-cells", CELLS))
    if not (cells.isascii() and cells.isdigit() and 1 <= int(cells) <= 4096):
        hint = "Write a whole number, such as 6 or 4."
        raise BadSetting("region-cells", f"{cells!r} is not from 1 to 4096", hint)
    try:
        pad = parse_length(given.get("pad", "0"))
        if str(pad).startswith("-"):
            raise BadRegion(f"{pad} is negative")
    except BadRegion as error:
        raise BadSetting("pad", str(error), "Write 20 for pixels, or 30%.") from error
    shape = given.get("ellipse", False), given.get("invert", False)
    return Hiding(int(cells), color, *shape, pad)


def _parse(option: str, text: str) -> "Region":
    from pixelater.regions.region import BadRegion, parse_region

    try:
        return parse_region(text)
    except BadRegion as error:
        hint = "Write left, top, width and height: 10,20,300,200 or 25%,0,50%,100%"
        raise BadSetting(option, str(error), hint) from error


def _read_file(path: str | None) -> "tuple[tuple[str, tuple[Region, ...]], ...]":
    if path is None:
        return ()
    from pixelater.regions.region import BadRegion, parse_regions
    from pixelater_cli.errors import UnusablePath
    from pixelater_cli.local.files import read_whole

    try:
        return tuple(parse_regions(read_whole(Path(path), MAX_BYTES)).items())
    except (BadRegion, UnusablePath) as error:
        hint = 'Write a list such as ["10,20,300,200"], or one for each file name.'
        raise BadSetting("regions", str(error), hint, place=str(path)) from error


def _read_threshold(word: str | None) -> float | None:
    if word is None:
        return None
    try:
        number = float(word)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise BadSetting("threshold", f"{word!r} is not from 0 to 1", "Lower finds more: 0.2")
    return number
