"""Uploads: send a photo to a stack, wait for the mosaics of that upload, download them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from pixelater.outputs import AnyOutput
from pixelater_cli.aws.errors import read_error, translate_errors
from pixelater_cli.aws.operations.failure_queue import count_messages, list_failures
from pixelater_cli.aws.operations.failure_record import format_reason
from pixelater_cli.aws.operations.log_parser import PhotoLine, read_message
from pixelater_cli.aws.operations.logs import read_events
from pixelater_cli.aws.operations.mosaics import (
    S3Object,
    choose_outputs,
    find_mosaic,
    is_optional,
    names_source,
)
from pixelater_cli.aws.operations.waiting import Upload
from pixelater_cli.aws.retries import LONGEST_PAUSE, Now, Sleep
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.errors import AwsError, explain_os_error

PART_BYTES = 16 * 2**20
"""Larger photos are uploaded in parts, several at a time; a part that fails is sent again."""

UPLOAD_FIELD = "pixelater-upload"
"""Metadata that identifies an upload among others of the same key."""

ABSENT_SECONDS = 60.0
"""How long after an upload S3 may not find it: after versioning was enabled, with "intermittent
404 errors" (https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html)."""

MAX_FAILURES_READ = 1000
"""Messages of the failure queue that are searched for an upload. The log has the reason, too."""


def upload(
    account: Account,
    stack: Stack,
    path: Path,
    key: str,
    progress: Callable[[int], None],
    sleep: Sleep,
) -> S3Object:
    """Upload a file, calling `progress` with numbers of bytes. Raises AwsError.

    boto3 does not return the version of an upload; a mark in the metadata identifies it, also if
    an answer was lost and boto3 has sent the photo again.
    """
    mark = uuid.uuid4().hex
    extra = {"Metadata": {UPLOAD_FIELD: mark}, "ExpectedBucketOwner": stack.account}
    settings = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES)
    with translate_errors("upload the photo"):
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
                f"could not upload the photo: cannot read {path}: {reason}", "Push it again."
            ) from error
        sent = _find_sent(account, stack, key, sleep)
    if sent is None:
        raise AwsError(f"S3 does not find {key}, which was uploaded", "Push it again.")
    if sent.metadata.get(UPLOAD_FIELD) != mark:
        raise AwsError(f"{key} was replaced by another upload at once", "Push it again.")
    return sent


def _find_sent(account: Account, stack: Stack, key: str, sleep: Sleep) -> S3Object | None:
    """Find an upload that has just ended, which S3 may not find at once."""
    waited, pause = 0.0, 1.0
    while True:
        found = head(account, stack, stack.source_bucket, key)
        if found is not None or waited >= ABSENT_SECONDS:
            return found
        sleep(pause)
        waited, pause = waited + pause, min(pause * 2, LONGEST_PAUSE)


def find_mosaics(account: Account, stack: Stack, sent: S3Object) -> dict[AnyOutput, S3Object]:
    """Find the mosaics of an upload by output; none while one is missing or of an earlier upload.

    A mosaic's metadata names the photo's ETag and version; without, it must not be older.
    """
    mosaics = partial(head, account, stack, stack.destination_bucket)
    photos = partial(head, account, stack, stack.source_bucket)
    # Without versioning, S3 calls each version "null".
    version_id = "" if sent.version_id == "null" else sent.version_id
    complete: dict[AnyOutput, S3Object] = {}
    with translate_errors("look for the mosaics"):
        outputs = choose_outputs(stack, sent.key)
        for output in sorted(outputs, key=is_optional):
            found = find_mosaic(sent, output, mosaics, photos)
            if found is None and is_optional(output):
                continue  # Its document is up to date, and was put last: nothing was found.
            if found is None:
                return {}
            named = names_source(
                found.metadata,
                sent.etag,
                version_id,
                key=sent.key,
                metadata_key=stack.metadata_key,
            )
            if not (found.modified >= sent.modified if named is None else named):
                return {}
            complete[output] = found
    return {output: complete[output] for output in outputs if output in complete}


def read_metadata(account: Account, stack: Stack, key: str) -> Mapping[str, str]:
    """Read a mosaic's metadata; empty if the mosaic does not exist."""
    mosaic = head(account, stack, stack.destination_bucket, key)
    return {} if mosaic is None else mosaic.metadata


def find_reasons(
    account: Account, stack: Stack, now: Now, uploads: Sequence[Upload]
) -> dict[str, str]:
    """Find why uploads failed permanently, in the log or the failure queue: by key."""
    reasons: dict[str, str] = {}
    waiting: dict[str, S3Object] = {}
    for each in uploads:
        photo = each.sent
        with translate_errors(f"look at {photo.key}"):
            current = head(account, stack, stack.source_bucket, photo.key)
        if current is None:
            is_gone = now() >= each.ended + ABSENT_SECONDS
        else:
            is_gone = (current.etag, current.version_id) != (photo.etag, photo.version_id)
        if is_gone:
            reasons[photo.key] = "it was deleted, or replaced by another upload, meanwhile"
        else:
            waiting[photo.key] = photo
    if waiting:
        reasons |= _read_failed_lines(account, stack, waiting)
    visible, _hidden = count_messages(account, stack) or (0, 0)
    if visible and waiting.keys() - reasons.keys():  # Of an empty queue, SQS answers a second late.
        for failure in list_failures(account, stack, limit=MAX_FAILURES_READ):
            for key in waiting.keys() & set(failure.keys) - reasons.keys():
                if _is_of(waiting[key], failure.version_id, failure.time):
                    reasons[key] = format_reason(failure.reason, failure.message)
    return reasons


def _read_failed_lines(
    account: Account, stack: Stack, waiting: Mapping[str, S3Object]
) -> dict[str, str]:
    """Read the log since the first of these uploads for lines about permanent failures."""
    reasons: dict[str, str] = {}
    since = min(photo.modified for photo in waiting.values()).timestamp()
    for event in read_events(account, stack, since):
        for line in read_message(event.message):
            if not isinstance(line, PhotoLine) or line.outcome != "failed":
                continue
            photo = waiting.get(line.key)
            late_enough = photo and event.time >= photo.modified.timestamp() * 1000
            if photo and late_enough and line.version_id in ("", photo.version_id):
                reasons.setdefault(line.key, line.error)
    return reasons


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


def has_photo(account: Account, stack: Stack, key: str) -> bool:
    """Return whether the source bucket has a photo with this key. Raises AwsError."""
    with translate_errors(f"look for {key}"):
        return head(account, stack, stack.source_bucket, key) is not None


def _is_of(sent: S3Object, version_id: str, time: str) -> bool:
    """Return whether a failure is of this upload: by its version, or else by its time."""
    if version_id and sent.version_id:
        return version_id == sent.version_id
    try:
        failed = datetime.fromisoformat(time)
    except ValueError:
        return False
    return failed.timestamp() >= sent.modified.timestamp()
