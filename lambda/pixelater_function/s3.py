"""Owns S3 as the function uses it: carries out the requests of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from pixelater.errors import PictureError
from pixelater_function import delivery
from pixelater_function.delivery import DeliveryResult, Request, SourceObject, StoredMosaic, Version

MAX_OBJECT_BYTES = 128 * 2**20
"""Larger objects are refused before they are read: photo and mosaics are held in memory."""

MAX_THREADS = 8
"""Requests at a time; the client keeps ten connections."""

CONDITION_FAILED_CODES = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")
"""A condition that did not hold; or that could not be told, or not even asked, as somebody else was
at the object (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html)."""


UNSUPPORTED = "NotImplemented"
"""S3's code for a header that a server does not support, with status 501. LocalStack answers so to
If-Match on DeleteObject (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)."""


class ObjectTooLarge(PictureError):
    """More bytes than the function holds in memory."""


@dataclass(frozen=True)
class Destination:
    """Where one photo lies and its mosaics go; both buckets must belong to the account `owner`.

    Who `may_list` the buckets learns that an object is not there; else S3 denies knowing.
    """

    source: str
    key: str
    destination: str
    owner: str
    may_list: bool = False


def execute(
    client: Any,
    place: Destination,
    steps: Generator[Iterable[Request], Sequence[Any], DeliveryResult],
    measure: Callable[[str], AbstractContextManager[None]],
) -> DeliveryResult:
    """Carry out a delivery's requests, and have it measured how long it takes to "get" the photo.

    Raises what the steps raise, ObjectTooLarge, and botocore's errors.
    """

    def answer(request: Request) -> Any:
        with measure("get") if isinstance(request, delivery.ReadPhoto) else nullcontext():
            return send_request(client, place, request)

    pool = ThreadPoolExecutor(MAX_THREADS)
    try:
        replies: Sequence[Any] | None = None
        while True:
            # A generator takes None first. Requests are made while earlier ones are under way.
            requests = next(steps) if replies is None else steps.send(replies)
            if isinstance(requests, tuple):
                # Each thread has a heap, which keeps what was in it: eight would keep eight photos.
                replies = [answer(request) for request in requests]
            else:
                futures = [pool.submit(answer, request) for request in requests]
                replies = [future.result() for future in futures]
    except StopIteration as end:
        delivered: DeliveryResult = end.value
        return delivered
    finally:
        # What is still under way after an error does no harm: every put has its condition.
        pool.shutdown(wait=False, cancel_futures=True)


def send_request(
    client: Any, place: Destination, request: Request
) -> SourceObject | Version | StoredMosaic | bool | None:
    """Carry out one request; give the reply that the protocol expects."""
    photo = {"Bucket": place.source, "Key": place.key, "ExpectedBucketOwner": place.owner}
    mosaics = {"Bucket": place.destination, "ExpectedBucketOwner": place.owner}
    match request:
        case delivery.ReadPhoto():
            return _read(client, photo)
        case delivery.CheckPhoto():
            answer = _head(client, place, photo)
            return answer and _tell_version(answer)
        case delivery.CheckMosaic(key):
            answer = _head(client, place, {**mosaics, "Key": key})
            return answer and StoredMosaic(answer["ETag"], answer["Metadata"])
        case delivery.PutMosaic(output, metadata, replaces):
            condition = {"IfMatch": replaces} if replaces else {"IfNoneMatch": "*"}
            parameters = {
                **mosaics,
                "Key": output.key,
                "Body": output.data,
                "ContentType": output.media_type,
                "Metadata": metadata,
            }
            return _change(client.put_object, {**parameters, **condition})
        case delivery.DeleteMosaic(key, etag):
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
            raise ObjectTooLarge(f"{size} bytes are more than the limit of {MAX_OBJECT_BYTES}")
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
    """Delete a mosaic, on condition of its ETag if one is given; None: that is not supported."""
    try:
        return _change(client.delete_object, {**mosaic, **({"IfMatch": etag} if etag else {})})
    except ClientError as error:
        if etag is None or error.response["Error"]["Code"] != UNSUPPORTED:
            raise
        return None
