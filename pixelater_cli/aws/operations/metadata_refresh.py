"""Renewal of the metadata of all mosaics in a bucket: sends what metadata_renewal.py asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import read_error
from pixelater_cli.aws.operations.metadata_renewal import (
    CheckPhotoOf,
    CopyInPlace,
    Outcome,
    RenewalRequest,
    renew,
)
from pixelater_cli.aws.operations.mosaics import S3Object
from pixelater_cli.aws.operations.object_index import list_objects
from pixelater_cli.aws.operations.uploads import head
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Document, Stack
from pixelater_cli.errors import AwsError
from pixelater_function.mosaic_metadata import name_photo
from pixelater_function.protocol import CheckMosaic, StoredMosaic, Version

# fmt: off
KEPT_HEADERS = (
    "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType",
    "Expires", "StorageClass", "WebsiteRedirectLocation",
)
# fmt: on
"""What a copy with other metadata does not keep by itself
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html). It does keep tags."""

ENCRYPTION_HEADERS = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")

GONE_CODES = ("404", "NoSuchKey", "PreconditionFailed", "ConditionalRequestConflict")


@dataclass(frozen=True)
class Renewed:
    """A mosaic that was looked at, and what became of it."""

    mosaic: S3Object
    outcome: Outcome


def refresh_metadata(
    account: Account,
    stack: Stack,
    prefix: str,
    start_after: str,
    send: Callable[[S3Object], None],
    wait: Callable[[], None] | None,
) -> Iterator[Renewed]:
    """Renew the metadata in clear of mosaics, waiting before each; None: only find them.

    `prefix` is that of the photos' keys; `send` sends photos to the function that changed while
    the metadata of a mosaic were renewed. Raises AwsError and botocore's errors.
    """
    s3, folder = account.clients["s3"], prefix[: prefix.rfind("/") + 1]
    _check_conditions(s3)
    for mosaic in list_objects(s3, stack.destination_bucket, stack.account, folder, start_after):
        outcome, photo = _renew(account, stack, mosaic.key, prefix, wait)
        if outcome == "changed" and photo is not None:
            send(photo)
        yield Renewed(mosaic, outcome)


def _renew(
    account: Account, stack: Stack, key: str, prefix: str, wait: Callable[[], None] | None
) -> tuple[Outcome, S3Object | None]:
    """Renew the metadata of one mosaic; return the outcome, and its photo as it was seen last."""
    photo: S3Object | None = None

    def answer(request: RenewalRequest) -> Any:
        nonlocal photo
        match request:
            case CheckMosaic(key):
                found = head(account, stack, stack.destination_bucket, key)
                return found and StoredMosaic(found.etag, dict(found.metadata))
            case CheckPhotoOf():
                photo = _find_photo(account, stack, request)
                return photo and Version(photo.etag, photo.version_id, photo.modified.isoformat())
            case CopyInPlace():
                if wait is not None:
                    wait()
                return _copy(account, stack, request)

    steps = renew(key, stack.metadata_key, prefix=name_photo(prefix), copies=wait is not None)
    try:
        (request,) = next(steps)
        while True:
            (request,) = steps.send([answer(request)])
    except StopIteration as end:
        outcome: Outcome = end.value
        return outcome, photo


def _find_photo(account: Account, stack: Stack, request: CheckPhotoOf) -> S3Object | None:
    """Find the photo of a mosaic: by its key, or by the end of it, in the folder of the mosaic."""
    key = request.key
    if key is None:
        folder = request.mosaic[: request.mosaic.rfind("/") + 1]
        s3, bucket = account.clients["s3"], stack.source_bucket
        listed = list_objects(s3, bucket, stack.account, folder)
        key = next((each.key for each in listed if name_photo(each.key) == request.name), None)
    return None if key is None else head(account, stack, stack.source_bucket, key)


def _copy(account: Account, stack: Stack, request: CopyInPlace) -> bool:
    """Copy a mosaic onto itself, on condition of its ETag; return whether it was copied."""
    s3 = account.clients["s3"]
    target = {**stack.owned(stack.destination_bucket), "Key": request.key}
    try:
        found = s3.head_object(**target)
        etag = found["ETag"]
        if etag.strip('"') != request.etag:
            return False
        kept = {name: found[name] for name in KEPT_HEADERS if name in found}
        s3.copy_object(
            **target,
            **kept,
            **_keep_encryption(found),
            CopySource={"Bucket": stack.destination_bucket, "Key": request.key},
            CopySourceIfMatch=etag,
            ExpectedSourceBucketOwner=stack.account,
            IfMatch=etag,
            Metadata=dict(request.metadata),
            MetadataDirective="REPLACE",
        )
    except ClientError as error:
        if read_error(error)[0] not in GONE_CODES:
            raise
        return False
    return True


def _keep_encryption(found: Document) -> Document:
    """Return the encryption of an object with a KMS key; for others, the bucket's is taken."""
    if not found.get("SSEKMSKeyId"):
        return {}
    return {name: found[name] for name in ENCRYPTION_HEADERS if name in found}


def _check_conditions(s3: Any) -> None:
    """Raise AwsError if boto3 cannot copy on condition: mosaics could become stale."""
    if "IfMatch" not in s3.meta.service_model.operation_model("CopyObject").input_shape.members:
        raise AwsError(
            f"boto3 {boto3.__version__} does not know IfMatch of CopyObject",
            "Install a newer boto3: pip install --upgrade boto3",
        )
