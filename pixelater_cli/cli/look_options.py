"""The options of looks, the same ones of `run`, `emulate` and `deploy`.

They are words, as in `pixelater.look`, and None unless they are given: a preset or another layer
may say something. Their names and help are here, so that help pages do not load the library.
"""

from typing import Any, NamedTuple

from typer.core import TyperOption

from pixelater_cli.cli.look_choices import complete_palette_file, complete_preset, list_choices

PIPELINE = ("emulate", "deploy")
COMMANDS = ("run", *PIPELINE)
"""The commands that have these options."""

LOOK, REGIONS = "Look of mosaics", "Regions (instead of whole photos)"
"""Groups of options on help pages."""

GIVEN = "pixelater.look-options"
"""Key in Typer's `meta`: the options that were given, as {name: GivenWord}."""


class GivenWord(NamedTuple):
    """A word of a look, the layer that it is from, and the place to name in errors.

    Layers are Typer's: COMMANDLINE, ENVIRONMENT or DEFAULT_MAP, which is the file.
    """

    word: str
    layer: str
    place: str


class LookOption(NamedTuple):
    """An option; one without `metavar` is a switch. `hint` is for values that are wrong."""

    name: str
    help: str
    metavar: str = ""
    hint: str = ""
    commands: tuple[str, ...] = COMMANDS
    panel: str = LOOK


NEEDS_SIZE = "Add --size native, or --size x8."

OPTIONS = (
    LookOption(
        "preset",
        "Options by one name, such as pixel-art; see: pixelater presets",
        "NAME",
        "List them with: pixelater presets",
    ),
    LookOption(
        "grids",
        "Grid sizes: cells per side, comma-separated; default: 8,16,32,48,64.",
        "LIST",
        "Separate the numbers with commas: 8,16,32",
    ),
    LookOption(
        "cells",
        "photo (as many cells across as down) or square (as many as the grid on the longer side); "
        "default: photo.",
        "KIND",
    ),
    LookOption("cell-size", "Square cells of N pixels, instead of --grids.", "N"),
    LookOption(
        "size",
        "Size of files: photo, native (one pixel a cell), or x8 (8 x 8 pixels a cell); default: "
        "photo.",
        "SIZE",
        "Write photo, native, or a number of pixels after an x: x8",
    ),
    LookOption(
        "palette",
        "Colors of a built-in palette, of a palette file, or N of the photo's own; none; default: "
        "none.",
        "NAME|FILE|N",
        "See: pixelater palette list. The name of a file has a dot or a slash: mine.hex",
    ),
    LookOption(
        "dither",
        "Mix colors of the palette: none, floyd, atkinson, bayer2, bayer4, bayer8 or blue; "
        "default: none.",
        "NAME",
    ),
    LookOption("dither-strength", "How much, from 0 to 1; default: as suits the dither.", "NUMBER"),
    LookOption(
        "tone",
        "fit (stretch lightness to a palette of shades) or keep; default: fit.",
        "KIND",
    ),
    LookOption(
        "kernel",
        "Color of a cell: mean, or crisp (that of its larger part); default: mean.",
        "KIND",
    ),
    LookOption(
        "alpha-threshold",
        "Cells of which at least so much is covered, 0 to 1, are opaque, and others transparent; "
        "default: alpha is kept.",
        "NUMBER",
    ),
    LookOption(
        "trim", "Cut off transparent columns and rows of cells; default: no.", hint=NEEDS_SIZE
    ),
    LookOption(
        "outline",
        "Draw a border of one cell around what is not transparent; default: no.",
        hint=NEEDS_SIZE,
    ),
    LookOption(
        "outline-color",
        "Its color, or the nearest of the palette; default: black.",
        "COLOR",
        "Write white, black or #ff8800.",
    ),
    LookOption(
        "pot", "Pad width and height, in cells, to powers of two; default: no.", hint=NEEDS_SIZE
    ),
    LookOption(
        "format",
        "same, auto (smallest lossless), jpeg, png, webp, gif, tiff, bmp, avif or ktx2 (texture "
        "with mipmaps); default: same.",
        "NAME",
    ),
    LookOption("quality", "JPEG quality, 1 to 100; default: 90.", "N"),
    LookOption("optimize", "Write smaller JPEG files, slightly slower; default: no."),
    LookOption(
        "background",
        "Background color for transparent areas in JPEG; default: white.",
        "COLOR",
        "Write white, black or #ff8800.",
    ),
    LookOption(
        "exact",
        "Decode JPEG files at full resolution; default: no. JPEG mosaics stay lossy; PNG is exact.",
    ),
    LookOption(
        "placeholders",
        "Write a preview document next to the mosaics of each photo, as photo.jpg.preview.json; "
        "default: no.",
        commands=PIPELINE,
    ),
    LookOption(
        "only",
        "Hide what a detector finds, in one picture for each photo: faces, text, faces,text or "
        "none; default: none.",
        "KINDS",
        "Write faces,text for both.",
        PIPELINE,
        REGIONS,
    ),
    LookOption(
        "detector",
        "local (models in the function's zip) or rekognition (AWS, at a price for each photo); "
        "default: local.",
        "NAME",
        commands=PIPELINE,
        panel=REGIONS,
    ),
    LookOption(
        "threshold",
        "Least score of what is found, 0 to 1; default: as measured.",
        "N",
        "Lower finds more: 0.2",
        PIPELINE,
        REGIONS,
    ),
    LookOption(
        "thorough",
        "Find turned faces, too; takes up to four times as long; default: no.",
        commands=PIPELINE,
        panel=REGIONS,
    ),
    LookOption(
        "region-cells",
        "Cells across the shorter side of a region; default: 6.",
        "N",
        "Use 6, or fewer.",
        PIPELINE,
        REGIONS,
    ),
    LookOption(
        "solid",
        "Hide in one color, instead of cells; default: no.",
        commands=PIPELINE,
        panel=REGIONS,
    ),
    LookOption(
        "solid-color",
        "Color of --solid; default: black.",
        "COLOR",
        "Write white, black or #ff8800.",
        PIPELINE,
        REGIONS,
    ),
)
"""Every option, in the order of the help page. `run` has its own ones of regions, which are not
taken from a settings file."""

LOOK_NAMES = tuple(option.name for option in OPTIONS if option.name != "preset")
"""The words of `pixelater.look.WORDS`, as a test verifies."""


def list_look_options(command: str) -> list[TyperOption]:
    """Return the options for a command. `look_settings.read_look` reads what they are given."""
    return [_make(option) for option in OPTIONS if command in option.commands]


def _make(option: LookOption) -> TyperOption:
    flag = f"--{option.name}"

    def complete(context: Any, _words: list[str], incomplete: str) -> list[str]:
        if option.name == "preset":
            return complete_preset(context)
        files = complete_palette_file(incomplete) if option.name == "palette" else []
        return [*list_choices(option.name), *files]

    return TyperOption(
        param_decls=[flag if option.metavar else f"{flag}/--no-{option.name}"],
        is_flag=not option.metavar,
        metavar=option.metavar or None,
        default=None,
        expose_value=False,
        envvar=format_variable(option.name),
        help=option.help,
        rich_help_panel=option.panel,
        autocompletion=complete,
        callback=_collect,
    )


def format_variable(option: str) -> str:
    """Return the environment variable of an option.

    >>> format_variable("cell-size")
    'PIXELATER_CELL_SIZE'
    """
    return f"PIXELATER_{option.upper().replace('-', '_')}"


def _collect(context: Any, parameter: Any, value: Any) -> None:
    """Keep the value of an option, if it is given."""
    layer = context.get_parameter_source(parameter.name).name
    if layer == "DEFAULT" or value is None:
        return
    option = parameter.name.replace("_", "-")
    places = {
        "COMMANDLINE": f"--{option}",
        "ENVIRONMENT": parameter.envvar,
        "DEFAULT_MAP": f"{context.find_root().obj}: {option}",
    }
    word = str(value).lower() if isinstance(value, bool) else str(value)
    given = context.meta.setdefault(GIVEN, {})
    given[option] = GivenWord(word, layer, places[layer])


def names_file(palette: str) -> bool:
    """Return whether the word of a palette is a file: ./gameboy and sky.hex are.

    Names of built-in palettes have neither dots nor slashes.
    """
    return not palette.startswith("#") and any(mark in palette for mark in "./\\")
