"""Owns the AWS Lambda entry point: S3 events in, mosaics in the destination bucket.

Delivery is at least once: handling an event again writes the same bytes to the same keys. An
asynchronous invocation is retried only if it raises, so every failure raises; a returned error
would lose the photo. Photos pass through memory, never through /tmp.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

import boto3

from pixelater import mosaic, picture

logger = logging.getLogger("pixelater")
logger.setLevel(logging.INFO)

MAX_BYTES = 128 * 2**20
"""Larger objects are refused before they are read: photo and mosaics are held in memory."""


class BadEvent(Exception):
    """An event that is not the kind this function is made for."""


class BadConfiguration(Exception):
    """The function's environment variables cannot work; the message says which and why."""


class ObjectTooLarge(picture.PictureError):
    """More bytes than the function holds in memory."""


@dataclass(frozen=True)
class Settings:
    """What the function's environment says.

    `bucket_1`, `PIXELATER_GRIDS` and `PIXELATER_MAX_PIXELS` (None: the engine's own limits).
    """

    destination: str
    grids: tuple[int, ...]
    max_pixels: int | None = None


class PhotoRef(NamedTuple):
    """Where one uploaded photo lies."""

    bucket: str
    key: str


def lambda_handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Pixelate every photo an S3 event names, and say which objects were written.

    Raises the error of a photo that failed, or an ExceptionGroup of several, once every record
    has had its turn.
    """
    settings = read_settings(os.environ)
    owner = context.invoked_function_arn.split(":")[4]
    done: list[dict[str, Any]] = []
    skipped: list[dict[str, str]] = []
    failures: list[Exception] = []
    for photo, reason in read_event(event):
        if reason:
            skipped.append({"key": photo.key, "reason": reason})
            continue
        try:
            keys = pixelate_object(_connect(), photo, settings, owner)
        except Exception as error:  # noqa: BLE001 (raised below, once the others had their turn)
            _log("failed", context, key=photo.key, error=f"{type(error).__name__}: {error}")
            failures.append(error)
        else:
            done.append({"key": photo.key, "mosaics": keys})
    if failures:
        raise failures[0] if len(failures) == 1 else ExceptionGroup("photos failed", failures)
    result = {"photos": done, "skipped": skipped}
    _log("done", context, **result)
    return result


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the function's settings. Raises BadConfiguration."""
    destination = environment.get("bucket_1", "")
    if not destination:
        raise BadConfiguration("the environment variable bucket_1 must name the destination bucket")
    grids = environment.get("PIXELATER_GRIDS", "")
    max_pixels = environment.get("PIXELATER_MAX_PIXELS", "")
    if max_pixels and not (max_pixels.isascii() and max_pixels.isdigit()):
        raise BadConfiguration(f"PIXELATER_MAX_PIXELS: {max_pixels!r} is not a whole number")
    try:
        wanted = mosaic.parse_grids(grids) if grids else mosaic.GRIDS
    except mosaic.BadGrids as error:
        raise BadConfiguration(f"PIXELATER_GRIDS: {error}") from error
    return Settings(destination, wanted, int(max_pixels) if max_pixels else None)


def read_event(event: Mapping[str, Any]) -> list[tuple[PhotoRef, str]]:
    """List the photos of an S3 event, each with the reason to skip it, or "".

    Any minor version of event structure 2 is understood, as AWS asks of consumers: compare the
    major version, expect the minor to grow
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html).
    Keys are decoded from their URL encoding. `s3:TestEvent` names no photo. Raises BadEvent.
    """
    if event.get("Event") == "s3:TestEvent":
        return [(PhotoRef(event.get("Bucket", ""), ""), "s3:TestEvent")]
    records = event.get("Records")
    if not isinstance(records, list):
        raise BadEvent(f"not an S3 event: it has no Records, only {', '.join(event) or 'nothing'}")
    return [_read_record(record) for record in records]


def pixelate_object(client: Any, photo: PhotoRef, settings: Settings, owner: str) -> list[str]:
    """Read one photo and write its mosaics; give the keys written.

    Both buckets must belong to the account `owner`. Raises PictureError, BadConfiguration, and
    botocore's ClientError.
    """
    if photo.bucket == settings.destination:
        raise BadConfiguration(
            f"bucket_1 is {photo.bucket}, the bucket the photos are in: "
            "each mosaic would trigger the function again"
        )
    response = client.get_object(Bucket=photo.bucket, Key=photo.key, ExpectedBucketOwner=owner)
    size = response["ContentLength"]
    if size > MAX_BYTES:
        raise ObjectTooLarge(f"{size} bytes are more than the limit of {MAX_BYTES}")
    mosaics = mosaic.make_mosaics(
        response["Body"].read(), settings.grids, max_pixels=settings.max_pixels
    )

    def put(made: mosaic.Mosaic) -> str:
        key = mosaic.name_mosaic(photo.key, made)
        client.put_object(
            Bucket=settings.destination,
            Key=key,
            Body=made.data,
            ContentType=made.media_type,
            ExpectedBucketOwner=owner,
        )
        return key

    with ThreadPoolExecutor(len(settings.grids)) as pool:
        # Each mosaic is on its way while the next ones are still being made.
        puts = [pool.submit(put, made) for made in mosaics]
    return [done.result() for done in puts]


def _read_record(record: Mapping[str, Any]) -> tuple[PhotoRef, str]:
    source, version = record.get("eventSource"), record.get("eventVersion", "")
    if source != "aws:s3" or version.partition(".")[0] != "2":
        raise BadEvent(f"a record from {source!r}, version {version!r}, is not an S3 event 2.x")
    key = unquote_plus(record["s3"]["object"]["key"])
    photo = PhotoRef(record["s3"]["bucket"]["name"], key)
    name = record["eventName"].removeprefix("s3:")
    if not name.startswith("ObjectCreated:"):
        return photo, f"event {name}"
    if key.endswith("/"):
        return photo, "a folder marker, not a photo"
    return photo, ""


@cache
def _connect() -> Any:
    """Make the S3 client once for each execution environment."""
    return boto3.client("s3")


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _connect()  # While a function is loaded, Lambda gives it more CPU than it may have later.


def _log(event: str, context: Any, **fields: Any) -> None:
    """Write one line of JSON that ties the event to its request and process."""
    line = {
        "event": event,
        "function": os.environ.get("AWS_LAMBDA_FUNCTION_NAME"),
        "pid": os.getpid(),
        "request_id": context.aws_request_id,
        **fields,
    }
    logger.info(json.dumps(line))
