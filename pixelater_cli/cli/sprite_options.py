"""Options of `run` for spritesheets and textures.

Annotations are not strings here, as in commands/run.py.
"""

from typing import Annotated, Literal

import typer

from pixelater_cli.cli.look_settings import get_source
from pixelater_cli.errors import UsageError

SPRITES = "Spritesheets and textures"
"""Group of options on help pages."""

Spritesheet = Annotated[
    str,
    typer.Option(
        help="Write one sheet of all photos and frames instead, and its .json next to it.",
        metavar="FILE.png",
        rich_help_panel=SPRITES,
        show_default=False,
    ),
]
SheetJson = Annotated[
    Literal["hash", "array"],
    typer.Option(
        help="Shape of the sheet's JSON, which has Aseprite's fields: hash or array.",
        metavar="SHAPE",
        rich_help_panel=SPRITES,
    ),
]
Extrude = Annotated[
    int,
    typer.Option(
        help="Repeat the edges of each sprite N pixels around it, for tilesets.",
        min=0,
        max=64,
        metavar="N",
        rich_help_panel=SPRITES,
    ),
]
Padding = Annotated[
    int,
    typer.Option(
        help="Leave N pixels between sprites.",
        min=0,
        max=1024,
        metavar="N",
        rich_help_panel=SPRITES,
    ),
]
Mipmaps = Annotated[
    bool,
    typer.Option(
        "--mipmaps",
        help="Write each mosaic at half its size, and so on to 1 x 1, too; PNG.",
        rich_help_panel=SPRITES,
    ),
]
Ktx2 = Annotated[
    bool,
    typer.Option(
        "--ktx2",
        help="Write each mosaic with its mipmaps as one KTX 2.0 file: --format ktx2.",
        rich_help_panel=SPRITES,
    ),
]


def refuse_useless(context: typer.Context, spritesheet: str) -> None:
    """Raise UsageError for options of a spritesheet if none is drawn."""
    for option in ("sheet-json", "extrude", "padding"):
        is_given = get_source(context, option.replace("-", "_")) == "COMMANDLINE"
        if is_given and not spritesheet:
            problem = f"--{option} has no effect without --spritesheet"
            raise UsageError(problem, "Add --spritesheet sheet.png, or omit it.")
