"""What S3 refuses of bucket notifications.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from xml.etree import ElementTree

from pixelater_cli.aws.key_encoding import decode_key
from pixelater_cli.emulator.strict.documents import malformed, parse, strip_namespace
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.s3_operations import list_notification_events
from pixelater_cli.emulator.strict.s3_request import S3Request
from pixelater_cli.emulator.strict.s3_state import find_bucket
from pixelater_cli.emulator.strict.targets import check_target

TARGETS = {
    "CloudFunctionConfiguration": "CloudFunction",
    "QueueConfiguration": "Queue",
    "TopicConfiguration": "Topic",
}
"""Notifications, as their XML names them, and their element with the ARN of a target."""

MAX_VALUE = 1024


@dataclass(frozen=True)
class Notification:
    """A notification; `rules` are the values of its filter as they were given, by name."""

    id: str
    arn: str
    events: tuple[str, ...]
    rules: dict[str, str] = field(default_factory=dict)

    def find(self, name: str) -> str:
        """Return a value of the filter as keys are compared with it."""
        return decode_key(self.rules.get(name, ""))


def check_notifications(request: S3Request) -> None:
    """Refuse filters, targets and overlaps as S3 does. Raises Refusal."""
    if request.operation.name != "PutBucketNotificationConfiguration":
        return
    bucket = find_bucket(request.bucket)
    if bucket is None:  # moto says so.
        return
    notifications = [
        _read_notification(element)
        for element in parse(request.body or b"")
        if strip_namespace(element.tag) in TARGETS
    ]
    _check_ids(notifications)
    for one, other in combinations(notifications, 2):
        _check_overlap(one, other)
    if request.headers.get("x-amz-skip-destination-validation", "").lower() != "true":
        for notification in notifications:
            check_target(notification.arn, bucket.stored.arn, bucket.owner)


def _read_notification(element: ElementTree.Element) -> Notification:
    arn = id_ = ""
    events: list[str] = []
    rules: dict[str, str] = {}
    for child in element:
        tag, text = strip_namespace(child.tag), (child.text or "").strip()
        if tag == "Event":
            events.append(text)
        elif tag == "Id":
            id_ = text
        elif tag == "Filter":
            rules = _read_rules(child)
        elif tag == TARGETS[strip_namespace(element.tag)]:
            arn = text
    for event in events:
        if event not in list_notification_events():
            message = "The event is not supported for notifications"
            raise _wrong(message, "Event", event)
    if len(id_) > 255:
        raise _wrong("Max size for ID is 255", "ID", id_)
    return Notification(id_, arn, tuple(events), rules)


def _read_rules(element: ElementTree.Element) -> dict[str, str]:
    """Read a filter; names of rules are case-insensitive."""
    rules: dict[str, str] = {}
    for rule in element.iter():
        if strip_namespace(rule.tag) != "FilterRule":
            continue
        values = {strip_namespace(child.tag): child.text or "" for child in rule}
        if not {"Name", "Value"} <= set(values):
            raise malformed()
        name = values["Name"].strip().lower()
        if name not in ("prefix", "suffix"):
            message = "filter rule name must be either prefix or suffix"
            raise _wrong(message, "FilterRule.Name", values["Name"])
        if name in rules:
            message = f"Cannot specify more than one {name} rule in a filter."
            raise _wrong(message, "FilterRule.Name", values["Name"])
        if len(decode_key(values["Value"])) > MAX_VALUE:
            message = f"Size of filter rule value cannot exceed {MAX_VALUE} bytes in UTF-8"
            raise _wrong(message, "FilterRule.Value", values["Value"])
        rules[name] = values["Value"]
    return rules


def _check_ids(notifications: list[Notification]) -> None:
    ids = [one.id for one in notifications if one.id]
    if len(ids) != len(set(ids)):
        message = "Same ID used for multiple configurations. IDs must be unique"
        raise _wrong(message, "Id", next(one for one in ids if ids.count(one) > 1))


def _check_overlap(one: Notification, other: Notification) -> None:
    """Refuse two notifications that could both be sent for one event.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
    """
    shared = [event for event in one.events if any(_covers(event, its) for its in other.events)]
    if not shared:
        return
    prefixes, suffixes = [[its.find(name) for its in (one, other)] for name in ("prefix", "suffix")]
    if not (_is_start(*prefixes) and _is_start(*(text[::-1] for text in suffixes))):
        return
    if one.rules or other.rules:
        raise _wrong(
            "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules "
            "if the prefixes are overlapping for the same event type.",
            "Event",
            ", ".join(shared),
        )
    raise _wrong(
        "Configurations overlap. Configurations on the same bucket cannot share a common "
        "event type.",
        "Event",
        ", ".join(shared),
    )


def _covers(one: str, other: str) -> bool:
    """Return whether two events, of which each may end in *, have one in common."""
    starts = [event.removesuffix("*") for event in (one, other)]
    if one.endswith("*") and other.endswith("*"):
        return _is_start(*starts)
    if one.endswith("*"):
        return other.startswith(starts[0])
    return one.startswith(starts[1]) if other.endswith("*") else one == other


def _is_start(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _wrong(message: str, name: str, value: str) -> Refusal:
    fields = {"ArgumentName": name, "ArgumentValue": value}
    return Refusal(400, "InvalidArgument", message, fields)
