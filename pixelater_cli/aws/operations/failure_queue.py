"""The failure queue: list its messages, retry a failed event, drop a message.

A message leaves the queue only once its event has succeeded, or when it is dropped. Messages that
are received become visible again after their visibility timeout, so none is lost if this is killed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from pixelater_cli.aws.errors import missing_resource_error, translate_errors
from pixelater_cli.aws.operations.failure_record import (
    Failure,
    find_new_failure,
    format_reason,
    has_item_failures,
    read_failure,
)
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack

LIST_VISIBILITY_SECONDS = 60
"""Visibility timeout while messages are listed."""

RETRY_VISIBILITY_SECONDS = 360
"""Visibility timeout during a retry: the function may run for 300 seconds."""

BATCH_SIZE = 10
"""The most messages that SQS receives or changes at a time."""


@dataclass(frozen=True)
class Retry:
    """The result of a retry; `error` is why it failed, "" if it succeeded.

    With `recorded`, the function has written a new record, and this one is deleted.
    """

    failure: Failure
    error: str = ""
    recorded: bool = False


def find_queue(account: Account, stack: Stack) -> str | None:
    """Find the URL of the failure queue; None if it does not exist."""
    sqs = account.clients["sqs"]
    with translate_errors():
        try:
            url: str = sqs.get_queue_url(QueueName=stack.queue)["QueueUrl"]
        except sqs.exceptions.QueueDoesNotExist:
            return None
    return url


def count_messages(account: Account, stack: Stack) -> tuple[int, int] | None:
    """Count the queue's visible and other messages; None if there is no queue."""
    url = find_queue(account, stack)
    if url is None:
        return None
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    with translate_errors():
        answer = account.clients["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=names)
    visible, hidden = (int(answer["Attributes"][name]) for name in names)
    return visible, hidden


def list_failures(account: Account, stack: Stack) -> tuple[Failure, ...]:
    """List all failures in the queue, oldest first."""
    with _receiving(account, stack, LIST_VISIBILITY_SECONDS, "list the failures") as messages:
        failures = [read_failure(name, body) for name, body in messages.receive_all()]
    return tuple(sorted(failures, key=attrgetter("time", "id")))


def retry(account: Account, stack: Stack, failures: Collection[Failure]) -> Iterator[Retry]:
    """Invoke the function with the event of each failure, and wait for its answer.

    The function records a permanent failure again before it answers; then the former record is
    deleted. If the function raises, nothing is recorded, and the former record stays.
    """
    with _receiving(account, stack, RETRY_VISIBILITY_SECONDS, "retry the failures") as messages:
        for failure in messages.receive(failures):
            result = _invoke(account, stack, failure)
            if not result.error or result.recorded:
                messages.delete(failure.id)
            yield result


def drop(account: Account, stack: Stack, failures: Collection[Failure]) -> Iterator[Failure]:
    """Delete the messages of failures."""
    with _receiving(account, stack, LIST_VISIBILITY_SECONDS, "drop the failures") as messages:
        for failure in messages.receive(failures):
            messages.delete(failure.id)
            yield failure


def _invoke(account: Account, stack: Stack, failure: Failure) -> Retry:
    if failure.event is None:
        return Retry(failure, "unrecognized message: look at it, then drop it")
    answer = account.clients["lambda"].invoke(
        FunctionName=stack.alias_arn,
        InvocationType="RequestResponse",
        Payload=json.dumps(failure.event),
    )
    payload: bytes = answer["Payload"].read()
    if "FunctionError" in answer:
        error = json.loads(payload)
        return Retry(failure, format_reason(error.get("errorType"), error.get("errorMessage")))
    if has_item_failures(payload):
        return Retry(failure, "temporary failure: try again later")
    reason = find_new_failure(payload, failure.keys)
    return Retry(failure, reason or "", reason is not None)


@contextmanager
def _receiving(
    account: Account, stack: Stack, seconds: int, task: str
) -> Iterator[_ReceivedMessages]:
    """Receive messages; at the end, those that are not deleted become visible again."""
    url = find_queue(account, stack)
    if url is None:
        raise missing_resource_error(f"queue {stack.queue}", stack.name)
    messages = _ReceivedMessages(account.clients["sqs"], url, seconds)
    with translate_errors(task):
        try:
            yield messages
        finally:
            messages.release_all()


class _ReceivedMessages:
    """Messages that are received, and so invisible: the newest receipt of each, by id."""

    def __init__(self, sqs: Any, url: str, seconds: int) -> None:
        self._sqs = sqs
        self._url = url
        self._seconds = seconds
        self._receipts: dict[str, str] = {}

    def receive_all(self, at_a_time: int = BATCH_SIZE) -> Iterator[tuple[str, str]]:
        """Receive every visible message once: id and body.

        SQS may deliver one twice. It returns none only if there is none: a long poll asks all its
        servers
        (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html).
        """
        seen: set[str] = set()
        while True:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=at_a_time,
                VisibilityTimeout=self._seconds,
                WaitTimeSeconds=1,
            )
            messages = answer.get("Messages", [])
            if not messages:
                return
            for message in messages:
                self._receipts[message["MessageId"]] = message["ReceiptHandle"]
            for message in messages:
                if message["MessageId"] not in seen:
                    seen.add(message["MessageId"])
                    yield message["MessageId"], message["Body"]

    def receive(self, failures: Collection[Failure]) -> Iterator[Failure]:
        """Receive the messages of failures, one at a time, so that none waits invisible."""
        wanted = {failure.id: failure for failure in failures}
        if not wanted:
            return
        for name, _body in self.receive_all(at_a_time=1):
            if name in wanted:
                yield wanted.pop(name)
            if not wanted:
                return

    def delete(self, id: str) -> None:
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=self._receipts.pop(id))

    def release_all(self) -> None:
        """Make messages visible again; SQS reports those that already are, which is ignored."""
        entries = [
            {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
            for number, receipt in enumerate(self._receipts.values())
        ]
        self._receipts.clear()
        for start in range(0, len(entries), BATCH_SIZE):
            batch = entries[start : start + BATCH_SIZE]
            self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=batch)
