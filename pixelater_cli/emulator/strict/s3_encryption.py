"""What S3 refuses of the headers for server-side encryption.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
"""

from __future__ import annotations

import base64
import binascii

from pixelater_cli.emulator.strict.checksums import compute_checksum
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.s3_request import S3Request

ENCRYPTION = "x-amz-server-side-encryption"
KMS = ("aws:kms", "aws:kms:dsse")
KEY_ID = f"{ENCRYPTION}-aws-kms-key-id"
KMS_HEADERS = (KEY_ID, f"{ENCRYPTION}-context")

CUSTOMER_KEYS = (f"{ENCRYPTION}-customer-", "x-amz-copy-source-server-side-encryption-customer-")
"""What the headers of keys that the client provides begin with: algorithm, key and key-md5."""

KEY_BYTES = 32

PROVIDED = "Requests specifying Server Side Encryption with Customer provided keys must provide "


def check_kms_headers(request: S3Request) -> None:
    """Refuse a KMS key, or its context, for an encryption that has none. Raises Refusal."""
    kind = request.headers.get(ENCRYPTION)
    if kind in KMS:
        return
    for name in KMS_HEADERS:
        if name in request.headers and name in (request.operation.headers or {}):
            message = (
                "Server Side Encryption with AWS KMS managed key requires HTTP header "
                f"{ENCRYPTION} : aws:kms"
            )
            raise _wrong(message, ENCRYPTION, kind or "null")


def check_customer_keys(request: S3Request) -> None:
    """Refuse a key of the client's that is not complete or not one. Raises Refusal."""
    for prefix in CUSTOMER_KEYS:
        if f"{prefix}algorithm" in (request.operation.headers or {}):
            _check_customer_key(request, prefix)


def _check_customer_key(request: S3Request, prefix: str) -> None:
    algorithm, key, digest = (
        request.headers.get(f"{prefix}{name}") for name in ("algorithm", "key", "key-md5")
    )
    if algorithm is None and key is None and digest is None:
        return
    if prefix.startswith(ENCRYPTION) and ENCRYPTION in request.headers:
        message = (
            "Server Side Encryption with Customer provided key is incompatible with the "
            "encryption method specified"
        )
        raise _wrong(message, ENCRYPTION, request.headers[ENCRYPTION])
    if algorithm is None:
        raise _wrong(f"{PROVIDED}a valid encryption algorithm.", f"{prefix}algorithm", "null")
    if algorithm != "AES256":
        message = "The Encryption request you specified is not valid. Supported value: AES256."
        fields = {"ArgumentName": ENCRYPTION, "ArgumentValue": algorithm}
        raise Refusal(400, "InvalidEncryptionAlgorithmError", message, fields)
    if key is None:
        raise _wrong(f"{PROVIDED}an appropriate secret key.", f"{prefix}key", "null")
    secret = _decode(key)
    if len(secret) != KEY_BYTES:
        message = "The secret key was invalid for the specified algorithm."
        raise _wrong(message, f"{prefix}key", "null")
    if digest is None:
        message = f"{PROVIDED}the client calculated MD5 of the secret key."
        raise _wrong(message, f"{prefix}key-MD5", "null")
    if digest != compute_checksum("md5", secret):
        message = "The calculated MD5 hash of the key did not match the hash that was provided."
        raise _wrong(message, f"{prefix}key-MD5", digest)


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _wrong(message: str, name: str, value: str) -> Refusal:
    fields = {"ArgumentName": name, "ArgumentValue": value}
    return Refusal(400, "InvalidArgument", message, fields)
