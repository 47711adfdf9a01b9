"""Uploads: send a photo to a stack, wait for the mosaics of that upload, download them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import read_error, translate_errors
from pixelater_cli.aws.operations.failure_queue import find_queue, list_failures
from pixelater_cli.aws.operations.failure_record import format_reason
from pixelater_cli.aws.operations.log_parser import PhotoLine, read_message
from pixelater_cli.aws.operations.logs import read_events
from pixelater_cli.aws.operations.mosaics import S3Object, find_mosaic, list_grids, names_source
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.errors import AwsError, explain_os_error

PART_BYTES = 16 * 2**20
"""Larger photos are uploaded in parts, several at a time; a part that fails is sent again."""

UPLOAD_FIELD = "pixelater-upload"
"""Metadata that identifies an upload among others of the same key."""

HEAD_POLL_SECONDS = (0.1, 2.0)
"""Shortest and longest pause between looking for mosaics."""

FAILURE_POLL_SECONDS = (3.0, 30.0)
"""Shortest and longest pause between reading the log and the failure queue, both from the start."""


def upload(
    account: Account, stack: Stack, path: Path, key: str, progress: Callable[[int], None]
) -> S3Object:
    """Upload a file, calling `progress` with numbers of bytes. Raises AwsError.

    boto3 does not return the version of an upload; a mark in the metadata identifies it.
    """
    mark = uuid.uuid4().hex
    extra = {"Metadata": {UPLOAD_FIELD: mark}, "ExpectedBucketOwner": stack.account}
    settings = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES)
    with translate_errors(f"upload {key}"):
        try:
            account.clients["s3"].upload_file(
                str(path),
                stack.source_bucket,
                key,
                ExtraArgs=extra,
                Callback=progress,
                Config=settings,
            )
        except S3UploadFailedError as error:
            raise (error.__context__ or error) from None  # It hides the ClientError that it is.
        except OSError as error:  # The file was deleted or became unreadable meanwhile.
            reason = explain_os_error(error)
            raise AwsError(
                f"could not upload {key}: cannot read {path}: {reason}", "Push it again."
            ) from error
        sent = head(account, stack, stack.source_bucket, key)
    if sent is None or sent.metadata.get(UPLOAD_FIELD) != mark:
        raise AwsError(f"{key} was replaced by another upload at once", "Push it again.")
    return sent


def wait_for_mosaics(
    account: Account,
    stack: Stack,
    sent: S3Object,
    seconds: float,
    sleep: Callable[[float], None],
    now: Callable[[], float],
) -> dict[int, S3Object]:
    """Wait until all mosaics of an upload exist. Raises AwsError if it fails or takes longer.

    The failure queue or the log has the reason. Lambda retries transient failures.
    """
    started = read = now()
    pause, longest_pause = HEAD_POLL_SECONDS
    read_pause, longest_read_pause = FAILURE_POLL_SECONDS
    while True:
        found = find_mosaics(account, stack, sent)
        if found:
            return found
        late = now() - started >= seconds
        if late or now() - read >= read_pause:
            reason = find_reason(account, stack, sent)
            if reason:
                raise AwsError(reason, "See: pixelater failures")
            read, read_pause = now(), min(read_pause * 2, longest_read_pause)
        if late:
            raise AwsError(
                f"no mosaics of {sent.key} after {seconds:.0f} seconds",
                "They may still appear: see pixelater logs and pixelater failures.",
            )
        sleep(pause)
        pause = min(pause * 1.5, longest_pause)


def find_mosaics(account: Account, stack: Stack, sent: S3Object) -> dict[int, S3Object]:
    """Find the mosaics of an upload by grid; none while one is missing or of an earlier upload.

    A mosaic's metadata names the photo's ETag and version; without, it must not be older.
    """
    mosaics = partial(head, account, stack, stack.destination_bucket)
    photos = partial(head, account, stack, stack.source_bucket)
    # Without versioning, S3 calls each version "null".
    version_id = "" if sent.version_id == "null" else sent.version_id
    complete: dict[int, S3Object] = {}
    with translate_errors("look for the mosaics"):
        for grid in list_grids(stack):
            found = find_mosaic(sent, grid, mosaics, photos)
            if found is None:
                return {}
            named = names_source(found.metadata, sent.etag, version_id)
            if not (found.modified >= sent.modified if named is None else named):
                return {}
            complete[grid] = found
    return complete


def read_metadata(account: Account, stack: Stack, key: str) -> Mapping[str, str]:
    """Read a mosaic's metadata; empty if the mosaic does not exist."""
    mosaic = head(account, stack, stack.destination_bucket, key)
    return {} if mosaic is None else mosaic.metadata


def find_reason(account: Account, stack: Stack, sent: S3Object) -> str:
    """Find why an upload failed permanently, in the log or the failure queue; "" if it did not."""
    with translate_errors(f"look at {sent.key}"):
        current = head(account, stack, stack.source_bucket, sent.key)
    if current is None or (current.etag, current.version_id) != (sent.etag, sent.version_id):
        return "it was deleted, or replaced by another upload, meanwhile"
    for event in read_events(account, stack, sent.modified.timestamp()):
        for line in read_message(event.message):
            if (
                isinstance(line, PhotoLine)
                and (line.outcome, line.key) == ("failed", sent.key)
                and line.version_id in ("", sent.version_id)
            ):
                return line.error
    if find_queue(account, stack) is not None:
        for failure in list_failures(account, stack):
            if sent.key in failure.keys and _is_of(sent, failure.version_id, failure.time):
                return format_reason(failure.reason, failure.message)
    return ""


def download(account: Account, stack: Stack, mosaic: S3Object) -> bytes:
    """Download a mosaic, the one that was found. Raises AwsError."""
    target = {**stack.owned(stack.destination_bucket), "Key": mosaic.key}
    with translate_errors(f"download {mosaic.key}"):
        try:
            answer: Any = account.clients["s3"].get_object(**target, IfMatch=mosaic.etag)
        except ClientError as error:
            if read_error(error)[0] != "PreconditionFailed":
                raise
            raise AwsError(
                f"{mosaic.key} was replaced: another upload of the photo came after",
                "Push it again to keep this one.",
            ) from error
        data: bytes = answer["Body"].read()
    return data


def head(account: Account, stack: Stack, bucket: str, key: str) -> S3Object | None:
    """Read what S3 has of an object, None if it does not exist. Raises botocore's errors."""
    try:
        answer = account.clients["s3"].head_object(**stack.owned(bucket), Key=key)
    except ClientError as error:
        if read_error(error)[0] != "404":
            raise
        return None
    return S3Object(
        key,
        answer["LastModified"],
        answer["ETag"].strip('"'),
        answer["ContentLength"],
        answer.get("VersionId", ""),
        answer["Metadata"],
    )


def _is_of(sent: S3Object, version_id: str, time: str) -> bool:
    """Return whether a failure is of this upload: by its version, or else by its time."""
    if version_id and sent.version_id:
        return version_id == sent.version_id
    try:
        failed = datetime.fromisoformat(time)
    except ValueError:
        return False
    return failed.timestamp() >= sent.modified.timestamp()
