"""Smoke test of a deployed stack: upload tiny pictures, wait for the objects of one, delete all."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.operations import health
from pixelater_cli.aws.operations.failure_queue import drop, list_failures
from pixelater_cli.aws.operations.mosaics import S3Object
from pixelater_cli.aws.operations.uploads import head
from pixelater_cli.aws.retries import Now, Sleep, call_patiently
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.aws.stack_looks import choose_look
from pixelater_cli.errors import AwsError
from pixelater_function.events import SMOKE_TEST_FOLDER

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQAAAACCEkxzAAAAD0lEQVR42mNgGAWjgHwAAAJAAAHgTR1EAAAAAElFTkSu"
    "QmCC"
)
"""A PNG of 64 x 64 black pixels."""

WAIT_SECONDS = 180.0
RESEND_SECONDS = 15.0
"""S3 delivers events "typically ... in seconds but can sometimes take a minute or longer"
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html). A new role's
permissions may take as long, so a new picture is sent after each quarter of a minute."""

CHECK_SECONDS = 5.0
"""Pause between looks whether the function is broken. Lambda tries an event a third time after
three minutes: by then, the version that ran before must run again, or photos would be lost."""

POLL_SECONDS = (0.2, 1.0)
"""Shortest and longest pause between looks for the mosaics."""

LATE_SECONDS = 3.0
"""How long the function may still be at work on a picture that was deleted meanwhile."""

MOST_RECORDS = 500
"""In a longer failure queue, the records of this test are not looked for."""


@dataclass(frozen=True)
class SmokeTest:
    """The result: the seconds it took, and the mosaics that did not appear."""

    seconds: float
    missing: tuple[str, ...]


@dataclass
class _Picture:
    """An uploaded picture, its version, and the mosaics of it that have not been found yet."""

    key: str
    version: str
    missing: list[str]


def run_smoke_test(
    account: Account,
    stack: Stack,
    timeout_seconds: float,
    sleep: Sleep,
    now: Now,
    is_broken: Callable[[], bool] = lambda: False,
) -> SmokeTest:
    """Upload pictures until all mosaics of one exist, delete all objects. Raises AwsError.

    `is_broken` is asked from time to time, so that a function that can never make them ends the
    test early.
    """
    started, sent, check_at = now(), list[_Picture](), CHECK_SECONDS
    pause, longest = POLL_SECONDS
    with translate_errors("send a picture through"):
        try:
            while True:
                spent = now() - started
                if spent >= RESEND_SECONDS * len(sent) and (not sent or spent < timeout_seconds):
                    sent.append(_send(account, stack, sleep))
                if any(_is_complete(account, stack, picture, sleep) for picture in sent):
                    missing: list[str] = []
                    break
                if spent >= timeout_seconds or (spent >= check_at and is_broken()):
                    missing = sent[0].missing
                    break
                check_at += CHECK_SECONDS if spent >= check_at else 0
                sleep(pause)
                pause = min(pause * 1.5, longest)
            seconds = now() - started
        finally:
            _clean_up(account, stack, sent, sleep)
    return SmokeTest(round(seconds, 1), tuple(missing))


def list_mosaic_names(stack: Stack, key: str) -> list[str]:
    """List the keys of the picture's mosaics and documents: no face or text is on it."""
    from pixelater import make_mosaics, name_mosaic
    from pixelater.outputs import list_documents

    look = choose_look(stack, key)
    names = []
    if not look.redaction:
        made = make_mosaics(PICTURE, look.grids, look.style, exact=look.exact)
        names = [name_mosaic(key, mosaic) for mosaic in made]
    return names + [document.name(key) for document in list_documents(look)]


def _send(account: Account, stack: Stack, sleep: Sleep) -> _Picture:
    """Upload a picture with a key of its own."""
    key = f"{stack.prefix}{SMOKE_TEST_FOLDER}/{uuid4().hex}{stack.suffix or '.png'}"
    photo = {**stack.owned(stack.source_bucket), "Key": key, "Body": PICTURE}
    answer = call_patiently(account.clients["s3"].put_object, photo, sleep)
    return _Picture(key, answer.get("VersionId", ""), list_mosaic_names(stack, key))


def _is_complete(account: Account, stack: Stack, picture: _Picture, sleep: Sleep) -> bool:
    """Look for the mosaics that are missing; return whether none is."""
    picture.missing = [
        name
        for name in picture.missing
        if _find(account, stack, stack.destination_bucket, name, sleep) is None
    ]
    return not picture.missing


def _find(account: Account, stack: Stack, bucket: str, key: str, sleep: Sleep) -> S3Object | None:
    parameters = {"account": account, "stack": stack, "bucket": bucket, "key": key}
    found: S3Object | None = call_patiently(head, parameters, sleep)
    return found


def _clean_up(account: Account, stack: Stack, sent: list[_Picture], sleep: Sleep) -> None:
    """Delete the pictures, their mosaics, also late ones, and what the failure queue has of them.

    Events that come after that do nothing: the function knows this test's folder.
    """
    for picture in sent:
        photo = {**stack.owned(stack.source_bucket), "Key": picture.key}
        _delete(account, photo, picture.version, sleep)
    late = [picture for picture in sent if picture.missing]
    _delete_mosaics(account, stack, sent, sleep)
    if late:
        sleep(LATE_SECONDS)
        _delete_mosaics(account, stack, late, sleep)
    with suppress(AwsError):  # A record that cannot be dropped now is dropped by the next test.
        _drop_records(account, stack)


def _drop_records(account: Account, stack: Stack) -> None:
    """Drop the records of test pictures, which Lambda writes of a function that cannot run."""
    if not 0 < (health.count_failures(account, stack) or 0) <= MOST_RECORDS:
        return
    folder = f"{stack.prefix}{SMOKE_TEST_FOLDER}/"
    own = [
        failure
        for failure in list_failures(account, stack)
        if failure.keys and all(key.startswith(folder) for key in failure.keys)
    ]
    for _ in drop(account, stack, own):
        pass


def _delete_mosaics(account: Account, stack: Stack, sent: list[_Picture], sleep: Sleep) -> None:
    """Delete all versions of the mosaics: once the newest is deleted, the one before is found."""
    bucket = stack.destination_bucket
    for picture in sent:
        for name in list_mosaic_names(stack, picture.key):
            while found := _find(account, stack, bucket, name, sleep):
                target = {**stack.owned(bucket), "Key": name}
                _delete(account, target, found.version_id, sleep)


def _delete(account: Account, target: dict[str, Any], version: str, sleep: Sleep) -> None:
    """Delete an object permanently: without its version, a delete marker would stay."""
    versioned = {**target, **({"VersionId": version} if version else {})}
    call_patiently(account.clients["s3"].delete_object, versioned, sleep)
