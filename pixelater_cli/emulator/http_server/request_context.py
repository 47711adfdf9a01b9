"""Owns the request that is being answered: who asks, and the ids that its answer carries."""

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
    """A request, as a WSGI environment. `headers` are to be added to its answer."""

    environ: Mapping[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return str(self.environ.get("REMOTE_ADDR", ""))

    @property
    def access_key(self) -> str:
        """The access key id that signed it, in a header or in the URL; "" if none did."""
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
        """Give its request id and host id: each time the same, and with the answer, as S3 does."""
        if not self.headers:
            host_id = base64.b64encode(secrets.token_bytes(48)).decode()
            self.headers["x-amz-request-id"] = secrets.token_hex(8).upper()
            self.headers["x-amz-id-2"] = host_id
        return self.headers["x-amz-request-id"], self.headers["x-amz-id-2"]


_ASKED: ContextVar[RequestContext | None] = ContextVar("asked", default=None)


@contextmanager
def request_context(environ: Mapping[str, Any]) -> Iterator[RequestContext]:
    """Answer a request within this context."""
    asked = RequestContext(environ)
    token = _ASKED.set(asked)
    try:
        yield asked
    finally:
        _ASKED.reset(token)


def current_request() -> RequestContext:
    """Give the request that is being answered; one of this machine itself if none is."""
    return _ASKED.get() or RequestContext({"REMOTE_ADDR": "127.0.0.1"})
