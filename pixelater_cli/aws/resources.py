"""Owns the list of a stack's facts, in the order in which each finds what it needs.

Pure. The order: buckets, role, log group, failure queue, zip, function (settings before code, so
new code never runs with old settings), the alias on a published version, what becomes of failures,
the permission, and last the trigger, as S3 checks the permission when the trigger is set.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Iterator
from typing import Any

from pixelater_cli.aws import documents as want
from pixelater_cli.aws.buckets import describe_adopted, list_bucket_facts
from pixelater_cli.aws.facts import EXISTS, Fact, Output, Read, Step, is_there, just, word
from pixelater_cli.aws.function import list_function_facts
from pixelater_cli.aws.stack import Document, Package, Stack
from pixelater_cli.aws.trigger import describe_former_trigger, describe_trigger

NO_GROUP = "ResourceNotFoundException"
NO_ROLE = "NoSuchEntity"
NO_QUEUE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def list_facts(stack: Stack, package: Package, former_source: str = "") -> tuple[Fact, ...]:
    """List everything that a stack decides.

    `former_source` is the bucket that it had its photos from before, if that was another one.
    """
    former = former_source if former_source != stack.source_bucket else ""
    return (
        *((describe_former_trigger(stack, former),) if former else ()),
        *(describe_adopted(stack, bucket) for bucket in stack.adopted_buckets),
        *(fact for bucket in stack.own_buckets for fact in list_bucket_facts(stack, bucket)),
        *_list_role(stack),
        *_list_log(stack),
        *_list_queue(stack),
        _describe_zip(stack, package),
        _describe_settings(stack),
        *list_function_facts(stack, package),
        describe_trigger(stack),
    )


def list_all_facts(stack: Stack) -> tuple[Fact, ...]:
    """List the facts to remove: also of own buckets in whose place others were adopted since.

    Bare names on AWS may be somebody else's: there, such a bucket is left alone.
    """
    is_certain = stack.regional_names or not stack.tls
    named = stack.named_buckets if is_certain else ()
    former = (name for name in named if name not in stack.own_buckets)
    buckets = (fact for bucket in former for fact in list_bucket_facts(stack, bucket))
    return (*buckets, *list_facts(stack, Package("", "", b"")))


def _list_role(stack: Stack) -> Iterator[Fact]:
    resource, named = f"role {stack.role}", {"RoleName": stack.role}
    trust, policy = want.trust_policy(), want.permissions_policy(stack)
    place = {**named, "PolicyName": want.POLICY_NAME}
    create = {
        **named,
        "AssumeRolePolicyDocument": json.dumps(trust),
        "Description": f"What {stack.function} may do",
        "Tags": _list_tags(stack),
    }
    removal = Step(f"remove {resource}", "iam", "delete_role", named, gone=(NO_ROLE,))
    yield Fact(
        (resource, EXISTS),
        Read("iam", "get_role", named, is_there, (NO_ROLE,)),
        True,
        just(Step(f"create {resource}", "iam", "create_role", create, "role_exists")),
        remove=just(removal),
    )
    update = {**named, "PolicyDocument": json.dumps(trust)}
    yield Fact(
        (resource, "trust"),
        Read("iam", "get_role", named, lambda answer: answer["Role"]["AssumeRolePolicyDocument"]),
        trust,
        just(Step(f"change trust of {resource}", "iam", "update_assume_role_policy", update)),
        included=True,
    )
    put = {**place, "PolicyDocument": json.dumps(policy)}
    title = f"policy {want.POLICY_NAME} of {resource}"
    removal_of_policy = Step(f"remove {title}", "iam", "delete_role_policy", place, gone=(NO_ROLE,))
    yield Fact(
        (resource, "policy"),
        Read("iam", "get_role_policy", place, lambda a: a["PolicyDocument"], (NO_ROLE,)),
        policy,
        lambda found: (Step(word(title, found, None), "iam", "put_role_policy", put),),
        remove=just(removal_of_policy),
    )


def _list_log(stack: Stack) -> Iterator[Fact]:
    resource, named = f"log group {stack.log_group}", {"logGroupName": stack.log_group}
    look = {"logGroupNamePrefix": stack.log_group}

    def pick(answer: Document) -> Document | None:
        groups = (one for one in answer["logGroups"] if one["logGroupName"] == stack.log_group)
        return next(groups, None)

    def pick_days(answer: Document) -> int | None:
        return (pick(answer) or {}).get("retentionInDays")

    create = {**named, "tags": stack.tags}
    removal = Step(f"remove {resource}", "logs", "delete_log_group", named, gone=(NO_GROUP,))
    yield Fact(
        (resource, EXISTS),
        Read("logs", "describe_log_groups", look, lambda answer: pick(answer) and True),
        True,
        just(Step(f"create {resource}", "logs", "create_log_group", create)),
        remove=just(removal),
    )
    keep = {**named, "retentionInDays": stack.log_days}
    title = f"days to keep {resource}"
    yield Fact(
        (resource, "retention"),
        Read("logs", "describe_log_groups", look, pick_days),
        stack.log_days,
        lambda found: (
            Step(word(title, found, stack.log_days), "logs", "put_retention_policy", keep),
        ),
    )


def _list_queue(stack: Stack) -> Iterator[Fact]:
    resource, named = f"queue {stack.queue}", {"QueueName": stack.queue}
    attributes = want.queue_attributes()
    place = {"QueueUrl": Output("QueueUrl")}
    create = {**named, "Attributes": attributes, "tags": stack.tags}
    removal = Step(f"remove {resource}", "sqs", "delete_queue", place, gone=NO_QUEUE)
    yield Fact(
        (resource, EXISTS),
        Read("sqs", "get_queue_url", named, is_there, NO_QUEUE, keep="QueueUrl"),
        True,
        just(Step(f"create {resource}", "sqs", "create_queue", create, keep="QueueUrl")),
        remove=just(removal),
    )
    everything = {**place, "AttributeNames": ["All"]}
    put = {**place, "Attributes": attributes}

    def pick(answer: Document) -> Document:
        return {name: answer["Attributes"].get(name) for name in attributes}

    def steps(found: Any) -> tuple[Step, ...]:
        title = word(f"attributes of {resource}", found, attributes)
        return (Step(title, "sqs", "set_queue_attributes", put),)

    read = Read("sqs", "get_queue_attributes", everything, pick, NO_QUEUE)
    yield Fact((resource, "attributes"), read, attributes, steps, included=True)


def _describe_zip(stack: Stack, package: Package) -> Fact:
    place = {
        "Bucket": stack.code_bucket,
        "Key": package.name_key(stack),
        "ExpectedBucketOwner": stack.account,
    }
    put = {**place, "ContentType": "application/zip", "Metadata": {"sha256": package.sha256}}
    title = f"upload zip {package.digest[:12]} ({len(package.data) / 1e6:.1f} MB)"
    absent = ("404", "NoSuchBucket")
    return Fact(
        (f"zip {package.digest[:12]}", EXISTS),
        Read("s3", "head_object", place, lambda answer: answer["Metadata"].get("sha256"), absent),
        package.sha256,
        just(Step(title, "s3", "put_object", put, body=package.data)),
        lambda found, _wanted: found is not None,
    )


def _describe_settings(stack: Stack) -> Fact:
    """Describe the note of what the stack was deployed with, which `status` and `destroy` read."""
    place = locate_settings(stack)
    put = {**place, "ContentType": "application/json", "Body": json.dumps(stack.settings)}
    return Fact(
        (f"settings of stack {stack.name}", EXISTS),
        Read(
            "s3",
            "get_object",
            place,
            lambda answer: json.loads(answer["Body"].read()),
            ("NoSuchKey", "NoSuchBucket"),
        ),
        stack.settings,
        lambda found: (
            Step(
                word(f"settings of stack {stack.name}", found, stack.settings),
                "s3",
                "put_object",
                put,
            ),
        ),
        operator.eq,  # Our own document, which S3 keeps as it is.
    )


def locate_settings(stack: Stack) -> Document:
    """Say where the stack's settings are noted, as get_object takes it."""
    return {
        "Bucket": stack.code_bucket,
        "Key": f"{stack.function}/settings.json",
        "ExpectedBucketOwner": stack.account,
    }


def _list_tags(stack: Stack) -> list[Document]:
    return [{"Key": name, "Value": value} for name, value in stack.tags.items()]
