"""The IAM policy that a user needs to deploy, show, roll back or destroy a stack.

Pure. A test compares `ACTIONS` with the calls of all properties, so no call is missing here.
"""

from __future__ import annotations

import re

from pixelater_cli.aws.resources.policy import allow, make_policy_document
from pixelater_cli.aws.stack import SMOKE_TEST_FOLDER, Document, Stack

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
        s3:get_bucket_notification_configuration s3:put_bucket_notification_configuration
    """,
    "objects": "s3:head_object s3:get_object s3:put_object s3:delete_object s3:delete_objects",
    "role": """
        iam:get_role iam:create_role iam:delete_role iam:update_assume_role_policy
        iam:get_role_policy iam:put_role_policy iam:delete_role_policy iam:tag_role
    """,
    "log group": """
        logs:create_log_group logs:delete_log_group logs:put_retention_policy
        logs:filter_log_events logs:tag_resource
    """,
    "queue": """
        sqs:get_queue_url sqs:create_queue sqs:delete_queue sqs:get_queue_attributes
        sqs:set_queue_attributes sqs:tag_queue
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
        lambda:get_policy lambda:add_permission lambda:remove_permission lambda:tag_resource
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
    "s3:head_object": "s3:GetObject",
    "s3:delete_objects": "s3:DeleteObjectVersion",
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


ACTIONS = {
    kind: {call: name_action(call) for call in calls.split()} for kind, calls in CALLS.items()
}

ADOPTED = ["s3:GetBucketNotification", "s3:ListBucket", "s3:PutBucketNotification"]
"""All that is read or changed of an adopted bucket."""


def make_policy(stack: Stack) -> Document:
    """Return the policy for the resources of one stack, and no others."""
    own = [stack.bucket_arn(bucket) for bucket in stack.own_buckets]
    adopted = [stack.bucket_arn(bucket) for bucket in stack.adopted_buckets]
    folder = f"{_escape(stack.prefix)}{SMOKE_TEST_FOLDER}"
    smoke_tests = [f"{arn}/{folder}/*" for arn in adopted]
    return make_policy_document(
        _allow_all("Buckets", "buckets", own),
        *([allow("AdoptedBuckets", ADOPTED, adopted)] if adopted else []),
        _allow_all("Objects", "objects", [f"{arn}/*" for arn in own]),
        *([_allow_all("SmokeTest", "objects", smoke_tests)] if adopted else []),
        _allow_all("Role", "role", [stack.role_arn]),
        {
            "Sid": "GiveTheRoleToTheFunction",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": stack.role_arn,
            "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        },
        _allow_all("LogGroup", "log group", [stack.log_group_arn, f"{stack.log_group_arn}:*"]),
        {
            "Sid": "FindLogGroups",  # IAM does not restrict this call to log groups.
            "Effect": "Allow",
            "Action": "logs:DescribeLogGroups",
            "Resource": "*",
        },
        _allow_all("Queue", "queue", [stack.queue_arn]),
        _allow_all("Function", "function", [stack.function_arn, f"{stack.function_arn}:*"]),
    )


def _escape(text: str) -> str:
    """Write text so that IAM takes it as it is.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html

    >>> _escape("a*b")
    'a${*}b'
    """
    return re.sub(r"[*?$]", r"${\g<0>}", text)


def _allow_all(sid: str, kind: str, resources: list[str]) -> Document:
    return allow(sid, sorted(set(ACTIONS[kind].values())), resources)
