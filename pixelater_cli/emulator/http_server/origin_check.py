"""Rules for which web pages may use the emulator.

The emulator does not authenticate requests and executes uploaded code, and moto lets all origins
read its responses. A browser lets any page send requests to this machine, but names the page's
origin in `Origin` (https://fetch.spec.whatwg.org/#origin-header) and, for addresses of this
machine, in `Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/). Programs send neither.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pixelater_cli.hosts import is_aws, is_loopback, is_number, read_host

HOST = re.compile(
    r"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{0,5}))?", re.ASCII
)
"""A host and a port (https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2)."""

MAX_PORT = 65535


def is_allowed_origin(environ: Mapping[str, Any]) -> bool:
    """Return whether to accept a request, given as a WSGI environment.

    Accepted are pages of this machine, and pages loaded from the emulator by its IP address. A host
    name is not enough: its owner can point it to this machine (DNS rebinding) and read responses,
    so requests from this machine with such a name are refused, too. Links from other sites may be
    followed if they only read.
    """
    host = environ.get("HTTP_HOST", "")
    if may_be_rebound(environ):
        return False
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None:
        name = read_host(origin)
        own = origin == f"http://{host}" and is_number(name)
        return own or is_loopback(name)
    if environ.get("HTTP_SEC_FETCH_SITE") != "cross-site":
        return True
    is_link = environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
    return is_link and environ["REQUEST_METHOD"] == "GET" and not environ.get("QUERY_STRING")


def is_host(text: str) -> bool:
    """Return whether a Host header names a host, with a port or without, and nothing else.

    https://www.rfc-editor.org/rfc/rfc9110#section-7.2

    >>> is_host("127.0.0.1:4566"), is_host("a@127.0.0.1"), is_host("localhost:65536")
    (True, False, False)
    """
    match = HOST.fullmatch(text)
    return match is not None and int(match["port"] or 0) <= MAX_PORT


def explain_refusal(environ: Mapping[str, Any]) -> str:
    """Return why a request is refused: for its host, or else as one of a web page."""
    if "HTTP_ORIGIN" in environ or not may_be_rebound(environ):
        return "web pages of other origins may not use this emulator"
    host = environ.get("HTTP_HOST", "")
    return f"Host {host!r} is not allowed (DNS rebinding protection): use 127.0.0.1 or localhost"


def may_be_rebound(environ: Mapping[str, Any]) -> bool:
    """Return whether a request from this machine names it by a host that others could own."""
    host = environ.get("HTTP_HOST", "")
    return is_loopback(environ.get("REMOTE_ADDR", "")) and not _is_local_name(host)


@lru_cache(maxsize=1000)
def _is_local_name(host: str) -> bool:
    """Return whether a host name cannot be rebound: it belongs to AWS, or is not public."""
    name = read_host(f"http://{host}")
    return is_loopback(name) or name.endswith(".internal") or is_aws(name) or is_number(name)
