"""Owns the limits of AWS Lambda, each with its source.

Pure. The quotas: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

REQUEST_BYTES = 6 * 2**20
"""The largest payload of an invocation that waits for the answer."""

EVENT_BYTES = 2**20
"""The largest payload of an asynchronous one."""

RESPONSE_BYTES = 6 * 2**20 + 100
"""The largest response; AWS names this number in the error."""

LOG_TAIL_BYTES = 4096
"""How much of the log an invocation with LogType Tail gets
(https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html)."""

INIT_SECONDS = 10
"""What the init phase may take; after that, it is run again within the function's timeout
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html)."""


def find_excess(size: int, asynchronous: bool) -> str:
    """Say in AWS's words that a payload is too large, or give ""."""
    kind, limit = ("Event", EVENT_BYTES) if asynchronous else ("RequestResponse", REQUEST_BYTES)
    if size <= limit:
        return ""
    return f"{size} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
