"""Owns serving on a server that is not ours: LocalStack, ministack, or AWS itself.

Such a server does not tell what its functions do, so the buckets and the failure queue are looked
at again and again: what is seen is when a photo's mosaics are there, and that events have failed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from urllib.error import URLError
from urllib.request import urlopen

from pixelater import GRIDS
from pixelater_cli.aws import running
from pixelater_cli.aws.archive import Contents
from pixelater_cli.aws.listings import list_entries
from pixelater_cli.aws.refusals import explained
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.board import Board
from pixelater_cli.emulator.happenings import Happening
from pixelater_cli.emulator.reloading import Engine, bring_up_to_date, reload
from pixelater_cli.emulator.serving import Served
from pixelater_cli.errors import EmulatorError

LOOK_SECONDS = 1.0
MOSAIC = re.compile(r"pixelated-(\d+)x\1-(.+)")


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
    """What was seen in the buckets and in the queue; photos that were there before do not count."""

    account: Account
    stack: Stack
    waiting: dict[str, datetime] = field(default_factory=dict)
    photos: dict[str, datetime] = field(default_factory=dict)
    failures: int = 0

    def __post_init__(self) -> None:
        self.photos = self._list(self.stack.source_bucket)
        self.failures = running.count_failures(self.account, self.stack) or 0

    def look(self, now: float) -> Iterator[Happening]:
        """Tell of photos whose mosaics are all there now, and of new failures. Raises AwsError."""
        photos = self._list(self.stack.source_bucket)
        self.waiting |= {key: at for key, at in photos.items() if self.photos.get(key) != at}
        self.photos = photos
        if self.waiting:
            mosaics = self._list(self.stack.destination_bucket)
            for key in find_done(self.waiting, mosaics, len(self.stack.grids or GRIDS)):
                del self.waiting[key]
                yield Happening(now, key, "done")
        failures = running.count_failures(self.account, self.stack) or 0
        if failures > self.failures:
            note = f"{failures} in {self.stack.queue}"
            yield Happening(now, "", "failed", note=note)
        self.failures = failures

    def _list(self, bucket: str) -> dict[str, datetime]:
        with explained(f"list {bucket}"):
            listed = list_entries(self.account.clients["s3"], bucket, self.account.number)
            return {one.key: one.modified for one in listed}


def find_done(
    photos: dict[str, datetime], mosaics: dict[str, datetime], grids: int
) -> Iterator[str]:
    """Give the photos that have a mosaic for each grid, none older than the photo.

    S3 tells whole seconds only.
    """
    made: dict[PurePosixPath, list[datetime]] = {}
    for key, at in mosaics.items():
        path = PurePosixPath(key)
        if match := MOSAIC.fullmatch(path.name):
            made.setdefault(path.with_name(match[2]).with_suffix(""), []).append(at)
    for key, at in list(photos.items()):
        fresh = [one for one in made.get(PurePosixPath(key).with_suffix(""), ()) if one >= at]
        if len(fresh) >= grids:
            yield key
