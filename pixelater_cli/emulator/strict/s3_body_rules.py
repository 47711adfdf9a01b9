"""What S3 refuses by a request's body: nothing of it has been stored."""

from __future__ import annotations

import hashlib

from pixelater_cli.emulator.strict.checksums import check_checksums, check_md5, find_checksums
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.s3_head_rules import SHA256, find_coding
from pixelater_cli.emulator.strict.s3_request import S3Request


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
