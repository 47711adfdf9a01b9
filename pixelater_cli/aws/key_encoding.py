"""Encoding of S3 keys in events and in the filters of notifications.

No I/O. Both are URL-encoded as in a form: a space becomes a plus, "/" stays, the rest is
percent-encoded.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal
from urllib.parse import quote, quote_plus, unquote, unquote_plus

FilterEncoding = Literal["form", "percent", "none"]
"""How a server wants a filter's value: as S3 does, with a space as %20, or as it is."""


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


FUNCTIONS: dict[FilterEncoding, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "form": (encode_key, decode_key),
    "percent": (partial(quote, safe="/"), unquote),
    "none": (str, str),
}
"""The functions that encode and decode."""


def encode_filter(value: str, encoding: FilterEncoding) -> str:
    """Encode the value of a notification's filter for a server.

    >>> [encode_filter("in box/", encoding) for encoding in ("form", "percent", "none")]
    ['in+box/', 'in%20box/', 'in box/']
    """
    return FUNCTIONS[encoding][0](value)


def decode_filter(value: str, encoding: FilterEncoding) -> str:
    """Decode the value of a notification's filter as the server does.

    >>> decode_filter("a+b%20c", "form"), decode_filter("a+b%20c", "percent")
    ('a b c', 'a+b c')
    """
    return FUNCTIONS[encoding][1](value)
