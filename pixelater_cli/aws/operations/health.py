"""Owns what a deployed stack is asked and told: its settings, its versions, its failures."""

from __future__ import annotations

import json
from collections.abc import Iterator

from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import translate_errors, word_error
from pixelater_cli.aws.operations.failure_queue import count_messages
from pixelater_cli.aws.operations.log_parser import Line, read_message
from pixelater_cli.aws.operations.logs import read_events
from pixelater_cli.aws.operations.metrics import HourlyTraffic, sum_traffic
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack

TEST_EVENT = "s3:TestEvent"
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html"""

NO_FUNCTIONS = " (where no functions run, deploy with --no-smoke-test)"

RECENT_SECONDS = 60.0 * 60

MOST_EVENTS = 50_000
"""As many as are read within seconds, and held at once."""


def invoke_test_event(account: Account, stack: Stack) -> str:
    """Invoke the function with S3's test event, which is no photo; give its error, or "".

    Some emulators keep no log of a function that cannot be loaded.
    """
    with translate_errors("ask the function"):
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


def read_last_hour(
    account: Account, stack: Stack, now: float
) -> tuple[HourlyTraffic, tuple[str, ...]]:
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
    return sum_traffic(lines, covered, stack.architecture), tuple(errors)


def is_empty(account: Account, bucket: str) -> bool:
    """Tell whether a bucket holds nothing, not even an earlier version."""
    with translate_errors():
        answer = account.clients["s3"].list_object_versions(
            Bucket=bucket, MaxKeys=1, ExpectedBucketOwner=account.number
        )
    return not (answer.get("Versions") or answer.get("DeleteMarkers"))
