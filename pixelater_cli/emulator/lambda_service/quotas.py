"""Quotas of AWS Lambda.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

REQUEST_BYTES = 6 * 2**20
"""Maximum payload of a synchronous invocation."""

EVENT_BYTES = 2**20
"""Maximum payload of an asynchronous invocation."""

RESPONSE_BYTES = 6 * 2**20 + 100
"""Maximum response, as in AWS's error message."""

LOG_TAIL_BYTES = 4096
"""Size of the log that an invocation with LogType Tail returns
(https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html)."""

INIT_SECONDS = 10
"""Maximum duration of the init phase, which is then repeated within the function's timeout
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html)."""


def find_excess(size: int, asynchronous: bool) -> str:
    """Return AWS's message if a payload is too large, or ""."""
    kind, limit = ("Event", EVENT_BYTES) if asynchronous else ("RequestResponse", REQUEST_BYTES)
    if size <= limit:
        return ""
    return f"{size} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
