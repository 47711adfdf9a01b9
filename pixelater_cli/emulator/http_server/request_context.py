"""Context of the current request: its caller, and the IDs in its response."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class RequestContext:
    """A request as a WSGI environment, and the headers to add to its response."""

    environ: Mapping[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return str(self.environ.get("REMOTE_ADDR", ""))

    @property
    def access_key(self) -> str:
        """Access key ID of the signature in a header or the URL; "" if it is not signed."""
        _, _, signed = self.environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")
        if signed:
            return str(signed.partition("/")[0])
        query = parse_qs(self.environ.get("QUERY_STRING", ""))
        key = query.get("X-Amz-Credential") or query.get("AWSAccessKeyId") or [""]
        return str(key[0].partition("/")[0])

    @property
    def sub_resources(self) -> list[str]:
        """The names of the parameters in its query."""
        return list(parse_qs(self.environ.get("QUERY_STRING", ""), keep_blank_values=True))

    def choose_ids(self) -> tuple[str, str]:
        """Return the request ID and host ID, always the same ones, and add them to the response."""
        if not self.headers:
            host_id = base64.b64encode(secrets.token_bytes(48)).decode()
            self.headers["x-amz-request-id"] = secrets.token_hex(8).upper()
            self.headers["x-amz-id-2"] = host_id
        return self.headers["x-amz-request-id"], self.headers["x-amz-id-2"]


_CURRENT: ContextVar[RequestContext | None] = ContextVar("request", default=None)


@contextmanager
def request_context(environ: Mapping[str, Any]) -> Iterator[RequestContext]:
    """Make a request the current one."""
    context = RequestContext(environ)
    token = _CURRENT.set(context)
    try:
        yield context
    finally:
        _CURRENT.reset(token)


def current_request() -> RequestContext:
    """Return the current request; outside of requests, a request from this machine."""
    return _CURRENT.get() or RequestContext({"REMOTE_ADDR": "127.0.0.1"})
