"""Owns what a bucket of the stack's own is like: closed to the public, encrypted, tidy.

Pure. What somebody added to a bucket, a tag, a statement of its policy, a lifecycle rule, stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pixelater_cli.aws.resources.canonical import holds_all, is_equal, list_statements
from pixelater_cli.aws.resources.property import (
    EXISTS,
    ApiCall,
    Read,
    ResourceProperty,
    constant,
    describe_change,
    exists,
)
from pixelater_cli.aws.stack import Document, Stack

CLOSED = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
OWNER = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
ENCRYPTED = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}


@dataclass(frozen=True)
class BucketSetting:
    """One setting of a bucket: s3's get_<what> and put_<what>, and how both are worded."""

    name: str
    what: str
    absent: str
    pick: Callable[[Document], Any]
    wanted: Any
    write: Callable[[Any], Document]
    same: Callable[[Any, Any], bool] = is_equal


def list_bucket_properties(stack: Stack, bucket: str) -> Iterator[ResourceProperty]:
    """List the facts of one bucket: that it is there, then its settings."""
    resource, owned = f"bucket {bucket}", {"Bucket": bucket, "ExpectedBucketOwner": stack.account}
    create: Document = {"Bucket": bucket}
    if stack.region != "us-east-1":  # There S3 takes no LocationConstraint.
        create["CreateBucketConfiguration"] = {"LocationConstraint": stack.region}
    if stack.regional_names:
        create["BucketNamespace"] = "account-regional"
    yield ResourceProperty(
        (resource, EXISTS),
        Read("s3", "head_bucket", owned, exists, ("404",)),
        True,
        constant(ApiCall(f"create {resource}", "s3", "create_bucket", create, "bucket_exists")),
        remove=constant(
            ApiCall(f"remove {resource}", "s3", "delete_bucket", owned, gone=("NoSuchBucket",))
        ),
    )
    for aspect in _list_aspects(stack, bucket):
        yield _make_fact(resource, owned, aspect)


def adopted_bucket_property(stack: Stack, bucket: str) -> ResourceProperty:
    """Describe a bucket that is not ours: it is there or it is not; we do nothing about it."""
    owned = {"Bucket": bucket, "ExpectedBucketOwner": stack.account}
    read = Read("s3", "head_bucket", owned, exists, ("404",))
    return ResourceProperty((f"bucket {bucket}", EXISTS), read, True, constant())


def _make_fact(resource: str, owned: Document, aspect: BucketSetting) -> ResourceProperty:
    def steps(found: Any) -> tuple[ApiCall, ...]:
        title = describe_change(f"{aspect.name} of {resource}", found, aspect.wanted)
        return (ApiCall(title, "s3", f"put_{aspect.what}", {**owned, **aspect.write(found)}),)

    absent = (aspect.absent, "NoSuchBucket")
    read = Read("s3", f"get_{aspect.what}", owned, aspect.pick, absent)
    return ResourceProperty((resource, aspect.name), read, aspect.wanted, steps, aspect.same)


def _list_aspects(stack: Stack, bucket: str) -> Iterator[BucketSetting]:
    versioned = bucket != stack.destination_bucket
    yield BucketSetting(
        "public access",
        "public_access_block",
        "NoSuchPublicAccessBlockConfiguration",
        lambda answer: answer["PublicAccessBlockConfiguration"],
        CLOSED,
        lambda _found: {"PublicAccessBlockConfiguration": CLOSED},
    )
    yield BucketSetting(
        "ownership",
        "bucket_ownership_controls",
        "OwnershipControlsNotFoundError",
        lambda answer: answer["OwnershipControls"],
        OWNER,
        lambda _found: {"OwnershipControls": OWNER},
    )
    yield BucketSetting(
        "encryption",
        "bucket_encryption",
        "ServerSideEncryptionConfigurationNotFoundError",
        _pick_algorithm,
        "AES256",
        lambda _found: {"ServerSideEncryptionConfiguration": ENCRYPTED},
        lambda found, _wanted: found is not None,  # Somebody's own key is as good, or better.
    )
    if stack.tls:
        yield _describe_policy(tls_only_statement(stack, bucket))
    if versioned:
        yield BucketSetting(
            "versioning",
            "bucket_versioning",
            "NoSuchBucket",
            lambda answer: answer.get("Status"),
            "Enabled",
            lambda _found: {"VersioningConfiguration": {"Status": "Enabled"}},
        )
    rules = lifecycle_rules(versioned)
    yield BucketSetting(
        "lifecycle",
        "bucket_lifecycle_configuration",
        "NoSuchLifecycleConfiguration",
        lambda answer: answer["Rules"],
        rules,
        lambda found: {"LifecycleConfiguration": {"Rules": _add(found, rules, "ID")}},
        holds_all,
    )
    tags = [{"Key": name, "Value": value} for name, value in stack.tags.items()]
    yield BucketSetting(
        "tags",
        "bucket_tagging",
        "NoSuchTagSet",
        lambda answer: answer["TagSet"],
        tags,
        lambda found: {"Tagging": {"TagSet": _add(found, tags, "Key")}},
        holds_all,
    )


def _describe_policy(statements: list[Document]) -> BucketSetting:
    def write(found: Any) -> Document:
        together = _add(found, statements, "Sid")
        return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": together})}

    return BucketSetting(
        "policy",
        "bucket_policy",
        "NoSuchBucketPolicy",
        lambda answer: list_statements(answer["Policy"]),
        statements,
        write,
        holds_all,
    )


def _pick_algorithm(answer: Document) -> str | None:
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
    default = rules[0].get("ApplyServerSideEncryptionByDefault", {}) if rules else {}
    algorithm: str | None = default.get("SSEAlgorithm")
    return algorithm


def _add(found: list[Any] | None, ours: list[Any], name: str) -> list[Any]:
    """Put our entries beside those of others; `name` tells which entry is which."""
    names = {one[name] for one in ours}
    return [one for one in found or [] if one.get(name) not in names] + ours


def tls_only_statement(stack: Stack, bucket: str) -> list[Document]:
    """Refuse requests without TLS: statements of a bucket's policy, for the bucket and its objects.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
    """
    arn = stack.bucket_arn(bucket)
    return [
        {
            "Sid": sid,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": resource,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        for sid, resource in (("PixelaterTlsOnly", arn), ("PixelaterTlsOnlyObjects", f"{arn}/*"))
    ]


def lifecycle_rules(versioned: bool) -> list[Document]:
    """Clear away what nobody sees: unfinished uploads, and versions that were replaced."""
    rules: list[Document] = [
        {
            "ID": "pixelater-unfinished-uploads",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
    ]
    if versioned:
        rules.append(
            {
                "ID": "pixelater-replaced-versions",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            }
        )
    return rules
