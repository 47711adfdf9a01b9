"""Owns an emulator that serves until it is stopped: its stack, its page, and what happens there."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

from pixelater_cli.aws.package import builder
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.lambda_service.environment_pool import Settings
from pixelater_cli.emulator.pipeline import deploy_to, start_emulator
from pixelater_cli.emulator.serve import persistence
from pixelater_cli.emulator.serve.activity import Happening, adapt
from pixelater_cli.emulator.serve.code_watcher import Engine, reload
from pixelater_cli.emulator.serve.dashboard_bucket import Board
from pixelater_cli.errors import EmulatorError

LOOK_SECONDS = 0.3
"""Between looks at the engine's files, and the most that an event waits to be shown."""


@dataclass(frozen=True)
class Wishes:
    """How to serve. Without a `port` a free one is taken; `persist` is a folder, or None."""

    port: int = 0
    host: str = "127.0.0.1"
    persist: Path | None = None
    watch: bool = False
    time_scale: float = 60.0
    enforce_iam: bool = False


@dataclass(frozen=True)
class Served:
    """A server with a stack: where it is, and what happens there, as it happens, without end."""

    account: Account
    stack: Stack
    steps: int
    happenings: Iterator[Happening]
    page: str = ""
    restored: int = 0


@contextmanager
def serve_here(wishes: Wishes) -> Iterator[Served]:
    """Serve an emulator of our own; at the end nothing of it is left but what is to be kept.

    Raises EmulatorError, PackageError, UnusablePath and AwsError.
    """
    _check_free(wishes.host, wishes.port)
    events: SimpleQueue[Happening] = SimpleQueue()
    settings = Settings(time_scale=wishes.time_scale)
    with (
        start_emulator(
            settings,
            lambda report: events.put(adapt(report, time.time())),
            enforce_iam=wishes.enforce_iam,
            host=wishes.host,
            port=wishes.port,
        ) as emulator,
        ExitStack() as last,
    ):
        if wishes.persist:
            last.enter_context(persistence.claim(wishes.persist))
        account = connect(None, None, emulator.endpoint_url)
        restored = persistence.restore_objects(account, wishes.persist) if wishes.persist else 0
        deployed = deploy_to(emulator)
        stack = deployed.stack
        board = Board(account, stack, {"ACL": "public-read"}, runtime=stack.runtime)
        board.put_up()
        if wishes.persist:
            restored += persistence.restore_failures(account, stack.queue, wishes.persist)
            besides = (board.bucket, stack.code_bucket)
            last.callback(persistence.keep, account, stack.queue, wishes.persist, besides)
        engine = Engine(account, stack, builder.gather_for_this_machine) if wishes.watch else None
        happenings = _follow(events, board, engine)
        yield Served(account, stack, deployed.steps, happenings, board.url, restored)


def _follow(
    events: SimpleQueue[Happening], board: Board, engine: Engine | None
) -> Iterator[Happening]:
    """Give what happens, as it happens, shown on the page too."""
    while True:
        news = list(_take(events))
        if engine is not None:
            news += reload(engine, time.time())
        if news:
            board.add(news)
        yield from news


def _take(events: SimpleQueue[Happening]) -> Iterator[Happening]:
    """Give what is in the queue, and wait for something if there is nothing."""
    get = partial(events.get, timeout=LOOK_SECONDS)
    try:
        yield get()
        while True:
            yield events.get_nowait()
    except Empty:
        return


def _check_free(host: str, port: int) -> None:
    """Refuse a port that somebody serves already. Raises EmulatorError."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise EmulatorError(
            f"cannot serve at {host}, port {port}: {(error.strerror or str(error)).lower()}",
            "Take another port: --port 4567, or --port 0 for any that is free.",
        ) from error
