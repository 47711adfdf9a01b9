"""The failure queue: list its messages, retry a failed event, drop a message.

A message leaves the queue only once its event has succeeded, or when it is dropped. Messages that
are received become visible again after their visibility timeout, so none is lost if this is killed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter

from pixelater_cli.aws.errors import missing_resource_error, translate_errors
from pixelater_cli.aws.operations.failure_record import (
    Failure,
    find_new_failure,
    format_reason,
    has_item_failures,
    read_failure,
    select_failures,
)
from pixelater_cli.aws.operations.queue_messages import QueueMessages
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack

LIST_VISIBILITY_SECONDS = 60
"""Visibility timeout of the messages that are listed last."""

RETRY_VISIBILITY_SECONDS = 360
"""Visibility timeout during a retry, from its start: the function may run for 300 seconds."""


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


def list_failures(
    account: Account,
    stack: Stack,
    keys: Collection[str] = (),
    limit: int | None = None,
) -> tuple[Failure, ...]:
    """List failures in the queue, oldest first: those of photos, or all if there are no keys.

    SQS returns messages in about their order, so those after the `limit` are mostly younger.
    """
    with _receiving(account, stack, LIST_VISIBILITY_SECONDS, "list the failures") as messages:
        received = messages.receive_all(None if keys else limit)
        read = (read_failure(name, body) for name, body in received)
        failures = list(islice(select_failures(read, keys), limit))
    return tuple(sorted(failures, key=attrgetter("time", "id")))


def retry(account: Account, stack: Stack, failures: Collection[Failure]) -> Iterator[Retry]:
    """Invoke the function with the event of each failure, and wait for its answer.

    The function records a permanent failure anew before it answers; then the former record is
    deleted. If the function raises, nothing is recorded, and the former record stays.
    """
    with _receiving(account, stack, RETRY_VISIBILITY_SECONDS, "retry the failures") as messages:
        for failure in _receive(messages, failures):
            if not messages.extend(failure.id):
                continue
            result = _invoke(account, stack, failure)
            if not result.error or result.recorded:
                messages.delete(failure.id)
            yield result


def drop(account: Account, stack: Stack, failures: Collection[Failure]) -> Iterator[Failure]:
    """Delete the messages of failures."""
    with _receiving(account, stack, LIST_VISIBILITY_SECONDS, "drop the failures") as messages:
        for failure in _receive(messages, failures):
            messages.delete(failure.id)
            yield failure


def _receive(messages: QueueMessages, failures: Collection[Failure]) -> Iterator[Failure]:
    """Receive the messages of failures."""
    wanted = {failure.id: failure for failure in failures}
    if not wanted:
        return
    for name, _body in messages.receive_all():
        if name in wanted:
            yield wanted.pop(name)
        if not wanted:
            return


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
    reason = find_new_failure(payload, failure.keys)
    return Retry(failure, reason or "", reason is not None)


@contextmanager
def _receiving(account: Account, stack: Stack, seconds: int, task: str) -> Iterator[QueueMessages]:
    """Receive messages; at the end, those that are not deleted become visible again."""
    url = find_queue(account, stack)
    if url is None:
        raise missing_resource_error(f"queue {stack.queue}", stack.name)
    messages = QueueMessages(account.clients["sqs"], url, seconds)
    with translate_errors(task):
        try:
            yield messages
        finally:
            messages.release_all()
