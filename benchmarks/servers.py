"""Owns the servers that benchmarks deploy to: ours and others, and what is done on any of them."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from platformdirs import user_cache_path

from pixelater_cli.aws.deploy.deployment import apply_plan, prepare
from pixelater_cli.aws.package import builder
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.aws.stack import Stack
from tests.live.ministack import serve_ministack


@dataclass(frozen=True)
class Target:
    """Where the pipeline is deployed to, and what its function is made of."""

    account: Account
    contents: builder.Contents


@contextmanager
def serve_other() -> Iterator[Target]:
    """Serve a ministack, which is installed in a virtual environment of its own."""
    cache = user_cache_path("pixelater")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        serve_ministack(cache / "ministack", Path(folder)) as served,
    ):
        architecture = builder.local_architecture()
        contents = builder.gather_for_lambda(served.runtime, architecture, cache)
        yield Target(connect(None, None, served.endpoint_url, time.sleep), contents)


def put_before(contents: builder.Contents, handler: str) -> builder.Contents:
    """Put a handler in front of pixelater's, which is `pixelater.own` then."""
    files = dict(contents.files)
    own = files.pop("pixelater_function/handler.py")
    ours = {"pixelater/own.py": own, "pixelater_function/handler.py": handler.encode()}
    return replace(contents, files={**files, **ours})


def deploy(account: Account, contents: builder.Contents) -> Stack:
    """Deploy as `pixelater deploy` does."""
    stack = Stack.for_account(
        account,
        runtime=contents.runtime,
        architecture=builder.local_architecture(),
        server=account.server.name,
    )
    deployment = prepare(account, stack, contents, time.sleep)
    apply_plan(deployment, lambda _step: None, time.sleep, time.monotonic)
    return stack


def connect_s3(url: str, connections: int) -> Any:
    """Make a client of S3 for many threads, with keys that are made up."""
    return boto3.client(
        "s3",
        "us-east-1",
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        config=Config(max_pool_connections=connections, s3={"addressing_style": "path"}),
    )


def take_failures(sqs: Any, queue: str) -> Iterator[str]:
    """Receive and delete all messages of the queue, if it exists."""
    try:
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        return
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            yield message["Body"]
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


@contextmanager
def watch_memory() -> Iterator[list[float]]:
    """Note the resident megabytes of this process, twice a second."""
    used: list[float] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.5):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            used.append(pages * 4096 / 2**20)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield used
    finally:
        done.set()
        thread.join()
