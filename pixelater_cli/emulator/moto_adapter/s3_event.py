"""S3 event messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pixelater_cli.aws.key_encoding import encode_key

EVENT_VERSION = "2.5"
"""Version in AWS's documentation. Since 2.4, all types of events have the same version."""


@dataclass(frozen=True)
class StoredObject:
    """Object in an S3 event. `version_id` is "" in a bucket without versioning."""

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
    """Request that caused an S3 event."""

    region: str
    time: str
    principal: str
    source_ip: str
    request_id: str
    host_id: str


def make_s3_event(
    name: str, configuration_id: str, stored: StoredObject, request: S3Request
) -> dict[str, Any]:
    """Return the message of an S3 event, such as "ObjectCreated:Put"."""
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
