"""Smoke test of a deployed stack: upload a tiny picture, wait for its mosaics, delete all."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.operations.uploads import head
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import SMOKE_TEST_FOLDER, Stack

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQAAAACCEkxzAAAAD0lEQVR42mNgGAWjgHwAAAJAAAHgTR1EAAAAAElFTkSu"
    "QmCC"
)
"""A PNG of 64 x 64 black pixels."""

WAIT_SECONDS = 60
"""A cold start takes one or two; an event of S3 sometimes longer
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html: "typically ...
in seconds but can sometimes take a minute or longer")."""


@dataclass(frozen=True)
class SmokeTest:
    """The result: the seconds it took, and the mosaics that did not appear."""

    seconds: float
    missing: tuple[str, ...]


def run_smoke_test(
    account: Account,
    stack: Stack,
    timeout_seconds: float = WAIT_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> SmokeTest:
    """Upload a picture, wait for its mosaics, delete all objects. Raises AwsError."""
    from pixelater import GRIDS, make_mosaics, name_mosaic

    s3 = account.clients["s3"]
    key = f"{stack.prefix}{SMOKE_TEST_FOLDER}/{uuid4().hex}{stack.suffix or '.png'}"
    photo = {**stack.owned(stack.source_bucket), "Key": key}
    mosaics = make_mosaics(PICTURE, stack.grids or GRIDS)
    names = [name_mosaic(key, mosaic) for mosaic in mosaics]
    targets = [{**stack.owned(stack.destination_bucket), "Key": name} for name in names]
    started = now()
    with translate_errors("send a picture through"):
        uploaded = s3.put_object(**photo, Body=PICTURE)
        found: dict[str, str] = {}
        try:
            while len(found) < len(targets) and now() - started < timeout_seconds:
                sleep(0.2)
                found |= {
                    name: mosaic.version_id
                    for name in names
                    if name not in found
                    and (mosaic := head(account, stack, stack.destination_bucket, name))
                }
        finally:
            _delete(s3, photo, uploaded.get("VersionId", ""))
            for target in targets:
                _delete(s3, target, found.get(target["Key"], ""))
    missing = tuple(name for name in names if name not in found)
    return SmokeTest(round(now() - started, 1), missing)


def _delete(s3: Any, target: dict[str, Any], version: str) -> None:
    """Delete an object permanently: without its version, a delete marker would stay."""
    s3.delete_object(**target, **({"VersionId": version} if version else {}))
