"""Queues of the emulator, whose messages cost no look at the whole queue each."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from moto.sqs.models import SQSBackend, sqs_backends

from tests.functional.lambdas import Bench, start_bench

DAY_MS = 24 * 60 * 60 * 1000


@pytest.fixture
def bench() -> Iterator[Bench]:
    with start_bench() as bench:
        yield bench


def fill(bench: Bench, count: int) -> str:
    sqs = bench.connect("sqs")
    url = str(sqs.create_queue(QueueName="many")["QueueUrl"])
    for number in range(count):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    return url


def receive(bench: Bench, url: str) -> list[str]:
    answer = bench.connect("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60
    )
    return [message["Body"] for message in answer.get("Messages", ())]


def test_messages_are_received_once_until_they_are_visible_again(bench: Bench) -> None:
    url = fill(bench, 12)
    assert receive(bench, url) == [str(number) for number in range(10)]
    assert receive(bench, url) == ["10", "11"]
    assert receive(bench, url) == []


def test_receiving_does_not_describe_the_queue(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = fill(bench, 3)
    monkeypatch.delattr(SQSBackend, "get_queue_attributes")
    assert receive(bench, url) == ["0", "1", "2"]


def test_message_after_its_retention_is_not_received(bench: Bench) -> None:
    url = fill(bench, 1)
    queue = sqs_backends["123456789012"]["us-east-1"].queues["many"]
    sent = int(time.time() * 1000)
    vars(queue._messages[0])["sent_timestamp"] = sent - 4 * DAY_MS - 1
    assert receive(bench, url) == []
