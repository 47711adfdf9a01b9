"""Replacement of awslambdaric's compiled `runtime_client`.

Only execution environments have it on their path; it is not used by the pixelater_cli package.
"""

from __future__ import annotations

import os
from http.client import HTTPConnection

_ROOT = "/2018-06-01/runtime/invocation/"
_connection = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])


def initialize_client(user_agent: str) -> None:
    """Do nothing: the Runtime API does not need a user agent."""


def next() -> tuple[bytes, dict[str, str]]:  # noqa: A001 (awslambdaric calls it so)
    """Wait for the next event, and return its payload and headers."""
    return _call("GET", "next")


def post_invocation_result(
    request_id: str, data: bytes, content_type: str, invocation_id: str | None = None
) -> None:
    """Send the result of an event."""
    _call("POST", f"{request_id}/response", data, {"Content-Type": content_type})


def post_error(
    request_id: str, error: str, xray_fault: str, invocation_id: str | None = None
) -> None:
    """Send an error (a JSON document) as the result of an event."""
    headers = {"Lambda-Runtime-Function-XRay-Error-Cause": xray_fault}
    _call("POST", f"{request_id}/error", error.encode(), headers)


def _call(
    method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[bytes, dict[str, str]]:
    _connection.request(method, _ROOT + path, body, headers or {})
    response = _connection.getresponse()
    content = response.read()
    if response.status not in (200, 202):
        raise RuntimeError(f"the Runtime API responded with {response.status} to {path}")
    return content, dict(response.getheaders())
