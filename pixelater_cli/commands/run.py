"""Owns `pixelater run`: pixelate local photos."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from pixelater_cli import batch, files, output
from pixelater_cli.batch import Made
from pixelater_cli.commands import options
from pixelater_cli.errors import PixelaterError, UnusablePath, UsageError
from pixelater_cli.files import PhotoFile
from pixelater_cli.results.run import PixelatedPhoto, RunResult, SavedMosaic, word_warnings


def run(
    paths: options.Photos,
    out: options.Out = Path("pixelated"),
    grids: Annotated[
        str, typer.Option(help="Cells across and down.", metavar="LIST")
    ] = "8,16,32,48,64",
    jobs: Annotated[
        int | None,
        typer.Option(help="Photos at a time; default: one for each CPU.", min=1, metavar="N"),
    ] = None,
    format: Annotated[
        Literal["same", "auto", "jpeg", "png", "webp"],
        typer.Option(help="same, auto (smallest exact one), jpeg, png, webp.", metavar="NAME"),
    ] = "same",
    quality: Annotated[int, typer.Option(help="Of JPEG.", min=1, max=100, metavar="N")] = 90,
    optimize: Annotated[
        bool, typer.Option("--optimize", help="Smaller JPEG, a little slower.")
    ] = False,
    background: Annotated[
        str, typer.Option(help="Under what is transparent, in JPEG.", metavar="COLOUR")
    ] = "white",
    exact: Annotated[
        bool, typer.Option("--exact", help="Decode all of a JPEG, however large.")
    ] = False,
    max_pixels: Annotated[
        int | None,
        typer.Option(help="Refuse larger photos.", min=1, metavar="N"),
    ] = None,
    json: options.Json = False,
) -> None:
    """Pixelate photos on this machine.

    Each photo becomes one mosaic for each grid, at its own size and in its own format, without
    its metadata. A photo that cannot be read is reported, and the rest is still done. The exit
    code is 0 if all were done, 1 if some failed, 2 if the command line is wrong.
    """
    from pixelater import Style

    started = time.monotonic()
    style = Style(format, quality, optimize, _read_colour(background))
    order = batch.Order(options.read_grids(grids), style, max_pixels, exact)
    search = files.find_photos(paths, out)
    files.prepare_folder(out)
    made = batch.make_all([photo.path for photo in search.photos], order, jobs or _count_cpus())
    done = _save_all(search.photos, output.track(made, len(search.photos)), out)
    missing = [PixelatedPhoto(str(path), error=reason) for path, reason in search.problems]
    seconds = round(time.monotonic() - started, 3)
    result = RunResult(str(out), (*done, *missing), search.passed_over, seconds)
    output.show(result, json)
    raise typer.Exit(result.exit_code)


def _save_all(photos: Sequence[PhotoFile], made: Iterable[Made], out: Path) -> list[PixelatedPhoto]:
    """Save the mosaics of all photos as they are made, over no photo and no other's mosaics."""
    owners = {photo.path.resolve(): photo for photo in photos}
    return [_save(photo, one, out, owners) for photo, one in zip(photos, made, strict=True)]


def _save(photo: PhotoFile, made: Made, out: Path, owners: dict[Path, PhotoFile]) -> PixelatedPhoto:
    """Save the mosaics of one photo; `owners` tells whose a path is, and learns it."""
    from pixelater import name_mosaic

    if made.error:
        return PixelatedPhoto(str(photo.path), error=made.error)
    saved = []
    try:
        paths = [out / name_mosaic(photo.name, mosaic) for mosaic in made.mosaics]
        for path in paths:
            owner = owners.setdefault(path.resolve(), photo)
            if owner is not photo:
                raise UnusablePath(f"its mosaics would overwrite {owner.path} or its mosaics")
        for mosaic, path in zip(made.mosaics, paths, strict=True):
            files.write_whole(path, mosaic.data)
            saved.append(SavedMosaic(mosaic.grid, str(path), len(mosaic.data), mosaic.saved))
    except PixelaterError as error:
        return PixelatedPhoto(str(photo.path), error=str(error))
    warnings = word_warnings((mosaic.grid, mosaic.warnings) for mosaic in made.mosaics)
    return PixelatedPhoto(str(photo.path), tuple(saved), warnings)


def _count_cpus() -> int:
    """Count the CPUs this process may use: in a container, often fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _read_colour(text: str) -> tuple[int, int, int]:
    from PIL import ImageColor

    try:
        return ImageColor.getrgb(text)[:3]
    except ValueError as error:
        raise UsageError(
            f"--background: {text!r} is no colour", "Write white, black, or #ff8800."
        ) from error
