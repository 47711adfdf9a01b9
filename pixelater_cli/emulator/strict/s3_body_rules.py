"""What S3 refuses by a request's body: nothing of it has been stored."""

from __future__ import annotations

import hashlib
import json
from fnmatch import fnmatchcase
from typing import Any

from pixelater_cli.emulator.strict.checksums import check_checksums, check_md5, find_checksums
from pixelater_cli.emulator.strict.documents import check_document, malformed
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.s3_head_rules import SHA256, find_coding
from pixelater_cli.emulator.strict.s3_request import S3Request

ACL_MESSAGE = (
    "The XML you provided was not well-formed or did not validate against our published schema"
)


def check_sha256(request: S3Request) -> None:
    """Verify the digest that the signature covers. Raises Refusal."""
    given = find_coding(request.headers)
    if not SHA256.fullmatch(given):
        return
    computed = hashlib.sha256(request.body or b"").hexdigest()
    if computed != given:
        raise Refusal(
            400,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            {"ClientComputedContentSHA256": given, "S3ComputedContentSHA256": computed},
        )


def check_content_md5(request: S3Request) -> None:
    """Verify Content-MD5. Raises Refusal."""
    check_md5(request.headers.get("content-md5"), request.body or b"")


def check_body_checksum(request: S3Request) -> None:
    """Verify the checksum of the body, from a header or a trailer. Raises Refusal."""
    if not request.operation.checksummed:
        return
    check_checksums(request.headers, request.body or b"")
    algorithm = request.headers.get("x-amz-sdk-checksum-algorithm", "").lower()
    found = find_checksums(request.headers)
    if algorithm and found and algorithm not in found:
        message = (
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* "
            "or x-amz-trailer headers were found."
        )
        raise Refusal(400, "InvalidRequest", message)


def check_xml(request: S3Request) -> None:
    """Refuse documents that are missing or do not follow S3's schema. Raises Refusal."""
    operation, body = request.operation, request.body or b""
    if operation.document is None:
        return
    if body.strip():
        closed = operation.name != "PutBucketNotificationConfiguration"
        try:
            check_document(body, operation.document, operation.document_name, closed=closed)
        except Refusal as refusal:
            if operation.document_name == "AccessControlPolicy":
                raise Refusal(400, "MalformedACLError", ACL_MESSAGE) from refusal
            raise
    elif operation.document_required:
        if operation.name == "DeleteObjects":
            raise malformed()
        raise Refusal(400, "MissingRequestBodyError", "Request Body is empty")


def check_policy(request: S3Request) -> None:
    """Refuse bucket policies that are none. Raises Refusal."""
    if request.operation.name != "PutBucketPolicy":
        return
    try:
        policy = json.loads(request.body or b"")
    except ValueError:
        raise _malformed_policy(
            "Policies must be valid JSON and the first byte must be '{'"
        ) from None
    if not isinstance(policy, dict):
        raise _malformed_policy("Policies must be valid JSON and the first byte must be '{'")
    statements = policy.get("Statement")
    if not statements:
        raise _malformed_policy("Missing required field Statement")
    for statement in statements if isinstance(statements, list) else [statements]:
        _check_statement(statement, request.bucket)


def _check_statement(statement: Any, bucket: str) -> None:
    if not isinstance(statement, dict):
        raise _malformed_policy("This policy contains invalid Json")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise _malformed_policy(f"Invalid effect: {statement.get('Effect')}")
    for names in (("Principal", "NotPrincipal"), ("Action", "NotAction")):
        if not any(statement.get(name) for name in names):
            raise _malformed_policy(f"Missing required field {names[0]}")
    given = statement.get("Resource") or statement.get("NotResource")
    if not given:
        raise _malformed_policy("Missing required field Resource")
    for resource in given if isinstance(given, list) else [given]:
        name = str(resource).partition(":::")[2].partition("/")[0]
        if not fnmatchcase(bucket, name):
            raise _malformed_policy("Policy has invalid resource")


def _malformed_policy(message: str) -> Refusal:
    return Refusal(400, "MalformedPolicy", message)
