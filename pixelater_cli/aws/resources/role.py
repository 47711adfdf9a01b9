"""IAM role of the function."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pixelater_cli.aws.resources.policy_document import (
    allow,
    make_policy_document,
    make_trust_policy,
    unite_policies,
)
from pixelater_cli.aws.resources.property import (
    ApiCall,
    Read,
    ResourceProperty,
    change,
    constant,
    existence,
    exists,
)
from pixelater_cli.aws.stack import Document, Stack

POLICY_NAME = "pixelater-pipeline"

NO_ROLE = ("NoSuchEntity",)


def list_role_properties(stack: Stack, live: Stack | None = None) -> Iterator[ResourceProperty]:
    """List the properties of the role: that it exists, its trust policy and its permissions.

    With `live`, the settings of the version that runs until another takes its place, the role has
    the permissions of both.
    """
    resource, named = f"role {stack.role}", {"RoleName": stack.role}
    trust, policy = make_trust_policy("lambda.amazonaws.com"), permissions_policy(stack)
    if live is not None:
        policy = unite_policies(permissions_policy(live), policy)
    create = {
        **named,
        "AssumeRolePolicyDocument": json.dumps(trust),
        "Description": f"What {stack.function} may do",
        "Tags": stack.tag_list,
    }
    yield existence(
        resource,
        Read("iam", "get_role", named, exists, NO_ROLE),
        ApiCall(f"create {resource}", "iam", "create_role", create, "role_exists"),
        ApiCall(f"remove {resource}", "iam", "delete_role", named, absent=NO_ROLE),
    )
    update = {**named, "PolicyDocument": json.dumps(trust)}
    title = f"change trust of {resource}"
    yield ResourceProperty(
        (resource, "trust"),
        Read("iam", "get_role", named, lambda answer: answer["Role"]["AssumeRolePolicyDocument"]),
        trust,
        constant(ApiCall(title, "iam", "update_assume_role_policy", update)),
        included=True,
    )
    target = {**named, "PolicyName": POLICY_NAME}
    put = {**target, "PolicyDocument": json.dumps(policy)}
    title = f"policy {POLICY_NAME} of {resource}"
    yield ResourceProperty(
        (resource, "policy"),
        Read("iam", "get_role_policy", target, lambda answer: answer["PolicyDocument"], NO_ROLE),
        policy,
        change(title, None, "iam", "put_role_policy", put),
        remove=constant(
            ApiCall(f"remove {title}", "iam", "delete_role_policy", target, absent=NO_ROLE)
        ),
    )


def permissions_policy(stack: Stack) -> Document:
    """Return a policy that lets the function read photos, write mosaics, log and record failures.

    To replace a mosaic on condition of its ETag, S3 requires s3:GetObject on it, too
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html). To mirror
    deletes, the function must know that a photo does not exist: S3 tells only callers with
    s3:ListBucket. aws:ResourceAccount excludes buckets of these names in other accounts.
    """
    photos, mosaics = map(stack.bucket_arn, (stack.source_bucket, stack.destination_bucket))
    of_buckets = [
        allow("ReadPhotos", ["s3:GetObject"], f"{photos}/*"),
        allow("WriteMosaics", ["s3:GetObject", "s3:PutObject"], f"{mosaics}/*"),
    ]
    if stack.mirror_deletes:
        of_buckets += [
            allow("ListPhotos", ["s3:ListBucket"], photos),
            allow("ListMosaics", ["s3:ListBucket"], mosaics),
            allow("DeleteMosaics", ["s3:DeleteObject"], f"{mosaics}/*"),
        ]
    own_account = {"Condition": {"StringEquals": {"aws:ResourceAccount": stack.account}}}
    logging = ["logs:CreateLogStream", "logs:PutLogEvents"]
    return make_policy_document(
        *({**statement, **own_account} for statement in of_buckets),
        allow("WriteLog", logging, f"{stack.log_group_arn}:*"),
        allow("RecordFailures", ["sqs:SendMessage"], stack.queue_arn),
    )
