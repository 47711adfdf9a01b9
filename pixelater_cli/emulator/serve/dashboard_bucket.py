"""The emulator's web page: files, events and failures in a bucket of its S3."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from importlib import resources
from pathlib import PurePosixPath
from threading import Event, Lock, RLock, Thread

from pixelater.encode.formats import ENCODINGS
from pixelater.look import Look, Rule
from pixelater.outputs import list_documents, list_mosaics
from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.operations.failure_record import spell_reason
from pixelater_cli.aws.operations.object_index import list_objects
from pixelater_cli.aws.operations.stack_settings import load_settings
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Document, Stack
from pixelater_cli.aws.stack_looks import make_look
from pixelater_cli.emulator.serve.dashboard_events import EventLog
from pixelater_cli.emulator.serve.dashboard_failures import FailureQueues, Peek, load_stacks
from pixelater_cli.errors import AwsError
from pixelater_cli.results.serve import HappeningKind, HappeningResult

SUFFIXES = {name.lower(): encoding.suffixes[0] for name, encoding in ENCODINGS.items()}

FILES = (
    "index.html",
    "page.css",
    "page.js",
    "dom.js",
    "s3.js",
    "photos.js",
    "failures.js",
    "events.js",
    "icon.svg",
)

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}
"""Browsers run modules of JavaScript's media type only, which Python reads from the registry on
Windows."""

RETRIES = "retries/"
"""Prefix of the objects by which the page asks for retries. Their names are ids of messages."""

EVENTS_SECONDS, FAILURES_SECONDS = 0.3, 0.7
"""Intervals of publishing events, and of checking the failure queues."""

CLOSE_SECONDS = 5
"""A function that is retried may run for 300 seconds, which Ctrl-C does not wait for."""


class Dashboard:
    """Web page of a stack. `grants` are parameters of PutObject that let a browser read an object.

    `details` are added to the page's stack.json. `queue_lock` is held while failure queues are
    read: without `peek`, their messages are out of sight meanwhile.
    """

    def __init__(
        self,
        account: Account,
        stack: Stack,
        grants: Mapping[str, str],
        peek: Peek | None = None,
        **details: str,
    ) -> None:
        self.bucket = f"{stack.name}-page-bucket"
        self.url = f"{account.endpoint_url}/{self.bucket}/index.html"
        self.queue_lock = Lock()
        self._account = account
        self._own = stack
        self._s3 = account.clients["s3"]
        self._grants = grants
        self._stack = {"function": stack.function, **_describe(stack), **details}
        self._log = EventLog()
        self._stacks: dict[str, Document] = {}
        self._queues = FailureQueues(account, stack, peek)
        self._failures: Document = {"problem": "", **self._queues.describe()}
        self._uploading = RLock()
        self._closing = Event()
        self._threads: list[Thread] = []
        self._error: AwsError | None = None

    def publish(self) -> None:
        """Create the bucket, upload the page, and update it until it is closed. Raises AwsError."""
        with translate_errors(f"publish the page in {self.bucket}"):
            self._upload()
        tasks = (self._publish_events, EVENTS_SECONDS), (self._publish_failures, FAILURES_SECONDS)
        self._threads = [Thread(target=self._repeat, args=task, daemon=True) for task in tasks]
        for thread in self._threads:
            thread.start()

    def add(self, activities: Iterable[HappeningResult]) -> None:
        """Show events on the page. Raises AwsError if the page could not be updated."""
        if self._error:
            raise self._error
        self._log.add(replace(each, note=spell_reason(each.note)) for each in activities)

    def close(self) -> None:
        """Stop updating the page. Waits for a retry that is running, but not for long."""
        self._closing.set()
        for thread in self._threads:
            thread.join(CLOSE_SECONDS)

    def remove(self) -> None:
        """Remove the page and its bucket. Raises AwsError."""
        self.close()
        with translate_errors(f"remove {self.bucket}"):
            for stored in list_objects(self._s3, self.bucket, self._account.number):
                self._s3.delete_object(Bucket=self.bucket, Key=stored.key)
            self._s3.delete_bucket(Bucket=self.bucket)

    def _repeat(self, task: Callable[[], None], seconds: float) -> None:
        while not self._closing.wait(seconds):
            try:
                task()
            except AwsError as error:
                self._error = error
                return

    def _publish_events(self) -> None:
        """Upload the events if there are new ones."""
        functions = self._log.take_new()
        if functions is None:
            return
        stacks = load_stacks(self._account, self._own, functions)
        self._stacks |= {name: _describe(stack) for name, stack in stacks.items()}
        self._put_document("events.json", self._describe_events())

    def _publish_failures(self) -> None:
        """Carry out the retries that the page asks for; upload the failures if they have changed.

        What a queue refuses, because its stack is being destroyed, is shown on the page.
        """
        problem = ""
        with self.queue_lock:
            try:
                if self._failures["failures"]:
                    self._retry()
                self._queues.refresh()
            except AwsError as error:
                problem = str(error)
        self._put_failures(problem)

    def _retry(self) -> None:
        with translate_errors("read what to retry"):
            stored = list_objects(self._s3, self.bucket, self._account.number, RETRIES)
            names = [one.key for one in stored]
            for name in names:
                self._s3.delete_object(Bucket=self.bucket, Key=name)
        self._queues.choose({name.removeprefix(RETRIES) for name in names})
        self._put_failures()
        for stack, tried in self._queues.retry():
            result: HappeningKind = "failed" if tried.error else "done"
            note = f"retried: {tried.error}" if tried.error else "retried"
            bucket = load_settings(self._account, stack).source_bucket
            self._log.add(
                HappeningResult(time.time(), key, result, bucket, stack.function, note=note)
                for key in tried.failure.keys or ("",)
            )
            self._put_failures()

    def _put_failures(self, problem: str = "") -> None:
        failures = {"problem": problem, **self._queues.describe()}
        if failures != self._failures:
            self._failures = failures
            self._put_document("failures.json", failures)

    def _put_document(self, name: str, document: Document) -> None:
        """Upload a document. A page that was deleted, as by a reset, is uploaded again."""
        with self._uploading, translate_errors("update the page"):
            try:
                self._put(name, json.dumps(document).encode())
            except self._s3.exceptions.NoSuchBucket:
                self._upload()

    def _upload(self) -> None:
        """Create the bucket and upload all files."""
        folder = resources.files("pixelater_cli.emulator.serve") / "dashboard"
        location = {}
        if self._account.region != "us-east-1":
            location["CreateBucketConfiguration"] = {"LocationConstraint": self._account.region}
        self._s3.create_bucket(Bucket=self.bucket, **location)
        files = {name: (folder / name).read_bytes() for name in FILES}
        documents = {
            "stack.json": self._stack,
            "events.json": self._describe_events(),
            "failures.json": self._failures,
        }
        files |= {name: json.dumps(document).encode() for name, document in documents.items()}
        for name, body in files.items():
            self._put(name, body)

    def _describe_events(self) -> Document:
        return {**self._log.describe(), "stacks": self._stacks}

    def _put(self, name: str, body: bytes) -> None:
        kind = MEDIA_TYPES[PurePosixPath(name).suffix]
        self._s3.put_object(
            Bucket=self.bucket, Key=name, Body=body, ContentType=kind, **self._grants
        )


def _describe(stack: Stack) -> Document:
    return {
        "source": stack.source_bucket,
        "destination": stack.destination_bucket,
        "looks": [
            {
                "prefix": rule.prefix,
                "outputs": _describe_outputs(rule.look),
                "documents": {each.kind: each.suffix for each in list_documents(rule.look)},
            }
            for rule in (*stack.rules, Rule("", make_look(stack)))
        ],
    }


def _describe_outputs(look: Look) -> list[Document]:
    """Return the names of a look's mosaics, and what the names of their files begin and end with.

    `suffix` is "" where the photo decides the format.
    """
    return [
        {
            "name": each.prefix.removeprefix("pixelated-").rstrip("-"),
            "prefix": each.prefix,
            "suffix": SUFFIXES.get(each.format, ""),
        }
        for each in list_mosaics(look)
    ]
