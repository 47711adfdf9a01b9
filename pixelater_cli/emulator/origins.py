"""Owns which web pages may talk to the emulator. Pure.

It asks nobody for credentials and runs the code it is sent, and moto lets all origins read its
answers. A browser lets any page send requests to this machine, but says where they come from: in
`Origin` (https://fetch.spec.whatwg.org/#origin-header) and, to addresses of this machine, in
`Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/). Programs send neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit


def is_welcome(environ: Mapping[str, Any]) -> bool:
    """Tell whether to answer a request, given as a WSGI environment.

    Pages of this machine are welcome, and those that were read from the emulator by its IP address.
    A name would not do: it can be made to stand for this machine. Links from elsewhere may be
    followed, as long as they only read.
    """
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None:
        own = origin == f"http://{environ.get('HTTP_HOST')}" and _is_address(origin)
        return own or _is_local(origin)
    if environ.get("HTTP_SEC_FETCH_SITE") != "cross-site":
        return True
    is_link = environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
    return is_link and environ["REQUEST_METHOD"] == "GET" and not environ.get("QUERY_STRING")


def _is_local(origin: str) -> bool:
    name = _read_name(origin)
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_address(origin) and ip_address(name).is_loopback


def _is_address(origin: str) -> bool:
    try:
        ip_address(_read_name(origin))
    except ValueError:
        return False
    return True


def _read_name(origin: str) -> str:
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""
