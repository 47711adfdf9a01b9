"""Owns the source bucket's notification that runs the function, beside those of others.

Pure. One call replaces all notifications that a bucket has, so those of others are sent along as
they were found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from itertools import product

from pixelater_cli.aws.key_encoding import decode_filter, encode_filter
from pixelater_cli.aws.resources.canonical import holds_all, list_filter_rules
from pixelater_cli.aws.resources.property import EXISTS, ApiCall, Read, ResourceProperty
from pixelater_cli.aws.stack import Document, Stack

FUNCTIONS = "LambdaFunctionConfigurations"
KINDS = {
    FUNCTIONS: "LambdaFunctionArn",
    "QueueConfigurations": "QueueArn",
    "TopicConfigurations": "TopicArn",
}
"""Kind of notification -> where it says whom it goes to."""


def notification_property(stack: Stack) -> ResourceProperty:
    """Describe our trigger: there, among the others."""
    ours = make_notification(stack)
    start = f"run the function on uploads to {stack.source_bucket}"
    stop = f"no longer {start}"
    return ResourceProperty(
        (f"trigger of {stack.source_bucket}", EXISTS),
        _read(stack, stack.source_bucket),
        ours,
        lambda found: (_put(stack, stack.source_bucket, start, found or {}, [ours]),),
        lambda found, wanted: holds_all((found or {}).get(FUNCTIONS), [wanted]),
        exists=lambda found: _has_ours(stack, found),
        remove=lambda found: (
            (_put(stack, stack.source_bucket, stop, found, []),) if _has_ours(stack, found) else ()
        ),
    )


def former_notification_property(stack: Stack, bucket: str) -> ResourceProperty:
    """Describe our trigger on a bucket that photos no longer come from: gone."""
    stop = f"no longer run the function on uploads to {bucket}"
    return ResourceProperty(
        (f"trigger of {bucket}", EXISTS),
        _read(stack, bucket),
        None,
        lambda found: (_put(stack, bucket, stop, found, []),),
        lambda found, _wanted: not _has_ours(stack, found),
    )


def find_rivals(stack: Stack, found: Document | None) -> Iterator[str]:
    """Name the notifications of others that claim an event of ours: S3 takes no two for one event.

    They overlap if both prefixes can begin, and both suffixes end, the same key
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html).
    """
    events = list_events(stack)
    for kind, target in KINDS.items():
        for notification in (found or {}).get(kind, []):
            if notification.get("Id") == stack.trigger_id:
                continue
            if _share_event(events, notification["Events"]) and _share_key(stack, notification):
                name = notification.get("Id", "one without a name")
                yield f"{name}, which goes to {notification[target]}"


def _share_event(ours: list[str], theirs: list[str]) -> bool:
    """Return whether an event is in both lists, by its name or by a `*`."""
    return any(_overlap(one, other, fnmatchcase) for one, other in product(ours, theirs))


def _share_key(stack: Stack, notification: Document) -> bool:
    encoding = stack.traits.filter_encoding
    found = list_filter_rules(notification)
    rules = {name: decode_filter(value, encoding) for name, value in found.items()}
    prefix, suffix = rules.get("prefix", ""), rules.get("suffix", "")
    return _overlap(prefix, stack.prefix, str.startswith) and _overlap(
        suffix, stack.suffix, str.endswith
    )


def _overlap(one: str, other: str, fits: Callable[[str, str], bool]) -> bool:
    return fits(one, other) or fits(other, one)


def _read(stack: Stack, bucket: str) -> Read:
    return Read(
        "s3",
        "get_bucket_notification_configuration",
        _own(stack, bucket),
        _pick_notifications,
        ("NoSuchBucket",),
    )


def _own(stack: Stack, bucket: str) -> Document:
    return {"Bucket": bucket, "ExpectedBucketOwner": stack.account}


def _has_ours(stack: Stack, found: Document | None) -> bool:
    return any(one.get("Id") == stack.trigger_id for one in (found or {}).get(FUNCTIONS, []))


def _put(
    stack: Stack, bucket: str, title: str, found: Document, triggers: list[Document]
) -> ApiCall:
    """Replace our trigger by `triggers`, none or one, among all that the bucket has."""
    configuration = {
        kind: [_write_filter(one) for one in value] if kind in KINDS else value
        for kind, value in found.items()
    }
    functions = configuration.pop(FUNCTIONS, [])
    others = [one for one in functions if one.get("Id") != stack.trigger_id]
    if others or triggers:
        configuration[FUNCTIONS] = [*others, *triggers]
    parameters = {**_own(stack, bucket), "NotificationConfiguration": configuration}
    return ApiCall(title, "s3", "put_bucket_notification_configuration", parameters)


def _write_filter(notification: Document) -> Document:
    """Write the names of filter rules as S3 takes them: it returns `Prefix` and takes `prefix`."""
    rules = list_filter_rules(notification)
    if not rules:
        return notification
    written = [{"Name": name, "Value": value} for name, value in rules.items()]
    return {**notification, "Filter": {"Key": {"FilterRules": written}}}


def _pick_notifications(answer: Document) -> Document:
    return {kind: value for kind, value in answer.items() if kind != "ResponseMetadata"}


def list_events(stack: Stack) -> list[str]:
    """List the events that run the function: a photo comes, or goes if deletes are mirrored."""
    removals = ["s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"] if stack.mirror_deletes else []
    return ["s3:ObjectCreated:*", *removals]


def make_notification(stack: Stack) -> Document:
    """Give the source bucket's notification: a created object invokes the function's alias.

    So does one that is removed, by a user or by a lifecycle rule, if deletes are mirrored. S3 wants
    a filter's values URL-encoded, a space as + and the slash as it is
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html and
    aws/aws-cdk pull request 28012), and compares them decoded.
    """
    rules = [
        {"Name": name, "Value": encode_filter(value, stack.traits.filter_encoding)}
        for name, value in (("prefix", stack.prefix), ("suffix", stack.suffix))
        if value
    ]
    filters = {"Filter": {"Key": {"FilterRules": rules}}} if rules else {}
    return {
        "Id": stack.trigger_id,
        "LambdaFunctionArn": stack.alias_arn,
        "Events": list_events(stack),
        **filters,
    }
