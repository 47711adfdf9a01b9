"""What S3 refuses by the head of a request: nothing of its body has been read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from pixelater_cli.emulator.strict.bucket_names import is_bucket_name
from pixelater_cli.emulator.strict.checksums import PREFIX
from pixelater_cli.emulator.strict.chunked import is_chunked
from pixelater_cli.emulator.strict.lengths import MAX_BYTES
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.s3_operations import ABSENT
from pixelater_cli.emulator.strict.s3_request import S3Request
from pixelater_cli.emulator.strict.s3_state import find_bucket

MAX_DOCUMENT_BYTES = 4 * 1024**2
MAX_KEY_BYTES = 1024
MAX_METADATA_BYTES = 2 * 1024
MAX_HEADERS_BYTES = 8 * 1024
METADATA = "x-amz-meta-"
CODING = "x-amz-content-sha256"

OBJECT_OPERATIONS = {"PutObject", "UploadPart", "PostObject"}
"""Operations whose body is an object, or a part of one."""

CONDITIONAL_WRITES = {"PutObject", "CopyObject", "CompleteMultipartUpload"}

METHODS = {"GET", "HEAD", "PUT", "POST", "DELETE"}

NEED_OBJECT = {
    "DeleteObjectTagging",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectTagging",
    "PutObjectAcl",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "RestoreObject",
}

OWNER_HEADERS = ("x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner")

SHA256 = re.compile("[0-9a-f]{64}")
ACCOUNT = re.compile(r"\d{12}")


def check_operation(request: S3Request) -> None:
    """Refuse requests for what S3, or this emulator, does not have. Raises Refusal."""
    name = request.operation.name
    if request.method in METHODS and (not name or ABSENT.fullmatch(name)):
        message = "The specified method is not allowed against this resource."
        raise Refusal(405, "MethodNotAllowed", message, {"Method": request.method})


def check_object(request: S3Request) -> None:
    """Refuse operations on objects that do not exist, where moto fails. Raises Refusal."""
    if request.operation.name not in NEED_OBJECT:
        return
    bucket = find_bucket(request.bucket)
    if bucket is None:
        raise no_such_bucket(request.bucket)
    version = request.query.get("versionId")
    if not bucket.has_object(request.key, version):
        if version is not None:
            message = "The specified version does not exist."
            fields = {"Key": request.key, "VersionId": version}
            raise Refusal(404, "NoSuchVersion", message, fields)
        message = "The specified key does not exist."
        raise Refusal(404, "NoSuchKey", message, {"Key": request.key})


def check_bucket(request: S3Request) -> None:
    """Refuse what needs a bucket that does not exist, or cannot exist. Raises Refusal."""
    missing = request.bucket and find_bucket(request.bucket) is None
    if missing and not is_bucket_name(request.bucket):
        message = "The specified bucket is not valid."
        raise Refusal(400, "InvalidBucketName", message, {"BucketName": request.bucket})
    if missing and request.method != "HEAD" and request.operation.name != "CreateBucket":
        raise no_such_bucket(request.bucket)


def no_such_bucket(name: str) -> Refusal:
    """Return the refusal of a bucket that does not exist."""
    message = "The specified bucket does not exist"
    return Refusal(404, "NoSuchBucket", message, {"BucketName": name})


def check_length(request: S3Request) -> None:
    """Refuse a body without a length, and one that is too long. Raises Refusal."""
    length, coding = request.headers.get("content-length"), find_coding(request.headers)
    decoded = request.headers.get("x-amz-decoded-content-length", "")
    if is_chunked(coding):
        if not decoded.isdecimal():
            raise _missing_length()
        length = decoded
    elif "chunked" in request.headers.get("transfer-encoding", "").lower():
        message = "A header you provided implies functionality that is not implemented"
        raise Refusal(501, "NotImplemented", message, {"Header": "Transfer-Encoding"})
    elif length is None and request.method == "PUT" and not _is_copy(request):
        raise _missing_length()
    _check_size(request.operation.name, int(length or 0))


def _is_copy(request: S3Request) -> bool:
    return request.operation.name in ("CopyObject", "UploadPartCopy")


def _check_size(operation: str, length: int) -> None:
    if operation in OBJECT_OPERATIONS:
        if length > MAX_BYTES:
            message = "Your proposed upload exceeds the maximum allowed object size."
            sizes = {"ProposedSize": length, "MaxSizeAllowed": MAX_BYTES}
            raise Refusal(400, "EntityTooLarge", message, sizes)
    elif length > MAX_DOCUMENT_BYTES:
        sizes = {"MaxMessageLengthBytes": MAX_DOCUMENT_BYTES}
        raise Refusal(400, "MaxMessageLengthExceeded", "Your request was too large.", sizes)


def _missing_length() -> Refusal:
    message = "You must provide the Content-Length HTTP header."
    return Refusal(411, "MissingContentLength", message)


def find_coding(headers: Mapping[str, str]) -> str:
    """Return the value of x-amz-content-sha256, or ""."""
    return headers.get(CODING, "")


def check_coding(request: S3Request) -> None:
    """Refuse a digest of the body that is none. Raises Refusal."""
    coding = find_coding(request.headers)
    known = coding == "UNSIGNED-PAYLOAD" or is_chunked(coding) or SHA256.fullmatch(coding)
    if not known and CODING in request.headers:
        raise Refusal(
            400,
            "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a valid sha256 value.",
            {"ArgumentName": "x-amz-content-sha256", "ArgumentValue": coding},
        )
    trailer = request.headers.get("x-amz-trailer", "")
    if trailer and not is_chunked(coding):
        message = "The value specified in the x-amz-trailer header is not supported"
        raise Refusal(400, "InvalidRequest", message)
    if trailer and not trailer.lower().startswith(PREFIX):
        message = "The value specified in the x-amz-trailer header is not supported"
        raise Refusal(400, "InvalidRequest", message)


def check_owner(request: S3Request) -> None:
    """Refuse a bucket that does not belong to the account named. Raises Refusal."""
    for header, name in zip(OWNER_HEADERS, (request.bucket, _find_source(request)), strict=True):
        expected = request.headers.get(header)
        if expected is None:
            continue
        if not ACCOUNT.fullmatch(expected):
            message = "The value of the expected bucket owner parameter must be an AWS account ID"
            raise Refusal(400, "InvalidBucketOwnerAWSAccountID", message)
        bucket = find_bucket(name)
        if bucket is not None and bucket.owner != expected:
            raise Refusal(403, "AccessDenied", "Access Denied")


def _find_source(request: S3Request) -> str:
    return request.headers.get("x-amz-copy-source", "").lstrip("/").partition("/")[0]


def check_key(request: S3Request) -> None:
    """Refuse a key that is too long or is no UTF-8. Raises Refusal."""
    try:
        size = len(request.key.encode())
        request.bucket.encode()
        unquote_to_bytes(request.raw_path).decode()
    except UnicodeError:
        raise Refusal(400, "InvalidURI", "Couldn't parse the specified URI.") from None
    check_key_size(size)


def check_key_size(size: int) -> None:
    """Refuse a key of more bytes than S3 allows. Raises Refusal."""
    if size > MAX_KEY_BYTES:
        sizes = {"Size": size, "MaxSizeAllowed": MAX_KEY_BYTES}
        raise Refusal(400, "KeyTooLongError", "Your key is too long", sizes)


def check_metadata(request: S3Request) -> None:
    """Refuse more user-defined metadata, or more headers, than S3 allows. Raises Refusal."""
    size = total = 0
    for name, value in request.headers.items():
        total += len(name) + len(value)
        if name.startswith(METADATA):
            size += len(name) - len(METADATA) + len(value)  # Values are latin-1: bytes.
    if size > MAX_METADATA_BYTES:
        raise Refusal(
            400,
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
            {"Size": size, "MaxSizeAllowed": MAX_METADATA_BYTES},
        )
    if total > MAX_HEADERS_BYTES:
        raise Refusal(
            400,
            "RequestHeaderSectionTooLarge",
            "Your request header section exceeds the maximum allowed size.",
            {"MaxSizeAllowed": MAX_HEADERS_BYTES},
        )


def check_conditions(request: S3Request) -> None:
    """Refuse conditions that writes do not have. Raises Refusal."""
    given = request.headers.get("if-none-match")
    if given is None or request.operation.name not in CONDITIONAL_WRITES:
        return
    if given != "*" or "if-match" in request.headers:
        message = "A header you provided implies functionality that is not implemented"
        raise Refusal(501, "NotImplemented", message, {"Header": "If-None-Match"})


def check_marker(request: S3Request) -> None:
    """Answer for a delete marker: 405 to who names its version, else 404. Raises Refusal."""
    if request.operation.name not in ("GetObject", "HeadObject"):
        return
    bucket, version = find_bucket(request.bucket), request.query.get("versionId")
    marker = bucket.find_marker(request.key, version) if bucket else None
    if marker is None:
        return
    headers = {"x-amz-delete-marker": "true", "x-amz-version-id": str(marker.version_id)}
    if version is None:
        message = "The specified key does not exist."
        raise Refusal(404, "NoSuchKey", message, {"Key": request.key}, headers)
    when = marker.last_modified.strftime("%a, %d %b %Y %H:%M:%S GMT")
    raise Refusal(
        405,
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
        {"Method": request.method, "ResourceType": "DeleteMarker"},
        {**headers, "Allow": "DELETE", "Last-Modified": when},
    )
