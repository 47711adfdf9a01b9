"""Owns `pixelater run`: pixelate local photos."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

import typer

from pixelater_cli import files, output
from pixelater_cli.commands import options
from pixelater_cli.errors import PixelaterError, UnusablePath, UsageError
from pixelater_cli.files import PhotoFile
from pixelater_cli.results.run import PixelatedPhoto, RunResult, SavedMosaic, word_warnings

if TYPE_CHECKING:
    from pixelater import Mosaic


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
    started = time.monotonic()
    wanted = options.read_grids(grids)
    search = files.find_photos(paths, out)
    files.prepare_folder(out)
    claims = {photo.path.resolve(): photo for photo in search.photos}
    names = {photo.name: photo for photo in reversed(search.photos)}
    colour = _read_colour(background)

    def pixelate(file: BinaryIO) -> Iterator[Mosaic]:
        from pixelater import Style, make_mosaics

        style = Style(format, quality, optimize, colour)
        return make_mosaics(file, wanted, style, max_pixels=max_pixels, exact=exact)

    work = partial(_pixelate_file, out=out, pixelate=pixelate, names=names, claims=claims)
    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        done = tuple(output.track(pool.map(work, search.photos), len(search.photos)))
    missing = tuple(PixelatedPhoto(str(path), error=reason) for path, reason in search.problems)
    seconds = round(time.monotonic() - started, 3)
    result = RunResult(str(out), done + missing, search.passed_over, seconds)
    output.show(result, json)
    raise typer.Exit(result.exit_code)


def _pixelate_file(
    photo: PhotoFile,
    out: Path,
    pixelate: Callable[[BinaryIO], Iterator[Mosaic]],
    names: dict[str, PhotoFile],
    claims: dict[Path, PhotoFile],
) -> PixelatedPhoto:
    """Pixelate one file into the output folder, overwriting no photo and no other's mosaics.

    `names` tells which photo of several with one name is the first; `claims`, whose a path is.
    """
    from pixelater import PictureError, name_mosaic

    saved, warnings = [], []
    try:
        _check_owner(names[photo.name], photo)
        with files.open_whole(photo.path) as file:
            for mosaic in pixelate(file):
                path = out / name_mosaic(photo.name, mosaic)
                _check_owner(claims.setdefault(path.resolve(), photo), photo)
                files.write_whole(path, mosaic.data)
                saved.append(SavedMosaic(mosaic.grid, str(path), len(mosaic.data), mosaic.saved))
                warnings.append((mosaic.grid, mosaic.warnings))
    except (PictureError, PixelaterError) as error:
        return PixelatedPhoto(str(photo.path), error=str(error))
    return PixelatedPhoto(str(photo.path), tuple(saved), word_warnings(warnings))


def _read_colour(text: str) -> tuple[int, int, int]:
    from PIL import ImageColor

    try:
        return ImageColor.getrgb(text)[:3]
    except ValueError as error:
        raise UsageError(
            f"--background: {text!r} is no colour", "Write white, black, or #ff8800."
        ) from error


def _check_owner(owner: PhotoFile, photo: PhotoFile) -> None:
    if owner is not photo:
        raise UnusablePath(f"its mosaics would overwrite {owner.path} or its mosaics")
