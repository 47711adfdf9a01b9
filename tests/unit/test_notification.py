"""The trigger beside those of others: S3 takes no two receivers for one upload."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import pytest

from pixelater_cli.aws.deploy.plan import ChangedResource, list_changes
from pixelater_cli.aws.resources.notification import (
    FUNCTIONS,
    find_overlapping,
    former_notification_property,
    make_notification,
    notification_property,
)
from pixelater_cli.aws.stack import Stack

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
        ("", "", describe_queue(CREATED), "create"),
        ("", "", describe_queue("s3:ObjectCreated:Put"), True),
        ("", "", describe_queue("s3:ObjectRemoved:*"), False),
        ("in/", "", describe_queue(CREATED, prefix="out/"), False),
        ("in/", "", describe_queue(CREATED, prefix="in/sub/"), True),
        ("in/", "", describe_queue(CREATED, prefix="i"), True),
        ("", ".jpg", describe_queue(CREATED, suffix=".png"), False),
        ("", ".jpg", describe_queue(CREATED, suffix="x.jpg"), True),
        ("in/", ".jpg", describe_queue(CREATED, suffix=".png"), False),
        ("in/", ".jpg", describe_queue(CREATED, prefix="in/", suffix=".png"), False),
    ],
)
def test_a_rival_is_another_notification_that_would_take_the_same_key(
    prefix: str, suffix: str, found: dict[str, Any] | None, is_rival: bool
) -> None:
    stack = Stack("123456789012", "eu-central-1", prefix=prefix, suffix=suffix)
    named = [f"audit, which goes to {QUEUE}"] if is_rival else []
    assert list(find_overlapping(stack, found)) == named


@pytest.mark.parametrize(
    ("server", "prefix", "found", "is_rival"),
    [
        ("AWS", "year=2026/", describe_queue(CREATED, prefix="year%3D2026/05/"), True),
        ("AWS", "in box/", describe_queue(CREATED, prefix="in+box/"), True),
        ("AWS", "in box/", describe_queue(CREATED, Prefix="in%20box/"), True),
        ("AWS", "a+b/", describe_queue(CREATED, prefix="a+b/"), False),
        ("AWS", "in/", describe_queue(CREATED, Prefix="out/"), False),
        ("AWS", "in/", describe_queue(CREATED, Prefix="out/", Suffix=".jpg"), False),
        ("LocalStack", "a+b/", describe_queue(CREATED, Prefix="a+b/"), True),
        ("LocalStack", "in box/", describe_queue(CREATED, Prefix="in+box/"), False),
        ("LocalStack", "in box/", describe_queue(CREATED, Prefix="in%20box/"), True),
        ("ministack", "a+b/", describe_queue(CREATED, Prefix="a+b/"), True),
        ("ministack", "in box/", describe_queue(CREATED, Prefix="in%20box/"), False),
    ],
)
def test_filter_of_a_rival_is_read_as_its_server_does(
    server: str, prefix: str, found: dict[str, Any], is_rival: bool
) -> None:
    stack = Stack("123456789012", "eu-central-1", prefix=prefix, server=server)
    assert len(list(find_overlapping(stack, found))) == is_rival


@pytest.mark.parametrize(
    ("mirror_deletes", "events", "is_rival"),
    [
        (False, ["s3:ObjectRemoved:*"], False),
        (True, ["s3:ObjectRemoved:*"], True),
        (True, ["s3:ObjectRemoved:DeleteMarkerCreated"], True),
        (True, ["s3:LifecycleExpiration:Delete"], True),
        (True, ["s3:ObjectTagging:*", "s3:ObjectRestore:*"], False),
    ],
)
def test_mirrored_deletes_have_rivals_too(
    mirror_deletes: bool, events: list[str], is_rival: bool
) -> None:
    stack = Stack("123456789012", "eu-central-1", mirror_deletes=mirror_deletes)
    assert len(list(find_overlapping(stack, describe_queue(*events)))) == is_rival


def test_trigger_written_raw_is_replaced_where_s3_decodes() -> None:
    """0.1.0 wrote it so."""
    stack = Stack("123456789012", "eu-central-1", prefix="year=2026/")
    raw = make_notification(replace(stack, server="moto"))
    encoded = make_notification(stack)
    fact = notification_property(stack)
    assert [fact.same({FUNCTIONS: [one]}, fact.wanted) for one in (raw, encoded)] == [False, True]


def test_filter_names_of_others_are_written_as_s3_takes_them() -> None:
    fact = notification_property(Stack("123456789012", "eu-central-1"))
    (step,) = fact.steps(describe_queue("s3:ObjectTagging:*", Prefix="a=b/", Suffix=".jpg"))
    written = step.parameters["NotificationConfiguration"]
    expected = describe_queue("s3:ObjectTagging:*", prefix="a=b/", suffix=".jpg")
    assert written == {**expected, FUNCTIONS: [fact.wanted]}


def test_our_own_trigger_is_no_rival() -> None:
    stack = Stack("123456789012", "eu-central-1")
    ours = {"Id": stack.trigger_id, "LambdaFunctionArn": stack.alias_arn, "Events": [CREATED]}
    assert list(find_overlapping(stack, {"LambdaFunctionConfigurations": [ours]})) == []


def test_leaving_a_bucket_takes_our_trigger_off_it_and_no_other() -> None:
    stack = Stack("123456789012", "eu-central-1")
    ours = {"Id": stack.trigger_id, "LambdaFunctionArn": stack.alias_arn, "Events": [CREATED]}
    found = {**describe_queue("s3:ObjectRemoved:*"), "LambdaFunctionConfigurations": [ours]}
    fact = former_notification_property(stack, "former")
    assert not fact.same(found, None)
    (step,) = fact.steps(found)
    assert step.parameters == {
        "Bucket": "former",
        "ExpectedBucketOwner": "123456789012",
        "NotificationConfiguration": describe_queue("s3:ObjectRemoved:*"),
    }
    assert fact.same(step.parameters["NotificationConfiguration"], None)


@pytest.mark.parametrize(
    ("found", "action"),
    [
        ({}, "create"),
        (describe_queue(CREATED), "create"),
        ({FUNCTIONS: [make_notification(Stack("1", "r", prefix="old/"))]}, "change"),
    ],
)
def test_a_trigger_that_is_gone_is_missing_whatever_else_the_bucket_tells(
    found: dict[str, Any], action: Literal["create", "change"]
) -> None:
    fact = notification_property(Stack("1", "r"))
    changes = list_changes([fact], {fact.key: found})
    assert changes == (ChangedResource(action, "trigger of pixelater-source-bucket", ()),)
