"""Owns running functions: events queue up, environments serve them, kept warm between events."""

from __future__ import annotations

import time
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from threading import Lock

from pixelater_cli.emulator.environment import Environment, Function, Outcome


class Functions:
    """The running side of the emulated Lambda service: one event at a time, in their order.

    `arrived` holds the future of every event that came in asynchronously, as S3's do.
    """

    def __init__(self, folder: Path, endpoint_url: str) -> None:
        self.arrived: SimpleQueue[Future[Outcome]] = SimpleQueue()
        self._folder = folder
        self._endpoint_url = endpoint_url
        self._worker = ThreadPoolExecutor(1, "pixelater-functions")
        self._started = 0
        self._environment: Environment | None = None
        self._closing = False
        self._lock = Lock()  # Held while an environment is started or ended: none starts late.

    def submit(self, function: Function, event: bytes) -> Future[Outcome]:
        """Queue an event; the future ends when the function has answered."""
        return self._worker.submit(self._run, function, event, time.monotonic())

    def submit_asynchronously(self, function: Function, event: bytes) -> None:
        """Queue an event nobody waits for: its future goes to `arrived`."""
        self.arrived.put(self.submit(function, event))

    def close(self) -> None:
        """End what runs now, drop what waits, leave no process behind."""
        with self._lock:
            self._closing = True
            if self._environment is not None:
                self._environment.close()
        self._worker.shutdown(cancel_futures=True)

    def _run(self, function: Function, event: bytes, received: float) -> Outcome:
        outcome = self._find_environment(function).invoke(event, received)
        function.write_log(outcome.log)
        return outcome

    def _find_environment(self, function: Function) -> Environment:
        """Keep the environment while the function stays as it is; else start a new one."""
        with self._lock:
            if self._closing:
                raise CancelledError
            current = self._environment
            if current is not None and current.alive and current.function == function:
                return current
            if current is not None:
                current.close()
            self._started += 1
            folder = self._folder / f"environment-{self._started}"
            folder.mkdir()
            self._environment = Environment(function, folder, self._endpoint_url)
            return self._environment
