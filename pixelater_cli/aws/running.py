"""Owns what a deployed stack is asked and told: its settings, its versions, its failures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from botocore.exceptions import ClientError

from pixelater_cli.aws.documents import invocation_settings
from pixelater_cli.aws.failure_queue import count_messages
from pixelater_cli.aws.log import read_events
from pixelater_cli.aws.log_lines import Line, read_message
from pixelater_cli.aws.refusals import explain_missing, explained, word_error
from pixelater_cli.aws.resources import locate_settings
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import ALIAS, Stack
from pixelater_cli.aws.traffic import Traffic, add_up
from pixelater_cli.errors import AwsError

TEST_EVENT = "s3:TestEvent"
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html"""

NO_FUNCTIONS = " (where no functions run, deploy with --no-smoke-test)"

RECENT_SECONDS = 60.0 * 60

MOST_EVENTS = 50_000
"""As many as are read within seconds, and held at once."""


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


def require_version(account: Account, stack: Stack) -> str:
    """Give the version that the alias stands for. Raises AwsError if nothing is deployed."""
    current = find_version(account, stack)
    if current is None:
        raise explain_missing(stack.function, stack.name)
    return current


def find_versions(account: Account, stack: Stack) -> tuple[str | None, str | None]:
    """Find the version that the alias stands for, and the one that was published last."""
    current = find_version(account, stack)
    return current, None if current is None else _list_versions(account, stack)[-1]


def move_back(account: Account, stack: Stack, to: str | None = None) -> tuple[str, str]:
    """Move the alias to the version before, or to one by its number; give both. Raises AwsError."""
    current = require_version(account, stack)
    earlier = [one for one in _list_versions(account, stack) if one != current]
    before = [one for one in earlier if int(one) < int(current)]
    wanted = to or (before[-1] if before else None)
    if wanted == current:
        raise AwsError(f"version {current} runs already", "Name another, or none: the one before.")
    if wanted not in earlier:
        raise AwsError(
            f"{stack.function} has no version {to}" if to else f"version {current} is the first",
            f"There are: {', '.join(sorted([*earlier, current], key=int))}.",
        )
    functions = account.clients["lambda"]
    with explained(f"move {ALIAS} to version {wanted}"):
        if stack.traits.settings_by_version:  # Perhaps it was published before they were set.
            functions.put_function_event_invoke_config(
                FunctionName=stack.function, Qualifier=wanted, **invocation_settings(stack)
            )
        functions.update_alias(FunctionName=stack.function, Name=ALIAS, FunctionVersion=wanted)
    return current, str(wanted)


def ask(account: Account, stack: Stack) -> str:
    """Invoke the function with S3's test event, which is no photo; give its error, or "".

    Some emulators keep no log of a function that cannot be loaded.
    """
    with explained("ask the function"):
        try:
            answer = account.clients["lambda"].invoke(
                FunctionName=stack.alias_arn, Payload=json.dumps({"Event": TEST_EVENT})
            )
        except ClientError as error:  # Whatever it is: the failed test is what is told.
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            return f"{word_error(error)}{NO_FUNCTIONS if status >= 500 else ''}"
        told = answer["Payload"].read().decode(errors="replace")
    return told if answer.get("FunctionError") else ""


def count_failures(account: Account, stack: Stack) -> int | None:
    """Count the failure queue's messages, those out of sight too; None if there is no queue."""
    counted = count_messages(account, stack)
    return None if counted is None else sum(counted)


def read_errors(account: Account, stack: Stack, since: float) -> tuple[str, ...]:
    """Read the log's messages of what went wrong since a moment, in Unix seconds."""
    messages = (event.message for event in read_events(account, stack, since))
    return tuple(one.strip() for one in messages if any(line.is_bad for line in read_message(one)))


def read_last_hour(account: Account, stack: Stack, now: float) -> tuple[Traffic, tuple[str, ...]]:
    """Add up the last hour's log, and give its messages of what went wrong, the newest last.

    Of a very busy hour only the first part is read, and the traffic is that part's.
    """
    start = now - RECENT_SECONDS
    errors: list[str] = []
    covered = RECENT_SECONDS

    def read() -> Iterator[Line]:
        nonlocal covered
        for number, event in enumerate(read_events(account, stack, start)):
            if number == MOST_EVENTS:
                covered = max(event.time / 1000 - start, 1)
                return
            lines = read_message(event.message)
            if any(line.is_bad for line in lines):
                errors.append(event.message.strip())
            yield from lines

    lines = list(read())
    return add_up(lines, covered, stack.architecture), tuple(errors)


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
