"""`pixelater push`: upload photos to a stack, and download their mosaics."""

from __future__ import annotations

import shlex
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelater_cli import console, progress
from pixelater_cli.cli import options
from pixelater_cli.cli.stack_lookup import find_stack
from pixelater_cli.errors import PixelaterError, UnusablePath, on_interrupt
from pixelater_cli.local import object_key, photo_search
from pixelater_cli.local.files import open_whole, place_below, prepare_folder, write_whole
from pixelater_cli.local.photo_search import PhotoFile

if TYPE_CHECKING:
    from pixelater_cli.aws.operations.mosaics import S3Object
    from pixelater_cli.aws.session import Account
    from pixelater_cli.aws.stack import Stack
    from pixelater_cli.results.push import FetchedMosaic, PushedPhoto

PARALLEL_UPLOADS = 4
"""Photos uploaded at the same time; large ones in several parts at the same time."""


def push(
    paths: options.Photos,
    key_prefix: Annotated[
        str,
        typer.Option(
            help="Prefix for each key, such as uploads/.",
            metavar="TEXT",
            rich_help_panel=options.COURSE,
        ),
    ] = "",
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the mosaics.", rich_help_panel=options.COURSE)
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Wait, and download the mosaics to this folder.",
            metavar="DIR",
            rich_help_panel=options.COURSE,
            click_type=options.PathWord(),
        ),
    ] = None,
    timeout: Annotated[
        float,
        typer.Option(
            help="Seconds to wait for each photo.",
            min=0,
            metavar="N",
            rich_help_panel=options.COURSE,
        ),
    ] = 600,
    stack: options.StackName = "pixelater",
    plain_names: options.PlainNames = False,
    profile: options.Profile = None,
    region: options.Region = None,
    endpoint_url: options.EndpointUrl = None,
    json: options.Json = False,
) -> None:
    """Upload photos to a stack and download their mosaics.

    The key of a photo is its path as given, or its file name if the path leads out of the current
    folder. With --wait or --out, waits for the mosaics of these uploads and reports why a photo
    failed.

    \b
    Examples:
      pixelater push photo.jpg --wait
      pixelater push holiday --out mosaics
      pixelater push *.jpg --key-prefix 2026/ --stack holiday

    \b
    Exit codes:
      0    all photos are uploaded and, with --wait or --out, all mosaics exist
      1    a photo failed, or AWS refused a request
      2    wrong command line
      130  interrupted by Ctrl-C
    """  # noqa: D301 - \b, alone on a line, is for Typer: the paragraph is not wrapped
    from pixelater_cli.aws.operations import versions
    from pixelater_cli.results.push import PushedPhoto, PushResult

    search = photo_search.find_photos(paths, out or Path("pixelated"))
    if out is not None:
        place_below(out, f"{key_prefix}photo")  # Raises before anything is uploaded.
        prepare_folder(out)
    account, found = find_stack(stack, plain_names, profile, region, endpoint_url)
    if wait or out is not None:
        versions.require_version(account, found)  # Without it, the mosaics would never be made.
    with on_interrupt("uploaded photos are still processed; push the others again"):
        pushed = _upload_all(account, found, search.photos, key_prefix)
    if wait or out is not None:
        waiting = (_fetch(account, found, photo, sent, out, timeout) for photo, sent in pushed)
        with on_interrupt("all photos are uploaded and still processed; see pixelater logs"):
            photos = tuple(progress.track(waiting, len(pushed)))
    else:
        photos = tuple(photo for photo, _sent in pushed)
    missing = tuple(
        PushedPhoto(str(path), error=reason, hint=photo_search.advise(reason))
        for path, reason in search.problems
    )
    result = PushResult(found.name, found.source_bucket, found.destination_bucket, photos + missing)
    console.show(result, json)
    raise typer.Exit(result.exit_code)


def _upload_all(
    account: Account, stack: Stack, photos: tuple[PhotoFile, ...], key_prefix: str
) -> list[tuple[PushedPhoto, S3Object | None]]:
    """Upload photos, several at the same time; each with S3's answer, or None if it failed."""
    from pixelater_cli.aws.operations.uploads import upload
    from pixelater_cli.results.push import PushedPhoto

    owners: dict[str, PhotoFile] = {}

    def send(photo: PhotoFile) -> tuple[PushedPhoto, S3Object | None]:
        started = time.monotonic()
        try:
            key = _choose_key(stack, photo, key_prefix, owners)
            with open_whole(photo.path):  # Raises if it cannot be read.
                sent = upload(account, stack, photo.path, key, advance)
        except PixelaterError as error:
            return PushedPhoto(str(photo.path), error=str(error), hint=error.hint), None
        seconds = round(time.monotonic() - started, 3)
        return PushedPhoto(str(photo.path), key, sent.bytes, sent.version_id, seconds), sent

    total = sum(_measure(photo.path) for photo in photos)
    pool = ThreadPoolExecutor(PARALLEL_UPLOADS)
    try:
        with progress.byte_bar("uploading", total) as advance:
            return list(pool.map(send, photos))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _measure(path: Path) -> int:
    """Return a file's bytes: 0 for one that cannot be read, which its upload then reports."""
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _choose_key(
    stack: Stack, photo: PhotoFile, key_prefix: str, owners: dict[str, PhotoFile]
) -> str:
    """Choose a photo's key. Raises UnusablePath for a key in use, or one without notification."""
    from pixelater_cli.aws.operations.mosaics import is_source_key

    key = object_key.check_key(key_prefix + object_key.choose_key(photo))
    if not is_source_key(stack, key):
        rules = (("begin with", stack.prefix), ("end with", stack.suffix))
        wanted = " and ".join(f"{word} {text!r}" for word, text in rules if text)
        prefix = shlex.quote(stack.prefix)
        hint = f"Add --key-prefix {prefix}" if stack.prefix else "Rename the file."
        raise UnusablePath(f"the stack processes keys that {wanted}, not {key}", hint)
    if owners.setdefault(key, photo) is not photo:
        raise UnusablePath(f"its key {key} is also that of {owners[key].path}")
    return key


def _fetch(
    account: Account,
    stack: Stack,
    photo: PushedPhoto,
    sent: S3Object | None,
    out: Path | None,
    timeout: float,
) -> PushedPhoto:
    """Wait for a photo's mosaics and save them."""
    from pixelater_cli.aws.operations.uploads import download, wait_for_mosaics
    from pixelater_cli.results.push import FetchedMosaic

    if sent is None:
        return photo
    started = time.monotonic()
    mosaics: list[FetchedMosaic] = []
    try:
        found = wait_for_mosaics(account, stack, sent, timeout, time.sleep, time.monotonic)
        seconds = round(time.monotonic() - started, 3)
        for grid, mosaic in found.items():
            path = None if out is None else place_below(out, mosaic.key)
            if path is not None:
                write_whole(path, download(account, stack, mosaic))
            saved_path = None if path is None else str(path)
            mosaics.append(FetchedMosaic(grid, mosaic.key, mosaic.bytes, saved_path))
    except PixelaterError as error:
        return replace(photo, mosaics=tuple(mosaics), error=str(error), hint=error.hint)
    return replace(photo, wait_seconds=seconds, mosaics=tuple(mosaics))
