"""Owns which web pages may talk to the emulator. Pure.

It asks nobody for credentials and runs the code it is sent, and moto lets all origins read its
answers. A browser lets any page send requests to this machine, but says where they come from: in
`Origin` (https://fetch.spec.whatwg.org/#origin-header) and, to addresses of this machine, in
`Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/). Programs send neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pixelater_cli.hosts import is_aws, is_loopback, is_number, read_host


def is_allowed_origin(environ: Mapping[str, Any]) -> bool:
    """Tell whether to answer a request, given as a WSGI environment.

    Pages of this machine are welcome, and those that were read from the emulator by its IP address.
    A name would not do: whoever owns one can make it stand for this machine, and then read what it
    answers. So requests from this machine by such a name are refused, too. Links from elsewhere may
    be followed, as long as they only read.
    """
    host = environ.get("HTTP_HOST", "")
    if is_loopback(environ.get("REMOTE_ADDR", "")) and not _may_stand_for_this(host):
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


@lru_cache(maxsize=1000)
def _may_stand_for_this(host: str) -> bool:
    """Tell whether nobody from elsewhere can own a host's name: it is one of AWS, or not public."""
    name = read_host(f"http://{host}")
    return is_loopback(name) or name.endswith(".internal") or is_aws(name) or is_number(name)
