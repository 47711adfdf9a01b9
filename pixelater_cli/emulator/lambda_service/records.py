"""Owns two documents in AWS's shapes: the record of an invocation, and the record of an S3 event.

Pure. Sources:
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
    """Give the record that goes to an event's destination; without outcome nothing has run."""
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
    """Give the bucket and the key that an S3 event is about, or two times ""."""
    try:
        stored = _read_json(payload)["Records"][0]["s3"]
        return stored["bucket"]["name"], decode_key(stored["object"]["key"])
    except (KeyError, IndexError, TypeError):
        return "", ""


def _read_json(payload: bytes) -> Any:
    """Read what a function gave; it may give what is no JSON."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")
