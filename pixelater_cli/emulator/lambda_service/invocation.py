"""An event on its way through the service: its age and its reports."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from pixelater_cli.aws.key_encoding import decode_key
from pixelater_cli.emulator.lambda_service.models import (
    EventReport,
    EventState,
    FunctionRef,
    InvocationOutcome,
)


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


def read_photo(payload: bytes) -> tuple[str, str]:
    """Return the bucket and the key in an S3 event, or "" for both.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    try:
        stored = parse_payload(payload)["Records"][0]["s3"]
        return stored["bucket"]["name"], decode_key(stored["object"]["key"])
    except (KeyError, IndexError, TypeError):
        return "", ""


def parse_payload(payload: bytes) -> Any:
    """Parse a payload; if it is not JSON, return it as text."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")
