"""Preview documents in the destination bucket: all of them, in the order of their keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from botocore.exceptions import ClientError

from pixelater.outputs import PREVIEW, DocumentOutput
from pixelater.placeholder.document import (
    BadDocument,
    LaterFormat,
    PreviewDocument,
    parse_document,
)
from pixelater_cli.aws.errors import read_error, translate_errors
from pixelater_cli.aws.operations.mosaics import S3Object
from pixelater_cli.aws.operations.object_index import list_objects
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_function.events import is_smoke_test

MAX_BYTES = 1_000_000
"""A document of 10,000 characters of data URI and a thousand mosaics has less."""

REPLACE = "Delete it, then write it again: pixelater backfill"

PARALLEL_READS = 8
"""Documents read at the same time; a client keeps ten connections."""


@dataclass(frozen=True)
class FoundDocument:
    """A document in the bucket, or the error that prevented reading it, and what to do."""

    key: str
    document: PreviewDocument | None = None
    error: str = ""
    hint: str = ""


def list_previews(account: Account, stack: Stack, prefix: str) -> list[S3Object]:
    """List the preview documents whose keys begin with a prefix. Raises AwsError."""
    output = DocumentOutput(PREVIEW)
    with translate_errors("list the preview documents"):
        listed = list_objects(
            account.clients["s3"], stack.destination_bucket, stack.account, prefix
        )
        return [
            each
            for each in listed
            if each.key.endswith(output.suffix) and not is_smoke_test(output.find_owner(each.key))
        ]


def read_previews(
    account: Account, stack: Stack, found: Sequence[S3Object]
) -> Iterator[FoundDocument | None]:
    """Read documents, several at the same time; yield each in order, None if it does not exist.

    A photo, and its document with it, may be deleted after it was listed. Raises AwsError.
    """
    pool = ThreadPoolExecutor(PARALLEL_READS)
    try:
        yield from pool.map(partial(_read, account, stack), found)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _read(account: Account, stack: Stack, found: S3Object) -> FoundDocument | None:
    if found.bytes > MAX_BYTES:
        problem = f"it has {found.bytes:,} bytes, more than {MAX_BYTES:,}"
        return FoundDocument(found.key, error=problem, hint=REPLACE)
    target = {**stack.owned(stack.destination_bucket), "Key": found.key}
    with translate_errors(f"read {found.key}"):
        try:
            answer = account.clients["s3"].get_object(**target)
        except ClientError as refusal:
            if read_error(refusal)[0] != "NoSuchKey":
                raise
            return None
        with answer["Body"] as body:
            data = body.read(MAX_BYTES)
    try:
        document = parse_document(data)
    except LaterFormat as error:
        return FoundDocument(found.key, error=str(error), hint="Install the newest pixelater.")
    except BadDocument as error:
        return FoundDocument(found.key, error=str(error), hint=REPLACE)
    if DocumentOutput(PREVIEW).name(document.photo) != found.key:
        problem = f"it is the document of {document.photo}"
        return FoundDocument(found.key, error=problem, hint=REPLACE)
    return FoundDocument(found.key, document)
