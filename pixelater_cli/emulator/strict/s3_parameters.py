"""What S3 refuses, or passes over, of headers and query parameters.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTCommonRequestHeaders.html
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

from pixelater_cli.emulator.strict.documents import INTEGER, TIMESTAMP
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.s3_head_rules import no_such_bucket
from pixelater_cli.emulator.strict.s3_request import S3Request
from pixelater_cli.emulator.strict.s3_state import find_bucket

MAX_INTEGER = 2**31 - 1

RANGE = re.compile(r"bytes=(?:\d{1,19}-\d{0,19}|-\d{1,19})")
COPY_RANGE = re.compile(r"bytes=(\d{1,19})-(\d{1,19})")

DATES = (
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_X_AMZ_COPY_SOURCE_IF_MODIFIED_SINCE",
    "HTTP_X_AMZ_COPY_SOURCE_IF_UNMODIFIED_SINCE",
)

REFUSALS = {
    "x-amz-storage-class": ("InvalidStorageClass", "The storage class you specified is not valid"),
    "x-amz-server-side-encryption": (
        "InvalidEncryptionAlgorithmError",
        "The encryption request you specified is not valid. Supported values: AES256, aws:kms.",
    ),
    "x-amz-metadata-directive": ("InvalidArgument", "Unknown metadata directive."),
    "x-amz-tagging-directive": ("InvalidArgument", "Unknown tagging directive."),
    "x-amz-sdk-checksum-algorithm": (
        "InvalidRequest",
        "Checksum algorithm provided is unsupported. Please try again with any of the valid "
        "types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
    ),
    "x-amz-checksum-algorithm": (
        "InvalidRequest",
        "Checksum algorithm provided is unsupported. Please try again with any of the valid "
        "types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
    ),
    "x-amz-object-lock-retain-until-date": (
        "InvalidArgument",
        "The retain until date must be provided in ISO 8601 format",
    ),
    "encoding-type": ("InvalidArgument", "Invalid Encoding Method specified in Request"),
}
"""What S3 says of values that are none, where it is known; else InvalidArgument."""

CASELESS = {"x-amz-sdk-checksum-algorithm", "x-amz-checksum-algorithm"}
OPEN = {"x-amz-object-attributes", "x-amz-optional-object-attributes", "x-amz-request-payer"}
"""Enumerations of which a header may have several values, or which moto does not look at."""

GRANT = re.compile(r'\s*(id|uri|emailAddress)\s*=\s*("[^"]+"|[^",\s]+)\s*', re.IGNORECASE)


def forget_invalid(environ: MutableMapping[str, Any]) -> None:
    """Take out ranges and dates that S3 passes over because they are none.

    https://www.rfc-editor.org/rfc/rfc9110#section-14.2 and section 13.1.3 on
    """
    given = environ.get("HTTP_RANGE")
    if given is not None and not RANGE.fullmatch(given.strip()):
        del environ["HTTP_RANGE"]
    for name in DATES:
        if name in environ and not _is_date(environ[name]):
            del environ[name]


def _is_date(text: str) -> bool:
    try:
        return parsedate_to_datetime(text).utcoffset() is not None
    except (ValueError, TypeError):
        return False


def check_parameters(request: S3Request) -> None:
    """Refuse values that are not of the parameter's kind. Raises Refusal."""
    operation = request.operation
    for name, value in request.query.items():
        shape = (operation.query or {}).get(name)
        if shape is not None and (value or shape.type_name == "integer"):
            _check_value(name, value, shape)
    for name, value in request.headers.items():
        shape = (operation.headers or {}).get(name)
        if shape is not None:
            if name.startswith("x-amz-grant-"):
                _check_grants(name, value)
            elif name.startswith("x-amz-"):
                _check_value(name, value, shape)


def _check_value(name: str, value: str, shape: Any) -> None:
    if shape.type_name in ("integer", "long"):
        _check_integer(name, value)
    enum = getattr(shape, "enum", None)
    given = value.upper() if name in CASELESS else value
    unknown = enum and given not in enum and name not in OPEN
    if unknown or (shape.type_name == "timestamp" and not TIMESTAMP.fullmatch(value)):
        if shape.serialization.get("location") == "header" and _is_http_date(name):
            return
        code, message = REFUSALS.get(name, ("InvalidArgument", f"Invalid value for {name}"))
        fields = {"ArgumentName": name, "ArgumentValue": value}
        raise Refusal(400, code, message, fields)


def _is_http_date(name: str) -> bool:
    return name.endswith("-since")


def _check_integer(name: str, value: str) -> None:
    fields = {"ArgumentName": name, "ArgumentValue": value}
    if not INTEGER.fullmatch(value) or abs(int(value)) > MAX_INTEGER:
        message = f"Provided {name} not an integer or within integer range"
        raise Refusal(400, "InvalidArgument", message, fields)
    if int(value) < 0:
        message = f"Argument {name} must be an integer between 0 and {MAX_INTEGER}"
        raise Refusal(400, "InvalidArgument", message, fields)


def _check_grants(name: str, value: str) -> None:
    if not all(GRANT.fullmatch(grant) for grant in value.split(",")):
        fields = {"ArgumentName": name, "ArgumentValue": value}
        raise Refusal(400, "InvalidArgument", "Argument format not recognized", fields)


def check_continuation(request: S3Request) -> None:
    """Refuse to continue a list where none ended. Raises Refusal."""
    name, query = request.operation.name, request.query
    token = query.get("continuation-token")
    bucket = find_bucket(request.bucket)
    if name == "ListObjectsV2" and token and bucket and not bucket.has_ended_at(token):
        message = "The continuation token provided is incorrect"
        raise Refusal(400, "InvalidArgument", message, {"ArgumentName": "continuation-token"})
    version = query.get("version-id-marker")
    if name == "ListObjectVersions" and version and not query.get("key-marker"):
        message = "A version-id marker cannot be specified without a key marker."
        fields = {"ArgumentName": "version-id-marker", "ArgumentValue": version}
        raise Refusal(400, "InvalidArgument", message, fields)


def check_copy_source(request: S3Request) -> None:
    """Refuse sources of copies that name no object, or a range that is none. Raises Refusal."""
    if request.operation.name not in ("CopyObject", "UploadPartCopy"):
        return
    source = request.headers["x-amz-copy-source"]
    bucket, _, rest = unquote(source.partition("?")[0]).lstrip("/").partition("/")
    if not (bucket and rest):
        raise Refusal(
            400,
            "InvalidArgument",
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            {"ArgumentName": "x-amz-copy-source", "ArgumentValue": source},
        )
    if find_bucket(bucket) is None:
        raise no_such_bucket(bucket)
    _check_copy_range(request, bucket, rest)


def _check_copy_range(request: S3Request, bucket: str, key: str) -> None:
    text = request.headers.get("x-amz-copy-source-range")
    if text is None:
        return
    fields = {"ArgumentName": "x-amz-copy-source-range", "ArgumentValue": text}
    read = COPY_RANGE.fullmatch(text)
    if read is None or int(read[1]) > int(read[2]):
        raise Refusal(
            400,
            "InvalidArgument",
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
            "and last are the zero-based offsets of the first and last bytes to copy",
            fields,
        )
    found = find_bucket(bucket)
    source = found.stored.keys.get(key) if found else None
    size = getattr(source, "size", None)
    if size is not None and int(read[2]) >= size:
        message = f"Range specified is not valid for source object of size: {size}"
        raise Refusal(400, "InvalidArgument", message, fields)
