"""Digests and checksums of bodies, as S3 names and verifies them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping

import crcmod

from pixelater_cli.emulator.strict.refusal import Refusal

PREFIX = "x-amz-checksum-"

_crc32c = crcmod.mkCrcFun(0x11EDC6F41, initCrc=0, rev=True, xorOut=0xFFFFFFFF)
"""https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4"""

_crc64nvme = crcmod.mkCrcFun(0x1AD93D23594C93659, initCrc=0, rev=True, xorOut=0xFFFFFFFFFFFFFFFF)
"""https://nvmexpress.org/specifications/: NVM command set, 64b CRC."""

ALGORITHMS: Mapping[str, Callable[[bytes], bytes]] = {
    "crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "crc32c": lambda data: _crc32c(data).to_bytes(4, "big"),
    "crc64nvme": lambda data: _crc64nvme(data).to_bytes(8, "big"),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sha512": lambda data: hashlib.sha512(data).digest(),
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
}
"""Checksum algorithms by the end of their header's name.

XXHASH64, XXHASH3 and XXHASH128 are accepted and not verified.
"""

SIZES = {name: len(compute(b"")) for name, compute in ALGORITHMS.items()}


def compute_checksum(name: str, data: bytes) -> str:
    """Return a checksum as its header has it.

    >>> compute_checksum("crc32", b"123456789"), compute_checksum("crc32c", b"123456789")
    ('y/Q5Jg==', '4waSgw==')
    """
    return base64.b64encode(ALGORITHMS[name](data)).decode()


def compute_as_moto(body: bytes, algorithm: str, encode_base64: bool = True) -> bytes:
    """Return a checksum as moto wants it, which computes CRC-32 for those that it does not know."""
    digest = ALGORITHMS.get(algorithm.lower(), ALGORITHMS["sha256"])(body)
    return base64.b64encode(digest) if encode_base64 else digest


def check_md5(given: str | None, data: bytes) -> None:
    """Verify Content-MD5. Raises Refusal."""
    if given is None:
        return
    if _decode(given) is None or len(_decode(given) or b"") != SIZES["md5"]:
        raise Refusal(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
    computed = compute_checksum("md5", data)
    if computed != given:
        raise Refusal(
            400,
            "BadDigest",
            "The Content-MD5 you specified did not match what we received.",
            {"ExpectedDigest": given, "CalculatedDigest": computed},
        )


def check_checksums(headers: Mapping[str, str], data: bytes) -> None:
    """Verify the x-amz-checksum- header or trailer. Raises Refusal."""
    given = find_checksums(headers)
    if len(given) > 1:
        raise Refusal(
            400,
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        )
    for name, value in given.items():
        size = SIZES[name]
        if _decode(value) is None or len(_decode(value) or b"") != size:
            message = f"Value for {PREFIX}{name} header is invalid."
            raise Refusal(400, "InvalidRequest", message)
        if compute_checksum(name, data) != value:
            message = f"The {name.upper()} you specified did not match the calculated checksum."
            raise Refusal(400, "BadDigest", message)


def find_checksums(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the checksums among headers, by algorithm."""
    return {name: headers[PREFIX + name] for name in ALGORITHMS if PREFIX + name in headers}


def _decode(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
