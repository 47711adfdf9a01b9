"""Owns two documents in AWS's shapes: the record of an invocation, and the record of an S3 event.

Pure. Sources:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pixelater_cli.aws.keys import decode_key, encode_key
from pixelater_cli.emulator.function import Outcome, Target
from pixelater_cli.emulator.schedule import Condition

EVENT_VERSION = "2.5"
"""The version that the documentation shows; since 2.4 one version serves all kinds of events."""


def make_record(
    target: Target,
    request_id: str,
    payload: bytes,
    condition: Condition,
    attempts: int,
    outcome: Outcome | None,
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


@dataclass(frozen=True)
class StoredObject:
    """What an S3 event tells of an object. `version_id` is "" in a bucket without versions."""

    bucket: str
    bucket_arn: str
    owner: str
    key: str
    size: int
    etag: str
    version_id: str
    sequencer: str


@dataclass(frozen=True)
class S3Request:
    """What an S3 event tells of the request that caused it."""

    region: str
    time: str
    principal: str
    source_ip: str
    request_id: str
    host_id: str


def make_s3_event(
    name: str, configuration_id: str, stored: StoredObject, request: S3Request
) -> dict[str, Any]:
    """Give an S3 event, such as "ObjectCreated:Put", as notifications carry it.

    The key is encoded as in a query: a space becomes a plus.
    """
    entry: dict[str, Any] = {"key": encode_key(stored.key)}
    if not name.startswith("ObjectRemoved:"):
        entry |= {"size": stored.size, "eTag": stored.etag}
    if stored.version_id:
        entry["versionId"] = stored.version_id
    record = {
        "eventVersion": EVENT_VERSION,
        "eventSource": "aws:s3",
        "awsRegion": request.region,
        "eventTime": request.time,
        "eventName": name,
        "userIdentity": {"principalId": f"AWS:{request.principal}"},
        "requestParameters": {"sourceIPAddress": request.source_ip},
        "responseElements": {
            "x-amz-request-id": request.request_id,
            "x-amz-id-2": request.host_id,
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": stored.bucket,
                "ownerIdentity": {"principalId": stored.owner},
                "arn": stored.bucket_arn,
            },
            "object": {**entry, "sequencer": stored.sequencer},
        },
    }
    return {"Records": [record]}


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
