"""S3 event messages for objects and buckets of moto."""

from __future__ import annotations

import hashlib
import itertools
import time
from typing import Any

from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from pixelater_cli.aws.key_encoding import encode_key
from pixelater_cli.emulator.http_server.request_context import current_request
from pixelater_cli.emulator.lambda_service.log_writer import format_time

EVENT_VERSION = "2.5"
"""Version in AWS's documentation. Since 2.4, all types of events have the same version."""

_SEQUENCERS = itertools.count(time.time_ns())
"""Increasing numbers, which order the events of a key; also after a restart."""


def make_s3_event(event_name: Any, bucket: Any, key: Any, notification_id: str) -> dict[str, Any]:
    """Return the message of an S3 event, such as "s3:ObjectCreated:Put"."""
    request = current_request()
    request_id, host_id = request.choose_ids()
    name = str(getattr(event_name, "value", event_name)).removeprefix("s3:")
    entry: dict[str, Any] = {"key": encode_key(key.name)}
    if not name.startswith("ObjectRemoved:"):
        entry |= {"size": key.size, "eTag": key.etag.replace('"', "")}
    if bucket.is_versioned:
        entry["versionId"] = key.version_id
    owner = hashlib.sha256(bucket.account_id.encode()).hexdigest()[:13].upper()
    record = {
        "eventVersion": EVENT_VERSION,
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": format_time(time.time()),
        "eventName": name,
        "userIdentity": {"principalId": f"AWS:{_find_principal(bucket, request.access_key)}"},
        "requestParameters": {"sourceIPAddress": request.address},
        "responseElements": {"x-amz-request-id": request_id, "x-amz-id-2": host_id},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": notification_id,
            "bucket": {
                "name": bucket.name,
                "ownerIdentity": {"principalId": f"A{owner}"},
                "arn": bucket.arn,
            },
            "object": {**entry, "sequencer": f"{next(_SEQUENCERS):018X}"},
        },
    }
    return {"Records": [record]}


def _find_principal(bucket: Any, access_key: str) -> str:
    """Return the ID of the caller: a session of a role, or the account."""
    backend = sts_backends[bucket.account_id][get_partition(bucket.region_name)]
    role = backend.get_assumed_role_from_access_key(access_key)
    return role.user_id if role else str(bucket.account_id)
