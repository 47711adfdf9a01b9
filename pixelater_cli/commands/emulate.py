"""Owns `pixelater emulate`: the whole pipeline on this machine, without Docker or an account."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pixelater_cli import files, output
from pixelater_cli.commands import options
from pixelater_cli.errors import PixelaterError, UnusablePath
from pixelater_cli.files import PhotoFile

if TYPE_CHECKING:
    from pixelater_cli.emulator.journey import Deployed, Emulator
    from pixelater_cli.results.emulate import EmulatedPhoto


def emulate(
    paths: options.Photos,
    out: options.Out = Path("pixelated"),
    json: options.Json = False,
) -> None:
    """Send photos through the whole pipeline, on this machine.

    Starts a local S3 and Lambda, deploys to it as `pixelater deploy` would, uploads the photos,
    lets the S3 event run the deployed zip in a process of its own, and downloads the mosaics.
    Needs no Docker, no AWS account and no network, and leaves nothing running.
    """
    from pixelater_cli.emulator.journey import deploy_to, start_emulator
    from pixelater_cli.results.emulate import EmulatedPhoto, EmulateResult

    search = files.find_photos(paths, out)
    files.prepare_folder(out)
    with start_emulator() as emulator:
        with output.status("deploying to a local S3 and Lambda"):
            deployed = deploy_to(emulator)
        keys: dict[str, PhotoFile] = {}
        sent = (_send(emulator, deployed, photo, out, keys) for photo in search.photos)
        done = tuple(output.track(sent, len(search.photos)))
    missing = tuple(EmulatedPhoto(str(path), error=reason) for path, reason in search.problems)
    result = EmulateResult(
        out=str(out),
        source_bucket=deployed.stack.source_bucket,
        destination_bucket=deployed.stack.destination_bucket,
        steps=deployed.steps,
        photos=done + missing,
    )
    output.show(result, json)
    raise typer.Exit(result.exit_code)


def _send(
    emulator: Emulator, deployed: Deployed, photo: PhotoFile, out: Path, keys: dict[str, PhotoFile]
) -> EmulatedPhoto:
    """Send one photo through the pipeline, save its mosaics, compare them with those of `run`.

    `keys` tells which photo took which key.
    """
    from pixelater import name_mosaic, pixelate
    from pixelater_cli.emulator.journey import send
    from pixelater_cli.results.emulate import EmulatedPhoto
    from pixelater_cli.results.run import SavedMosaic, word_warnings

    try:
        key, data = _choose_key(photo), files.read_whole(photo.path)
        if keys.setdefault(key, photo) is not photo:
            raise UnusablePath(f"it would replace {keys[key].path}, which has the same key, {key}")
        journey = send(emulator, deployed, key, data)
        for name, content in journey.objects:
            files.write_whole(out / name, content)
    except PixelaterError as error:
        return EmulatedPhoto(str(photo.path), error=str(error))
    outcome = journey.outcome
    if journey.error:
        return EmulatedPhoto(str(photo.path), key, error=journey.error)
    made = pixelate(data)
    return EmulatedPhoto(
        photo=str(photo.path),
        key=key,
        milliseconds=round(outcome.milliseconds, 1),
        cold=outcome.cold,
        identical=journey.objects == tuple((name_mosaic(key, m), m.data) for m in made),
        mosaics=tuple(
            SavedMosaic(mosaic.grid, str(out / name), len(content))
            for mosaic, (name, content) in zip(made, journey.objects, strict=True)
        ),
        warnings=word_warnings((mosaic.grid, mosaic.warnings) for mosaic in made),
    )


def _choose_key(photo: PhotoFile) -> str:
    """Give a photo the key that its path reads as; a path that leads elsewhere, its name."""
    leads_elsewhere = photo.path.is_absolute() or ".." in photo.path.parts
    key = photo.name if leads_elsewhere else photo.path.as_posix()
    try:
        key.encode()
    except UnicodeEncodeError:
        raise UnusablePath("its name is not valid UTF-8, and S3 takes no other keys") from None
    return key
