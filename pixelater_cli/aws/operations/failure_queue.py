"""Owns the failure queue: listing it whole, trying a failed event again, dropping a message.

A message leaves the queue only once its event has worked, or when it is dropped. Whatever is taken
out meanwhile comes back by itself when its time is up, so a kill loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
"""Messages are out of sight for so long if listing them is killed."""

RETRY_VISIBILITY_SECONDS = 360
"""And so long if trying again is: the function may run for 300 seconds."""

PARALLEL_RETRIES = 10
"""The most that SQS receives and releases at a time."""


@dataclass(frozen=True)
class Retry:
    """What came of trying a failure again: `error` says why it failed, "" if it worked.

    `recorded`: the function has written a new record of it, so this one is gone.
    """

    failure: Failure
    error: str = ""
    recorded: bool = False


def find_queue(account: Account, stack: Stack) -> str | None:
    """Find the failure queue's URL; None if there is none."""
    sqs = account.clients["sqs"]
    with translate_errors():
        try:
            url: str = sqs.get_queue_url(QueueName=stack.queue)["QueueUrl"]
        except sqs.exceptions.QueueDoesNotExist:
            return None
    return url


def count_messages(account: Account, stack: Stack) -> tuple[int, int] | None:
    """Count the queue's messages: in sight, and out of sight for now; None if there is no queue."""
    url = find_queue(account, stack)
    if url is None:
        return None
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    with translate_errors():
        answer = account.clients["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=names)
    visible, hidden = (int(answer["Attributes"][name]) for name in names)
    return visible, hidden


def list_failures(account: Account, stack: Stack) -> tuple[Failure, ...]:
    """List everything in the queue, oldest first, and leave it there."""
    url = _get_queue(account, stack)
    with (
        translate_errors("list the failures"),
        _taking(account, url, LIST_VISIBILITY_SECONDS) as held,
    ):
        found = [read_failure(name, body) for name, body in held.receive_all()]
    return tuple(sorted(found, key=lambda one: (one.time, one.id)))


def retry(account: Account, stack: Stack, failures: Collection[Failure]) -> Iterator[Retry]:
    """Invoke the function with the event of each failure, and wait for its answer.

    A permanent failure is recorded anew by the function before it answers: then the old record
    goes, so that there is one. Where the function raises, nothing is recorded: the old one stays.
    """
    url = _get_queue(account, stack)
    with translate_errors("try again"), _taking(account, url, RETRY_VISIBILITY_SECONDS) as held:
        for failure in held.receive(failures):
            tried = _invoke(account, stack, failure)
            if not tried.error or tried.recorded:
                held.delete(failure.id)
            yield tried


def drop(account: Account, stack: Stack, failures: Collection[Failure]) -> Iterator[Failure]:
    """Delete the messages of some failures."""
    url = _get_queue(account, stack)
    with translate_errors("drop failures"), _taking(account, url, LIST_VISIBILITY_SECONDS) as held:
        for failure in held.receive(failures):
            held.delete(failure.id)
            yield failure


def _get_queue(account: Account, stack: Stack) -> str:
    url = find_queue(account, stack)
    if url is None:
        raise missing_resource_error(f"queue {stack.queue}", stack.name)
    return url


def _invoke(account: Account, stack: Stack, failure: Failure) -> Retry:
    if failure.event is None:
        return Retry(failure, "the message names no event: look at it, then drop it")
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
        return Retry(failure, "it failed for now: try again later")
    again = find_new_failure(payload, failure.keys)
    return Retry(failure, again or "", again is not None)


@contextmanager
def _taking(account: Account, url: str, seconds: int) -> Iterator[_Held]:
    """Take messages out of sight; at the end those that are left are in sight again."""
    held = _Held(account.clients["sqs"], url, seconds)
    try:
        yield held
    finally:
        held.release_all()


class _Held:
    """Messages that are taken out of sight, by id, each with its newest receipt."""

    def __init__(self, sqs: Any, url: str, seconds: int) -> None:
        self._sqs = sqs
        self._url = url
        self._seconds = seconds
        self._receipts: dict[str, str] = {}

    def receive_all(self, at_a_time: int = PARALLEL_RETRIES) -> Iterator[tuple[str, str]]:
        """Receive every message in sight, once each: id and body.

        SQS may send one twice, and comes back with nothing only if there is nothing: a long poll
        asks all its servers
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
        """Receive the messages of some failures, one at a time, so that none waits out of sight."""
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
        """Put messages back in sight. One whose time was up is so already: the batch passes it."""
        entries = [
            {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
            for number, receipt in enumerate(self._receipts.values())
        ]
        self._receipts.clear()
        for start in range(0, len(entries), PARALLEL_RETRIES):
            batch = entries[start : start + PARALLEL_RETRIES]
            self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=batch)
