"""The source bucket's notification that invokes the function, next to those of others.

No I/O. One call replaces all notifications of a bucket, so those of others are sent again as they
were found.
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
"""Kind of notification -> the member that names its target."""


def notification_property(stack: Stack) -> ResourceProperty:
    """Return the stack's notification as a property: it is among those of the bucket."""
    own = make_notification(stack)
    start = f"run the function on uploads to {stack.source_bucket}"
    stop = f"no longer {start}"
    return ResourceProperty(
        (f"trigger of {stack.source_bucket}", EXISTS),
        _read(stack, stack.source_bucket),
        own,
        lambda found: (_put(stack, stack.source_bucket, start, found or {}, [own]),),
        lambda found, wanted: holds_all((found or {}).get(FUNCTIONS), [wanted]),
        exists=lambda found: _holds_own(stack, found),
        remove=lambda found: (
            (_put(stack, stack.source_bucket, stop, found, []),) if _holds_own(stack, found) else ()
        ),
    )


def former_notification_property(stack: Stack, bucket: str) -> ResourceProperty:
    """Return as a property that a former source bucket has no notification of the stack."""
    stop = f"no longer run the function on uploads to {bucket}"
    return ResourceProperty(
        (f"trigger of {bucket}", EXISTS),
        _read(stack, bucket),
        None,
        lambda found: (_put(stack, bucket, stop, found, []),),
        lambda found, _wanted: not _holds_own(stack, found),
    )


def find_overlapping(stack: Stack, found: Document | None) -> Iterator[str]:
    """Name the notifications of others that claim the stack's events; S3 refuses such a pair.

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


def _share_event(events: list[str], others: list[str]) -> bool:
    """Return whether an event is in both lists, by its name or by a `*`."""
    return any(_overlap(event, other, fnmatchcase) for event, other in product(events, others))


def _share_key(stack: Stack, notification: Document) -> bool:
    encoding = stack.traits.filter_encoding
    found = list_filter_rules(notification)
    rules = {name: decode_filter(value, encoding) for name, value in found.items()}
    prefix, suffix = rules.get("prefix", ""), rules.get("suffix", "")
    return _overlap(prefix, stack.prefix, str.startswith) and _overlap(
        suffix, stack.suffix, str.endswith
    )


def _overlap(a: str, b: str, matches: Callable[[str, str], bool]) -> bool:
    return matches(a, b) or matches(b, a)


def _read(stack: Stack, bucket: str) -> Read:
    def pick(answer: Document) -> Document:
        return {kind: value for kind, value in answer.items() if kind != "ResponseMetadata"}

    call = "get_bucket_notification_configuration"
    return Read("s3", call, stack.owned(bucket), pick, ("NoSuchBucket",))


def _holds_own(stack: Stack, found: Document | None) -> bool:
    functions = (found or {}).get(FUNCTIONS, [])
    return any(notification.get("Id") == stack.trigger_id for notification in functions)


def _put(stack: Stack, bucket: str, title: str, found: Document, own: list[Document]) -> ApiCall:
    """Replace the stack's notification by `own`, one or none, among all of the bucket."""
    configuration = {
        kind: list(map(_write_filter, value)) if kind in KINDS else value
        for kind, value in found.items()
    }
    functions = configuration.pop(FUNCTIONS, [])
    others = [each for each in functions if each.get("Id") != stack.trigger_id]
    if others or own:
        configuration[FUNCTIONS] = [*others, *own]
    parameters = {**stack.owned(bucket), "NotificationConfiguration": configuration}
    return ApiCall(title, "s3", "put_bucket_notification_configuration", parameters)


def _write_filter(notification: Document) -> Document:
    """Write the names of filter rules as S3 takes them: it returns `Prefix` and takes `prefix`."""
    rules = list_filter_rules(notification)
    return {**notification, **_make_filter(rules)} if rules else notification


def _make_filter(rules: dict[str, str]) -> Document:
    written = [{"Name": name, "Value": value} for name, value in rules.items() if value]
    return {"Filter": {"Key": {"FilterRules": written}}} if written else {}


def list_events(stack: Stack) -> list[str]:
    """List the events that invoke the function: creation and, if mirrored, deletion of a photo."""
    removals = ["s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"] if stack.mirror_deletes else []
    return ["s3:ObjectCreated:*", *removals]


def make_notification(stack: Stack) -> Document:
    """Return the notification of the source bucket that invokes the function's alias.

    S3 wants a filter's values URL-encoded, a space as + and the slash as it is, and compares them
    decoded (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
    and aws/aws-cdk pull request 28012).
    """
    values = {"prefix": stack.prefix, "suffix": stack.suffix}
    encoding = stack.traits.filter_encoding
    return {
        "Id": stack.trigger_id,
        "LambdaFunctionArn": stack.alias_arn,
        "Events": list_events(stack),
        **_make_filter({name: encode_filter(value, encoding) for name, value in values.items()}),
    }
