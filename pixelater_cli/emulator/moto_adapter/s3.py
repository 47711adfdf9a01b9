"""Owns where moto's S3 events differ from AWS's: their fields, and how many there are.

moto tells a multipart upload twice, leaves out who asked and in which order, compares keys with
filters that are still encoded, and runs functions while the uploader waits. It looks at a condition
and then writes, and somebody else may write in between: here nobody does, as in S3. To functions
AWS sends no s3:TestEvent; neither does moto.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable
from functools import wraps
from itertools import chain
from threading import Lock
from typing import Any

from moto.s3 import models, notifications
from moto.s3.models import FakeAcl, Notification, S3Backend
from moto.s3.notifications import S3NotificationEvent
from moto.s3.responses import S3Response
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from pixelater_cli.aws.key_encoding import decode_key
from pixelater_cli.emulator.http_server.request_context import current_request
from pixelater_cli.emulator.lambda_service.log_writer import format_time
from pixelater_cli.emulator.lambda_service.models import FunctionRef
from pixelater_cli.emulator.moto_adapter.patching import MotoAttribute
from pixelater_cli.emulator.moto_adapter.s3_event import S3Request, StoredObject, make_s3_event
from pixelater_cli.emulator.strict.checksums import compute_as_moto
from pixelater_cli.emulator.strict.documents import parse
from pixelater_cli.emulator.strict.s3_documents import list_tags

PLAIN_PUTS = (
    S3NotificationEvent.OBJECT_CREATED_PUT_EVENT,
    S3NotificationEvent.OBJECT_CREATED_POST_EVENT,
)

ENCODED = re.compile(r"(?:[\w!.*'()/+-]|%[0-9A-Fa-f]{2})*", re.ASCII)
"""S3's safe characters, and what is URL-encoded
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html)."""

KINDS = ("TopicConfiguration", "QueueConfiguration", "CloudFunctionConfiguration")
"""Notifications, as their XML names them."""

RULE_NAME = re.compile(r"(?<=<Name>)(?:prefix|suffix)(?=</Name>)", re.IGNORECASE)


EMPTY_ETAG = "d41d8cd98f00b204e9800998ecf8427e"
"""The MD5 of nothing."""


class Sequencer:
    """Gives hexadecimal numbers that grow: later events of a key have greater ones."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = Lock()

    def next(self) -> str:
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            return f"{self._last:018X}"


def list_s3_patches(send: Callable[[FunctionRef, bytes], str]) -> dict[MotoAttribute, Any]:
    """Give what stands in for moto's notifications; `send` takes the events for functions."""
    original = notifications.send_event
    sequencer = Sequencer()

    def send_event(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
        """Leave out what moto reports of an upload, too: a plain put of parts, and tags."""
        if event_name in PLAIN_PUTS and key.multipart is not None:
            return
        is_tagging = event_name == S3NotificationEvent.OBJECT_TAGGING_PUT_EVENT
        if is_tagging and "tagging" not in current_request().sub_resources:
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
        target = FunctionRef(account_id, region_name, name, qualifier, get_partition(region_name))
        send(target, json.dumps(event_body).encode())

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
        (models, "compute_checksum"): compute_as_moto,
        (notifications, "send_event"): send_event,
        (notifications, "_get_s3_event"): describe,
        (notifications, "_invoke_awslambda"): run,
        (S3Response, "_acl_to_dict"): staticmethod(_describe_acl(S3Response._acl_to_dict)),  # noqa: SLF001
        (S3Response, "_tagging_from_xml"): lambda self: dict(list_tags(parse(self.body))),
        (Notification, "_key_matches"): _passes_filter,
        (S3Backend, "_set_delete_marker"): _tell_of_markers(
            S3Backend._set_delete_marker  # noqa: SLF001 (the contract names it)
        ),
        (S3Response, "_notification_config_from_body"): _name_rules_as_s3_does(
            S3Response._notification_config_from_body  # noqa: SLF001 (the contract names it)
        ),
    }


def _tell_of_markers(mark: Callable[[Any, str, str], Any]) -> Callable[[Any, str, str], Any]:
    """Send an event of each delete marker, as of an object without content; moto sends none."""

    def set_delete_marker(self: Any, bucket_name: str, key_name: str) -> Any:
        marker = mark(self, bucket_name, key_name)
        marker.size, marker.etag = 0, EMPTY_ETAG
        name = S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
        bucket = self.get_bucket(bucket_name)
        notifications.send_event(self.account_id, name, bucket, marker)
        return marker

    return set_delete_marker


def _name_rules_as_s3_does(
    read: Callable[[S3Response], dict[str, Any]],
) -> Callable[[S3Response], dict[str, Any]]:
    """Take names of filter rules in any case, and return `Prefix` and `Suffix`."""

    def read_notifications(self: S3Response) -> dict[str, Any]:
        body = self.body.decode() if isinstance(self.body, bytes) else self.body
        self.body = RULE_NAME.sub(lambda name: name[0].lower(), body)
        configuration = read(self)
        for notification in chain.from_iterable(configuration.get(kind) or () for kind in KINDS):
            for rule in _list_rules(notification.get("Filter") or {}):
                rule["Name"] = rule["Name"].capitalize()
        return configuration

    return read_notifications


def _describe_acl(describe: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    """Describe an ACL without grants as empty; moto keeps None, and fails at it."""
    return lambda acl: describe(acl or FakeAcl([]))


def _passes_filter(notification: Notification, key: str) -> bool:
    """Return whether a key passes a notification's filter, whose values are URL-encoded.

    Rule names are case-insensitive.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
    """
    tests = {"prefix": key.startswith, "suffix": key.endswith}
    rules = _list_rules(notification.filters)
    return all(_fits(tests[rule["Name"].lower()], rule["Value"]) for rule in rules)


def _list_rules(filters: dict[str, Any]) -> list[dict[str, str]]:
    """List the rules of a filter, as moto keeps it."""
    rules: list[dict[str, str]] = filters.get("S3Key", {}).get("FilterRule", [])
    return rules


def _fits(test: Callable[[str], bool], value: str) -> bool:
    """Test a filter's value. One with characters that S3 wants encoded fits no key.

    https://github.com/aws/aws-cdk/pull/28012: `schemaVersion=1/` never fires, `%3D` does.
    """
    return ENCODED.fullmatch(value) is not None and test(decode_key(value))


def _describe_request(bucket: Any) -> S3Request:
    asked = current_request()
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
