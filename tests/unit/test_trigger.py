"""The trigger beside those of others: S3 takes no two receivers for one upload."""

from __future__ import annotations

from typing import Any

import pytest

from pixelater_cli.aws import documents
from pixelater_cli.aws.plan import Change, list_changes
from pixelater_cli.aws.stack import Stack
from pixelater_cli.aws.trigger import (
    FUNCTIONS,
    describe_former_trigger,
    describe_trigger,
    find_rivals,
)

QUEUE = "arn:aws:sqs:eu-central-1:123456789012:audit"


def describe_queue(*events: str, **rules: str) -> dict[str, Any]:
    filters = [{"Name": name, "Value": value} for name, value in rules.items()]
    notification: dict[str, Any] = {"Id": "audit", "QueueArn": QUEUE, "Events": list(events)}
    if filters:
        notification["Filter"] = {"Key": {"FilterRules": filters}}
    return {"QueueConfigurations": [notification]}


CREATED = "s3:ObjectCreated:*"


@pytest.mark.parametrize(
    ("prefix", "suffix", "found", "is_rival"),
    [
        ("", "", None, False),
        ("", "", {}, False),
        ("", "", describe_queue(CREATED), True),
        ("", "", describe_queue("s3:ObjectCreated:Put"), True),
        ("", "", describe_queue("s3:ObjectRemoved:*"), False),
        ("in/", "", describe_queue(CREATED, prefix="out/"), False),
        ("in/", "", describe_queue(CREATED, prefix="in/sub/"), True),
        ("in/", "", describe_queue(CREATED, prefix="i"), True),
        ("", ".jpg", describe_queue(CREATED, suffix=".png"), False),
        ("", ".jpg", describe_queue(CREATED, suffix="x.jpg"), True),
        ("in/", ".jpg", describe_queue(CREATED, suffix=".png"), False),
        ("in/", ".jpg", describe_queue(CREATED, prefix="in/", suffix=".png"), False),
        ("a b/", "", describe_queue(CREATED, prefix="a+b/"), True),
        ("a=1/", "", describe_queue(CREATED, Prefix="a%3D1/"), True),
        ("a+b/", "", describe_queue(CREATED, prefix="a+b/"), False),
    ],
)
def test_a_rival_is_another_notification_that_would_take_the_same_key(
    prefix: str, suffix: str, found: dict[str, Any] | None, is_rival: bool
) -> None:
    stack = Stack("123456789012", "eu-central-1", prefix=prefix, suffix=suffix)
    named = [f"audit, which goes to {QUEUE}"] if is_rival else []
    assert list(find_rivals(stack, found)) == named


@pytest.mark.parametrize(
    ("mirror_deletes", "event", "is_rival"),
    [
        (False, "s3:ObjectRemoved:*", False),
        (True, "s3:ObjectRemoved:Delete", True),
        (True, "s3:LifecycleExpiration:*", True),
        (True, "s3:ObjectTagging:Put", False),
    ],
)
def test_rival_for_removals_counts_where_deletes_are_mirrored(
    mirror_deletes: bool, event: str, is_rival: bool
) -> None:
    stack = Stack("123456789012", "eu-central-1", mirror_deletes=mirror_deletes)
    assert bool(list(find_rivals(stack, describe_queue(event)))) == is_rival


def test_filters_of_a_server_that_compares_raw_are_not_decoded() -> None:
    stack = Stack("123456789012", "eu-central-1", prefix="a b/", raw_filters=True)
    assert list(find_rivals(stack, describe_queue(CREATED, prefix="a+b/"))) == []


@pytest.mark.parametrize(
    ("raw_filters", "prefix", "suffix"),
    [(False, "in+box/%C3%A4%26%3D/", "%2B1%25.jpg"), (True, "in box/\u00e4&=/", "+1%.jpg")],
)
def test_trigger_encodes_prefix_and_suffix_as_s3_decodes_them(
    raw_filters: bool, prefix: str, suffix: str
) -> None:
    stack = Stack("1", "r", prefix="in box/\u00e4&=/", suffix="+1%.jpg", raw_filters=raw_filters)
    assert documents.trigger(stack)["Filter"]["Key"]["FilterRules"] == [
        {"Name": "prefix", "Value": prefix},
        {"Name": "suffix", "Value": suffix},
    ]


def test_trigger_that_0_1_0_wrote_unencoded_is_written_anew() -> None:
    stack = Stack("1", "r", prefix="year=2026/")
    old = {FUNCTIONS: [documents.trigger(Stack("1", "r", prefix="year=2026/", raw_filters=True))]}
    new = {FUNCTIONS: [documents.trigger(stack)]}
    fact = describe_trigger(stack)
    assert (fact.same(old, fact.wanted), fact.same(new, fact.wanted)) == (False, True)


def test_our_own_trigger_is_no_rival() -> None:
    stack = Stack("123456789012", "eu-central-1")
    ours = {"Id": stack.trigger_id, "LambdaFunctionArn": stack.alias_arn, "Events": [CREATED]}
    assert list(find_rivals(stack, {"LambdaFunctionConfigurations": [ours]})) == []


def test_leaving_a_bucket_takes_our_trigger_off_it_and_no_other() -> None:
    stack = Stack("123456789012", "eu-central-1")
    ours = {"Id": stack.trigger_id, "LambdaFunctionArn": stack.alias_arn, "Events": [CREATED]}
    found = {**describe_queue("s3:ObjectRemoved:*"), "LambdaFunctionConfigurations": [ours]}
    fact = describe_former_trigger(stack, "former")
    assert not fact.same(found, None)
    (step,) = fact.steps(found)
    assert step.parameters == {
        "Bucket": "former",
        "ExpectedBucketOwner": "123456789012",
        "NotificationConfiguration": describe_queue("s3:ObjectRemoved:*"),
    }
    assert fact.same(step.parameters["NotificationConfiguration"], None)


@pytest.mark.parametrize(
    ("found", "is_new"),
    [
        ({}, True),
        (describe_queue(CREATED), True),
        ({FUNCTIONS: [documents.trigger(Stack("1", "r", prefix="old/"))]}, False),
    ],
)
def test_a_trigger_that_is_gone_is_missing_whatever_else_the_bucket_tells(
    found: dict[str, Any], is_new: bool
) -> None:
    fact = describe_trigger(Stack("1", "r"))
    changes = list_changes([fact], {fact.key: found})
    assert changes == (Change("trigger of pixelater-source-bucket", is_new, ()),)
