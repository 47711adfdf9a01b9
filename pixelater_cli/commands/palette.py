"""`pixelater palette`: list, show and extract palettes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer

from pixelater_cli import console
from pixelater_cli.cli import completion, options
from pixelater_cli.errors import UnusablePath, UsageError
from pixelater_cli.results.formatting import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pixelater.palette.palette import Palette

Action = Literal["list", "show", "extract"]
ACTIONS: tuple[Action, ...] = get_args(Action)


def complete_action(incomplete: str) -> list[Any]:
    """Return the actions with this prefix."""
    return [action for action in ACTIONS if action.startswith(incomplete)]


def complete_name(ctx: typer.Context, incomplete: str) -> list[Any]:
    """Return the built-in palettes, if one can be named here."""
    shows = ctx.params.get("action") == "show"
    return list(completion.complete_palette(incomplete)) if shows else []


def palette(
    action: Annotated[
        str,
        typer.Argument(
            metavar="ACTION", help="list, show or extract.", autocompletion=complete_action
        ),
    ] = "list",
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAMES",
            help="Palettes or palette files to show; photos to extract one from.",
            parser=options.check_word,
            autocompletion=complete_name,
        ),
    ] = None,
    colors: Annotated[
        int,
        typer.Option(
            "--colors", "-k", help="Number of colors to extract.", min=1, max=256, metavar="N"
        ),
    ] = 16,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Palette file to write: .hex, .gpl, .pal, .act, .ase, .aco or .png.",
            metavar="FILE",
            click_type=options.PathWord(dir_okay=False),
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file.")] = False,
    json: options.Json = False,
) -> None:
    """List and show palettes, or extract one from photos.

    A terminal shows the colors. Otherwise, `show` and `extract` print a .hex file: six hexadecimal
    digits a line. `show` also reads palette files, and with --out, converts them. `extract` finds
    the colors that suit all given photos best, at 64 square cells on the longer side.

    \b
    Examples:
      pixelater palette
      pixelater palette show pico-8 mine.gpl
      pixelater palette extract photo.jpg -k 12 --out mine.hex
      pixelater palette extract photo.jpg > mine.hex

    \b
    Exit codes:
      0    listed, shown or extracted
      1    a file cannot be read or written
      2    wrong command line
      130  interrupted by Ctrl-C
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.local.palette_files import find_writer
    from pixelater_cli.results.palette import PaletteResult, to_palette_colors

    chosen = _check(action, names or (), out)
    write = find_writer(out) if out else None
    if out and os.path.lexists(out) and not force:
        raise UnusablePath(f"{out} already exists", "Overwrite it with --force.")
    palettes = _find(chosen, names or (), colors)
    if out and write:
        from pixelater_cli.local.files import write_whole

        write_whole(out, write(palettes[0]))
    shown = tuple(map(to_palette_colors, palettes))
    result = PaletteResult(chosen, shown, None if out is None else str(out))
    draws = console.shows_colors() and not (json or console.VERBOSITY.quiet)
    if draws:
        _draw(palettes, chosen)
    if out or not draws:
        console.show(result, json)


def _check(action: str, names: Sequence[str], out: Path | None) -> Action:
    """Return the action. Raises UsageError for arguments that do not go together."""
    if action not in ACTIONS:
        from pixelater_cli.local.palette_sources import is_palette

        meant = "show" if is_palette(action) else "extract"
        named = is_palette(action) or Path(action).exists()
        hint = f"Did you mean: pixelater palette {meant} {action}"
        raise UsageError(
            f"{action!r} is not list, show or extract",
            hint if named else "See: pixelater palette --help",
        )
    if action == "list" and (names or out):
        raise UsageError(
            "list shows all built-in palettes", "To show one: pixelater palette show NAME"
        )
    if action != "list" and not names:
        missing = "palette or palette file" if action == "show" else "photo"
        raise UsageError(f"{action}: no {missing} is named", "See: pixelater palette --help")
    if action == "show" and out and len(names) > 1:
        raise UsageError("a file holds one palette", f"Show one with --out {out}.")
    return action


def _find(action: Action, names: Sequence[str], count: int) -> tuple[Palette, ...]:
    from pixelater.palette.builtin import BUILT_IN
    from pixelater_cli.local import palette_sources

    if action == "list":
        return tuple(BUILT_IN.values())
    if action == "show":
        return tuple(map(palette_sources.load_palette, names))
    return (palette_sources.extract_from_photos(names, count),)


def _draw(palettes: Sequence[Palette], action: Action) -> None:
    titles = [f"{each.name}: {format_count(len(each.colors), 'color')}" for each in palettes]
    if action == "list":
        colors = (each.colors for each in palettes)
        console.list_palettes(zip(titles, colors, strict=True))
        return
    sources = ([each.source] if action == "show" and each.source else [] for each in palettes)
    console.show_palettes(
        ([title, *source], each.colors)
        for title, source, each in zip(titles, sources, palettes, strict=True)
    )
