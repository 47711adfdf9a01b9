"""A stack's buckets: closed to the public, encrypted, with lifecycle rules.

No I/O. Tags, policy statements and lifecycle rules that others added to a bucket are kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from pixelater_cli.aws.resources.canonical import holds_all, is_equal, list_statements
from pixelater_cli.aws.resources.policy_document import make_policy_document
from pixelater_cli.aws.resources.property import (
    EXISTS,
    ApiCall,
    Read,
    ResourceProperty,
    constant,
    describe_change,
    existence,
    exists,
)
from pixelater_cli.aws.stack import Document, Stack

CLOSED = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
OWNER = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
MANAGED = "AES256"
BY_AWS = "aws:kms"
"""Encryption with alias/aws/s3, the key that AWS manages: S3 takes it if no key is named
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html)."""
NO_ENCRYPTION = "ServerSideEncryptionConfigurationNotFoundError"


def list_bucket_properties(stack: Stack, bucket: str) -> Iterator[ResourceProperty]:
    """List the properties of one bucket: that it exists, then its settings.

    Encryption with a key is left out: the role must be allowed to use the key before.
    """
    resource, owned = f"bucket {bucket}", stack.owned(bucket)
    create: Document = {"Bucket": bucket}
    if stack.region != "us-east-1":  # There S3 takes no LocationConstraint.
        create["CreateBucketConfiguration"] = {"LocationConstraint": stack.region}
    if stack.regional_names:
        create["BucketNamespace"] = "account-regional"
    yield existence(
        resource,
        _read_bucket(owned),
        ApiCall(f"create {resource}", "s3", "create_bucket", create, "bucket_exists"),
        ApiCall(f"remove {resource}", "s3", "delete_bucket", owned, absent=("NoSuchBucket",)),
    )
    setting = partial(_setting_property, owned)
    versioned = bucket != stack.destination_bucket
    yield setting(
        *("public access", "public_access_block", "NoSuchPublicAccessBlockConfiguration"),
        lambda answer: answer["PublicAccessBlockConfiguration"],
        CLOSED,
        lambda _found: {"PublicAccessBlockConfiguration": CLOSED},
    )
    yield setting(
        *("ownership", "bucket_ownership_controls", "OwnershipControlsNotFoundError"),
        lambda answer: answer["OwnershipControls"],
        OWNER,
        lambda _found: {"OwnershipControls": OWNER},
    )
    if not stack.find_key(bucket):
        yield encryption_property(stack, bucket)
    if stack.tls:
        statements = tls_only_statements(stack, bucket)
        yield setting(
            *("policy", "bucket_policy", "NoSuchBucketPolicy"),
            lambda answer: list_statements(answer["Policy"]),
            statements,
            lambda found: {
                "Policy": json.dumps(make_policy_document(*_merge(found, statements, "Sid")))
            },
            holds_all,
        )
    if versioned:
        yield setting(
            *("versioning", "bucket_versioning", "NoSuchBucket"),
            lambda answer: answer.get("Status"),
            "Enabled",
            lambda _found: {"VersioningConfiguration": {"Status": "Enabled"}},
        )
    rules = lifecycle_rules(versioned)
    yield setting(
        *("lifecycle", "bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration"),
        lambda answer: answer["Rules"],
        rules,
        lambda found: {"LifecycleConfiguration": {"Rules": _merge(found, rules, "ID")}},
        holds_all,
    )
    yield setting(
        *("tags", "bucket_tagging", "NoSuchTagSet"),
        lambda answer: answer["TagSet"],
        stack.tag_list,
        lambda found: {
            "Tagging": {"TagSet": _merge(found, stack.tag_list, "Key", stack.dropped_tags)}
        },
        lambda found, wanted: (
            holds_all(found, wanted)
            and not {tag["Key"] for tag in found or ()} & set(stack.dropped_tags)
        ),
    )


def encryption_property(stack: Stack, bucket: str) -> ResourceProperty:
    """Return the default encryption of one of the stack's buckets as a property.

    Its value is "AES256", "aws:kms" for the key that AWS manages, or the ARN of another key. A key
    that another has set is as good, or better.
    """
    key = _show_key(stack.find_key(bucket))
    former_keys = [*map(_show_key, stack.former_keys)]
    rule: Document = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": MANAGED}}
    if key:
        named = {} if key == BY_AWS else {"KMSMasterKeyID": key}
        default = {"SSEAlgorithm": "aws:kms", **named}
        # S3 asks KMS once for many objects, not for each.
        rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}

    def is_kept(found: str | None, wanted: str) -> bool:
        others = found is not None and not key and found not in former_keys
        return found == wanted or others

    return _setting_property(
        stack.owned(bucket),
        *("encryption", "bucket_encryption", NO_ENCRYPTION),
        partial(read_encryption, stack),
        key or MANAGED,
        lambda _found: {"ServerSideEncryptionConfiguration": {"Rules": [rule]}},
        is_kept,
    )


def list_adopted_properties(stack: Stack, bucket: str) -> Iterator[ResourceProperty]:
    """List the properties of a bucket that is not the stack's: that it exists, and its key.

    Nothing sets them.
    """
    resource, owned = f"bucket {bucket}", stack.owned(bucket)
    yield ResourceProperty((resource, EXISTS), _read_bucket(owned), True, constant())
    if not stack.find_key(bucket):
        return

    def pick(answer: Document) -> str:
        found = read_encryption(stack, answer) or ""
        return found if ":kms:" in found else ""

    yield ResourceProperty(
        (resource, "key"),
        Read("s3", "get_bucket_encryption", owned, pick, (NO_ENCRYPTION,)),
        stack.find_key(bucket),
        constant(),
        lambda found, wanted: (found or "") == wanted,
    )


def read_encryption(stack: Stack, answer: Document) -> str | None:
    """Return the default encryption in an answer to get_bucket_encryption.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html
    """
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
    default = rules[0].get("ApplyServerSideEncryptionByDefault", {}) if rules else {}
    algorithm: str | None = default.get("SSEAlgorithm")
    key = stack.key_arn(default.get("KMSMasterKeyID", ""))
    return algorithm if _show_key(key) == BY_AWS else key or algorithm


def _show_key(key: str) -> str:
    """Return the ARN of a key as the value of a bucket's encryption."""
    return BY_AWS if key.endswith(":alias/aws/s3") else key


def _read_bucket(owned: Document) -> Read:
    return Read("s3", "head_bucket", owned, exists, ("404",))


def _setting_property(
    owned: Document,
    name: str,
    call: str,
    absent: str,
    pick: Callable[[Document], Any],
    wanted: Any,
    write: Callable[[Any], Document],
    same: Callable[[Any, Any], bool] = is_equal,
) -> ResourceProperty:
    """Return a setting of a bucket as a property; its calls are get_`call` and put_`call`."""
    resource = f"bucket {owned['Bucket']}"

    def steps(found: Any) -> tuple[ApiCall, ...]:
        title = describe_change(f"{name} of {resource}", found, wanted)
        return (ApiCall(title, "s3", f"put_{call}", {**owned, **write(found)}),)

    read = Read("s3", f"get_{call}", owned, pick, (absent, "NoSuchBucket"))
    return ResourceProperty((resource, name), read, wanted, steps, same)


def _merge(
    found: list[Any] | None, own: list[Any], name: str, dropped: Sequence[str] = ()
) -> list[Any]:
    """Return the stack's own entries after those of others; `name` identifies an entry."""
    names = {*(entry[name] for entry in own), *dropped}
    return [entry for entry in found or [] if entry.get(name) not in names] + own


def tls_only_statements(stack: Stack, bucket: str) -> list[Document]:
    """Return policy statements that deny requests without TLS to a bucket and its objects.

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
    """Return rules that delete unfinished uploads and, if there are versions, replaced ones.

    A delete marker without versions is deleted, too.
    """
    actions: dict[str, Document] = {
        "unfinished-uploads": {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
    }
    if versioned:
        actions["replaced-versions"] = {
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
        }
    return [
        {"ID": f"pixelater-{name}", "Status": "Enabled", "Filter": {"Prefix": ""}, **action}
        for name, action in actions.items()
    ]
