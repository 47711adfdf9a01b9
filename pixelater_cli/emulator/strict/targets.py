"""Targets of notifications: whether they exist, and their policies let S3 in.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.utils import get_backend
from moto.sqs.models import sqs_backends

from pixelater_cli.emulator.strict.refusal import Refusal

SERVICE = "s3.amazonaws.com"
ARN = re.compile(r"arn:aws[\w-]*:(lambda|sqs|sns):([a-z0-9-]+):(\d{12}):(.+)")


def check_target(arn: str, bucket_arn: str, account: str) -> None:
    """Refuse a target that S3 could not reach. Raises Refusal."""
    read = ARN.fullmatch(arn)
    if read is None:
        fields = {"ArgumentName": "arn", "ArgumentValue": arn}
        raise Refusal(400, "InvalidArgument", "The ARN could not be parsed", fields)
    service, region, owner, name = read.groups()
    context = {"aws:sourcearn": bucket_arn, "aws:sourceaccount": account}
    if service == "lambda":
        _check_function(arn, region, owner, name, context)
    elif service == "sqs":
        _check_queue(arn, region, owner, name, context)


def _check_function(arn: str, region: str, owner: str, name: str, context: dict[str, str]) -> None:
    try:
        function = get_backend(owner, region).get_function(name.removeprefix("function:"), None)
    except (LambdaClientError, KeyError):  # ... or a region that is none
        raise _unreachable(arn, "The destination Lambda function does not exist") from None
    statements = [one for one in function.policy.statements if one.get("Resource") == arn]
    if not _allows(statements, "lambda:InvokeFunction", context):
        raise _unreachable(f"{arn}, null", f"Not authorized to invoke function [{arn}]")


def _check_queue(arn: str, region: str, owner: str, name: str, context: dict[str, str]) -> None:
    try:
        queue = sqs_backends[owner][region].queues.get(name)
    except KeyError:  # A region that is none.
        queue = None
    if queue is None:
        raise _unreachable(arn, "The destination queue does not exist")
    document = json.loads(queue.policy) if isinstance(queue.policy, str) else queue.policy
    statements = _list((document or {}).get("Statement", []))
    if not _allows(statements, "sqs:SendMessage", context):
        raise _unreachable(
            arn,
            "Permissions on the destination queue do not allow S3 to publish notifications from "
            "this bucket",
        )


def _allows(statements: Iterable[Any], action: str, context: dict[str, str]) -> bool:
    """Return whether statements let S3 do this, and none forbids it."""
    effects = {
        one.get("Effect", "Allow")
        for one in statements
        if _names_s3(one.get("Principal"))
        and any(_matches(pattern, action) for pattern in _list(one.get("Action")))
        and _meets(one.get("Condition") or {}, context)
    }
    return effects == {"Allow"}


def _names_s3(principal: Any) -> bool:
    if isinstance(principal, dict):
        return SERVICE in _list(principal.get("Service")) or principal.get("AWS") == "*"
    return principal in ("*", SERVICE)


def _meets(conditions: dict[str, dict[str, Any]], context: dict[str, str]) -> bool:
    """Return whether the bucket meets all conditions; one that is not known is met by none."""
    return all(
        any(
            fnmatchcase(context.get(key.lower(), ""), pattern)
            if "Like" in operator
            else context.get(key.lower()) == pattern
            for pattern in _list(patterns)
        )
        for operator, tests in conditions.items()
        for key, patterns in tests.items()
    )


def _matches(pattern: str, action: str) -> bool:
    return fnmatchcase(action.lower(), str(pattern).lower())


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _unreachable(name: str, value: str) -> Refusal:
    message = "Unable to validate the following destination configurations"
    return Refusal(400, "InvalidArgument", message, {"ArgumentName": name, "ArgumentValue": value})
