"""Messages of a queue of any length: each is received once, in bounded time and memory.

While messages are received, they are invisible; those that are not deleted are made visible again
at the end. Their visibility timeout outlasts the rest of the listing, so that they do not come
again during it. Whatever SQS does, a listing ends: after the number of messages that the queue had
at its start and some more, or after some receives without a new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

from botocore.exceptions import ClientError

from pixelater_cli.aws.errors import read_error

BATCH_SIZE = 10
"""The most messages that SQS receives or changes at a time."""

MAX_VISIBILITY_SECONDS = 43_200
"""SQS's limit, twelve hours."""

SECONDS_PER_RECEIVE = 0.5
"""Time that a receive is expected to take at most; a visibility timeout outlasts the rest."""

SPARE_SECONDS = 60
"""Time after a listing that its messages are invisible, if they are not released."""

EXTRA_MESSAGES = 1000
"""Messages that are received beyond the number at the start, which is approximate: SQS can count a
message up to a minute late."""

MAX_IDLE_RECEIVES = 20
"""Receives in a row without a new message, after which a listing ends."""

TAKEN_CODES = ("MessageNotInflight", "ReceiptHandleIsInvalid", "InvalidParameterValue")
"""Ends of the codes of a receipt that is not valid anymore: the message is visible again, or
another process has received or deleted it."""


class QueueMessages:
    """Messages that are received, and so invisible: the newest receipt of each, by ID."""

    def __init__(self, sqs: Any, url: str, seconds: int) -> None:
        self._sqs = sqs
        self._url = url
        self._seconds = seconds
        self._receipts: dict[str, str] = {}

    def receive_all(self, most: int | None = None) -> Iterator[tuple[str, str]]:
        """Receive every visible message once, or as many as `most`: ID and body.

        A long poll asks all servers of SQS: it returns no message if there is none, or if the
        queue has 120,000 invisible ones already
        (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html).
        """
        most = most or self._count_visible() + EXTRA_MESSAGES
        seen: set[str] = set()
        idle = 0
        while len(seen) < most and idle < MAX_IDLE_RECEIVES:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=BATCH_SIZE,
                VisibilityTimeout=self._choose_timeout(most - len(seen)),
                WaitTimeSeconds=1,
            )
            messages = answer.get("Messages", [])
            if not messages:
                return
            new = [message for message in messages if message["MessageId"] not in seen]
            idle = 0 if new else idle + 1
            for message in messages:
                self._receipts[message["MessageId"]] = message["ReceiptHandle"]
            for message in new:
                seen.add(message["MessageId"])
                yield message["MessageId"], message["Body"]

    def extend(self, message_id: str) -> bool:
        """Keep a message invisible from now on; False if another process has taken it."""
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._url,
                ReceiptHandle=self._receipts[message_id],
                VisibilityTimeout=self._seconds,
            )
        except ClientError as error:
            if not read_error(error)[0].endswith(TAKEN_CODES):
                raise
            del self._receipts[message_id]
            return False
        return True

    def delete(self, message_id: str) -> None:
        """Delete a message that was received."""
        receipt = self._receipts.pop(message_id)
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=receipt)

    def release_all(self) -> None:
        """Make messages visible again; SQS reports those that already are, which is ignored."""
        receipts = list(self._receipts.values())
        self._receipts.clear()
        for start in range(0, len(receipts), BATCH_SIZE):
            entries = [
                {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                for number, receipt in enumerate(receipts[start : start + BATCH_SIZE])
            ]
            self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)

    def _count_visible(self) -> int:
        name = "ApproximateNumberOfMessages"
        answer = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])
        return int(answer["Attributes"][name])

    def _choose_timeout(self, remaining: int) -> int:
        rest = ceil(remaining / BATCH_SIZE * SECONDS_PER_RECEIVE)
        return min(max(self._seconds, rest + SPARE_SECONDS), MAX_VISIBILITY_SECONDS)
