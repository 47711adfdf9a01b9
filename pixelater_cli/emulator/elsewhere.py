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

from pixelater_cli.aws import running
from pixelater_cli.aws.archive import Contents
from pixelater_cli.aws.failure_queue import list_failures
from pixelater_cli.aws.failures import Failure, word_reason
from pixelater_cli.aws.listings import list_entries
from pixelater_cli.aws.mosaics import Entry, find_mosaic, list_grids, takes
from pixelater_cli.aws.refusals import explained
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.board import Board
from pixelater_cli.emulator.happenings import Happening
from pixelater_cli.emulator.reloading import Engine, bring_up_to_date, reload
from pixelater_cli.emulator.serving import Served
from pixelater_cli.errors import EmulatorError

LOOK_SECONDS = 1.0


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


def await_backend(
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
def serve_there(
    account: Account, stack: Stack, gather: Callable[[], Contents], watch: bool
) -> Iterator[Served]:
    """Deploy to a server that runs already, and follow what happens there. The stack stays.

    Raises AwsError and PackageError.
    """
    steps = bring_up_to_date(account, stack, gather())
    board = Board(account, stack, {}) if account.emulated else None
    engine = Engine(account, stack, gather) if watch else None
    if board:
        board.put_up()
    try:
        happenings = _follow(Watcher(account, stack), board, engine)
        yield Served(account, stack, steps, happenings, board.url if board else "")
    finally:
        if board:
            board.take_down()


def _follow(watcher: Watcher, board: Board | None, engine: Engine | None) -> Iterator[Happening]:
    while True:
        news = list(watcher.look(time.time()))
        if engine:
            news += reload(engine, time.time())
        if news and board:
            board.add(news)
        yield from news
        time.sleep(LOOK_SECONDS)


@dataclass
class Watcher:
    """What was seen in the buckets and in the queue; photos that were there before do not count.

    `failures` holds the ids of the messages in the failure queue.
    """

    account: Account
    stack: Stack
    waiting: dict[str, Entry] = field(default_factory=dict)
    photos: dict[str, Entry] = field(default_factory=dict)
    failures: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.photos = self._list(self.stack.source_bucket)
        if running.count_failures(self.account, self.stack):
            self.failures = frozenset(one.id for one in list_failures(self.account, self.stack))

    def look(self, now: float) -> Iterator[Happening]:
        """Tell of photos whose mosaics are all there now, and of new failures. Raises AwsError."""
        photos = self._list(self.stack.source_bucket)
        self.waiting |= {
            key: photo
            for key, photo in photos.items()
            if takes(self.stack, key) and self.photos.get(key) != photo
        }
        self.photos = photos
        if self.waiting:
            mosaics = self._list(self.stack.destination_bucket)
            for key in find_done(self.waiting, photos, mosaics, list_grids(self.stack)):
                del self.waiting[key]
                yield Happening(now, key, "done")
        for failure in self._find_failures():
            for key in failure.keys or ("",):
                note = f"{word_reason(failure.reason, failure.message)} (in {self.stack.queue})"
                yield Happening(now, key, "failed", attempt=failure.tries, note=note)

    def _find_failures(self) -> tuple[Failure, ...]:
        """Find what came into the failure queue; it is read only if its length changed."""
        count = running.count_failures(self.account, self.stack)
        if count is None or count == len(self.failures):
            return ()
        listed = list_failures(self.account, self.stack)
        before, self.failures = self.failures, frozenset(one.id for one in listed)
        return tuple(one for one in listed if one.id not in before)

    def _list(self, bucket: str) -> dict[str, Entry]:
        with explained(f"list {bucket}"):
            listed = list_entries(self.account.clients["s3"], bucket, self.account.number)
            return {one.key: one for one in listed}


def find_done(
    waiting: Mapping[str, Entry],
    photos: Mapping[str, Entry],
    mosaics: Mapping[str, Entry],
    grids: tuple[int, ...],
) -> tuple[str, ...]:
    """Find the photos that have a mosaic for each grid, none older than the photo.

    S3 tells whole seconds only.
    """

    def is_done(photo: Entry) -> bool:
        found = (find_mosaic(photo, grid, mosaics.get, photos.get) for grid in grids)
        return all(one is not None and one.modified >= photo.modified for one in found)

    return tuple(key for key, photo in waiting.items() if is_done(photo))
