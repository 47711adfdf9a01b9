"""What tests under weather share: a clock that they advance, and an emulator that follows it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock, Thread, current_thread
from typing import Any

import boto3
import pytest
from botocore.config import Config

from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from pixelater_cli.emulator.lambda_service.service import LambdaService
from pixelater_cli.emulator.pipeline import Emulator, start_emulator
from pixelater_cli.emulator.weather.kinds import KINDS, Kind
from pixelater_cli.emulator.weather.weather import Incident, Weather

REAL_SLEEP, REAL_MONOTONIC = time.sleep, time.monotonic

NEVER = 1e9
"""When environments without work are retired: time leaps here."""

STEP_SECONDS = 0.005
"""How long a look at running functions is apart from the next; real seconds."""


class VirtualClock:
    """A clock that stands still until somebody sleeps by it.

    While functions of the emulator run, time stands still; what is due while somebody sleeps is
    done at its time. So a deployment that waits for minutes takes seconds.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._lock = Lock()
        self.functions: LambdaService | None = None

    def now(self) -> float:
        """Return the time in seconds."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Advance to the end of some seconds, from event to event."""
        end = self._now + seconds
        while True:
            self._settle()
            due = self.functions.next_due if self.functions else None
            with self._lock:
                self._now = max(self._now, end if due is None else min(due, end))
            if self.functions is not None:
                self.functions.wake()
            if self._now >= end:
                self._settle()
                return

    def advance(self, seconds: float) -> None:
        """Advance without waiting for functions: by the time that a request takes."""
        with self._lock:
            self._now += seconds

    def _settle(self) -> None:
        """Wait, in real time, until no function runs and none is about to."""
        while self.functions is not None and self.functions.busy:
            REAL_SLEEP(STEP_SECONDS)

    @contextmanager
    def replacing_time(self) -> Iterator[None]:
        """Let this thread sleep by this clock, and those that it starts, boto3's included."""
        following, start = {current_thread()}, Thread.start

        def start_following(thread: Thread) -> None:
            if current_thread() in following:
                following.add(thread)
            start(thread)

        def sleep(seconds: float) -> None:
            (self.sleep if current_thread() in following else REAL_SLEEP)(seconds)

        def monotonic() -> float:
            return self.now() if current_thread() in following else REAL_MONOTONIC()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Thread, "start", start_following)
            patch.setattr(time, "sleep", sleep)
            patch.setattr(time, "monotonic", monotonic)
            yield


@dataclass(frozen=True)
class Stormy:
    """An emulator with weather: the clock it follows, and what the weather did."""

    emulator: Emulator
    weather: Weather
    clock: VirtualClock
    incidents: list[Incident] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.emulator.endpoint_url

    def connect(self, service: str, attempts: int = 1, access_key: str = "test") -> Any:
        """Make a client that tries each call so often."""
        return boto3.client(
            service,
            "us-east-1",
            endpoint_url=self.url,
            aws_access_key_id=access_key,
            aws_secret_access_key="test",
            config=Config(
                retries={"mode": "standard", "total_max_attempts": attempts},
                s3={"addressing_style": "path"},
            ),
        )

    def settle(self) -> None:
        """Let time pass until no event waits any more."""
        while self.emulator.functions.pending:
            self.clock.sleep(1)


@contextmanager
def start_stormy(kinds: Sequence[Kind] = KINDS, seed: int = 0) -> Iterator[Stormy]:
    """Run an emulator with weather, at whose clock time does not pass by itself."""
    clock, incidents = VirtualClock(), list[Incident]()
    weather = Weather(frozenset(kinds), seed, clock.now, clock.advance, incidents.append)
    settings = EmulatorSettings(
        time_scale=1,
        idle_seconds=NEVER,
        settling_seconds=0,
        clock=clock.now,
        kill_after=weather.find_kill_seconds,
        find_failure=weather.find_failure,
    )
    with start_emulator(settings, weather=weather) as emulator:
        clock.functions = emulator.functions
        yield Stormy(emulator, weather, clock, incidents)
