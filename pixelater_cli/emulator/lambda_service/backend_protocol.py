"""Interface of the AWS account that the Lambda service runs in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pixelater_cli.emulator.lambda_service.models import (
    Credentials,
    EventSettings,
    Function,
    FunctionRef,
    LogLine,
)


class FunctionGone(Exception):
    """The function, version or alias does not exist."""


class Throttled(Exception):
    """The reserved concurrency of the function is in use."""


class ServiceFailed(Exception):
    """The service could not run the function (status 500 in AWS)."""


class VariablesUnreadable(ServiceFailed):
    """KMS did not decrypt the environment variables: AWS's 502, KMSAccessDeniedException."""


class Service(Protocol):
    """The services of AWS that running functions needs."""

    def find(self, target: FunctionRef) -> Function:
        """Return the current state of the function. Raises FunctionGone."""

    def find_concurrency(self, target: FunctionRef) -> int | None:
        """Return the reserved concurrency of the function, or None."""

    def find_settings(self, target: FunctionRef) -> EventSettings:
        """Return the settings for asynchronous events of this alias or version."""

    def assume_role(self, function: Function) -> Credentials:
        """Return credentials of the function's role."""

    def write_log(self, function: Function, stream: str, lines: Sequence[LogLine]) -> None:
        """Append to a log stream in the function's log group."""

    def deliver(self, destination: str, record: str) -> None:
        """Send a record to a destination, an ARN. Raises UndeliverableRecord."""


class UndeliverableRecord(Exception):
    """The destination does not exist, or its service is not emulated."""


class EventJournal(Protocol):
    """Record of the asynchronous events that have not ended, which survives the emulator."""

    def accept_event(self, request_id: str, target: FunctionRef, payload: bytes) -> None:
        """Record an event before it is queued. Raises OSError."""

    def end_event(self, request_id: str) -> None:
        """Record that an event has ended, successfully or not."""
