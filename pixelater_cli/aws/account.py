"""Owns every boto3 call on a stack: `look` reads what is there, `apply` carries out a plan."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import ClientError

from pixelater_cli.aws import stack as want
from pixelater_cli.aws.plan import Found, Package, Step
from pixelater_cli.aws.refusals import explained
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import FUNCTION, Document, Stack
from pixelater_cli.errors import AwsError

ASSUME_ROLE_ATTEMPTS = 10
"""IAM needs seconds, at times minutes, to let others see a new role: ten tries, 140 seconds."""

WAITER_PARAMETERS = ("Bucket", "RoleName", "FunctionName")


def look(account: Account, stack: Stack, package: Package) -> Found:
    """Read what there is of a stack, changing nothing. Raises AwsError."""
    with explained():
        s3, iam, functions = (account.clients[name] for name in ("s3", "iam", "lambda"))
        buckets = frozenset(name for name in stack.buckets if _bucket_exists(s3, name, stack))
        function = _read_unless_absent(
            "ResourceNotFoundException", functions.get_function, FunctionName=FUNCTION
        )
        configuration = function and function["Configuration"]
        return Found(
            buckets=buckets,
            trust_policy=_find_trust(iam, stack),
            permissions_policy=_find_permissions(iam, stack),
            package_sha256=_find_package(s3, stack, package)
            if stack.code_bucket in buckets
            else None,
            configuration=configuration,
            code_sha256=configuration and configuration["CodeSha256"],
            architecture=configuration and configuration.get("Architectures", ["x86_64"])[0],
            permission=_find_permission(functions) if function else None,
            notifications=_find_notifications(s3, stack) if stack.source_bucket in buckets else {},
        )


def apply(
    account: Account,
    steps: Sequence[Step],
    done: Callable[[Step], None],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Carry out a plan, telling `done` after each step. Raises AwsError."""
    for step in steps:
        with explained(step.title):
            _call(account, step, sleep)
        done(step)


def _call(account: Account, step: Step, sleep: Callable[[float], None]) -> None:
    client = account.clients[step.service]
    parameters = step.parameters if step.body is None else {**step.parameters, "Body": step.body}
    for attempt in range(1, ASSUME_ROLE_ATTEMPTS + 1):
        try:
            getattr(client, step.operation)(**parameters)
            break
        except ClientError as error:
            if attempt == ASSUME_ROLE_ATTEMPTS or not _is_role_not_ready(error):
                raise
        sleep(min(2**attempt, 20))
    if step.wait:
        names = {name: parameters[name] for name in WAITER_PARAMETERS if name in parameters}
        client.get_waiter(step.wait).wait(**names)


def _is_role_not_ready(error: Any) -> bool:
    """Lambda's answer while IAM is still spreading a new role."""
    answer = error.response["Error"]
    return answer[
        "Code"
    ] == "InvalidParameterValueException" and "cannot be assumed by Lambda" in answer.get(
        "Message", ""
    )


def _read_unless_absent(code: str, read: Callable[..., Any], **parameters: Any) -> Any:
    """Read something that may not be there: None for the one error code that says so."""
    try:
        return read(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] != code:
            raise
        return None


def _bucket_exists(s3: Any, name: str, stack: Stack) -> bool:
    """Ask for a bucket. HEAD has no body, so S3's error codes here are bare status numbers."""
    try:
        answer = s3.head_bucket(Bucket=name, ExpectedBucketOwner=stack.account)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "404":
            return False
        if code == "403":
            raise AwsError(
                f"the bucket {name} is somebody else's, or closed to this user",
                "Leave out --plain-names, or check the signed-in account.",
            ) from error
        raise
    region = answer.get("BucketRegion") or stack.region
    if region != stack.region:
        raise AwsError(
            f"the bucket {name} is in {region}, not in {stack.region}",
            f"A bucket starts functions in its own region only: deploy with --region {region}.",
        )
    return True


def _find_trust(iam: Any, stack: Stack) -> Document | None:
    answer = _read_unless_absent("NoSuchEntity", iam.get_role, RoleName=stack.role)
    document: Document | None = answer and answer["Role"]["AssumeRolePolicyDocument"]
    return document


def _find_permissions(iam: Any, stack: Stack) -> Document | None:
    names = {"RoleName": stack.role, "PolicyName": want.POLICY_NAME}
    answer = _read_unless_absent("NoSuchEntity", iam.get_role_policy, **names)
    document: Document | None = answer and answer["PolicyDocument"]
    return document


def _find_package(s3: Any, stack: Stack, package: Package) -> str | None:
    place = {"Bucket": stack.code_bucket, "Key": package.key}
    head = _read_unless_absent("404", s3.head_object, **place, ExpectedBucketOwner=stack.account)
    sha256: str | None = head and head["Metadata"].get("sha256")
    return sha256


def _find_permission(functions: Any) -> Document | None:
    answer = _read_unless_absent(
        "ResourceNotFoundException", functions.get_policy, FunctionName=FUNCTION
    )
    statements = json.loads(answer["Policy"])["Statement"] if answer else []
    return next((one for one in statements if one["Sid"] == want.STATEMENT_ID), None)


def _find_notifications(s3: Any, stack: Stack) -> Document:
    answer = s3.get_bucket_notification_configuration(
        Bucket=stack.source_bucket, ExpectedBucketOwner=stack.account
    )
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}
