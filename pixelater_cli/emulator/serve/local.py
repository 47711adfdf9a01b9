"""Owns an emulator that serves until it is stopped: its stack, its page, and what happens there."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

from pixelater_cli.aws.package import builder
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from pixelater_cli.emulator.pipeline import deploy_to, start_emulator
from pixelater_cli.emulator.serve import persistence
from pixelater_cli.emulator.serve.activity import Activity, describe_incident, to_activity
from pixelater_cli.emulator.serve.code_watcher import Engine, reload
from pixelater_cli.emulator.serve.dashboard_bucket import Dashboard
from pixelater_cli.emulator.weather.kinds import Kind
from pixelater_cli.emulator.weather.weather import Incident, Weather
from pixelater_cli.errors import EmulatorError, explain_os_error

SAVE_POLL_SECONDS = 0.3
"""Between looks at the engine's files, and the most that an event waits to be shown."""


@dataclass(frozen=True)
class ServeOptions:
    """How to serve. Without a `port` a free one is taken; `persist` is a folder, or None."""

    port: int = 0
    host: str = "127.0.0.1"
    persist: Path | None = None
    watch: bool = False
    time_scale: float = 60.0
    enforce_iam: bool = False
    weather: frozenset[Kind] = frozenset()
    weather_seed: int = 0


@dataclass(frozen=True)
class Server:
    """A server with a stack: where it is, and what happens there, as it happens, without end."""

    account: Account
    stack: Stack
    steps: int
    happenings: Iterator[Activity]
    page: str = ""
    restored: int = 0
    weather: Weather | None = None


@contextmanager
def serve_local(wishes: ServeOptions) -> Iterator[Server]:
    """Serve an emulator of our own; at the end nothing of it is left but what is to be kept.

    Raises EmulatorError, PackageError, UnusablePath and AwsError.
    """
    _check_free(wishes.host, wishes.port)
    events: SimpleQueue[Activity] = SimpleQueue()
    weather = _make_weather(wishes, events)
    settings = EmulatorSettings(time_scale=wishes.time_scale)
    if weather:
        settings = replace(
            settings,
            kill_after=weather.find_kill_seconds,
            find_failure=weather.find_failure,
        )
    with (
        start_emulator(
            settings,
            lambda report: events.put(to_activity(report, time.time())),
            enforce_iam=wishes.enforce_iam,
            host=wishes.host,
            port=wishes.port,
            weather=weather,
        ) as emulator,
        ExitStack() as last,
    ):
        if wishes.persist:
            last.enter_context(persistence.lock_folder(wishes.persist))
        account = connect(None, None, emulator.endpoint_url)
        restored = persistence.restore_objects(account, wishes.persist) if wishes.persist else 0
        deployed = deploy_to(emulator)
        stack = deployed.stack
        board = Dashboard(account, stack, {"ACL": "public-read"}, runtime=stack.runtime)
        board.publish()
        if wishes.persist:
            restored += persistence.restore_failures(account, stack.queue, wishes.persist)
            besides = (board.bucket, stack.code_bucket)
            last.callback(persistence.save_state, account, stack.queue, wishes.persist, besides)
        engine = Engine(account, stack, builder.gather_for_emulator) if wishes.watch else None
        happenings = _follow(events, board, engine)
        yield Server(account, stack, deployed.steps, happenings, board.url, restored, weather)


def _make_weather(wishes: ServeOptions, events: SimpleQueue[Activity]) -> Weather | None:
    """Make the weather that is wished for; its seconds pass as those of retries do."""
    if not wishes.weather:
        return None

    def now() -> float:
        return time.monotonic() * wishes.time_scale

    def tell(incident: Incident) -> None:
        events.put(describe_incident(incident, time.time()))

    def sleep(seconds: float) -> None:
        time.sleep(seconds / wishes.time_scale)

    return Weather(wishes.weather, wishes.weather_seed, now, sleep, tell)


def _follow(
    events: SimpleQueue[Activity], board: Dashboard, engine: Engine | None
) -> Iterator[Activity]:
    """Give what happens, as it happens, shown on the page too."""
    while True:
        news = list(_take(events))
        if engine is not None:
            news += reload(engine, time.time())
        if news:
            board.add(news)
        yield from news


def _take(events: SimpleQueue[Activity]) -> Iterator[Activity]:
    """Give what is in the queue, and wait for something if there is nothing."""
    get = partial(events.get, timeout=SAVE_POLL_SECONDS)
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
            f"cannot serve at {host}, port {port}: {explain_os_error(error)}",
            "Take another port: --port 4567, or --port 0 for any that is free.",
        ) from error
