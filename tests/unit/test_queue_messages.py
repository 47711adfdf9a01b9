"""Listings of queues of any length end, on a model of SQS whose clock only its calls move."""

from __future__ import annotations

import tracemalloc
from collections import deque
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pixelater_cli.aws.operations import queue_messages
from pixelater_cli.aws.operations.failure_queue import drop, list_failures, retry
from pixelater_cli.aws.operations.failure_record import Failure
from pixelater_cli.aws.operations.queue_messages import QueueMessages
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack

ROUND_TRIP = 0.1


class QueueMissing(Exception):
    """Raised by a client for a queue that does not exist."""


@dataclass
class ModelSqs:
    """A queue whose messages are their IDs, and a clock on which each call takes a round trip.

    `arriving` messages are added at each receive. With `forgetful`, messages never get invisible,
    as on a queue whose visibility timeout has no effect.
    """

    number: int
    round_trip: float = ROUND_TRIP
    arriving: int = 0
    forgetful: bool = False
    now: float = 0
    receives: int = 0
    exceptions: Any = field(default_factory=lambda: SimpleNamespace(QueueDoesNotExist=QueueMissing))

    def __post_init__(self) -> None:
        self.visible = deque(range(self.number))
        self.hidden: dict[int, float] = {}

    def get_queue_url(self, QueueName: str) -> dict[str, str]:
        return {"QueueUrl": QueueName}

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        return {"Attributes": {"ApproximateNumberOfMessages": str(len(self.visible))}}

    def receive_message(self, MaxNumberOfMessages: int, VisibilityTimeout: int, **_: Any) -> Any:
        self._pass_time()
        self.receives += 1
        for _number in range(self.arriving):
            self.visible.append(self.number)
            self.number += 1
        received = [
            self.visible.popleft() for _ in range(min(MaxNumberOfMessages, len(self.visible)))
        ]
        if self.forgetful:
            self.visible.extend(received)
        else:
            self.hidden.update(dict.fromkeys(received, self.now + VisibilityTimeout))
        return {"Messages": [make_message(one) for one in received]} if received else {}

    def change_message_visibility(
        self, ReceiptHandle: str, VisibilityTimeout: int, **_: Any
    ) -> None:
        self._pass_time()
        if int(ReceiptHandle) not in self.hidden:
            raise ClientError({"Error": {"Code": "MessageNotInflight"}}, "ChangeMessageVisibility")
        self.hidden[int(ReceiptHandle)] = self.now + VisibilityTimeout

    def change_message_visibility_batch(self, Entries: list[Any], **_: Any) -> None:
        self._pass_time()
        for entry in Entries:
            if self.hidden.pop(int(entry["ReceiptHandle"]), None) is not None:
                self.visible.append(int(entry["ReceiptHandle"]))

    def delete_message(self, ReceiptHandle: str, **_: Any) -> None:
        self._pass_time()
        del self.hidden[int(ReceiptHandle)]

    def _pass_time(self) -> None:
        """Messages are hidden in the order in which they get visible again, or nearly."""
        self.now += self.round_trip
        while self.hidden and next(iter(self.hidden.values())) <= self.now:
            first = next(iter(self.hidden))
            del self.hidden[first]
            self.visible.append(first)


def make_message(number: int) -> dict[str, str]:
    body = f'{{"pixelater": "failure", "key": "{number}.jpg", "time": "{number:09}"}}'
    return {"MessageId": str(number), "ReceiptHandle": str(number), "Body": body}


def connect(sqs: ModelSqs) -> tuple[Account, Stack]:
    account = Account("123456789012", "eu-central-1", "aws", None, {"sqs": sqs})
    return account, Stack("123456789012", "eu-central-1")


def make_failures(*numbers: int) -> list[Failure]:
    return [Failure(str(number), (), "", "", "", 1) for number in numbers]


def test_100_000_failures_are_listed_once_each() -> None:
    sqs = ModelSqs(100_000)
    listed = list_failures(*connect(sqs))
    assert [failure.id for failure in listed] == [str(number) for number in range(100_000)]
    assert (sqs.receives, len(sqs.visible)) == (10_001, 100_000)


def test_memory_of_a_search_is_bounded() -> None:
    """About the ID and the receipt of each message that the search keeps invisible."""
    sqs = ModelSqs(100_000)
    tracemalloc.start()
    try:
        (found,) = list_failures(*connect(sqs), ["77777.jpg"], 1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.keys == ("77777.jpg",)
    assert peak < 60_000_000


def test_limit_ends_a_listing_of_any_number() -> None:
    sqs = ModelSqs(100_000)
    assert len(list_failures(*connect(sqs), limit=1000)) == 1000
    assert (sqs.receives, len(sqs.visible), sqs.hidden) == (100, 100_000, {})
    assert sqs.now < 30


def test_queue_that_grows_faster_than_it_is_listed_ends() -> None:
    sqs = ModelSqs(5000, arriving=20)
    assert len(list_failures(*connect(sqs))) == 5000 + queue_messages.EXTRA_MESSAGES


def test_messages_that_come_again_end_a_listing() -> None:
    sqs = ModelSqs(100, forgetful=True)
    assert len(list_failures(*connect(sqs))) == 100
    assert sqs.receives == 10 + queue_messages.MAX_IDLE_RECEIVES


def test_listing_longer_than_expected_ends() -> None:
    sqs = ModelSqs(20_000, round_trip=30)
    assert 0 < len(list_failures(*connect(sqs))) <= 20_000


@pytest.mark.parametrize(
    ("number", "seconds", "expected"),
    [(10, 60, 111), (10, 360, 360), (100_000, 60, 5110), (100_000, 360, 5110), (10**7, 60, 43_200)],
)
def test_visibility_timeout_outlasts_the_listing(number: int, seconds: int, expected: int) -> None:
    sqs = ModelSqs(0)
    sqs.visible.extend(range(10))
    sqs.get_queue_attributes = lambda **_: {  # type: ignore[method-assign]
        "Attributes": {"ApproximateNumberOfMessages": str(number)}
    }
    messages = QueueMessages(sqs, "url", seconds)
    next(messages.receive_all())
    assert round(sqs.hidden[0] - sqs.now) == expected


def test_drop_deletes_only_the_named_among_many() -> None:
    sqs = ModelSqs(20_000)
    dropped = list(drop(*connect(sqs), make_failures(3, 19_999)))
    assert [failure.id for failure in dropped] == ["3", "19999"]
    assert (len(sqs.visible), sqs.hidden) == (19_998, {})


def test_retry_leaves_messages_that_another_process_has_taken() -> None:
    sqs = ModelSqs(2, round_trip=400)
    assert list(retry(*connect(sqs), make_failures(0, 1))) == []
