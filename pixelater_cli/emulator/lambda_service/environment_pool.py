"""Pool of execution environments: reuse, replacement and retirement."""

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
    VariablesUnreadable,
)
from pixelater_cli.emulator.lambda_service.code_cache import CodeCache
from pixelater_cli.emulator.lambda_service.execution_environment import ExecutionEnvironment
from pixelater_cli.emulator.lambda_service.models import Function, FunctionRef


@dataclass(frozen=True)
class EmulatorSettings:
    """How functions are run.

    `concurrency` is the maximum number of environments, by default one for each CPU. It replaces
    the account's limit; because it is a limit of this machine, events wait instead of being
    throttled. Retry delays run `time_scale` times faster than in AWS: at 60, retries follow after
    one and two seconds. Work is not scaled. An idle environment is retired after `idle_seconds`.
    `clock` returns seconds. For `settling_seconds`, a function is Pending after its creation, and
    InProgress after a change. `kill_after` returns after how many seconds an attempt at a payload,
    counted from 1, is killed, or None; `find_failure` why the environment variables of a function
    cannot be decrypted, or "".
    """

    concurrency: int = max(2, os.cpu_count() or 1)
    time_scale: float = 60.0
    idle_seconds: float = 300.0
    settling_seconds: float = 0.5
    clock: Callable[[], float] = time.monotonic
    kill_after: Callable[[bytes, int], float | None] = lambda _payload, _attempt: None
    find_failure: Callable[[Function], str] = lambda _function: ""


class EnvironmentPool:
    """All environments. Callers take at most `concurrency` at a time, and give each back."""

    def __init__(
        self, service: Service, folder: Path, endpoint_url: str, settings: EmulatorSettings
    ) -> None:
        self._service = service
        self._folder = folder
        self._endpoint_url = endpoint_url
        self._settings = settings
        self._codes = CodeCache(folder / "code")
        self._idle: list[tuple[float, ExecutionEnvironment]] = []  # Ordered by last use.
        self._all: set[ExecutionEnvironment] = set()
        self._count = 0  # Includes those being started.
        self._numbers = itertools.count(1)
        self._closing = False
        self._lock = Lock()

    @property
    def processes(self) -> list[int]:
        with self._lock:
            return [environment.process for environment in self._all]

    @property
    def next_retirement(self) -> float | None:
        """Time of the next retirement of an idle environment."""
        with self._lock:
            return self._idle[0][0] + self._settings.idle_seconds if self._idle else None

    def take(self, function: Function) -> ExecutionEnvironment:
        """Return a warm environment of this state of the function, or start one.

        Raises ServiceFailed.
        """
        with self._lock:
            warm, unwanted = self._choose(function)
        for environment in unwanted:
            self._end(environment)
        return warm or self._start(function)

    def give_back(self, environment: ExecutionEnvironment) -> None:
        """Keep an environment warm, unless it has exited or its function has changed."""
        if environment.alive and self._is_current(environment.function) and not self._closing:
            with self._lock:
                self._idle.append((self._settings.clock(), environment))
        else:
            self._end(environment)

    def retire_idle(self, now: float) -> None:
        """End environments that have been idle for long enough."""
        with self._lock:
            idle = self._settings.idle_seconds
            expired = [environment for since, environment in self._idle if since + idle <= now]
            self._forget(expired)
        for environment in expired:
            self._end(environment)

    def kill(self) -> None:
        """Kill all processes, including those of running attempts, and start no more."""
        with self._lock:
            self._closing = True
            environments = list(self._all)
        for environment in environments:
            environment.kill()

    def close(self) -> None:
        """Remove all environments. Call only when no invocation is running."""
        for environment in list(self._all):
            self._end(environment)

    def _choose(
        self, function: Function
    ) -> tuple[ExecutionEnvironment | None, list[ExecutionEnvironment]]:
        """Return the warm environment used last, and those that exited, changed or are too many."""
        idle = [environment for _, environment in self._idle]
        unwanted = [env for env in idle if not env.alive or _is_outdated(env, function)]
        usable = [env for env in idle if env not in unwanted]
        warm = next((env for env in reversed(usable) if env.function == function), None)
        if warm is None:
            self._count += 1
            if self._count - len(unwanted) > self._settings.concurrency:
                unwanted += usable[:1]
        self._forget([*unwanted, *([warm] if warm else [])])
        return warm, unwanted

    def _forget(self, environments: list[ExecutionEnvironment]) -> None:
        self._idle = [entry for entry in self._idle if entry[1] not in environments]

    def _start(self, function: Function) -> ExecutionEnvironment:
        folder = self._folder / f"environment-{next(self._numbers)}"
        try:
            if failure := self._settings.find_failure(function):
                raise VariablesUnreadable(failure)
            code = self._codes.take(function)
            try:
                credentials = self._service.assume_role(function)
                with self._lock:
                    if self._closing:
                        raise ServiceFailed("the emulator is shutting down")
                    environment = ExecutionEnvironment(
                        function,
                        code,
                        folder,
                        self._endpoint_url,
                        credentials,
                        time_scale=self._settings.time_scale,
                    )
                    self._all.add(environment)
            except (ServiceFailed, OSError) as error:
                self._codes.leave(function)
                raise ServiceFailed(str(error)) from error
        except ServiceFailed:
            with self._lock:
                self._count -= 1
            raise
        return environment

    def _end(self, environment: ExecutionEnvironment) -> None:
        environment.close()
        with self._lock:
            self._all.discard(environment)
            self._count -= 1
        self._codes.leave(environment.function)

    def _is_current(self, function: Function) -> bool:
        target = FunctionRef(function.account, function.region, function.name, function.version)
        try:
            return self._service.find(target) == function
        except FunctionGone:
            return False


def _is_outdated(environment: ExecutionEnvironment, function: Function) -> bool:
    """Return whether an environment runs an earlier state of this version of the function."""
    running = environment.function
    same = (running.identity, running.version) == (function.identity, function.version)
    return same and running != function
