"""Serving on another server: LocalStack, ministack, or AWS.

Other servers do not report events, so the buckets and the failure queue are polled: a photo is done
when its mosaics exist, and failed when a record of it is in the queue.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from urllib.error import URLError
from urllib.request import urlopen

from pixelater_cli.aws.deploy.deployment import deploy
from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.operations.failure_queue import list_failures
from pixelater_cli.aws.operations.failure_record import Failure, format_reason
from pixelater_cli.aws.operations.health import count_failures
from pixelater_cli.aws.operations.mosaics import (
    S3Object,
    choose_outputs,
    find_mosaic,
    is_optional,
    is_source_key,
)
from pixelater_cli.aws.operations.object_index import list_objects
from pixelater_cli.aws.package.builder import Contents
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.serve.code_watcher import CodeWatcher
from pixelater_cli.emulator.serve.dashboard_bucket import Dashboard
from pixelater_cli.emulator.serve.local import Server, follow
from pixelater_cli.errors import EmulatorError
from pixelater_cli.results.serve import HappeningResult

POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Backend:
    """A server in a container, and the command that starts it."""

    name: str
    endpoint_url: str
    health: str
    start: str


BACKENDS = {
    "localstack": Backend(
        "LocalStack",
        "http://localhost:4566",
        "/_localstack/health",
        "docker compose -f localstack-compose.yml up localstack",
    ),
    "ministack": Backend(
        "ministack",
        "http://localhost:4567",
        "/_ministack/health",
        "docker compose -f localstack-compose.yml up ministack",
    ),
}


def wait_for_backend(
    backend: Backend, seconds: float = 20, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Wait until a server is healthy; it may still be starting. Raises EmulatorError."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            urlopen(backend.endpoint_url + backend.health, timeout=5).close()  # noqa: S310 (http)
        except (URLError, ConnectionError, TimeoutError) as error:
            if time.monotonic() >= deadline:
                raise EmulatorError(
                    f"{backend.name} is not reachable at {backend.endpoint_url}",
                    f"Start it: {backend.start}",
                ) from error
            sleep(0.5)
        else:
            return


@contextmanager
def serve_remote(
    account: Account, stack: Stack, gather: Callable[[], Contents], watch: bool
) -> Iterator[Server]:
    """Deploy to a running server, and follow its events. The stack is not removed.

    Raises AwsError and PackageError.
    """
    deployment = deploy(account, stack, gather(), time.sleep)
    dashboard = Dashboard(account, stack, {}) if account.emulated else None
    watcher = CodeWatcher(account, stack, gather) if watch else None
    if dashboard:
        dashboard.publish()
    try:
        queue_lock = dashboard.queue_lock if dashboard else Lock()
        activities = follow(Watcher(account, stack, queue_lock).poll, dashboard, watcher)
        url = dashboard.url if dashboard else ""
        yield Server(account, stack, len(deployment.steps), activities, url)
    finally:
        if dashboard:
            dashboard.remove()


class Watcher:
    """State of the buckets and the failure queue at the last poll.

    Photos and failures that exist at the start are not reported. `queue_lock` is held while the
    failure queue is read.
    """

    def __init__(self, account: Account, stack: Stack, queue_lock: Lock) -> None:
        self.account = account
        self.stack = stack
        self._place = stack.source_bucket, stack.function
        self._queue_lock = queue_lock
        self.waiting: dict[str, S3Object] = {}
        self.photos = self._list(stack.source_bucket)
        self.failures: frozenset[str] = frozenset()
        if count_failures(account, stack):
            self.failures = frozenset(failure.id for failure in self._list_failures())
        self._next_poll = 0.0

    def poll(self) -> Iterator[HappeningResult]:
        """Wait for the next poll; yield photos that are done, and failures. Raises AwsError."""
        time.sleep(max(self._next_poll - time.monotonic(), 0))
        now = time.time()
        photos = self._list(self.stack.source_bucket)
        self.waiting |= {
            key: photo
            for key, photo in photos.items()
            if is_source_key(self.stack, key) and self.photos.get(key) != photo
        }
        self.photos = photos
        if self.waiting:
            mosaics = self._list(self.stack.destination_bucket)
            for key in find_done(self.waiting, photos, mosaics, self.stack):
                del self.waiting[key]
                yield HappeningResult(now, key, "done", *self._place)
        for failure in self._find_failures():
            for key in failure.keys or ("",):
                note = f"{format_reason(failure.reason, failure.message)} (in {self.stack.queue})"
                yield HappeningResult(
                    now, key, "failed", *self._place, attempt=failure.tries, note=note
                )
        self._next_poll = time.monotonic() + POLL_SECONDS

    def _find_failures(self) -> tuple[Failure, ...]:
        """Return new failures in the queue, which is only read if its length has changed."""
        count = count_failures(self.account, self.stack)
        if count is None or count == len(self.failures):
            return ()
        failures = self._list_failures()
        known, self.failures = self.failures, frozenset(failure.id for failure in failures)
        return tuple(failure for failure in failures if failure.id not in known)

    def _list_failures(self) -> tuple[Failure, ...]:
        with self._queue_lock:
            return list_failures(self.account, self.stack)

    def _list(self, bucket: str) -> dict[str, S3Object]:
        with translate_errors(f"list {bucket}"):
            objects = list_objects(self.account.clients["s3"], bucket, self.account.number)
            return {stored.key: stored for stored in objects}


def find_done(
    waiting: Mapping[str, S3Object],
    photos: Mapping[str, S3Object],
    mosaics: Mapping[str, S3Object],
    stack: Stack,
) -> tuple[str, ...]:
    """Find the photos that have all mosaics of their look, none older than the photo.

    S3's times are whole seconds.
    """

    def is_done(photo: S3Object) -> bool:
        for output in choose_outputs(stack, photo.key):
            mosaic = find_mosaic(photo, output, mosaics.get, photos.get)
            if mosaic is None and is_optional(output):
                continue
            if mosaic is None or mosaic.modified < photo.modified:
                return False
        return True

    return tuple(key for key, photo in waiting.items() if is_done(photo))
