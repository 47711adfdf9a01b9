"""Owns one event on its way through the service: how old it is, and what is told of it.

Pure, but for the clock's reading and the id it is given.
"""

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
    """An event on its way. Without `answer` nobody waits for it: it is asynchronous.

    `haste` is by how many seconds it is older than its stay here: delays are scaled, work is not.
    """

    target: FunctionRef
    payload: bytes
    received: float
    answer: Future[InvocationOutcome] | None
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    attempts: int = 0
    throttles: int = 0
    haste: float = 0.0

    def age(self, now: float) -> float:
        """Give the age in AWS's seconds."""
        return now - self.received + self.haste

    def cancel(self) -> None:
        """Tell whoever waits for the answer that there will be none."""
        if self.answer:
            self.answer.cancel()

    def report(
        self,
        result: EventState,
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
            result=result,
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
    """End an event, well or badly: send its record where the settings say, and give a report."""
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
