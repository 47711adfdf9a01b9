"""Owns sending a photo to a stack, waiting for the mosaics of just that upload, fetching them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import translate_errors
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
"""Metadata that tells one upload from another of the same key."""

HEAD_POLL_SECONDS = (0.1, 2.0)
"""How often to look for mosaics: soon at first, then every two seconds."""

FAILURE_POLL_SECONDS = (3.0, 30.0)
"""How often to ask the log and the failure queue whether it failed: that reads them whole."""


@dataclass(frozen=True)
class Upload:
    """One upload, as S3 has it: `modified` is S3's time, not this machine's."""

    key: str
    bytes: int
    etag: str
    version_id: str
    modified: datetime


@dataclass(frozen=True)
class FoundMosaic:
    """A mosaic in the destination bucket."""

    grid: int
    key: str
    bytes: int
    etag: str


def upload(
    account: Account, stack: Stack, path: Path, key: str, told: Callable[[int], None]
) -> Upload:
    """Upload a file, telling `told` of bytes as they go. Raises AwsError.

    boto3 does not say which version an upload became: a mark in its metadata does.
    """
    s3, mark = account.clients["s3"], uuid.uuid4().hex
    owned = {"ExpectedBucketOwner": stack.account}
    place = {"Bucket": stack.source_bucket, "Key": key, **owned}
    settings = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES)
    with translate_errors(f"upload {key}"):
        try:
            s3.upload_file(
                str(path),
                stack.source_bucket,
                key,
                ExtraArgs={"Metadata": {UPLOAD_FIELD: mark}, **owned},
                Callback=told,
                Config=settings,
            )
        except S3UploadFailedError as error:
            raise (error.__context__ or error) from None  # It hides the ClientError that it is.
        except OSError as error:  # The file was removed or could not be read meanwhile.
            reason = explain_os_error(error)
            raise AwsError(
                f"could not upload {key}: cannot read {path}: {reason}", "Push it again."
            ) from error
        head = s3.head_object(**place)
    if head["Metadata"].get(UPLOAD_FIELD) != mark:
        raise AwsError(f"{key} was replaced by another upload at once", "Push it again.")
    return Upload(
        key,
        head["ContentLength"],
        head["ETag"].strip('"'),
        head.get("VersionId", ""),
        head["LastModified"],
    )


def wait_for_mosaics(
    account: Account,
    stack: Stack,
    sent: Upload,
    seconds: float,
    sleep: Callable[[float], None],
    now: Callable[[], float],
) -> tuple[FoundMosaic, ...]:
    """Wait until all mosaics of an upload are there. Raises AwsError if it fails or takes longer.

    Why it fails is in the failure queue or in the log; while an attempt failed for now only, Lambda
    tries again.
    """
    started = asked = now()
    pause, longest = HEAD_POLL_SECONDS
    patience, most = FAILURE_POLL_SECONDS
    while True:
        found = find_mosaics(account, stack, sent)
        if found:
            return found
        late = now() - started >= seconds
        if late or now() - asked >= patience:
            reason = find_reason(account, stack, sent)
            if reason:
                raise AwsError(reason, "See: pixelater failures")
            asked, patience = now(), min(patience * 2, most)
        if late:
            raise AwsError(
                f"no mosaics of {sent.key} after {seconds:.0f} seconds",
                "It may still come: see pixelater logs and pixelater failures.",
            )
        sleep(pause)
        pause = min(pause * 1.5, longest)


def find_mosaics(account: Account, stack: Stack, sent: Upload) -> tuple[FoundMosaic, ...]:
    """Find the mosaics of an upload: all, or none while one is missing or of an earlier upload.

    A mosaic's metadata names the photo's ETag and version; without, it must not be older.
    """
    photo, made = S3Object(sent.key, sent.modified, sent.etag, sent.bytes), []
    heads: dict[str, Mapping[str, Any]] = {}

    def find(bucket: str, key: str) -> S3Object | None:
        head = _look_at(account, stack, bucket, key)
        if head is None:
            return None
        heads[key] = head
        return S3Object(key, head["LastModified"], head["ETag"].strip('"'), head["ContentLength"])

    mosaics, photos = partial(find, stack.destination_bucket), partial(find, stack.source_bucket)
    with translate_errors("look for the mosaics"):
        for grid in list_grids(stack):
            found = find_mosaic(photo, grid, mosaics, photos)
            if found is None:
                return ()
            named = names_source(heads[found.key]["Metadata"], sent.etag, _real(sent.version_id))
            if not (found.modified >= sent.modified if named is None else named):
                return ()
            made.append(FoundMosaic(grid, found.key, found.bytes, found.etag))
    return tuple(made)


def read_metadata(account: Account, stack: Stack, key: str) -> Mapping[str, str]:
    """Read a mosaic's metadata; none if it is gone."""
    head = _look_at(account, stack, stack.destination_bucket, key)
    return {} if head is None else head["Metadata"]


def find_reason(account: Account, stack: Stack, sent: Upload) -> str:
    """Find why an upload failed for good, in the log or else in the failure queue; "" if not."""
    if not _is_there(account, stack, sent):
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


def download(account: Account, stack: Stack, mosaic: FoundMosaic) -> bytes:
    """Fetch a mosaic, the very one that was found. Raises AwsError."""
    with translate_errors(f"download {mosaic.key}"):
        try:
            answer: Any = account.clients["s3"].get_object(
                Bucket=stack.destination_bucket,
                Key=mosaic.key,
                IfMatch=mosaic.etag,
                ExpectedBucketOwner=stack.account,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            raise AwsError(
                f"{mosaic.key} was replaced meanwhile: another upload of the photo came after",
                "Push it again, if this one is to stay.",
            ) from error
        data: bytes = answer["Body"].read()
    return data


def _is_there(account: Account, stack: Stack, sent: Upload) -> bool:
    """Tell whether the photo is still this upload."""
    with translate_errors(f"look at {sent.key}"):
        head = _look_at(account, stack, stack.source_bucket, sent.key)
    if head is None:
        return False
    return (head["ETag"].strip('"'), head.get("VersionId", "")) == (sent.etag, sent.version_id)


def _look_at(account: Account, stack: Stack, bucket: str, key: str) -> Mapping[str, Any] | None:
    """Read what S3 says of an object, None if there is none."""
    place = {"Bucket": bucket, "Key": key, "ExpectedBucketOwner": stack.account}
    try:
        head: Mapping[str, Any] = account.clients["s3"].head_object(**place)
    except ClientError as error:
        if error.response["Error"]["Code"] != "404":
            raise
        return None
    return head


def _is_of(sent: Upload, version_id: str, time: str) -> bool:
    """Tell whether a failure is of this upload: by its version, or else by its time."""
    if version_id and sent.version_id:
        return version_id == sent.version_id
    try:
        failed = datetime.fromisoformat(time)
    except ValueError:
        return False
    return failed.timestamp() >= sent.modified.timestamp()


def _real(version_id: str) -> str:
    """Give a version that tells uploads apart: without versioning S3 calls each "null"."""
    return "" if version_id == "null" else version_id
