"""What the Lambda service needs of the account that it runs in."""

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
    """There is no such function, version or alias."""


class Throttled(Exception):
    """The function runs as often at a time as is reserved for it."""


class ServiceFailed(Exception):
    """The service, not the function, could not run the event: AWS's 500."""


class VariablesUnreadable(ServiceFailed):
    """KMS did not decrypt the environment variables: AWS's 502, KMSAccessDeniedException."""


class Service(Protocol):
    """What running functions takes of the AWS that they are deployed to."""

    def find(self, target: FunctionRef) -> Function:
        """Give the function as it is now. Raises FunctionGone."""

    def find_concurrency(self, target: FunctionRef) -> int | None:
        """Give the concurrency reserved for the function, or None."""

    def find_settings(self, target: FunctionRef) -> EventSettings:
        """Give what was set for asynchronous events of this very alias or version."""

    def assume_role(self, function: Function) -> Credentials:
        """Take on the function's role."""

    def write_log(self, function: Function, stream: str, lines: Sequence[LogLine]) -> None:
        """Append to a log stream of the function's group."""

    def deliver(self, destination: str, record: str) -> None:
        """Send a record to a destination, an ARN. Raises UndeliverableRecord."""


class UndeliverableRecord(Exception):
    """A destination that is not there, or of a kind that is not emulated."""
