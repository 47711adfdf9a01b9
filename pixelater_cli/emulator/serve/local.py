"""Emulator that serves until it is stopped, with a stack and a web page."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

from pixelater_cli.aws.package import builder
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from pixelater_cli.emulator.pipeline import deploy_to, make_stack, start_emulator
from pixelater_cli.emulator.serve.activity import Activity, to_activity
from pixelater_cli.emulator.serve.code_watcher import CodeWatcher
from pixelater_cli.emulator.serve.dashboard_bucket import Dashboard
from pixelater_cli.emulator.serve.keeper import Keeper
from pixelater_cli.emulator.serve.persistence import lock_folder
from pixelater_cli.errors import EmulatorError, explain_os_error

POLL_SECONDS = 0.3
"""Interval of checking the code for changes, and maximum delay of showing an event."""

SWITCH_SECONDS = 0.0005
"""Time that a thread may run while others wait (sys.setswitchinterval; 5 ms by default)."""

PAGE_SECONDS = 1.0
"""Minimum interval of writing the events of the web page."""


@dataclass(frozen=True)
class ServeOptions:
    """How to serve. Port 0 picks a free port; `persist` is a folder, or None."""

    port: int = 0
    host: str = "127.0.0.1"
    persist: Path | None = None
    watch: bool = False
    time_scale: float = 60.0
    enforce_iam: bool = False


@dataclass(frozen=True)
class Server:
    """A server with a stack, the URL of its page, and an endless iterator of events."""

    account: Account
    stack: Stack
    steps: int
    activities: Iterator[Activity]
    page: str = ""
    restored: int = 0


@contextmanager
def serve_local(options: ServeOptions) -> Iterator[Server]:
    """Serve an emulator; at the end, everything but the persisted state is removed.

    Raises EmulatorError, PackageError, UnusablePath and AwsError.
    """
    _check_free(options.host, options.port)
    events: SimpleQueue[Activity] = SimpleQueue()
    settings = EmulatorSettings(time_scale=options.time_scale)
    with (
        _switch_threads_often(),
        _open_keeper(options.persist) as keeper,
        start_emulator(
            settings,
            lambda report: events.put(to_activity(report, time.time())),
            enforce_iam=options.enforce_iam,
            host=options.host,
            port=options.port,
            keeper=keeper,
        ) as emulator,
    ):
        account = connect(None, None, emulator.endpoint_url)
        stack = make_stack(account)
        dashboard = Dashboard(account, stack, {"ACL": "public-read"}, runtime=stack.runtime)
        restored = 0
        if keeper:
            excluded = (dashboard.bucket, stack.code_bucket)
            restored = keeper.restore(account, excluded)
        deployed = deploy_to(emulator)
        dashboard.publish()
        if keeper:
            restored += keeper.restore_failures(stack.queue)
            keeper.restore_events(emulator.functions)
        watcher = None
        if options.watch:
            watcher = CodeWatcher(account, stack, builder.gather_for_emulator)
        activities = follow(partial(_take, events), dashboard, watcher)
        yield Server(account, stack, deployed.steps, activities, dashboard.url, restored)


@contextmanager
def _switch_threads_often() -> Iterator[None]:
    """Let a thread that has received a request run sooner, while others handle theirs."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


@contextmanager
def _open_keeper(folder: Path | None) -> Iterator[Keeper | None]:
    """Lock the folder, and save the state in it at the end. Raises EmulatorError."""
    if folder is None:
        yield None
        return
    with lock_folder(folder), closing(Keeper(folder)) as keeper:
        yield keeper


def follow(
    read: Callable[[], Iterable[Activity]], dashboard: Dashboard | None, watcher: CodeWatcher | None
) -> Iterator[Activity]:
    """Yield events as they happen, without end, and show them on the page. Raises AwsError.

    The page is written at most every PAGE_SECONDS, since it contains all recent events.
    """
    unshown: list[Activity] = []
    shown_at = 0.0
    while True:
        activities = list(read())
        if watcher:
            activities += watcher.reload(time.time())
        yield from activities
        unshown += activities
        if unshown and dashboard and time.monotonic() - shown_at >= PAGE_SECONDS:
            dashboard.add(unshown)
            unshown.clear()
            shown_at = time.monotonic()


def _take(events: SimpleQueue[Activity]) -> Iterator[Activity]:
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
