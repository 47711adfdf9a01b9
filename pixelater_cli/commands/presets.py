"""`pixelater presets`: list presets and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from pixelater_cli import console
from pixelater_cli.cli import options
from pixelater_cli.cli.look_choices import complete_preset


def presets(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            help="Show only this preset.", metavar="[NAME]", autocompletion=complete_preset
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """List the presets of looks.

    Those built in, and those of pixelater.toml, where a table named [presets.NAME] has the options
    of one. Use a preset with --preset NAME, or as a setting: preset = "NAME". Options that are
    given next to a preset take precedence.

    \b
    Examples:
      pixelater presets
      pixelater presets pixel-art
      pixelater run photo.jpg --preset pixel-art --palette gameboy

    \b
    Exit codes:
      0    done
      1    stdout cannot be written to
      2    the preset does not exist, or pixelater.toml is wrong
      130  interrupted by Ctrl-C
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.cli.look_settings import get_configuration
    from pixelater_cli.cli.own_presets import list_presets
    from pixelater_cli.results.presets import PresetsResult

    path = context.find_root().obj
    shown = list_presets(get_configuration(context), path, name)
    console.show(PresetsResult(tuple(shown)), json)
