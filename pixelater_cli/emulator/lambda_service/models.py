"""Owns the nouns of the emulated Lambda service: functions, events, outcomes, reports.

Pure.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

LATEST = "$LATEST"

LogLine = tuple[int, str]
"""Milliseconds since 1970, and a message."""


@dataclass(frozen=True)
class FunctionRef:
    """Whom an invocation names: a function and, after its name, an alias or a version, or "" ."""

    account: str
    region: str
    name: str
    qualifier: str = ""
    partition: str = "aws"

    @property
    def arn(self) -> str:
        """The ARN as the invocation gave it: with the qualifier, if there was one."""
        whole = f"arn:{self.partition}:lambda:{self.region}:{self.account}:function:{self.name}"
        return f"{whole}:{self.qualifier}" if self.qualifier else whole

    @property
    def qualified_arn(self) -> str:
        """The ARN as failure records and event settings have it: always with a qualifier."""
        return self.arn if self.qualifier else f"{self.arn}:{LATEST}"


@dataclass(frozen=True)
class Function:
    """A version of a function as the service keeps it. Two with equal fields share environments.

    `log_format` is "Text" or "JSON"; of the levels, "" leaves all to the function.
    """

    name: str
    account: str
    region: str
    version: str
    handler: str
    runtime: str
    role: str
    timeout_seconds: int
    memory_mb: int
    variables: tuple[tuple[str, str], ...]
    code_sha256: str
    log_group: str
    log_format: str = "Text"
    application_level: str = ""
    system_level: str = "INFO"
    code: bytes = field(default=b"", repr=False, compare=False)

    @property
    def identity(self) -> tuple[str, str, str]:
        """What stays when code or settings change: concurrency is reserved for it."""
        return self.account, self.region, self.name


@dataclass(frozen=True)
class EventSettings:
    """What becomes of asynchronous events: PutFunctionEventInvokeConfig, with its defaults.

    The destinations are ARNs, or "".
    """

    max_retries: int = 2
    max_age_seconds: int = 6 * 60 * 60
    on_failure: str = ""
    on_success: str = ""


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials of a function's role."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)


@dataclass(frozen=True)
class InvocationOutcome:
    """How one attempt ended: a payload (JSON), or an error in AWS's shape; and what it logged.

    `milliseconds` run from the arrival of the event, so a cold start is in them, `duration_ms`
    from when the function had it, as AWS counts. `memory_mb` is the most the environment has used
    so far. `log` is what a caller who asks for it gets, START and REPORT included.
    """

    request_id: str
    payload: bytes
    failed: bool
    cold: bool
    log: str
    milliseconds: float
    duration_ms: float = 0.0
    memory_mb: int = 0
    version: str = LATEST

    @property
    def error(self) -> str:
        """The error's type and message, or "" when there is none."""
        if not self.failed:
            return ""
        try:
            details = json.loads(self.payload)
        except ValueError:
            details = None
        if not isinstance(details, dict):
            return self.payload.decode(errors="replace")
        return f"{details.get('errorType', 'Error')}: {details.get('errorMessage', '')}"


EventState = Literal["done", "retried", "failed", "throttled"]


@dataclass(frozen=True)
class EventReport:
    """What happened to an event, told to observers as it happens.

    `key` is the S3 key of the photo, decoded, or "" for other events. `result` is "done", "retried"
    (failed, to be tried again), "failed" (given up; `recorded` tells where the record of it went,
    an ARN or ""), or "throttled" (waits). `attempt` counts from 1; it is 0 if there was none.
    """

    function: str
    request_id: str
    bucket: str
    key: str
    result: EventState
    attempt: int
    error: str = ""
    recorded: str = ""
    outcome: InvocationOutcome | None = field(default=None, repr=False)

    @property
    def cold(self) -> bool:
        return self.outcome is not None and self.outcome.cold

    @property
    def duration_ms(self) -> float:
        return self.outcome.duration_ms if self.outcome else 0.0

    @property
    def memory_mb(self) -> int:
        return self.outcome.memory_mb if self.outcome else 0


EventListener = Callable[[EventReport], None]
