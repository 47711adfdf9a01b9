"""Bodies in the aws-chunked coding, with or without signatures and trailers.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pixelater_cli.emulator.strict.refusal import Refusal, incomplete_body

SIGNED = ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
UNSIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

TRAILER = re.compile("x-amz-checksum-")
"""Trailers become headers of the request: no others may."""

CHUNK_HEAD = re.compile(rb"([0-9A-Fa-f]{1,16})(;chunk-signature=[0-9a-f]{64})?\r\n")


@dataclass(frozen=True)
class DecodedBody:
    """What a chunked body holds, and the trailers after it, by their names in small letters."""

    content: bytes = field(repr=False)
    trailers: dict[str, str]


def is_chunked(coding: str) -> bool:
    """Return whether a value of x-amz-content-sha256 announces chunks."""
    return coding == UNSIGNED or coding in SIGNED


def decode(body: bytes, coding: str, length: int, announced: str = "") -> DecodedBody:
    """Decode a body that should hold `length` bytes, and then a trailer. Raises Refusal.

    Signatures must have their form; they are not verified, because keys are invented.
    """
    parts: list[bytes] = []
    position, end = 0, len(body)
    while True:
        head = CHUNK_HEAD.match(body, position)
        if head is None or (head[2] is not None) != (coding in SIGNED):
            raise incomplete_body()
        size, position = int(head[1], 16), head.end()
        if size == 0:
            break
        if position + size + 2 > end or body[position + size : position + size + 2] != b"\r\n":
            raise incomplete_body()
        parts.append(body[position : position + size])
        position += size + 2
    content = parts[0] if len(parts) == 1 else b"".join(parts)
    if len(content) != length:
        raise incomplete_body()
    trailers = _read_trailers(body[position:], coding)
    names = [name.strip() for name in announced.lower().split(",") if name.strip()]
    if any(name not in trailers for name in names) or not all(map(TRAILER.match, trailers)):
        raise _malformed_trailer()
    return DecodedBody(content, trailers)


def _read_trailers(text: bytes, coding: str) -> dict[str, str]:
    trailers: dict[str, str] = {}
    for line in text.replace(b"\r\n", b"\n").split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon:
            trailers[name.decode("latin-1").strip().lower()] = value.decode("latin-1").strip()
        elif line:
            raise _malformed_trailer()
    signature = trailers.pop("x-amz-trailer-signature", None)
    if trailers and coding in SIGNED and signature is None:
        raise incomplete_body()
    return trailers


def _malformed_trailer() -> Refusal:
    return Refusal(
        400,
        "MalformedTrailerError",
        "The request contained trailing data that was not well-formed or did not conform to our "
        "published schema.",
    )
