"""An event on its way through the service: its age, its reports and its destination record."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import Future
from dataclasses import dataclass, field

from pixelater_cli.emulator.lambda_service.backend_protocol import Service, UndeliverableRecord
from pixelater_cli.emulator.lambda_service.log_writer import format_time
from pixelater_cli.emulator.lambda_service.models import (
    EventReport,
    EventSettings,
    EventState,
    FunctionRef,
    InvocationOutcome,
)
from pixelater_cli.emulator.lambda_service.records import make_destination_record, read_photo
from pixelater_cli.emulator.lambda_service.retry_policy import Condition


@dataclass(eq=False)
class Invocation:
    """An event. It is asynchronous if there is no `result` to set.

    `skipped_seconds` is the part of AWS's delays that was not waited for: delays are scaled.
    """

    target: FunctionRef
    payload: bytes
    received: float
    result: Future[InvocationOutcome] | None
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    attempts: int = 0
    throttles: int = 0
    skipped_seconds: float = 0.0

    def age(self, now: float) -> float:
        """Return the age in seconds of AWS."""
        return now - self.received + self.skipped_seconds

    def cancel(self) -> None:
        """Cancel the result of a synchronous event."""
        if self.result:
            self.result.cancel()

    def report(
        self,
        state: EventState,
        error: str = "",
        recorded: str = "",
        outcome: InvocationOutcome | None = None,
    ) -> EventReport:
        bucket, key = read_photo(self.payload)
        return EventReport(
            function=self.target.name,
            request_id=self.request_id,
            bucket=bucket,
            key=key,
            result=state,
            attempt=self.attempts,
            error=error,
            recorded=recorded,
            outcome=outcome,
        )


def end_event(
    service: Service,
    invocation: Invocation,
    condition: Condition,
    settings: EventSettings,
    outcome: InvocationOutcome | None,
) -> EventReport:
    """End an event: send its record to the destination, and return a report."""
    done = condition == "Success"
    destination = settings.on_success if done else settings.on_failure
    error = outcome.error if outcome else condition
    if destination:
        record = make_destination_record(
            invocation.target,
            invocation.request_id,
            invocation.payload,
            condition,
            invocation.attempts,
            outcome,
            format_time(time.time()),
        )
        try:
            service.deliver(destination, record)
        except UndeliverableRecord as problem:
            destination, error = "", f"{error} ({problem})".strip()
    return invocation.report("done" if done else "failed", error, destination, outcome)
