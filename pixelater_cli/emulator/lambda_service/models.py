"""Data types of the emulated Lambda service."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

LATEST = "$LATEST"

LogLine = tuple[int, str]
"""Time in milliseconds since 1970, and message."""


@dataclass(frozen=True)
class FunctionRef:
    """Function that an invocation names. `qualifier` is an alias, a version or ""."""

    account: str
    region: str
    name: str
    qualifier: str = ""
    partition: str = "aws"

    @property
    def arn(self) -> str:
        """ARN of the invocation, with the qualifier if there is one."""
        arn = f"arn:{self.partition}:lambda:{self.region}:{self.account}:function:{self.name}"
        return f"{arn}:{self.qualifier}" if self.qualifier else arn

    @property
    def qualified_arn(self) -> str:
        """ARN in failure records and event settings, always with a qualifier."""
        return self.arn if self.qualifier else f"{self.arn}:{LATEST}"


def parse_function_arn(arn: str) -> FunctionRef:
    """Parse the ARN of a function, with or without a qualifier.

    >>> parse_function_arn("arn:aws:lambda:us-east-1:123456789012:function:name:live").qualifier
    'live'
    """
    _, partition, _, region, account, _, name, *qualifier = arn.split(":")
    return FunctionRef(account, region, name, "".join(qualifier), partition)


@dataclass(frozen=True)
class Function:
    """State of a version of a function. Equal states share environments.

    `log_format` is "Text" or "JSON". A log level of "" leaves the choice to the function.
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
        """Key that does not change with code or settings; it has the reserved concurrency."""
        return self.account, self.region, self.name


@dataclass(frozen=True)
class EventSettings:
    """Settings for asynchronous events (PutFunctionEventInvokeConfig), with AWS's defaults.

    Destinations are ARNs, or "".
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
    """How an attempt ended: a payload (JSON), or an error document of AWS; and its log.

    `milliseconds` is the time since the arrival of the event, including a cold start; `duration_ms`
    is the duration of the function, as in AWS. `memory_mb` is the peak of the environment so far.
    `log` is the end of the log, including START and REPORT.
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
        """Type and message of the error, or ""."""
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
    """Report about an event for listeners.

    `key` is the decoded S3 key of the photo, or "" for other events. `result` is "done", "retried"
    (failed, with a retry to come), "failed" (no more retries; `recorded` is the ARN that the record
    was sent to, or ""), or "throttled" (delayed). `attempt` counts from 1; 0 means none.
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


EventListener = Callable[[EventReport], None]
