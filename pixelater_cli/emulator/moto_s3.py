"""Owns where moto's S3 events differ from AWS's: their fields, and how many there are.

moto tells a multipart upload twice, leaves out who asked and in which order, and runs functions
while the uploader waits. It looks at a condition and then writes, and somebody else may write in
between: here nobody does, as in S3. To functions AWS sends no s3:TestEvent; neither does moto.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any
from urllib.parse import unquote_plus

from moto.s3 import notifications
from moto.s3.models import Notification
from moto.s3.notifications import S3NotificationEvent
from moto.s3.responses import S3Response
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from pixelater_cli.emulator.asked import find_asked
from pixelater_cli.emulator.function import Target
from pixelater_cli.emulator.log_lines import format_time
from pixelater_cli.emulator.records import S3Request, StoredObject, make_s3_event
from pixelater_cli.emulator.seam import Part

PLAIN_PUTS = (
    S3NotificationEvent.OBJECT_CREATED_PUT_EVENT,
    S3NotificationEvent.OBJECT_CREATED_POST_EVENT,
)


class Sequencer:
    """Gives hexadecimal numbers that grow: later events of a key have greater ones."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = Lock()

    def next(self) -> str:
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            return f"{self._last:018X}"


def list_replacements(send: Callable[[Target, bytes], str]) -> dict[Part, Any]:
    """Give what stands in for moto's notifications; `send` takes the events for functions."""
    original = notifications.send_event
    sequencer = Sequencer()

    def send_event(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
        """Leave out the plain put that moto reports of a multipart upload, before the true one."""
        if event_name in PLAIN_PUTS and key.multipart is not None:
            return
        original(account_id, event_name, bucket, key)

    def describe(event_name: str, bucket: Any, key: Any, notification_id: str) -> dict[str, Any]:
        return make_s3_event(
            str(getattr(event_name, "value", event_name)).removeprefix("s3:"),
            notification_id,
            StoredObject(
                bucket=bucket.name,
                bucket_arn=bucket.arn,
                owner=_name_owner(bucket.account_id),
                key=key.name,
                size=key.size,
                etag=key.etag.replace('"', ""),
                version_id=key.version_id if bucket.is_versioned else "",
                sequencer=sequencer.next(),
            ),
            _describe_request(bucket),
        )

    def run(account_id: str, event_body: Any, fn_arn: str, region_name: str) -> None:
        name, _, qualifier = fn_arn.partition(":function:")[2].partition(":")
        target = Target(account_id, region_name, name, qualifier, get_partition(region_name))
        send(target, json.dumps(event_body).encode())

    def matches_key(self: Notification, key_name: str) -> bool:
        """Compare the decoded values of the filter's rules with the key, as S3 does."""
        rules = self.filters.get("S3Key", {}).get("FilterRule", [])
        found = {rule["Name"].lower(): unquote_plus(rule["Value"] or "") for rule in rules}
        begins = key_name.startswith(found.get("prefix", ""))
        return begins and key_name.endswith(found.get("suffix", ""))

    writing = Lock()

    def lock(write: Callable[[Any], Any]) -> Callable[[Any], Any]:
        @wraps(write)
        def write_alone(self: Any) -> Any:
            with writing:
                return write(self)

        return write_alone

    writes = ("put_object", "copy_object", "delete_object")
    return {
        **{(S3Response, name): lock(getattr(S3Response, name)) for name in writes},
        (Notification, "_key_matches"): matches_key,
        (notifications, "send_event"): send_event,
        (notifications, "_get_s3_event"): describe,
        (notifications, "_invoke_awslambda"): run,
    }


def _describe_request(bucket: Any) -> S3Request:
    asked = find_asked()
    request_id, host_id = asked.choose_ids()
    return S3Request(
        region=bucket.region_name,
        time=format_time(time.time()),
        principal=_name_principal(bucket, asked.access_key),
        source_ip=asked.address,
        request_id=request_id,
        host_id=host_id,
    )


def _name_owner(account: str) -> str:
    """Give an account's opaque id as a bucket's owner: always the same one."""
    return "A" + hashlib.sha256(account.encode()).hexdigest()[:13].upper()


def _name_principal(bucket: Any, access_key: str) -> str:
    """Give the id of who asked: of the role's session, else of the account."""
    backend = sts_backends[bucket.account_id][get_partition(bucket.region_name)]
    role = backend.get_assumed_role_from_access_key(access_key)
    return role.user_id if role else str(bucket.account_id)
