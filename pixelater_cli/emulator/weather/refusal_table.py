"""Refusals that pass by themselves: what AWS answers for a while after a change.

The table reads like documentation: after one call, another on the same resource is refused, with
this error, for so many seconds, as this address says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pixelater_cli.emulator.weather.calls import Call
from pixelater_cli.emulator.weather.kinds import Kind

ACCOUNT = "account"
"""A link between calls that name no resource in common."""

BUCKET_SETTINGS = frozenset(
    f"s3:Put{name}"
    for name in (
        "BucketPolicy",
        "BucketVersioning",
        "BucketTagging",
        "BucketEncryption",
        "BucketOwnershipControls",
        "BucketLifecycleConfiguration",
        "BucketNotificationConfiguration",
        "PublicAccessBlock",
    )
)
FUNCTION_UPDATES = frozenset(
    {
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
        "lambda:PublishVersion",
    }
)
ROLE_TAKERS = frozenset({"lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"})
OBJECT_WRITES = frozenset({"s3:PutObject", "s3:CopyObject", "s3:CompleteMultipartUpload"})


@dataclass(frozen=True)
class Refusal:
    """A refusal: `refused` calls fail for some `seconds` after one of `after` on the same `link`.

    `link` is a kind of resource that both calls name. With `within`, the first call counts only if
    it came at most so many seconds after another one on the same bucket. `only` restricts the
    calls that are refused. `share` is the part of the resources that it happens to.
    """

    kind: Kind
    after: frozenset[str]
    refused: frozenset[str]
    link: str
    seconds: tuple[float, float]
    status: int
    code: str
    message: str
    source: str
    within: tuple[str, float] | None = None
    only: Callable[[Call], bool] = lambda _call: True
    share: float = 1.0


def _has_variables(call: Call) -> bool:
    """Return whether a function gets environment variables, which Lambda encrypts."""
    return bool(call.parameters.get("Environment", {}).get("Variables"))


def _enables_events(call: Call) -> bool:
    return b"CloudFunction" in call.body


REFUSALS = (
    Refusal(
        "newborn",
        frozenset({"iam:CreateRole"}),
        ROLE_TAKERS,
        "role",
        (3, 15),
        400,
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
        "https://github.com/LinusU/scandium/issues/31",
    ),
    Refusal(
        "newborn",
        frozenset({"iam:CreateRole"}),
        ROLE_TAKERS,
        "role",
        (8, 25),
        400,
        "InvalidParameterValueException",
        "Lambda was unable to configure access to your environment variables because the KMS key "
        "is invalid for CreateGrant. Please check your KMS key settings. KMS Exception: "
        "InvalidArnException KMS Message: ARN does not refer to a valid principal: "
        "arn:aws:sts::123456789012:assumed-role/{role}/{function}",
        "https://github.com/hashicorp/terraform-provider-aws/issues/4633",
        only=_has_variables,
    ),
    Refusal(
        "newborn",
        frozenset({"iam:CreateRole"}),
        frozenset({"iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:TagRole"}),
        "role",
        (1, 6),
        404,
        "NoSuchEntity",
        "The role with name {role} cannot be found.",
        "https://github.com/hashicorp/terraform-provider-aws/pull/6079",
    ),
    Refusal(
        "newborn",
        frozenset({"iam:PutRolePolicy"}),
        frozenset({"lambda:PutFunctionEventInvokeConfig"}),
        ACCOUNT,
        (5, 30),
        400,
        "InvalidParameterValueException",
        "The provided execution role does not have permissions to call SendMessage on SQS",
        "https://github.com/aws-samples/aws-serverless-ecommerce-platform/issues/41",
    ),
    Refusal(
        "newborn",
        frozenset({"iam:DeleteRolePolicy"}),
        frozenset({"iam:DeleteRole"}),
        "role",
        (1, 10),
        409,
        "DeleteConflict",
        "Cannot delete entity, must delete policies first.",
        "https://github.com/hashicorp/terraform/issues/3222",
    ),
    Refusal(
        "newborn",
        frozenset({"s3:CreateBucket"}),
        BUCKET_SETTINGS | OBJECT_WRITES,
        "bucket",
        (1, 10),
        404,
        "NoSuchBucket",
        "The specified bucket does not exist",
        "https://github.com/hashicorp/terraform-provider-aws/issues/372",
    ),
    Refusal(
        "newborn",
        BUCKET_SETTINGS,
        BUCKET_SETTINGS,
        "bucket",
        (1, 4),
        409,
        "OperationAborted",
        "A conflicting conditional operation is currently in progress against this resource. "
        "Please try again.",
        "https://github.com/ansible/ansible/pull/67811",
        share=0.3,
    ),
    Refusal(
        "newborn",
        frozenset({"s3:DeleteBucket"}),
        frozenset({"s3:CreateBucket"}),
        "bucket",
        (20, 90),
        409,
        "OperationAborted",
        "A conflicting conditional operation is currently in progress against this resource. "
        "Please try again.",
        "https://github.com/aws/aws-cli/issues/2593",
    ),
    Refusal(
        "newborn",
        OBJECT_WRITES,
        frozenset({"lambda:CreateFunction", "lambda:UpdateFunctionCode"}),
        "object",
        (1, 8),
        400,
        "InvalidParameterValueException",
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified "
        "key does not exist.",
        "https://github.com/aws-solutions/aws-waf-security-automations/issues/135",
    ),
    Refusal(
        "newborn",
        FUNCTION_UPDATES | {"lambda:CreateFunction"},
        FUNCTION_UPDATES,
        "function",
        (1, 8),
        409,
        "ResourceConflictException",
        "The function could not be updated due to a concurrent update operation.",
        "https://github.com/hashicorp/terraform-provider-aws/issues/5154",
    ),
    Refusal(
        "newborn",
        frozenset({"lambda:AddPermission"}),
        frozenset({"s3:PutBucketNotificationConfiguration"}),
        "function",
        (2, 15),
        400,
        "InvalidArgument",
        "Unable to validate the following destination configurations",
        "https://github.com/zappa/Zappa/pull/1441",
        only=_enables_events,
    ),
    Refusal(
        "newborn",
        frozenset({"sqs:DeleteQueue"}),
        frozenset({"sqs:CreateQueue"}),
        "queue",
        (60, 60),
        400,
        "AWS.SimpleQueueService.QueueDeletedRecently",
        "You must wait 60 seconds after deleting a queue before you can create another with the "
        "same name.",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
    ),
    Refusal(
        "stale",
        OBJECT_WRITES,
        frozenset({"s3:GetObject", "s3:HeadObject"}),
        "object",
        (1, 45),
        404,
        "NoSuchKey",
        "The specified key does not exist.",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/manage-versioning-examples.html",
        within=("s3:PutBucketVersioning", 900),
        share=0.5,
    ),
)
"""In the order in which they are looked at."""
