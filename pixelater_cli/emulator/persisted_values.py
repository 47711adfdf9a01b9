"""Rules for values in the folder of `--persist`: others than it writes are refused. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

HEADER_VALUE = re.compile(r"[^\r\n\u0100-\U0010ffff]*")
"""Clients may send more than boto3 does: curl sends any bytes, which moto reads as Latin-1."""

DETAILS: Mapping[str, tuple[type, ...]] = {
    "version_id": (str,),
    "last_modified": (str,),
    "etag": (str,),
    "storage_class": (str,),
    "encryption": (str,),
    "kms_key_id": (str,),
    "bucket_key_enabled": (bool, str),
    "lock_mode": (str,),
    "lock_legal_status": (str,),
    "lock_until": (str,),
    "checksum_value": (str,),
    "checksum_type": (str,),
    "checksum_parts": (int,),
    "checksum_algorithm": (str,),
    "website_redirect_location": (str,),
}
"""Further properties of an object, and their types. A property that is not set is left out."""


def parse_text(value: object) -> str:
    """Parse text that can be sent, without half surrogate pairs. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("not text")
    value.encode()
    return value


def are_texts(values: Mapping[Any, Any]) -> bool:
    """Return whether all names and values are text. Raises ValueError."""
    return all(parse_text(name) and parse_text(value) is not None for name, value in values.items())


def are_headers(values: Mapping[Any, Any]) -> bool:
    """Return whether these are names and values of HTTP headers."""
    return all(
        name.isascii() and name.isprintable() and is_header_value(value)
        for name, value in values.items()
    )


def is_header_value(value: object) -> bool:
    """Return whether a value can be sent as the value of an HTTP header."""
    return isinstance(value, str) and HEADER_VALUE.fullmatch(value) is not None


def are_details(values: Mapping[Any, Any]) -> bool:
    """Return whether these are properties of an object. Raises ValueError.

    Times are in UTC, without a time zone, as in moto.
    """
    known = all(
        name in DETAILS and isinstance(value, DETAILS[name]) and parse_text(str(value)) is not None
        for name, value in values.items()
    )
    time = values.get("last_modified")
    return known and (time is None or datetime.fromisoformat(time).tzinfo is None)
