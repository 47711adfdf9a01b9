"""Owns the decision what to do: wanted and found go in, a tuple of steps comes out.

Pure: a plan is data. Nothing to change is an empty plan, and a dry run is a plan not applied.
The order is the one in which every step finds what it needs: buckets, role, zip, function,
permission, trigger. The permission stands before the trigger, as S3 checks it when the trigger
is set; configuration before code, so new code never runs with old settings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pixelater_cli.aws import stack as want
from pixelater_cli.aws.stack import FUNCTION, Document, Stack


@dataclass(frozen=True)
class Step:
    """One API call: boto3's service, operation and parameters, and what it is called for people.

    `wait` names the boto3 waiter that must succeed before the next step. `body` is the Body
    parameter of an upload, kept apart because it is no text.
    """

    title: str
    service: str
    operation: str
    parameters: Document
    wait: str = ""
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Package:
    """The zip. `digest` names its contents, whatever packed them; `sha256` its bytes, in base64."""

    digest: str
    sha256: str
    data: bytes = field(repr=False)

    @property
    def key(self) -> str:
        return f"{FUNCTION}/{self.digest}.zip"


@dataclass(frozen=True)
class Found:
    """What is there now. None: absent. `package_sha256` is that of the zip under the wanted key."""

    buckets: frozenset[str] = frozenset()
    trust_policy: Document | None = None
    permissions_policy: Document | None = None
    package_sha256: str | None = None
    configuration: Document | None = None
    code_sha256: str | None = None
    architecture: str | None = None
    permission: Document | None = None
    notifications: Document = field(default_factory=dict)


def make_plan(stack: Stack, package: Package, found: Found) -> tuple[Step, ...]:
    """List the steps from what is found to what is wanted."""
    return (
        *_plan_buckets(stack, found),
        *_plan_role(stack, found),
        *_plan_package(stack, package, found),
        *_plan_function(stack, package, found),
        *_plan_permission(stack, found),
        *_plan_trigger(stack, found),
    )


def _plan_buckets(stack: Stack, found: Found) -> Iterator[Step]:
    for bucket in stack.buckets:
        if bucket in found.buckets:
            continue
        parameters: Document = {"Bucket": bucket}
        if stack.region != "us-east-1":  # There S3 takes no LocationConstraint.
            parameters["CreateBucketConfiguration"] = {"LocationConstraint": stack.region}
        if stack.regional_names:
            parameters["BucketNamespace"] = "account-regional"
        yield Step(f"create bucket {bucket}", "s3", "create_bucket", parameters, "bucket_exists")


def _plan_role(stack: Stack, found: Found) -> Iterator[Step]:
    trust = json.dumps(want.trust_policy())
    if found.trust_policy is None:
        parameters = {
            "RoleName": stack.role,
            "AssumeRolePolicyDocument": trust,
            "Description": f"What {FUNCTION} may do",
        }
        yield Step(f"create role {stack.role}", "iam", "create_role", parameters, "role_exists")
    elif found.trust_policy != want.trust_policy():
        parameters = {"RoleName": stack.role, "PolicyDocument": trust}
        title = f"update trust of role {stack.role}"
        yield Step(title, "iam", "update_assume_role_policy", parameters)
    policy = want.permissions_policy(stack)
    if found.permissions_policy != policy:
        verb = "add" if found.permissions_policy is None else "update"
        parameters = {
            "RoleName": stack.role,
            "PolicyName": want.POLICY_NAME,
            "PolicyDocument": json.dumps(policy),
        }
        yield Step(
            f"{verb} policy {want.POLICY_NAME} of the role", "iam", "put_role_policy", parameters
        )


def _plan_package(stack: Stack, package: Package, found: Found) -> Iterator[Step]:
    if found.package_sha256 is not None:
        return
    parameters = {
        "Bucket": stack.code_bucket,
        "Key": package.key,
        "ContentType": "application/zip",
        "Metadata": {"sha256": package.sha256},
        "ExpectedBucketOwner": stack.account,
    }
    title = f"upload zip {package.digest[:12]} ({len(package.data) / 1e6:.1f} MB)"
    yield Step(title, "s3", "put_object", parameters, body=package.data)


def _plan_function(stack: Stack, package: Package, found: Found) -> Iterator[Step]:
    configuration = want.function_configuration(stack)
    code = {"S3Bucket": stack.code_bucket, "S3Key": package.key}
    if found.configuration is None:
        parameters = {
            "FunctionName": FUNCTION,
            "Code": code,
            "Architectures": [stack.architecture],
            "Description": "Pixelates every photo that lands in the source bucket",
            **configuration,
        }
        title = f"create function {FUNCTION}"
        yield Step(title, "lambda", "create_function", parameters, "function_active_v2")
        return
    changed = [
        name for name in configuration if configuration[name] != found.configuration.get(name)
    ]
    if changed:
        title = f"update configuration of {FUNCTION} ({', '.join(changed)})"
        parameters = {"FunctionName": FUNCTION, **{name: configuration[name] for name in changed}}
        call = "update_function_configuration"
        yield Step(title, "lambda", call, parameters, "function_updated_v2")
    stored_sha256 = found.package_sha256 or package.sha256
    if (found.code_sha256, found.architecture) != (stored_sha256, stack.architecture):
        parameters = {"FunctionName": FUNCTION, "Architectures": [stack.architecture], **code}
        title = f"update code of {FUNCTION}"
        yield Step(title, "lambda", "update_function_code", parameters, "function_updated_v2")


def _plan_permission(stack: Stack, found: Found) -> Iterator[Step]:
    if found.permission == want.permission_statement(stack):
        return
    if found.permission is not None:
        parameters = {"FunctionName": FUNCTION, "StatementId": want.STATEMENT_ID}
        yield Step("remove outdated permission", "lambda", "remove_permission", parameters)
    title = f"let {stack.source_bucket} invoke the function"
    yield Step(title, "lambda", "add_permission", want.permission(stack))


def _plan_trigger(stack: Stack, found: Found) -> Iterator[Step]:
    """Set our trigger and keep the others: the call replaces a bucket's whole configuration."""
    triggers: list[dict[str, Any]] = found.notifications.get("LambdaFunctionConfigurations", [])
    ours = want.trigger(stack)
    if ours in triggers:
        return
    others = [one for one in triggers if one.get("Id") != want.TRIGGER_ID]
    parameters = {
        "Bucket": stack.source_bucket,
        "NotificationConfiguration": {
            **found.notifications,
            "LambdaFunctionConfigurations": [*others, ours],
        },
        "ExpectedBucketOwner": stack.account,
    }
    title = f"trigger the function on uploads to {stack.source_bucket}"
    yield Step(title, "s3", "put_bucket_notification_configuration", parameters)
