"""Owns what a deployed stack is asked and told: its settings, its versions, its failures."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from typing import Any

from botocore.exceptions import ClientError

from pixelater_cli.aws.refusals import explained
from pixelater_cli.aws.resources import locate_settings
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import ALIAS, Stack
from pixelater_cli.errors import AwsError

RECENT_SECONDS = 60 * 60

FAILURE = r'"failed"|Task timed out|"errorType"|\[ERROR\]'
"""What tells a line of failure: ours, and those of Lambda in its JSON and its text format."""


def recall(account: Account, stack: Stack) -> Stack:
    """Give a stack the settings it was deployed with, if they are noted. Raises AwsError."""
    with explained():
        try:
            answer = account.clients["s3"].get_object(**locate_settings(stack))
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NoSuchBucket", "NoSuchKey"):
                raise
            return stack
        noted = json.loads(answer["Body"].read())
    known = {field.name for field in fields(Stack)}
    settings = {name: value for name, value in noted.items() if name in known}
    return replace(stack, **settings | {"grids": tuple(settings.get("grids", ()))})


def find_version(account: Account, stack: Stack) -> str | None:
    """Find the version that the alias stands for."""
    with explained():
        try:
            answer = account.clients["lambda"].get_alias(FunctionName=stack.function, Name=ALIAS)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return None
    version: str = answer["FunctionVersion"]
    return version


def move_back(account: Account, stack: Stack, to: str | None = None) -> tuple[str, str]:
    """Move the alias to the version before, or to one by its number; give both. Raises AwsError."""
    current = find_version(account, stack)
    if current is None:
        raise AwsError(f"there is no {stack.function} here", "Deploy it: pixelater deploy")
    earlier = [one for one in _list_versions(account, stack) if one != current]
    before = [one for one in earlier if int(one) < int(current)]
    wanted = to or (before[-1] if before else None)
    if wanted not in earlier:
        raise AwsError(
            f"{stack.function} has no version {to}" if to else f"version {current} is the first",
            f"There are: {', '.join([*earlier, current])}.",
        )
    with explained(f"move {ALIAS} to version {wanted}"):
        account.clients["lambda"].update_alias(
            FunctionName=stack.function, Name=ALIAS, FunctionVersion=wanted
        )
    return current, str(wanted)


def count_failures(account: Account, stack: Stack) -> int | None:
    """Count the events in the failure queue; None if there is no queue."""
    sqs = account.clients["sqs"]
    with explained():
        try:
            url = sqs.get_queue_url(QueueName=stack.queue)["QueueUrl"]
        except sqs.exceptions.QueueDoesNotExist:
            return None
        name = "ApproximateNumberOfMessages"
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return int(answer["Attributes"][name])


def read_errors(account: Account, stack: Stack, now: float) -> tuple[str, ...]:
    """Read the lines of the last hour's log that tell of a failure, the newest last."""
    logs = account.clients["logs"]
    with explained():
        try:
            answer = logs.filter_log_events(
                logGroupName=stack.log_group, startTime=int((now - RECENT_SECONDS) * 1000)
            )
        except logs.exceptions.ResourceNotFoundException:
            return ()
    messages = (event["message"].strip() for event in answer["events"])
    return tuple(one for one in messages if re.search(FAILURE, one))


def is_empty(account: Account, bucket: str) -> bool:
    """Tell whether a bucket holds nothing, not even an earlier version."""
    with explained():
        answer = account.clients["s3"].list_object_versions(
            Bucket=bucket, MaxKeys=1, ExpectedBucketOwner=account.number
        )
    return not (answer.get("Versions") or answer.get("DeleteMarkers"))


def _list_versions(account: Account, stack: Stack) -> list[str]:
    pages: Any = account.clients["lambda"].get_paginator("list_versions_by_function")
    with explained():
        versions = [
            one["Version"]
            for page in pages.paginate(FunctionName=stack.function)
            for one in page["Versions"]
        ]
    return sorted((one for one in versions if one != "$LATEST"), key=int)
