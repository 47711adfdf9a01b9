"""Owns the source bucket's notification that runs the function, beside those of others.

Pure. One call replaces all notifications that a bucket has, so those of others are sent along as
they were found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from pixelater_cli.aws import documents as want
from pixelater_cli.aws.canonical import holds_all
from pixelater_cli.aws.facts import EXISTS, Fact, Read, Step
from pixelater_cli.aws.stack import Document, Stack

FUNCTIONS = "LambdaFunctionConfigurations"
KINDS = {
    FUNCTIONS: "LambdaFunctionArn",
    "QueueConfigurations": "QueueArn",
    "TopicConfigurations": "TopicArn",
}
"""Kind of notification -> where it says whom it goes to."""


def describe_trigger(stack: Stack) -> Fact:
    """Describe our trigger: there, among the others."""
    ours = want.trigger(stack)
    start = f"run the function on uploads to {stack.source_bucket}"
    stop = f"no longer {start}"
    return Fact(
        (f"trigger of {stack.source_bucket}", EXISTS),
        _read(stack, stack.source_bucket),
        ours,
        lambda found: (_put(stack, stack.source_bucket, start, found or {}, [ours]),),
        lambda found, wanted: holds_all((found or {}).get(FUNCTIONS), [wanted]),
        is_there=lambda found: _has_ours(stack, found),
        remove=lambda found: (
            (_put(stack, stack.source_bucket, stop, found, []),) if _has_ours(stack, found) else ()
        ),
    )


def describe_former_trigger(stack: Stack, bucket: str) -> Fact:
    """Describe our trigger on a bucket that photos no longer come from: gone."""
    stop = f"no longer run the function on uploads to {bucket}"
    return Fact(
        (f"trigger of {bucket}", EXISTS),
        _read(stack, bucket),
        None,
        lambda found: (_put(stack, bucket, stop, found, []),),
        lambda found, _wanted: not _has_ours(stack, found),
    )


def find_rivals(stack: Stack, found: Document | None) -> Iterator[str]:
    """Name the notifications of others that claim events of ours: S3 takes no two for one event.

    They overlap if both prefixes can begin, and both suffixes end, the same key
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html).
    """
    families = tuple(event.removesuffix("*") for event in want.list_events(stack))
    for kind, target in KINDS.items():
        for one in (found or {}).get(kind, []):
            shared = any(event.startswith(families) for event in one["Events"])
            if one.get("Id") == stack.trigger_id or not shared:
                continue
            theirs = _pick_filter(stack, one)
            prefixes = _overlap(theirs["prefix"], stack.prefix, str.startswith)
            if prefixes and _overlap(theirs["suffix"], stack.suffix, str.endswith):
                yield f"{one.get('Id', 'one without a name')}, which goes to {one[target]}"


def _overlap(one: str, other: str, fits: Any) -> bool:
    return bool(fits(one, other) or fits(other, one))


def _pick_filter(stack: Stack, notification: Document) -> dict[str, str]:
    """Return what a notification's keys begin and end with; S3 writes the names "Prefix", too."""
    rules = notification.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    read = str if stack.raw_filters else unquote_plus
    return {"prefix": "", "suffix": ""} | {
        rule["Name"].lower(): read(rule["Value"]) for rule in rules
    }


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


def _put(stack: Stack, bucket: str, title: str, found: Document, triggers: list[Document]) -> Step:
    """Replace our trigger by `triggers`, none or one, among all that the bucket has."""
    others = [one for one in found.get(FUNCTIONS, []) if one.get("Id") != stack.trigger_id]
    configuration = {kind: value for kind, value in found.items() if kind != FUNCTIONS}
    if others or triggers:
        configuration[FUNCTIONS] = [*others, *triggers]
    parameters = {**_own(stack, bucket), "NotificationConfiguration": configuration}
    return Step(title, "s3", "put_bucket_notification_configuration", parameters)


def _pick_notifications(answer: Document) -> Document:
    return {kind: value for kind, value in answer.items() if kind != "ResponseMetadata"}
