"""The emulator's page as objects: what is published, retried and removed. moto runs nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from pixelater_cli.aws.session import connect as sign_in
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.http_server.dispatcher import RESET
from pixelater_cli.emulator.serve.dashboard_bucket import Dashboard
from pixelater_cli.emulator.serve.dashboard_failures import FailureQueues
from pixelater_cli.results.serve import HappeningResult
from tests.functional.conftest import Connect
from tests.functional.running import make_record

SECONDS = 20
BUCKET = "pixelater-page-bucket"


@pytest.fixture
def stack(moto: str) -> Stack:
    account = sign_in(None, "us-east-1", moto, time.sleep)
    return Stack(account.number, account.region)


@pytest.fixture
def dashboard(moto: str, stack: Stack) -> Iterator[Dashboard]:
    board = Dashboard(sign_in(None, "us-east-1", moto, time.sleep), stack, {})
    board.publish()
    yield board
    board.close()


def read(s3: Any, name: str) -> Any:
    return json.loads(s3.get_object(Bucket=BUCKET, Key=name)["Body"].read())


def list_keys(s3: Any) -> list[str]:
    """List the objects of the page; none if its bucket does not exist."""
    try:
        return [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]
    except s3.exceptions.NoSuchBucket:
        return []


def test_page_is_published_again_after_a_reset(
    moto: str, connect: Connect, dashboard: Dashboard
) -> None:
    request = Request(f"{moto}{RESET}", method="POST")  # noqa: S310 (http)
    build_opener(ProxyHandler({})).open(request, timeout=SECONDS).close()
    dashboard.add([HappeningResult(1.0, "", "deployed", note="a change")])
    s3 = connect("s3")
    deadline = time.monotonic() + SECONDS
    while "failures.json" not in list_keys(s3):  # It comes last.
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert read(s3, "failures.json")["failures"] == []
    assert [event["note"] for event in read(s3, "events.json")["events"]] == ["a change"]
    assert s3.head_object(Bucket=BUCKET, Key="page.js")["ContentType"] == "text/javascript"


def test_failures_of_all_stacks_are_published(connect: Connect, dashboard: Dashboard) -> None:
    del dashboard
    s3, sqs = connect("s3"), connect("sqs")
    for name, key in (("pixelater-failures", "a b.jpg"), ("other-failures", "c.jpg")):
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(make_record(key)))
    sqs.create_queue(QueueName="unrelated")
    deadline = time.monotonic() + SECONDS
    while len(found := read(s3, "failures.json")["failures"]) < 2:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    told = [(one["queue"], one["function"], one["keys"], one["reason"]) for one in found]
    assert told == [
        ("other-failures", "other-function", ["c.jpg"], "too_large: too many pixels"),
        ("pixelater-failures", "pixelater-function", ["a b.jpg"], "too_large: too many pixels"),
    ]


def test_what_another_client_holds_stays_on_the_page(
    moto: str, connect: Connect, stack: Stack
) -> None:
    """Without `peek`: messages that are being retried are out of sight for a while."""
    sqs = connect("sqs")
    url = sqs.create_queue(QueueName=stack.queue)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(make_record("a.jpg")))
    queues = FailureQueues(sign_in(None, "us-east-1", moto, time.sleep), stack, None)
    queues.refresh()
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    queues.refresh()
    held = queues.describe()
    assert ([one["keys"] for one in held["failures"]], held["hidden"]) == ([["a.jpg"]], 1)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    queues.refresh()
    assert queues.describe() == {"failures": [], "hidden": 0}


def test_remove_deletes_the_bucket_and_what_pages_have_put_there(
    connect: Connect, dashboard: Dashboard
) -> None:
    s3 = connect("s3")
    s3.put_object(Bucket=BUCKET, Key="retries/unknown", Body=b"")
    dashboard.remove()
    assert s3.list_buckets()["Buckets"] == []
