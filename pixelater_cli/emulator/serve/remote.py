"""Owns serving on a server that is not ours: LocalStack, ministack, or AWS itself.

Such a server does not tell what its functions do, so the buckets and the failure queue are looked
at again and again: what is seen is when a photo's mosaics are there, and what failed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.error import URLError
from urllib.request import urlopen

from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.operations.failure_queue import list_failures
from pixelater_cli.aws.operations.failure_record import Failure, format_reason
from pixelater_cli.aws.operations.health import count_failures
from pixelater_cli.aws.operations.mosaics import S3Object, find_mosaic, is_source_key, list_grids
from pixelater_cli.aws.operations.object_index import list_objects
from pixelater_cli.aws.package.builder import Contents
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.serve.code_watcher import Engine, bring_up_to_date, reload
from pixelater_cli.emulator.serve.dashboard_bucket import Dashboard
from pixelater_cli.emulator.serve.local import Server
from pixelater_cli.errors import EmulatorError
from pixelater_cli.results.serve import HappeningResult

REMOTE_POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Backend:
    """A server in a container: where it answers, and how it is started."""

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
    """Wait until a server says it is well; it may just be starting. Raises EmulatorError."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            urlopen(backend.endpoint_url + backend.health, timeout=5).close()  # noqa: S310 (http)
        except (URLError, ConnectionError, TimeoutError) as error:
            if time.monotonic() >= deadline:
                raise EmulatorError(
                    f"no {backend.name} answers at {backend.endpoint_url}",
                    f"Start it: {backend.start}",
                ) from error
            sleep(0.5)
        else:
            return


@contextmanager
def serve_remote(
    account: Account, stack: Stack, gather: Callable[[], Contents], watch: bool
) -> Iterator[Server]:
    """Deploy to a server that runs already, and follow what happens there. The stack stays.

    Raises AwsError and PackageError.
    """
    steps = bring_up_to_date(account, stack, gather())
    board = Dashboard(account, stack, {}) if account.emulated else None
    engine = Engine(account, stack, gather) if watch else None
    if board:
        board.publish()
    try:
        happenings = _follow(Watcher(account, stack), board, engine)
        yield Server(account, stack, steps, happenings, board.url if board else "")
    finally:
        if board:
            board.remove()


def _follow(
    watcher: Watcher, board: Dashboard | None, engine: Engine | None
) -> Iterator[HappeningResult]:
    while True:
        news = list(watcher.look(time.time()))
        if engine:
            news += reload(engine, time.time())
        if news and board:
            board.add(news)
        yield from news
        time.sleep(REMOTE_POLL_SECONDS)


@dataclass
class Watcher:
    """What was seen in the buckets and in the queue; photos that were there before do not count.

    `failures` holds the ids of the messages in the failure queue.
    """

    account: Account
    stack: Stack
    waiting: dict[str, S3Object] = field(default_factory=dict)
    photos: dict[str, S3Object] = field(default_factory=dict)
    failures: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.photos = self._list(self.stack.source_bucket)
        if count_failures(self.account, self.stack):
            self.failures = frozenset(one.id for one in list_failures(self.account, self.stack))

    def look(self, now: float) -> Iterator[HappeningResult]:
        """Tell of photos whose mosaics are all there now, and of new failures. Raises AwsError."""
        photos = self._list(self.stack.source_bucket)
        self.waiting |= {
            key: photo
            for key, photo in photos.items()
            if is_source_key(self.stack, key) and self.photos.get(key) != photo
        }
        self.photos = photos
        if self.waiting:
            mosaics = self._list(self.stack.destination_bucket)
            for key in find_done(self.waiting, photos, mosaics, list_grids(self.stack)):
                del self.waiting[key]
                yield HappeningResult(now, key, "done")
        for failure in self._find_failures():
            for key in failure.keys or ("",):
                note = f"{format_reason(failure.reason, failure.message)} (in {self.stack.queue})"
                yield HappeningResult(now, key, "failed", attempt=failure.tries, note=note)

    def _find_failures(self) -> tuple[Failure, ...]:
        """Find what came into the failure queue; it is read only if its length changed."""
        count = count_failures(self.account, self.stack)
        if count is None or count == len(self.failures):
            return ()
        listed = list_failures(self.account, self.stack)
        before, self.failures = self.failures, frozenset(one.id for one in listed)
        return tuple(one for one in listed if one.id not in before)

    def _list(self, bucket: str) -> dict[str, S3Object]:
        with translate_errors(f"list {bucket}"):
            listed = list_objects(self.account.clients["s3"], bucket, self.account.number)
            return {one.key: one for one in listed}


def find_done(
    waiting: Mapping[str, S3Object],
    photos: Mapping[str, S3Object],
    mosaics: Mapping[str, S3Object],
    grids: tuple[int, ...],
) -> tuple[str, ...]:
    """Find the photos that have a mosaic for each grid, none older than the photo.

    S3 tells whole seconds only.
    """

    def is_done(photo: S3Object) -> bool:
        found = (find_mosaic(photo, grid, mosaics.get, photos.get) for grid in grids)
        return all(one is not None and one.modified >= photo.modified for one in found)

    return tuple(key for key, photo in waiting.items() if is_done(photo))
