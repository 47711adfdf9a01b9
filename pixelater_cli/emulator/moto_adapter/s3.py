"""Patches that make moto's S3 send events as AWS does, and apply conditional writes atomically.

moto sends two events for a multipart upload, omits the caller and the sequencer, compares keys with
encoded filters, and runs functions before it responds to the upload. Between the check of a
condition and the write, it lets other writes happen. Like AWS, it sends functions no s3:TestEvent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import wraps
from itertools import chain
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlparse

from moto.s3 import models, notifications
from moto.s3.exceptions import MissingKey, PreconditionFailed
from moto.s3.models import FakeAcl, Notification, S3Backend
from moto.s3.notifications import S3NotificationEvent
from moto.s3.responses import S3Response
from moto.utilities.utils import get_partition

from pixelater_cli.aws.key_encoding import decode_key
from pixelater_cli.emulator.http_server.request_context import current_request
from pixelater_cli.emulator.lambda_service.models import FunctionRef
from pixelater_cli.emulator.moto_adapter.patching import MotoAttribute
from pixelater_cli.emulator.moto_adapter.s3_event import make_s3_event
from pixelater_cli.emulator.strict.checksums import compute_as_moto
from pixelater_cli.emulator.strict.documents import parse
from pixelater_cli.emulator.strict.s3_tags import list_tags

PLAIN_PUTS = (
    S3NotificationEvent.OBJECT_CREATED_PUT_EVENT,
    S3NotificationEvent.OBJECT_CREATED_POST_EVENT,
)

ENCODED = re.compile(r"(?:[\w!.*'()/+-]|%[0-9A-Fa-f]{2})*", re.ASCII)
"""Safe characters of S3, and URL-encoded ones
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html)."""

CONFIGURATIONS = ("TopicConfiguration", "QueueConfiguration", "CloudFunctionConfiguration")
"""XML elements of notifications."""

RULE_NAME = re.compile(r"(?<=<Name>)(?:prefix|suffix)(?=</Name>)", re.IGNORECASE)

EMPTY_ETAG = "d41d8cd98f00b204e9800998ecf8427e"
"""MD5 of empty content."""


def list_s3_patches(send: Callable[[FunctionRef, bytes], object]) -> dict[MotoAttribute, Any]:
    """Return patches of moto's S3; `send` receives the events for functions."""
    original = notifications.send_event

    def send_event(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
        """Suppress what moto reports of an upload, too: a plain PUT of parts, and tags."""
        if event_name in PLAIN_PUTS and key.multipart is not None:
            return
        is_tagging = event_name == S3NotificationEvent.OBJECT_TAGGING_PUT_EVENT
        if is_tagging and "tagging" not in current_request().sub_resources:
            return
        original(account_id, event_name, bucket, key)

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

    writes = ("put_object", "delete_object")
    return {
        **{(S3Response, name): lock(getattr(S3Response, name)) for name in writes},
        (S3Response, "copy_object"): lock(_check_copies(S3Response.copy_object)),
        (models, "compute_checksum"): compute_as_moto,
        (notifications, "send_event"): send_event,
        (notifications, "_get_s3_event"): make_s3_event,
        (notifications, "_invoke_awslambda"): run,
        (S3Response, "_acl_to_dict"): staticmethod(_describe_acl(S3Response._acl_to_dict)),  # noqa: SLF001
        (S3Response, "_tagging_from_xml"): lambda self: dict(list_tags(parse(self.body))),
        (Notification, "_key_matches"): _passes_filter,
        (S3Backend, "_set_delete_marker"): _send_marker_events(
            S3Backend._set_delete_marker  # noqa: SLF001 (listed in REPLACED)
        ),
        (S3Response, "_notification_config_from_body"): _normalize_rules(
            S3Response._notification_config_from_body  # noqa: SLF001 (listed in REPLACED)
        ),
    }


def _check_copies(copy: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Check the conditions of a copy that moto ignores: If-Match of both ends, as S3 does.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """

    def copy_on_condition(self: Any) -> Any:
        source = unquote(urlparse(str(self.headers["x-amz-copy-source"])).path).lstrip("/")
        bucket, _, key = source.partition("/")
        ends = {
            "x-amz-copy-source-If-Match": (bucket, key),
            "If-Match": (self.bucket_name, self.parse_key_name()),
        }
        for header, end in ends.items():
            wanted = self.headers.get(header)
            found = self.backend.get_object(*end) if wanted else None
            if wanted and found is None:
                raise MissingKey(key=end[1])
            if found is not None and found.etag.strip('"') != wanted.strip('"'):
                raise PreconditionFailed(header)
        return copy(self)

    return copy_on_condition


def _send_marker_events(mark: Callable[[Any, str, str], Any]) -> Callable[[Any, str, str], Any]:
    """Send the event of a delete marker, with the size of an empty object."""

    def set_delete_marker(self: Any, bucket_name: str, key_name: str) -> Any:
        marker = mark(self, bucket_name, key_name)
        marker.size, marker.etag = 0, EMPTY_ETAG
        name = S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
        bucket = self.get_bucket(bucket_name)
        notifications.send_event(self.account_id, name, bucket, marker)
        return marker

    return set_delete_marker


def _normalize_rules(
    read: Callable[[S3Response], dict[str, Any]],
) -> Callable[[S3Response], dict[str, Any]]:
    """Accept names of filter rules in any case, and return `Prefix` and `Suffix`, as S3 does."""

    def read_notifications(self: S3Response) -> dict[str, Any]:
        body = self.body.decode() if isinstance(self.body, bytes) else self.body
        self.body = RULE_NAME.sub(lambda match: match[0].lower(), body)
        configuration = read(self)
        for notification in chain.from_iterable(
            configuration.get(name) or () for name in CONFIGURATIONS
        ):
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
    return all(_matches(tests[rule["Name"].lower()], rule["Value"]) for rule in rules)


def _list_rules(filters: dict[str, Any]) -> list[dict[str, str]]:
    """Return the rules of a filter in moto's form."""
    rules: list[dict[str, str]] = filters.get("S3Key", {}).get("FilterRule", [])
    return rules


def _matches(test: Callable[[str], bool], value: str) -> bool:
    """Test a filter's value. If characters that S3 requires encoded are not, no key matches.

    https://github.com/aws/aws-cdk/pull/28012: `schemaVersion=1/` never fires, `%3D` does.
    """
    return ENCODED.fullmatch(value) is not None and test(decode_key(value))
