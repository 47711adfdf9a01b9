"""Owns what a deployment should look like: names, ARNs, policies, settings.

Pure: everything is computed from the account, the region and the settings; nothing is the output
of an earlier step, so a plan can be made before anything exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FUNCTION = "pixelater-function"
HANDLER = "pixelater.handler.lambda_handler"
TIMEOUT_SECONDS = 300
MEMORY_MB = 1024
"""A photo at the engine's pixel limits takes less than half, Python and boto3 included."""

TRIGGER_ID = "pixelater-photo-created"
STATEMENT_ID = "pixelater-source-bucket"
POLICY_NAME = "pixelater-pipeline"

Document = dict[str, Any]
"""A JSON document as boto3 takes and gives it."""


@dataclass(frozen=True)
class Stack:
    """One deployment: where it lives and how its function is set.

    `regional_names` puts the buckets into the account-regional namespace, where nobody else can
    hold the name (https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html).
    No `grids` leaves them to the engine.
    """

    account: str
    region: str
    partition: str = "aws"
    regional_names: bool = False
    runtime: str = "python3.13"
    architecture: str = "arm64"
    grids: tuple[int, ...] = ()

    @property
    def source_bucket(self) -> str:
        return self._name_bucket("source")

    @property
    def destination_bucket(self) -> str:
        return self._name_bucket("destination")

    @property
    def code_bucket(self) -> str:
        return self._name_bucket("code")

    @property
    def buckets(self) -> tuple[str, str, str]:
        return self.source_bucket, self.destination_bucket, self.code_bucket

    @property
    def role(self) -> str:
        """IAM knows no regions, so the role's name tells the stack's."""
        return f"{FUNCTION}-{self.region}"

    @property
    def role_arn(self) -> str:
        return f"arn:{self.partition}:iam::{self.account}:role/{self.role}"

    @property
    def function_arn(self) -> str:
        return f"arn:{self.partition}:lambda:{self.region}:{self.account}:function:{FUNCTION}"

    def bucket_arn(self, bucket: str) -> str:
        return f"arn:{self.partition}:s3:::{bucket}"

    def _name_bucket(self, part: str) -> str:
        name = f"pixelater-{part}-bucket"
        return f"{name}-{self.account}-{self.region}-an" if self.regional_names else name


def trust_policy() -> Document:
    """Let the Lambda service, and nobody else, take on the role."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }


def permissions_policy(stack: Stack) -> Document:
    """Allow the pipeline and nothing else: read photos, write mosaics, write its own log."""
    logs = f"arn:{stack.partition}:logs:{stack.region}:{stack.account}"
    group = f"{logs}:log-group:/aws/lambda/{FUNCTION}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            _allow("ReadPhotos", "s3:GetObject", stack.bucket_arn(stack.source_bucket) + "/*"),
            _allow(
                "WriteMosaics", "s3:PutObject", stack.bucket_arn(stack.destination_bucket) + "/*"
            ),
            _allow("MakeLogGroup", "logs:CreateLogGroup", group),
            _allow("WriteLog", ["logs:CreateLogStream", "logs:PutLogEvents"], group + ":*"),
        ],
    }


def function_configuration(stack: Stack) -> Document:
    """Give the function's settings, as create and update_function_configuration take them."""
    variables = {"bucket_1": stack.destination_bucket}
    if stack.grids:
        variables["PIXELATER_GRIDS"] = ",".join(str(grid) for grid in stack.grids)
    return {
        "Runtime": stack.runtime,
        "Role": stack.role_arn,
        "Handler": HANDLER,
        "Timeout": TIMEOUT_SECONDS,
        "MemorySize": MEMORY_MB,
        "Environment": {"Variables": variables},
    }


def permission(stack: Stack) -> Document:
    """Let the source bucket, in this account only, invoke the function (add_permission)."""
    return {
        "FunctionName": FUNCTION,
        "StatementId": STATEMENT_ID,
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceArn": stack.bucket_arn(stack.source_bucket),
        "SourceAccount": stack.account,
    }


def permission_statement(stack: Stack) -> Document:
    """Give the permission as it reads in the function's policy (get_policy)."""
    wanted = permission(stack)
    return {
        "Sid": STATEMENT_ID,
        "Effect": "Allow",
        "Principal": {"Service": wanted["Principal"]},
        "Action": wanted["Action"],
        "Resource": stack.function_arn,
        "Condition": {
            "ArnLike": {"AWS:SourceArn": wanted["SourceArn"]},
            "StringEquals": {"AWS:SourceAccount": wanted["SourceAccount"]},
        },
    }


def trigger(stack: Stack) -> Document:
    """Give the source bucket's notification: every created object invokes the function."""
    return {
        "Id": TRIGGER_ID,
        "LambdaFunctionArn": stack.function_arn,
        "Events": ["s3:ObjectCreated:*"],
    }


def _allow(sid: str, action: str | list[str], resource: str) -> Document:
    return {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource}
