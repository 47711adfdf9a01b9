"""Owns the IAM policy that whoever deploys, shows, rolls back or destroys a stack needs.

Pure. A test lists the calls of all facts and steps and holds them against `ACTIONS`, so a new call
cannot be forgotten here.
"""

from __future__ import annotations

from pixelater_cli.aws.stack import Document, Stack

ACTIONS: dict[str, dict[str, str]] = {
    "buckets": {
        "s3:head_bucket": "s3:ListBucket",
        "s3:create_bucket": "s3:CreateBucket",
        "s3:delete_bucket": "s3:DeleteBucket",
        "s3:get_public_access_block": "s3:GetBucketPublicAccessBlock",
        "s3:put_public_access_block": "s3:PutBucketPublicAccessBlock",
        "s3:get_bucket_ownership_controls": "s3:GetBucketOwnershipControls",
        "s3:put_bucket_ownership_controls": "s3:PutBucketOwnershipControls",
        "s3:get_bucket_encryption": "s3:GetEncryptionConfiguration",
        "s3:put_bucket_encryption": "s3:PutEncryptionConfiguration",
        "s3:get_bucket_policy": "s3:GetBucketPolicy",
        "s3:put_bucket_policy": "s3:PutBucketPolicy",
        "s3:get_bucket_versioning": "s3:GetBucketVersioning",
        "s3:put_bucket_versioning": "s3:PutBucketVersioning",
        "s3:get_bucket_lifecycle_configuration": "s3:GetLifecycleConfiguration",
        "s3:put_bucket_lifecycle_configuration": "s3:PutLifecycleConfiguration",
        "s3:get_bucket_tagging": "s3:GetBucketTagging",
        "s3:put_bucket_tagging": "s3:PutBucketTagging",
        "s3:get_bucket_notification_configuration": "s3:GetBucketNotification",
        "s3:put_bucket_notification_configuration": "s3:PutBucketNotification",
        "s3:list_object_versions": "s3:ListBucketVersions",
    },
    "objects": {
        "s3:head_object": "s3:GetObject",
        "s3:get_object": "s3:GetObject",
        "s3:put_object": "s3:PutObject",
        "s3:delete_object": "s3:DeleteObject",
        "s3:delete_objects": "s3:DeleteObjectVersion",
    },
    "role": {
        "iam:get_role": "iam:GetRole",
        "iam:create_role": "iam:CreateRole",
        "iam:delete_role": "iam:DeleteRole",
        "iam:update_assume_role_policy": "iam:UpdateAssumeRolePolicy",
        "iam:get_role_policy": "iam:GetRolePolicy",
        "iam:put_role_policy": "iam:PutRolePolicy",
        "iam:delete_role_policy": "iam:DeleteRolePolicy",
        "iam:tags of create_role": "iam:TagRole",
    },
    "log group": {
        "logs:create_log_group": "logs:CreateLogGroup",
        "logs:delete_log_group": "logs:DeleteLogGroup",
        "logs:put_retention_policy": "logs:PutRetentionPolicy",
        "logs:filter_log_events": "logs:FilterLogEvents",
        "logs:tags of create_log_group": "logs:TagResource",
    },
    "queue": {
        "sqs:get_queue_url": "sqs:GetQueueUrl",
        "sqs:create_queue": "sqs:CreateQueue",
        "sqs:delete_queue": "sqs:DeleteQueue",
        "sqs:get_queue_attributes": "sqs:GetQueueAttributes",
        "sqs:set_queue_attributes": "sqs:SetQueueAttributes",
        "sqs:tags of create_queue": "sqs:TagQueue",
    },
    "function": {
        "lambda:get_function_configuration": "lambda:GetFunctionConfiguration",
        "lambda:get_function": "lambda:GetFunction",
        "lambda:create_function": "lambda:CreateFunction",
        "lambda:delete_function": "lambda:DeleteFunction",
        "lambda:update_function_configuration": "lambda:UpdateFunctionConfiguration",
        "lambda:update_function_code": "lambda:UpdateFunctionCode",
        "lambda:get_function_concurrency": "lambda:GetFunctionConcurrency",
        "lambda:put_function_concurrency": "lambda:PutFunctionConcurrency",
        "lambda:delete_function_concurrency": "lambda:DeleteFunctionConcurrency",
        "lambda:get_function_recursion_config": "lambda:GetFunctionRecursionConfig",
        "lambda:put_function_recursion_config": "lambda:PutFunctionRecursionConfig",
        "lambda:publish_version": "lambda:PublishVersion",
        "lambda:list_versions_by_function": "lambda:ListVersionsByFunction",
        "lambda:get_alias": "lambda:GetAlias",
        "lambda:create_alias": "lambda:CreateAlias",
        "lambda:update_alias": "lambda:UpdateAlias",
        "lambda:get_function_event_invoke_config": "lambda:GetFunctionEventInvokeConfig",
        "lambda:put_function_event_invoke_config": "lambda:PutFunctionEventInvokeConfig",
        "lambda:get_policy": "lambda:GetPolicy",
        "lambda:add_permission": "lambda:AddPermission",
        "lambda:remove_permission": "lambda:RemovePermission",
        "lambda:waiters": "lambda:GetFunction",
        "lambda:tags of create_function": "lambda:TagResource",
    },
}
"""For each kind of resource: boto3's calls, or what comes with them -> the actions of IAM
(https://docs.aws.amazon.com/service-authorization/latest/reference/)."""


ADOPTED = ["s3:GetBucketNotification", "s3:ListBucket", "s3:PutBucketNotification"]
"""All that is asked or changed of a bucket that was there before."""


def make_policy(stack: Stack) -> Document:
    """Make the policy for one stack: its resources, and no others."""
    own = [stack.bucket_arn(bucket) for bucket in stack.own_buckets]
    adopted = [stack.bucket_arn(bucket) for bucket in stack.adopted_buckets]
    statements = [
        _allow("Buckets", "buckets", own),
        *([{**_allow("AdoptedBuckets", "buckets", adopted), "Action": ADOPTED}] if adopted else []),
        _allow("Objects", "objects", [f"{arn}/*" for arn in (*own, *adopted)]),
        _allow("Role", "role", [stack.role_arn]),
        {
            "Sid": "GiveTheRoleToTheFunction",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": stack.role_arn,
            "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        },
        _allow("LogGroup", "log group", [stack.log_group_arn, f"{stack.log_group_arn}:*"]),
        {
            "Sid": "FindLogGroups",  # This call knows no single log groups.
            "Effect": "Allow",
            "Action": "logs:DescribeLogGroups",
            "Resource": "*",
        },
        _allow("Queue", "queue", [stack.queue_arn]),
        _allow("Function", "function", [stack.function_arn, f"{stack.function_arn}:*"]),
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(sid: str, kind: str, resources: list[str]) -> Document:
    actions = sorted(set(ACTIONS[kind].values()))
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
