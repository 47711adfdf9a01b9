"""IAM role of the function."""

from __future__ import annotations

import json
from collections.abc import Iterator

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

POLICY_NAME = "pixelater-pipeline"


NO_ROLE = "NoSuchEntity"


def list_role_properties(stack: Stack) -> Iterator[ResourceProperty]:
    """List the properties of the role: that it exists, its trust and its permissions."""
    resource, named = f"role {stack.role}", {"RoleName": stack.role}
    trust, policy = trust_policy(), permissions_policy(stack)
    place = {**named, "PolicyName": POLICY_NAME}
    create = {
        **named,
        "AssumeRolePolicyDocument": json.dumps(trust),
        "Description": f"What {stack.function} may do",
        "Tags": to_tag_list(stack),
    }
    removal = ApiCall(f"remove {resource}", "iam", "delete_role", named, gone=(NO_ROLE,))
    yield ResourceProperty(
        (resource, EXISTS),
        Read("iam", "get_role", named, exists, (NO_ROLE,)),
        True,
        constant(ApiCall(f"create {resource}", "iam", "create_role", create, "role_exists")),
        remove=constant(removal),
    )
    update = {**named, "PolicyDocument": json.dumps(trust)}
    yield ResourceProperty(
        (resource, "trust"),
        Read("iam", "get_role", named, lambda answer: answer["Role"]["AssumeRolePolicyDocument"]),
        trust,
        constant(
            ApiCall(f"change trust of {resource}", "iam", "update_assume_role_policy", update)
        ),
        included=True,
    )
    put = {**place, "PolicyDocument": json.dumps(policy)}
    title = f"policy {POLICY_NAME} of {resource}"
    removal_of_policy = ApiCall(
        f"remove {title}", "iam", "delete_role_policy", place, gone=(NO_ROLE,)
    )
    yield ResourceProperty(
        (resource, "policy"),
        Read("iam", "get_role_policy", place, lambda a: a["PolicyDocument"], (NO_ROLE,)),
        policy,
        lambda found: (
            ApiCall(describe_change(title, found, None), "iam", "put_role_policy", put),
        ),
        remove=constant(removal_of_policy),
    )


def to_tag_list(stack: Stack) -> list[Document]:
    """Return the stack's tags as IAM takes them."""
    return [{"Key": name, "Value": value} for name, value in stack.tags.items()]


def trust_policy() -> Document:
    """Let the Lambda service take on the role, and nobody else."""
    return _policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    )


def permissions_policy(stack: Stack) -> Document:
    """Allow the pipeline and nothing else: read photos, write mosaics, its log, its failures.

    To replace a mosaic on condition of its ETag, S3 asks for s3:GetObject on it, too
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html). To mirror
    deletes, the function must know that a photo is gone: without s3:ListBucket, S3 does not tell.
    aws:ResourceAccount keeps bucket names that somebody else may come to hold out of it.
    """
    ours = {"Condition": {"StringEquals": {"aws:ResourceAccount": stack.account}}}
    photos = stack.bucket_arn(stack.source_bucket) + "/*"
    mosaics = stack.bucket_arn(stack.destination_bucket) + "/*"
    return _policy(
        {**_allow("ReadPhotos", ["s3:GetObject"], photos), **ours},
        {**_allow("WriteMosaics", ["s3:GetObject", "s3:PutObject"], mosaics), **ours},
        *({**statement, **ours} for statement in _allow_mirroring(stack)),
        _allow(
            "WriteLog",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            stack.log_group_arn + ":*",
        ),
        _allow("RecordFailures", ["sqs:SendMessage"], stack.queue_arn),
    )


def _allow_mirroring(stack: Stack) -> list[Document]:
    if not stack.mirror_deletes:
        return []
    photos, mosaics = (
        stack.bucket_arn(bucket) for bucket in (stack.source_bucket, stack.destination_bucket)
    )
    return [
        _allow("ListPhotos", ["s3:ListBucket"], photos),
        _allow("ListMosaics", ["s3:ListBucket"], mosaics),
        _allow("DeleteMosaics", ["s3:DeleteObject"], mosaics + "/*"),
    ]


def _allow(sid: str, actions: list[str], resource: str) -> Document:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}


def _policy(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}
