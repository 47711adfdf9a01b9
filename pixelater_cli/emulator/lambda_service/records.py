"""Destination records of asynchronous invocations, and parsing of S3 events. Pure.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import json
from typing import Any

from pixelater_cli.aws.key_encoding import decode_key
from pixelater_cli.emulator.lambda_service.models import FunctionRef, InvocationOutcome
from pixelater_cli.emulator.lambda_service.retry_policy import Condition


def make_destination_record(
    target: FunctionRef,
    request_id: str,
    payload: bytes,
    condition: Condition,
    attempts: int,
    outcome: InvocationOutcome | None,
    timestamp: str,
) -> str:
    """Return the record for an event's destination. Without `outcome`, nothing ran."""
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": timestamp,
        "requestContext": {
            "requestId": request_id,
            "functionArn": target.qualified_arn,
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": _read_json(payload),
    }
    if outcome is not None:
        context: dict[str, Any] = {"statusCode": 200, "executedVersion": outcome.version}
        if outcome.failed:
            context["functionError"] = "Unhandled"
        record["responseContext"] = context
        record["responsePayload"] = _read_json(outcome.payload)
    return json.dumps(record)


def read_photo(payload: bytes) -> tuple[str, str]:
    """Return the bucket and the key in an S3 event, or "" for both."""
    try:
        stored = _read_json(payload)["Records"][0]["s3"]
        return stored["bucket"]["name"], decode_key(stored["object"]["key"])
    except (KeyError, IndexError, TypeError):
        return "", ""


def _read_json(payload: bytes) -> Any:
    """Parse a payload; if it is not JSON, return it as text."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")
