"""`pixelater push`: upload photos to a stack, and download their mosaics."""

from __future__ import annotations

import shlex
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelater_cli import console, progress
from pixelater_cli.cli import options
from pixelater_cli.cli.hints import repeat_options
from pixelater_cli.cli.lazy_group import STARTED
from pixelater_cli.cli.stack_lookup import require_stack
from pixelater_cli.errors import PixelaterError, UnusablePath, on_interrupt
from pixelater_cli.local import object_key, photo_search
from pixelater_cli.local.files import (
    open_whole,
    place_below,
    prepare_folder,
    remove_file,
    write_whole,
)
from pixelater_cli.local.photo_search import PhotoFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixelater.outputs import AnyOutput
    from pixelater_cli.aws.operations.mosaics import S3Object
    from pixelater_cli.aws.operations.waiting import Upload
    from pixelater_cli.aws.session import Account
    from pixelater_cli.aws.stack import Stack
    from pixelater_cli.results.push import PushedPhoto

    _Sent = tuple[PushedPhoto, Upload | None]

PARALLEL_UPLOADS = 4
"""Photos uploaded at the same time; large ones in several parts at the same time."""

PARALLEL_LOOKS = 8
"""Photos whose mosaics are looked for at the same time; a client keeps ten connections."""


def push(
    context: typer.Context,
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
            help="Seconds to wait for each photo; its own upload does not count.",
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
    from pixelater_cli.aws.operations.stack_secret import add_secret
    from pixelater_cli.results.problems import format_left
    from pixelater_cli.results.push import PushedPhoto, PushResult

    search = photo_search.find_photos(paths, out or Path("pixelated"))
    console.note(*format_left(search.not_pixelated))
    if out is not None:
        place_below(out, f"{key_prefix}photo")  # Raises before anything is uploaded.
        prepare_folder(out)
    account, found = require_stack(stack, plain_names, profile, region, endpoint_url)
    if wait or out is not None:
        versions.require_version(account, found)  # Without it, the mosaics would never be made.
        found = add_secret(account, found, time.sleep)
    spent = time.monotonic() - context.meta[STARTED]
    with on_interrupt("uploaded photos are still processed; push the others again"):
        pushed = _upload_all(account, found, search.photos, key_prefix)
    if wait or out is not None:
        waiting = _fetch_all(account, found, pushed, out, timeout, spent)
        with on_interrupt("all photos are uploaded and still processed; see pixelater logs"):
            fetched = dict(progress.track(waiting, len(pushed)))
        photos = tuple(fetched[number] for number in range(len(pushed)))
    else:
        photos = tuple(photo for photo, _sent in pushed)
    photos = tuple(replace(each, hint=repeat_options(each.hint, context)) for each in photos)
    missing = tuple(
        PushedPhoto(str(path), error=reason, hint=photo_search.advise(reason))
        for path, reason in search.problems
    )
    result = PushResult(found.name, found.source_bucket, found.destination_bucket, photos + missing)
    console.show(result, json)
    raise typer.Exit(result.exit_code)


def _upload_all(
    account: Account, stack: Stack, photos: tuple[PhotoFile, ...], key_prefix: str
) -> list[_Sent]:
    """Upload photos, several at the same time; each with its upload, or None if it failed."""
    from pixelater_cli.aws.operations.uploads import upload
    from pixelater_cli.aws.operations.waiting import Upload
    from pixelater_cli.results.push import PushedPhoto

    owners: dict[str, PhotoFile] = {}

    def send(photo: PhotoFile) -> _Sent:
        started = time.monotonic()
        try:
            key = _choose_key(stack, photo, key_prefix, owners)
            with open_whole(photo.path):  # Raises if it cannot be read.
                sent = upload(account, stack, photo.path, key, advance, time.sleep)
        except PixelaterError as error:
            return PushedPhoto(str(photo.path), error=str(error), hint=error.hint), None
        ended = time.monotonic()
        seconds = round(ended - started, 3)
        pushed = PushedPhoto(str(photo.path), key, sent.bytes, sent.version_id, seconds)
        return pushed, Upload(sent, ended)

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


def _fetch_all(
    account: Account,
    stack: Stack,
    sent: list[_Sent],
    out: Path | None,
    timeout: float,
    spent: float,
) -> Iterator[tuple[int, PushedPhoto]]:
    """Wait for the mosaics of all photos together; yield each with its number, once it is done."""
    from pixelater_cli.aws.operations.uploads import find_mosaics, find_reasons
    from pixelater_cli.aws.operations.waiting import wait_for_all

    waiting = [(number, *photo) for number, photo in enumerate(sent)]
    uploads = [(number, upload) for number, _photo, upload in waiting if upload]
    yield from ((number, photo) for number, photo, upload in waiting if not upload)
    pool = ThreadPoolExecutor(PARALLEL_LOOKS)
    try:
        waits = wait_for_all(
            [upload for _number, upload in uploads],
            partial(find_mosaics, account, stack),
            partial(find_reasons, account, stack, time.monotonic),
            timeout,
            sleep=time.sleep,
            now=time.monotonic,
            run=pool.map,
            spent=spent,
        )
        for place, found in waits:
            number, upload = uploads[place]
            photo, seconds = sent[number][0], round(time.monotonic() - upload.ended, 3)
            if isinstance(found, PixelaterError):
                failed = replace(photo, error=str(found), hint=found.hint)
                yield number, _remove_stale(account, stack, failed, out)
            else:
                yield (
                    number,
                    _save(account, stack, replace(photo, wait_seconds=seconds), found, out),
                )
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _save(
    account: Account,
    stack: Stack,
    photo: PushedPhoto,
    found: dict[AnyOutput, S3Object],
    out: Path | None,
) -> PushedPhoto:
    """Save a photo's mosaics and documents, if there is a folder to save them to."""
    from pixelater.outputs import Output
    from pixelater_cli.aws.operations.uploads import download
    from pixelater_cli.results.push import FetchedDocument, FetchedMosaic

    done = photo
    try:
        for output, each in found.items():
            path = None if out is None else place_below(out, each.key)
            if path is not None:
                write_whole(path, download(account, stack, each))
            saved = None if path is None else str(path)
            if isinstance(output, Output):
                size = output.cell_size
                mosaic = FetchedMosaic(output.grid, each.key, each.bytes, saved, size)
                done = replace(done, mosaics=(*done.mosaics, mosaic))
            else:
                document = FetchedDocument(output.kind, each.key, each.bytes, saved)
                done = replace(done, documents=(*done.documents, document))
    except PixelaterError as error:
        done = replace(done, wait_seconds=None, error=str(error), hint=error.hint)
    return _remove_stale(account, stack, done, out)


def _remove_stale(
    account: Account, stack: Stack, photo: PushedPhoto, out: Path | None
) -> PushedPhoto:
    """Remove what an earlier upload of a photo has left in the folder: it looks like current."""
    from pixelater_cli.aws.operations.stale_downloads import list_stale
    from pixelater_cli.aws.operations.uploads import has_photo

    if out is None:
        return photo
    try:
        for name in list_stale(
            stack,
            photo.key,
            [each.key for each in photo.objects],
            lambda name: place_below(out, name).is_file(),
            partial(has_photo, account, stack),
            has_failed=bool(photo.error),
        ):
            remove_file(place_below(out, name))
    except PixelaterError as error:
        problem = f"a file of an earlier upload stays: {error}"
        both = f"{photo.error}; {problem}" if photo.error else problem
        return replace(photo, wait_seconds=None, error=both, hint=photo.hint or error.hint)
    return photo
