"""Emulator that serves until it is stopped, with a stack and a web page."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

from pixelater_cli.aws.package import builder
from pixelater_cli.aws.photo_settings import PhotoSettings
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from pixelater_cli.emulator.moto_adapter import queue_messages
from pixelater_cli.emulator.pipeline import deploy_to, make_stack, start_emulator
from pixelater_cli.emulator.serve.activity import describe_incident, to_activity
from pixelater_cli.emulator.serve.code_watcher import CodeWatcher
from pixelater_cli.emulator.serve.dashboard_bucket import Dashboard
from pixelater_cli.emulator.serve.keeper import Keeper
from pixelater_cli.emulator.serve.persistence import lock_folder
from pixelater_cli.emulator.weather.kinds import Kind
from pixelater_cli.emulator.weather.weather import Incident, Weather
from pixelater_cli.errors import EmulatorError, explain_os_error
from pixelater_cli.local.detector_package import read_detectors
from pixelater_cli.results.serve import HappeningResult

POLL_SECONDS = 0.3
"""Interval of checking the code for changes, and maximum delay of showing an event."""


@dataclass(frozen=True)
class ServeOptions:
    """How to serve. Port 0 picks a free port; `persist` is a folder, or None."""

    port: int = 0
    host: str = "127.0.0.1"
    persist: Path | None = None
    watch: bool = False
    time_scale: float = 60.0
    enforce_iam: bool = False
    weather: frozenset[Kind] = frozenset()
    weather_seed: int = 0
    settings: PhotoSettings = field(default_factory=PhotoSettings)


@dataclass(frozen=True)
class Server:
    """A server with a stack, the URL of its page, and an endless iterator of events."""

    account: Account
    stack: Stack
    steps: int
    activities: Iterator[HappeningResult]
    page: str = ""
    restored: int = 0
    weather: Weather | None = None


@contextmanager
def serve_local(options: ServeOptions) -> Iterator[Server]:
    """Serve an emulator; at the end, everything but the persisted state is removed.

    Raises EmulatorError, PackageError, UnusablePath and AwsError.
    """
    _check_free(options.host, options.port)
    events: SimpleQueue[HappeningResult] = SimpleQueue()
    weather = _make_weather(options, events)
    settings = EmulatorSettings(time_scale=options.time_scale)
    if weather:
        settings = replace(
            settings, kill_after=weather.find_kill_seconds, find_failure=weather.find_failure
        )
    with (
        _open_keeper(options.persist) as keeper,
        start_emulator(
            settings,
            lambda report: events.put(to_activity(report, time.time())),
            enforce_iam=options.enforce_iam,
            host=options.host,
            port=options.port,
            weather=weather,
            keeper=keeper,
        ) as emulator,
        ExitStack() as cleanup,
    ):
        account = connect(None, None, emulator.endpoint_url, time.sleep)
        stack = make_stack(account, **options.settings)
        dashboard = Dashboard(account, stack, {"ACL": "public-read"}, _peek, runtime=stack.runtime)
        restored = 0
        if keeper:
            excluded = (dashboard.bucket, stack.code_bucket)
            restored = keeper.restore(account, excluded)
        deployed = deploy_to(emulator, **options.settings)
        dashboard.publish()
        cleanup.callback(dashboard.close)  # Before the queue is saved, it is left alone.
        if keeper:
            restored += keeper.restore_failures(stack.queue)
            keeper.restore_events(emulator.functions)
        watcher = None
        if options.watch:
            gather = partial(builder.gather_for_emulator, read_detectors(stack))
            watcher = CodeWatcher(account, stack, gather)
        activities = follow(partial(_take, events), dashboard, watcher)
        yield Server(account, stack, deployed.steps, activities, dashboard.url, restored, weather)


def _make_weather(options: ServeOptions, events: SimpleQueue[HappeningResult]) -> Weather | None:
    """Return the weather of the options, whose delays are scaled as those of retries are."""
    if not options.weather:
        return None

    def now() -> float:
        return time.monotonic() * options.time_scale

    def report(incident: Incident) -> None:
        events.put(describe_incident(incident, time.time()))

    def sleep(seconds: float) -> None:
        time.sleep(seconds / options.time_scale)

    return Weather(options.weather, options.weather_seed, now, sleep, report)


@contextmanager
def _open_keeper(folder: Path | None) -> Iterator[Keeper | None]:
    """Lock the folder, and save the state in it at the end. Raises EmulatorError."""
    if folder is None:
        yield None
        return
    with lock_folder(folder), closing(Keeper(folder)) as keeper:
        yield keeper


def follow(
    read: Callable[[], Iterable[HappeningResult]],
    dashboard: Dashboard | None,
    watcher: CodeWatcher | None,
) -> Iterator[HappeningResult]:
    """Yield events as they happen, without end, and show them on the page. Raises AwsError."""
    while True:
        activities = list(read())
        if watcher:
            activities += watcher.reload(time.time())
        if activities and dashboard:
            dashboard.add(activities)
        yield from activities


def _peek(stack: Stack) -> list[tuple[str, str]]:
    return queue_messages.read_messages(stack.account, stack.region, stack.queue)


def _take(events: SimpleQueue[HappeningResult]) -> Iterator[HappeningResult]:
    """Yield the events in the queue; wait for an event if it is empty."""
    try:
        yield events.get(timeout=POLL_SECONDS)
        while True:
            yield events.get_nowait()
    except Empty:
        return


def _check_free(host: str, port: int) -> None:
    """Check that the port is free. Raises EmulatorError."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise EmulatorError(
            f"cannot serve at {host}, port {port}: {explain_os_error(error)}",
            "Choose another port (--port 4567), or a free one (--port 0).",
        ) from error
