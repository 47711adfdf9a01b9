"""Encoding of S3 keys in events and in the filters of notifications.

Pure. Both are URL-encoded as in a form: a space becomes a plus, the rest is percent-encoded; "/" is
left alone. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

from urllib.parse import quote_plus, unquote_plus


def encode_key(key: str) -> str:
    """Encode a key, or the beginning or the end of one.

    >>> encode_key("in box/year=2026/")
    'in+box/year%3D2026/'
    """
    return quote_plus(key, safe="/")


def decode_key(encoded: str) -> str:
    """Decode what `encode_key` or S3 has encoded.

    >>> decode_key("in+box/year%3D2026/")
    'in box/year=2026/'
    """
    return unquote_plus(encoded)
