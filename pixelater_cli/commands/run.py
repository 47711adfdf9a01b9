"""Owns `pixelater run`: pixelate local photos."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from pixelater_cli import files, output
from pixelater_cli.commands import options
from pixelater_cli.errors import PixelaterError, UnusablePath
from pixelater_cli.files import PhotoFile
from pixelater_cli.results import PixelatedPhoto, RunResult, SavedMosaic


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
    json: options.Json = False,
) -> None:
    """Pixelate photos on this machine.

    Each photo becomes one mosaic for each grid, at its own size and in its own format, without
    its metadata. A photo that cannot be read is reported, and the rest is still done. The exit
    code is 0 if all were done, 1 if some failed, 2 if the command line is wrong.
    """
    started = time.monotonic()
    wanted = options.read_grids(grids)
    search = files.find_photos(paths, out)
    files.prepare_folder(out)
    work = partial(_pixelate_file, out=out, grids=wanted, claims={})
    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        done = tuple(output.track(pool.map(work, search.photos), len(search.photos)))
    missing = tuple(PixelatedPhoto(str(path), error=reason) for path, reason in search.problems)
    seconds = round(time.monotonic() - started, 3)
    result = RunResult(str(out), done + missing, search.passed_over, seconds)
    output.show(result, json)
    raise typer.Exit(result.exit_code)


def _pixelate_file(
    photo: PhotoFile, out: Path, grids: Sequence[int], claims: dict[Path, PhotoFile]
) -> PixelatedPhoto:
    """Pixelate one file into the output folder; `claims` tells whose mosaics took which path."""
    from pixelater import PictureError, name_mosaic, pixelate

    try:
        mosaics = pixelate(files.read_whole(photo.path), grids)
        saved = []
        for mosaic in mosaics:
            path = out / name_mosaic(photo.name, mosaic)
            owner = claims.setdefault(path, photo)
            if owner is not photo:
                raise UnusablePath(f"its mosaics would overwrite those of {owner.path}")
            files.write_whole(path, mosaic.data)
            saved.append(SavedMosaic(mosaic.grid, str(path), len(mosaic.data)))
    except (PictureError, PixelaterError) as error:
        return PixelatedPhoto(str(photo.path), error=str(error))
    warnings = dict.fromkeys(warning for mosaic in mosaics for warning in mosaic.warnings)
    return PixelatedPhoto(str(photo.path), tuple(saved), tuple(warnings))
