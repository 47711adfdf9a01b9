"""Sender of the delivery protocol's requests to S3."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from pixelater.errors import PictureError
from pixelater_function import protocol
from pixelater_function.protocol import DeliveryResult, Request, SourceObject, StoredMosaic, Version

MAX_OBJECT_BYTES = 128 * 2**20
"""Larger objects are refused before they are read, because photos are held in memory."""

MAX_THREADS = 8
"""Concurrent requests; the client keeps ten connections."""

CONDITION_FAILED_CODES = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")
"""The condition failed, or another request for the object was in progress
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html)."""


UNSUPPORTED = "NotImplemented"
"""S3's code for a header that is not supported, with status 501. LocalStack returns it for If-Match
of DeleteObject (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)."""


CONDITIONS = {"PutObject": ("IfMatch", "IfNoneMatch"), "DeleteObject": ("IfMatch",)}
"""Operation -> the parameters without which a late event could replace or delete newer mosaics."""


class UnsupportedRuntime(Exception):
    """The boto3 that comes with the Lambda runtime is too old."""


class ObjectTooLarge(PictureError):
    """More bytes than the function holds in memory."""


@dataclass(frozen=True)
class Destination:
    """Places of a photo and its mosaics; both buckets must belong to the account `owner`.

    With permission to list the buckets (`may_list`), S3 returns 404 for an object that does not
    exist, else 403.
    """

    source: str
    key: str
    destination: str
    owner: str
    may_list: bool = False


def check_client(client: Any) -> None:
    """Raise UnsupportedRuntime if boto3 cannot send requests with the conditions."""
    for operation, parameters in CONDITIONS.items():
        known = client.meta.service_model.operation_model(operation).input_shape.members
        missing = ", ".join(name for name in parameters if name not in known)
        if missing:
            raise UnsupportedRuntime(
                f"boto3 {boto3.__version__} of this runtime does not know {missing} of "
                f"{operation}: deploy with a newer --runtime"
            )


def execute(
    client: Any,
    place: Destination,
    steps: Generator[Iterable[Request], Sequence[Any], DeliveryResult],
    measure: Callable[[str], AbstractContextManager[None]],
) -> DeliveryResult:
    """Send the requests of a delivery; `measure` times the "get" of the photo.

    Raises what the steps raise, ObjectTooLarge, and botocore's errors.
    """

    def answer(request: Request) -> Any:
        with measure("get") if isinstance(request, protocol.ReadPhoto) else nullcontext():
            return send_request(client, place, request)

    pool = ThreadPoolExecutor(MAX_THREADS)
    try:
        replies: Sequence[Any] | None = None
        while True:
            # Requests are made while earlier ones are in progress.
            requests = next(steps) if replies is None else steps.send(replies)
            if isinstance(requests, tuple):
                # Each thread has a heap that keeps its memory: eight would keep eight photos.
                replies = [answer(request) for request in requests]
            else:
                futures = [pool.submit(answer, request) for request in requests]
                replies = [future.result() for future in futures]
    except StopIteration as end:
        delivered: DeliveryResult = end.value
        return delivered
    finally:
        # Requests in progress after an error do no harm: every put has a condition.
        pool.shutdown(wait=False, cancel_futures=True)


def send_request(
    client: Any, place: Destination, request: Request
) -> SourceObject | Version | StoredMosaic | bool | None:
    """Send one request, and return the reply that the protocol expects."""
    photo = {"Bucket": place.source, "Key": place.key, "ExpectedBucketOwner": place.owner}
    mosaics = {"Bucket": place.destination, "ExpectedBucketOwner": place.owner}
    match request:
        case protocol.ReadPhoto():
            return _read(client, photo)
        case protocol.CheckPhoto():
            answer = _head(client, place, photo)
            return answer and _tell_version(answer)
        case protocol.CheckMosaic(key):
            answer = _head(client, place, {**mosaics, "Key": key})
            return answer and StoredMosaic(
                answer["ETag"], answer["Metadata"], answer.get("CacheControl", "")
            )
        case protocol.PutMosaic(output, metadata, replaces, cache_control):
            condition = {"IfMatch": replaces} if replaces else {"IfNoneMatch": "*"}
            caching = {"CacheControl": cache_control} if cache_control else {}
            parameters = {
                **mosaics,
                "Key": output.key,
                "Body": output.data,
                "ContentType": output.media_type,
                "Metadata": metadata,
                **caching,
            }
            return _change(client.put_object, {**parameters, **condition})
        case protocol.DeleteMosaic(key, etag):
            return _delete(client, {**mosaics, "Key": key}, etag)


def _read(client: Any, photo: dict[str, str]) -> SourceObject | None:
    try:
        answer = client.get_object(**photo)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return None
    size = answer["ContentLength"]
    with answer["Body"] as body:
        if size > MAX_OBJECT_BYTES:
            message = f"{size} bytes are more than the limit of {MAX_OBJECT_BYTES}"
            raise ObjectTooLarge(message, "Upload a smaller copy.")
        return SourceObject(_tell_version(answer), body.read())


def _head(client: Any, place: Destination, parameters: dict[str, str]) -> Any:
    try:
        return client.head_object(**parameters)
    except ClientError as error:
        absent = ("404",) if place.may_list else ("404", "403")
        if error.response["Error"]["Code"] not in absent:
            raise
        return None


def _tell_version(answer: Any) -> Version:
    modified = answer["LastModified"].isoformat()
    return Version(answer["ETag"], answer.get("VersionId", ""), modified)


def _change(call: Any, parameters: dict[str, Any]) -> bool:
    try:
        call(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] not in CONDITION_FAILED_CODES:
            raise
        return False
    return True


def _delete(client: Any, mosaic: dict[str, str], etag: str | None) -> bool | None:
    """Delete a mosaic, on condition of its ETag if given; None if conditions are not supported."""
    try:
        return _change(client.delete_object, {**mosaic, **({"IfMatch": etag} if etag else {})})
    except ClientError as error:
        if etag is None or error.response["Error"]["Code"] != UNSUPPORTED:
            raise
        return None
