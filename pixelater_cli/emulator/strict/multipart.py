"""What S3 refuses of multipart uploads.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

from moto.settings import S3_UPLOAD_PART_MIN_SIZE

from pixelater_cli.emulator.strict.checksums import (
    ALGORITHMS,
    compute_checksum,
    find_checksums,
)
from pixelater_cli.emulator.strict.documents import malformed, parse, strip_namespace
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.s3_request import S3Request
from pixelater_cli.emulator.strict.s3_state import find_bucket

MAX_PARTS = 10_000
UPLOAD_OPERATIONS = {
    "UploadPart",
    "UploadPartCopy",
    "ListParts",
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
}
PART_NUMBER = re.compile(r"\d{1,9}")


@dataclass(frozen=True)
class CompletedPart:
    """A part that a CompleteMultipartUpload names; `checksums` are by algorithm."""

    number: int
    etag: str
    checksums: dict[str, str]


def check_part_number(request: S3Request) -> None:
    """Refuse part numbers that are none. Raises Refusal."""
    number = request.query.get("partNumber")
    if number is None:
        if request.method == "PUT" and "uploadId" in request.query:
            message = "This operation does not accept a query-string."
            raise Refusal(400, "InvalidArgument", message, {"ArgumentName": "uploadId"})
        return
    if request.method == "PUT" and "uploadId" not in request.query:
        message = "This operation does not accept a query-string."
        raise Refusal(400, "InvalidArgument", message, {"ArgumentName": "partNumber"})
    if not PART_NUMBER.fullmatch(number) or not 1 <= int(number) <= MAX_PARTS:
        message = f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive"
        fields = {"ArgumentName": "partNumber", "ArgumentValue": number}
        raise Refusal(400, "InvalidArgument", message, fields)


def check_upload(request: S3Request) -> None:
    """Refuse multipart uploads that were never begun or have ended. Raises Refusal."""
    if request.operation.name not in UPLOAD_OPERATIONS:
        return
    bucket, upload_id = find_bucket(request.bucket), request.query["uploadId"]
    if bucket is None or bucket.find_upload(upload_id, request.key):
        return
    completed = bucket.find_completed(upload_id, request.key)
    if not (completed and request.operation.name == "CompleteMultipartUpload"):
        raise Refusal(
            404,
            "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload "
            "may have been aborted or completed.",
            {"UploadId": upload_id},
        )


def check_part_checksum(request: S3Request) -> None:
    """Refuse a part without the kind of checksum that its upload has. Raises Refusal."""
    if request.operation.name != "UploadPart":
        return
    upload = _find_upload(request)
    expected = str(upload.metadata.get("x-amz-checksum-algorithm") or "").lower() if upload else ""
    given = next(iter(find_checksums(request.headers)), "null")
    if expected in ALGORITHMS and given != expected:
        message = (
            f"Checksum Type mismatch occurred, expected checksum Type: {expected}, "
            f"actual checksum Type: {given}"
        )
        raise Refusal(400, "InvalidRequest", message)


def check_completion(request: S3Request) -> None:
    """Refuse parts that are missing, changed, too small or in another order. Raises Refusal."""
    if request.operation.name != "CompleteMultipartUpload":
        return
    if not (request.body or b"").strip():
        raise Refusal(400, "InvalidRequest", "You must specify at least one part")
    parts = _read_parts(request.body or b"")
    numbers = [part.number for part in parts]
    if not parts:
        raise malformed()
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise Refusal(
            400,
            "InvalidPartOrder",
            "The list of parts was not in ascending order. The parts list must be specified in "
            "order by part number.",
            {"UploadId": request.query["uploadId"]},
        )
    upload = _find_upload(request)
    if upload is not None:
        for part in parts:
            _check_part(part, upload, is_last=part is parts[-1])
        _check_whole(request.headers, [upload.parts[number].value for number in numbers], upload)


def _check_whole(headers: Mapping[str, str], values: list[bytes], upload: Any) -> None:
    """Refuse another size or checksum of the whole object than was named. Raises Refusal."""
    size, given = sum(map(len, values)), headers.get("x-amz-mp-object-size")
    if given is not None and given != str(size):
        message = (
            f"The provided 'x-amz-mp-object-size' header value {given} does not match what was "
            f"computed: {size}"
        )
        raise Refusal(400, "InvalidRequest", message)
    is_composite = upload.metadata.get("x-amz-checksum-type", "") != "FULL_OBJECT"
    for name, value in find_checksums(headers).items():
        if is_composite and name != "crc64nvme":
            data = b"".join(ALGORITHMS[name](part) for part in values)
        else:
            data = b"".join(values)
        if compute_checksum(name, data) != value.partition("-")[0]:
            message = f"The {name.upper()} you specified did not match the calculated checksum."
            raise Refusal(400, "BadDigest", message)


def _check_part(part: CompletedPart, upload: Any, *, is_last: bool) -> None:
    stored = upload.parts.get(part.number)
    same = stored is not None and stored.etag.strip('"') == part.etag
    if not same or any(
        compute_checksum(name, stored.value) != value for name, value in part.checksums.items()
    ):
        raise Refusal(
            400,
            "InvalidPart",
            "One or more of the specified parts could not be found.  The part may not have been "
            "uploaded, or the specified entity tag may not match the part's entity tag.",
            {"UploadId": upload.id, "PartNumber": part.number, "ETag": part.etag},
        )
    if not is_last and stored.contentsize < S3_UPLOAD_PART_MIN_SIZE:
        raise Refusal(
            400,
            "EntityTooSmall",
            "Your proposed upload is smaller than the minimum allowed size",
            {
                "ProposedSize": stored.contentsize,
                "MinSizeAllowed": S3_UPLOAD_PART_MIN_SIZE,
                "PartNumber": part.number,
                "ETag": part.etag,
            },
        )


def _read_parts(body: bytes) -> list[CompletedPart]:
    return [_read_part(element) for element in parse(body)]


def _read_part(element: ElementTree.Element) -> CompletedPart:
    values = {strip_namespace(child.tag): (child.text or "").strip() for child in element}
    if not (values.get("PartNumber", "").isdecimal() and "ETag" in values):
        raise malformed()
    checksums = {
        name: values[f"Checksum{name.upper()}"]
        for name in ALGORITHMS
        if f"Checksum{name.upper()}" in values
    }
    return CompletedPart(int(values["PartNumber"]), values["ETag"].strip('"'), checksums)


def _find_upload(request: S3Request) -> Any:
    bucket = find_bucket(request.bucket)
    return bucket.find_upload(request.query["uploadId"], request.key) if bucket else None
