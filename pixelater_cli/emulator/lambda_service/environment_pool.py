"""Owns the environments: which are warm, which are in the way, when they are retired."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from pixelater_cli.emulator.lambda_service.backend_protocol import (
    FunctionGone,
    Service,
    ServiceFailed,
)
from pixelater_cli.emulator.lambda_service.code_cache import CodeCache
from pixelater_cli.emulator.lambda_service.execution_environment import ExecutionEnvironment
from pixelater_cli.emulator.lambda_service.models import Function, FunctionRef


@dataclass(frozen=True)
class EmulatorSettings:
    """How functions are run.

    `concurrency` is how many environments there may be at a time, by default one for each CPU: it
    stands in for the account's limit, but as it is this machine's and not AWS's, events wait for
    their turn instead of being throttled. `time_scale` is how many of AWS's seconds pass in one:
    at 60, retries follow after one and two seconds. Work is never scaled. An environment without
    work is retired after `idle_seconds`. `clock` gives seconds. For `settling_seconds` a function
    is Pending after its creation, and every change of it is InProgress.
    """

    concurrency: int = max(2, os.cpu_count() or 1)
    time_scale: float = 60.0
    idle_seconds: float = 300.0
    settling_seconds: float = 0.5
    clock: Callable[[], float] = time.monotonic


class EnvironmentPool:
    """All environments. Whoever takes one gives it back; no more are taken than there may be."""

    def __init__(
        self, service: Service, folder: Path, endpoint_url: str, settings: EmulatorSettings
    ) -> None:
        self._service = service
        self._folder = folder
        self._endpoint_url = endpoint_url
        self._settings = settings
        self._codes = CodeCache(folder / "code")
        self._idle: list[tuple[float, ExecutionEnvironment]] = []  # The one used last is last.
        self._all: set[ExecutionEnvironment] = set()
        self._count = 0  # Those being started included.
        self._numbers = itertools.count(1)
        self._closing = False
        self._lock = Lock()

    @property
    def processes(self) -> list[int]:
        with self._lock:
            return [environment.process for environment in self._all]

    @property
    def next_retirement(self) -> float | None:
        """When the next environment has been idle for long enough."""
        with self._lock:
            return self._idle[0][0] + self._settings.idle_seconds if self._idle else None

    def take(self, function: Function) -> ExecutionEnvironment:
        """Give a warm environment of the function as it is, or start one. Raises ServiceFailed."""
        with self._lock:
            warm, unwanted = self._choose(function)
        for environment in unwanted:
            self._end(environment)
        return warm or self._start(function)

    def give_back(self, environment: ExecutionEnvironment) -> None:
        """Keep an environment warm, unless it has ended or its function has changed."""
        if environment.alive and self._is_current(environment.function) and not self._closing:
            with self._lock:
                self._idle.append((self._settings.clock(), environment))
        else:
            self._end(environment)

    def retire_idle(self, now: float) -> None:
        """End what has been idle for long enough."""
        with self._lock:
            old = [one for since, one in self._idle if since + self._settings.idle_seconds <= now]
            self._forget(old)
        for environment in old:
            self._end(environment)

    def kill(self) -> None:
        """End all processes, those of attempts under way included; none starts any more."""
        with self._lock:
            self._closing = True
            environments = list(self._all)
        for environment in environments:
            environment.kill()

    def close(self) -> None:
        """Remove what is left, once no attempt is under way."""
        for environment in list(self._all):
            self._end(environment)

    def _choose(
        self, function: Function
    ) -> tuple[ExecutionEnvironment | None, list[ExecutionEnvironment]]:
        """Take the warm environment used last, and those that are dead, outdated, or too many."""
        idle = [environment for _, environment in self._idle]
        unwanted = [one for one in idle if not one.alive or _is_outdated(one, function)]
        usable = [one for one in idle if one not in unwanted]
        warm = next((one for one in reversed(usable) if one.function == function), None)
        if warm is None:
            self._count += 1
            if self._count - len(unwanted) > self._settings.concurrency:
                unwanted += usable[:1]
        self._forget([*unwanted, *([warm] if warm else [])])
        return warm, unwanted

    def _forget(self, environments: list[ExecutionEnvironment]) -> None:
        self._idle = [entry for entry in self._idle if entry[1] not in environments]

    def _start(self, function: Function) -> ExecutionEnvironment:
        try:
            code = self._codes.take(function)
        except ServiceFailed:
            self._discount()
            raise
        folder = self._folder / f"environment-{next(self._numbers)}"
        try:
            keys = self._service.assume_role(function)
            with self._lock:
                if self._closing:
                    raise ServiceFailed("the emulator is ending")
                environment = ExecutionEnvironment(function, code, folder, self._endpoint_url, keys)
                self._all.add(environment)
        except (ServiceFailed, OSError) as error:
            self._codes.leave(function)
            self._discount()
            raise ServiceFailed(str(error)) from error
        return environment

    def _end(self, environment: ExecutionEnvironment) -> None:
        environment.close()
        with self._lock:
            self._all.discard(environment)
        self._codes.leave(environment.function)
        self._discount()

    def _discount(self) -> None:
        with self._lock:
            self._count -= 1

    def _is_current(self, function: Function) -> bool:
        target = FunctionRef(function.account, function.region, function.name, function.version)
        try:
            return self._service.find(target) == function
        except FunctionGone:
            return False


def _is_outdated(environment: ExecutionEnvironment, function: Function) -> bool:
    """Whether it runs the same version of the function as it was before a change."""
    ours = environment.function
    same = (ours.identity, ours.version) == (function.identity, function.version)
    return same and ours != function
