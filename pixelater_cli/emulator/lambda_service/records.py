"""Destination records of asynchronous invocations.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
import time
from typing import Any

from pixelater_cli.emulator.lambda_service.backend_protocol import Service, UndeliverableRecord
from pixelater_cli.emulator.lambda_service.invocation import Invocation, parse_payload
from pixelater_cli.emulator.lambda_service.log_writer import format_time
from pixelater_cli.emulator.lambda_service.models import (
    EventReport,
    EventSettings,
    InvocationOutcome,
)
from pixelater_cli.emulator.lambda_service.retry_policy import Condition


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
        try:
            service.deliver(destination, _make_record(invocation, condition, outcome))
        except UndeliverableRecord as problem:
            destination, error = "", f"{error} ({problem})".strip()
    return invocation.report("done" if done else "failed", error, destination, outcome)


def _make_record(
    invocation: Invocation, condition: Condition, outcome: InvocationOutcome | None
) -> str:
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": format_time(time.time()),
        "requestContext": {
            "requestId": invocation.request_id,
            "functionArn": invocation.target.qualified_arn,
            "condition": condition,
            "approximateInvokeCount": invocation.attempts,
        },
        "requestPayload": parse_payload(invocation.payload),
    }
    if outcome is not None:
        context: dict[str, Any] = {"statusCode": 200, "executedVersion": outcome.version}
        if outcome.failed:
            context["functionError"] = "Unhandled"
        record["responseContext"] = context
        record["responsePayload"] = parse_payload(outcome.payload)
    return json.dumps(record)
