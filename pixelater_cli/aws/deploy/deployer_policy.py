"""IAM policies: of who deploys a stack, of who operates it, and of its function.

No I/O. The deployer may deploy, show, roll back and destroy a stack, the operator show it, push
photos, and read the log and the failures. A test compares them with every call that the commands
make, so no action is missing, and none is unused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from pixelater_cli.aws.resources.policy_document import (
    ENCRYPT,
    LAMBDA,
    allow,
    allow_keys,
    make_policy_document,
    name_s3,
)
from pixelater_cli.aws.resources.role import permissions_policy
from pixelater_cli.aws.stack import Document, Stack
from pixelater_function.events import SMOKE_TEST_FOLDER

CALLS = {
    "buckets": """
        s3:head_bucket s3:create_bucket s3:delete_bucket s3:list_object_versions
        s3:get_public_access_block s3:put_public_access_block
        s3:get_bucket_ownership_controls s3:put_bucket_ownership_controls
        s3:get_bucket_encryption s3:put_bucket_encryption
        s3:get_bucket_policy s3:put_bucket_policy
        s3:get_bucket_versioning s3:put_bucket_versioning
        s3:get_bucket_lifecycle_configuration s3:put_bucket_lifecycle_configuration
        s3:get_bucket_tagging s3:put_bucket_tagging
        s3:get_bucket_cors s3:put_bucket_cors s3:delete_bucket_cors
        s3:get_bucket_notification_configuration s3:put_bucket_notification_configuration
    """,
    "objects": "s3:head_object s3:get_object s3:put_object s3:delete_object s3:delete_objects",
    "role": """
        iam:get_role iam:create_role iam:delete_role iam:update_assume_role_policy
        iam:get_role_policy iam:put_role_policy iam:delete_role_policy iam:tag_role iam:untag_role
        iam:list_role_policies iam:list_attached_role_policies
    """,
    "log group": """
        logs:create_log_group logs:delete_log_group logs:put_retention_policy
        logs:filter_log_events logs:list_tags_for_resource logs:tag_resource logs:untag_resource
    """,
    "queue": """
        sqs:get_queue_url sqs:create_queue sqs:delete_queue sqs:get_queue_attributes
        sqs:set_queue_attributes sqs:list_queue_tags sqs:tag_queue sqs:untag_queue
        sqs:receive_message sqs:delete_message sqs:change_message_visibility
    """,
    "function": """
        lambda:get_function_configuration lambda:get_function lambda:create_function
        lambda:delete_function lambda:update_function_configuration lambda:update_function_code
        lambda:get_function_concurrency lambda:put_function_concurrency
        lambda:delete_function_concurrency
        lambda:get_function_recursion_config lambda:put_function_recursion_config
        lambda:publish_version lambda:list_versions_by_function
        lambda:get_alias lambda:create_alias lambda:update_alias
        lambda:get_function_event_invoke_config lambda:put_function_event_invoke_config
        lambda:invoke lambda:get_policy lambda:add_permission lambda:remove_permission
        lambda:list_tags lambda:tag_resource lambda:untag_resource
    """,
}
"""For each kind of resource: boto3's calls. Tags given to a call that creates need an action, too;
boto3's waiters call get_function."""

OTHER_NAMES = {
    "s3:head_bucket": "s3:ListBucket",
    "s3:list_object_versions": "s3:ListBucketVersions",
    "s3:get_public_access_block": "s3:GetBucketPublicAccessBlock",
    "s3:put_public_access_block": "s3:PutBucketPublicAccessBlock",
    "s3:get_bucket_encryption": "s3:GetEncryptionConfiguration",
    "s3:put_bucket_encryption": "s3:PutEncryptionConfiguration",
    "s3:get_bucket_lifecycle_configuration": "s3:GetLifecycleConfiguration",
    "s3:put_bucket_lifecycle_configuration": "s3:PutLifecycleConfiguration",
    "s3:get_bucket_notification_configuration": "s3:GetBucketNotification",
    "s3:put_bucket_notification_configuration": "s3:PutBucketNotification",
    "s3:get_bucket_cors": "s3:GetBucketCORS",
    "s3:put_bucket_cors": "s3:PutBucketCORS",
    "s3:delete_bucket_cors": "s3:PutBucketCORS",
    "s3:head_object": "s3:GetObject",
    "s3:list_objects_v2": "s3:ListBucket",
    "s3:delete_objects": "s3:DeleteObjectVersion",
    "lambda:invoke": "lambda:InvokeFunction",
}
"""Calls whose IAM action has another name
(https://docs.aws.amazon.com/service-authorization/latest/reference/)."""


def name_action(call: str) -> str:
    """Return the IAM action of a call of boto3.

    >>> name_action("lambda:get_function"), name_action("s3:head_bucket")
    ('lambda:GetFunction', 's3:ListBucket')
    """
    service, _, operation = call.partition(":")
    return OTHER_NAMES.get(call) or f"{service}:{operation.title().replace('_', '')}"


DEPLOYING = (
    "iam:list_attached_role_policies",
    "iam:list_role_policies",
    "s3:list_object_versions",
)
"""Calls that read, but only what deploying or destroying needs."""

ACTIONS = {
    kind: {call: name_action(call) for call in calls.split()} for kind, calls in CALLS.items()
}

READS = ("get_", "head_", "list_", "describe_", "filter_")

ADOPTED = [
    "s3:GetBucketNotification",
    "s3:GetEncryptionConfiguration",
    "s3:ListBucket",
    "s3:PutBucketNotification",
]
"""All that is read or changed of an adopted bucket."""


def make_policy(stack: Stack) -> Document:
    """Return the deployer's policy for the resources of one stack, and no others."""
    own = [stack.bucket_arn(bucket) for bucket in stack.own_buckets]
    adopted = [stack.bucket_arn(bucket) for bucket in stack.adopted_buckets]
    folder = f"{_escape(stack.prefix)}{SMOKE_TEST_FOLDER}"
    smoke_tests = [f"{arn}/{folder}/*" for arn in adopted]
    return make_policy_document(
        _allow_all("Buckets", "buckets", own),
        *([allow("AdoptedBuckets", ADOPTED, adopted)] if adopted else []),
        _allow_all("Objects", "objects", [f"{arn}/*" for arn in own]),
        *([_allow_all("SmokeTest", "objects", smoke_tests)] if adopted else []),
        *allow_keys(
            stack,
            "FindKey",
            ["kms:DescribeKey"],
            [stack.key_arn(stack.kms_key)],
            only_through_s3=False,
        ),
        *_allow_encryption(stack),
        *_allow_role(stack),
        {
            "Sid": "GiveTheRoleToTheFunction",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": _list_roles(stack),
            "Condition": {"StringEquals": {"iam:PassedToService": LAMBDA}},
        },
        _allow_all("LogGroup", "log group", [stack.log_group_arn, f"{stack.log_group_arn}:*"]),
        FIND_LOG_GROUPS,
        _allow_all("Queue", "queue", [stack.queue_arn]),
        _allow_all("Function", "function", [stack.function_arn, f"{stack.function_arn}:*"]),
    )


def make_operator_policy(stack: Stack) -> Document:
    """Return the policy for status, push, logs, failures and backfill of one stack."""
    photos, mosaics, zips = map(
        stack.bucket_arn, (stack.source_bucket, stack.destination_bucket, stack.code_bucket)
    )
    own = [stack.bucket_arn(bucket) for bucket in stack.own_buckets]
    adopted = [stack.bucket_arn(bucket) for bucket in stack.adopted_buckets]
    seen = [action for action in ADOPTED if not action.startswith("s3:Put")]
    pushed = ["s3:AbortMultipartUpload", "s3:PutObject"]
    # A copy in place reads and writes the tags of an object that has some.
    renewed = ["s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"]
    emptied = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"]
    return make_policy_document(
        _allow_reads("SeeBuckets", "buckets", own),
        *([allow("SeeAdoptedBuckets", seen, adopted)] if adopted else []),
        allow("Read", ["s3:GetObject"], [f"{arn}/*" for arn in (photos, mosaics, zips)]),
        allow("RenewMetadata", renewed, f"{mosaics}/*"),
        allow("Push", pushed, f"{photos}/{_escape(stack.prefix)}*"),
        *_allow_encryption(stack),
        _allow_reads("SeeRole", "role", [stack.role_arn]),
        _allow_reads("SeeLog", "log group", [stack.log_group_arn, f"{stack.log_group_arn}:*"]),
        FIND_LOG_GROUPS,
        _allow_reads("SeeQueue", "queue", [stack.queue_arn]),
        allow("RetryFailures", emptied, stack.queue_arn),
        _allow_reads("SeeFunction", "function", [stack.function_arn, f"{stack.function_arn}:*"]),
        allow("Invoke", ["lambda:InvokeFunction"], [stack.function_arn, f"{stack.function_arn}:*"]),
        allow("ReadMetrics", ["cloudwatch:GetMetricData"], "*"),  # IAM does not restrict it.
    )


POLICIES: Mapping[str, Callable[[Stack], Document]] = {
    "deployer": make_policy,
    "operator": make_operator_policy,
    "function": permissions_policy,
}
"""Who needs a policy -> the function that makes it."""

FIND_LOG_GROUPS = {
    "Sid": "FindLogGroups",  # IAM does not restrict this call to log groups.
    "Effect": "Allow",
    "Action": "logs:DescribeLogGroups",
    "Resource": "*",
}


def _list_roles(stack: Stack) -> list[str]:
    """List the roles that the function may have: its own one, and the interim one of that."""
    return [stack.role_arn, *(() if stack.function_role else (stack.interim_role_arn,))]


def _allow_role(stack: Stack) -> Iterator[Document]:
    """List the statements for the role. Of an existing one, it is read; a boundary is required."""
    if stack.function_role:
        yield allow("Role", ["iam:GetRole"], [stack.role_arn])
        return
    statement = _allow_all("Role", "role", _list_roles(stack))
    if stack.permissions_boundary:
        bounded = ["iam:CreateRole", "iam:PutRolePermissionsBoundary"]
        condition = {"StringEquals": {"iam:PermissionsBoundary": stack.permissions_boundary}}
        statement["Action"] = [each for each in statement["Action"] if each not in bounded]
        yield {**allow("BoundedRole", bounded, _list_roles(stack)), "Condition": condition}
    yield statement


def _allow_encryption(stack: Stack) -> Iterator[Document]:
    """List the statements for objects that S3 encrypts with a KMS key.

    The keys of adopted buckets are not known before they are read; S3 names the bucket or the
    object in the encryption context
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html).
    """
    yield from allow_keys(stack, "Encrypt", ENCRYPT, [stack.key_arn(stack.kms_key)])
    if stack.adopted_buckets:
        arns = [stack.bucket_arn(bucket) for bucket in stack.adopted_buckets]
        named = [name for arn in arns for name in (arn, f"{arn}/*")]
        any_key = f"arn:{stack.partition}:kms:{stack.region}:*:key/*"
        yield {
            **allow("EncryptInAdoptedBuckets", ENCRYPT, any_key),
            "Condition": {
                "StringEquals": {"kms:ViaService": name_s3(stack)},
                "StringLike": {"kms:EncryptionContext:aws:s3:arn": named},
            },
        }


def _escape(text: str) -> str:
    """Write text so that IAM takes it as it is.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html

    >>> _escape("a*b")
    'a${*}b'
    """
    return re.sub(r"[*?$]", r"${\g<0>}", text)


def _allow_all(sid: str, kind: str, resources: list[str]) -> Document:
    return allow(sid, sorted(set(ACTIONS[kind].values())), resources)


def _allow_reads(sid: str, kind: str, resources: list[str]) -> Document:
    """Return a statement that allows what `status` reads."""
    actions = {
        action
        for call, action in ACTIONS[kind].items()
        if call.partition(":")[2].startswith(READS) and call not in DEPLOYING
    }
    return allow(sid, sorted(actions), resources)
