"""Health of a deployed stack: its errors, traffic and failures."""

from __future__ import annotations

import json
from collections.abc import Iterator

from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import format_error, translate_errors
from pixelater_cli.aws.operations.failure_queue import count_messages
from pixelater_cli.aws.operations.log_parser import Line, PhotoLine, read_message
from pixelater_cli.aws.operations.logs import read_events
from pixelater_cli.aws.operations.metrics import HourlyTraffic, sum_traffic
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_function.events import TEST_EVENT, is_smoke_test

NO_FUNCTIONS = " (on a server that runs no functions, deploy with --no-smoke-test)"

RECENT_SECONDS = 60.0 * 60

MAX_EVENTS = 50_000
"""As many as can be read within seconds, and held in memory."""


def invoke_test_event(account: Account, stack: Stack) -> str:
    """Invoke the function with S3's test event, which names no photo; return its error, or "".

    Some emulators keep no log of a function that cannot be loaded.
    """
    with translate_errors("invoke the function"):
        try:
            answer = account.clients["lambda"].invoke(
                FunctionName=stack.alias_arn, Payload=json.dumps({"Event": TEST_EVENT})
            )
        except ClientError as error:  # Whatever it is: the failed test is what is reported.
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            return f"{format_error(error)}{NO_FUNCTIONS if status >= 500 else ''}"
        payload = answer["Payload"].read().decode(errors="replace")
    return payload if answer.get("FunctionError") else ""


def is_broken(account: Account, stack: Stack) -> bool:
    """Return whether the function cannot run: it fails twice for an event that names no photo.

    Once, it may have been stopped by chance.
    """
    return _fails(account, stack) and _fails(account, stack)


def _fails(account: Account, stack: Stack) -> bool:
    with translate_errors("invoke the function"):
        try:
            answer = account.clients["lambda"].invoke(
                FunctionName=stack.alias_arn, Payload=json.dumps({"Event": TEST_EVENT})
            )
        except ClientError:  # Not allowed, or throttled: that is not the function's fault.
            return False
        answer["Payload"].close()
    return "FunctionError" in answer


def count_failures(account: Account, stack: Stack) -> int | None:
    """Count the failure queue's messages, visible or not; None if there is no queue."""
    counts = count_messages(account, stack)
    return None if counts is None else sum(counts)


def read_errors(account: Account, stack: Stack, since: float) -> tuple[str, ...]:
    """Read the errors in the log since a time, in seconds since 1970."""
    messages = (event.message for event in read_events(account, stack, since))
    return tuple(
        message.strip()
        for message in messages
        if any(line.is_error for line in read_message(message))
    )


def read_last_hour(
    account: Account, stack: Stack, now: float
) -> tuple[HourlyTraffic, tuple[str, ...]]:
    """Sum up the log of the last hour, and return its errors, the newest last.

    Of a very busy hour only the first part is read; the traffic is then of that part. Pictures of
    smoke tests, and the errors of their events, do not count.
    """
    start = now - RECENT_SECONDS
    errors: list[tuple[str, tuple[Line, ...]]] = []
    covered = RECENT_SECONDS

    def read() -> Iterator[Line]:
        nonlocal covered
        for number, event in enumerate(read_events(account, stack, start)):
            if number == MAX_EVENTS:
                covered = max(event.time / 1000 - start, 1)
                return
            lines = read_message(event.message)
            if any(line.is_error for line in lines):
                errors.append((event.message.strip(), lines))
            yield from lines

    lines = list(read())
    tests = {line.request_id for line in lines if _is_test(line)} - {""}
    photos = (line for line in lines if not _is_test(line))
    return sum_traffic(photos, covered, stack.architecture), tuple(
        message
        for message, parts in errors
        if not any(_is_test(part) or part.request_id in tests for part in parts)
    )


def _is_test(line: Line) -> bool:
    return isinstance(line, PhotoLine) and is_smoke_test(line.key)


def is_empty(account: Account, bucket: str) -> bool:
    """Return whether a bucket holds no object, version or delete marker."""
    with translate_errors():
        answer = account.clients["s3"].list_object_versions(
            Bucket=bucket, MaxKeys=1, ExpectedBucketOwner=account.number
        )
    return not (answer.get("Versions") or answer.get("DeleteMarkers"))
