"""Owns the smoke test of a deployed stack: a tiny picture goes the whole way, then away."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack

KEY_PREFIX = "pixelater-smoke-test"
"""Below this, and below the stack's own prefix, lies nothing but what these tests upload."""

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQAAAACCEkxzAAAAD0lEQVR42mNgGAWjgHwAAAJAAAHgTR1EAAAAAElFTkSu"
    "QmCC"
)
"""A PNG of 64 x 64 black pixels."""

WAIT_SECONDS = 60
"""A cold start takes one or two; S3's event, now and then, some more
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html: "typically ...
in seconds but can sometimes take a minute or longer")."""


@dataclass(frozen=True)
class SmokeTest:
    """What became of it: the seconds it took, and the mosaics that did not appear."""

    seconds: float
    missing: tuple[str, ...]


def run_smoke_test(
    account: Account,
    stack: Stack,
    patience: float = WAIT_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> SmokeTest:
    """Upload a picture, wait so many seconds for its mosaics, remove all. Raises AwsError."""
    from pixelater import GRIDS, make_mosaics, name_mosaic

    s3, owner = account.clients["s3"], {"ExpectedBucketOwner": stack.account}
    key = f"{stack.prefix}{KEY_PREFIX}/{uuid4().hex}{stack.suffix or '.png'}"
    photo = {"Bucket": stack.source_bucket, "Key": key, **owner}
    names = [name_mosaic(key, made) for made in make_mosaics(PICTURE, stack.grids or GRIDS)]
    mosaics = [{"Bucket": stack.destination_bucket, "Key": name, **owner} for name in names]
    started = now()
    with translate_errors("send a picture through"):
        uploaded = s3.put_object(**photo, Body=PICTURE)
        found: dict[str, str | None] = {}
        try:
            while len(found) < len(mosaics) and now() - started < patience:
                sleep(0.2)
                found |= _find(s3, [one for one in mosaics if one["Key"] not in found])
        finally:
            _remove(s3, photo, uploaded.get("VersionId"))
            for mosaic in mosaics:
                _remove(s3, mosaic, found.get(mosaic["Key"]))
    missing = tuple(name for name in names if name not in found)
    return SmokeTest(round(now() - started, 1), missing)


def _find(s3: Any, places: list[dict[str, str]]) -> dict[str, str | None]:
    """Look for objects; give the version of each that is there (None: no versions are kept)."""
    found: dict[str, str | None] = {}
    for place in places:
        try:
            found[place["Key"]] = s3.head_object(**place).get("VersionId")
        except ClientError as error:
            if error.response["Error"]["Code"] != "404":
                raise
    return found


def _remove(s3: Any, place: dict[str, str], version: str | None) -> None:
    """Delete an object for good: without its version's name, a marker would stay."""
    s3.delete_object(**place, **({"VersionId": version} if version else {}))
