"""Owns one execution environment: its phases, its limits, and how each of its failures is told.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import math
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Timer

from pixelater_cli.emulator.lambda_service import log_writer
from pixelater_cli.emulator.lambda_service.log_writer import Ending, Measures, end_badly
from pixelater_cli.emulator.lambda_service.models import (
    Credentials,
    Function,
    InvocationOutcome,
    LogLine,
)
from pixelater_cli.emulator.lambda_service.quotas import (
    INIT_SECONDS,
    LOG_TAIL_BYTES,
    RESPONSE_BYTES,
)
from pixelater_cli.emulator.lambda_service.runtime_api import RuntimeEvent, RuntimeMessage
from pixelater_cli.emulator.lambda_service.runtime_process import (
    FALLBACK,
    HAS_COMPILED_CLIENT,
    RuntimeProcess,
    set_variables,
)


@dataclass(frozen=True)
class InvocationRequest:
    """One attempt to be made: `received` is when the event came in (time.monotonic)."""

    request_id: str
    arn: str
    payload: bytes
    received: float


@dataclass
class _Log:
    """What one attempt writes, Lambda's own lines and the function's."""

    lines: list[LogLine] = field(default_factory=list)

    def add(self, messages: Iterable[str]) -> None:
        now = int(time.time() * 1000)
        self.lines += [(now, message) for message in messages]

    def add_output(self, output: str) -> None:
        """Add what the function printed; its runtime joins the lines of one message by returns."""
        self.add(line.replace("\r", "\n") for line in output.split("\n") if line)

    def show_tail(self) -> str:
        text = "".join(message.rstrip("\n") + "\n" for _, message in self.lines)
        return text.encode()[-LOG_TAIL_BYTES:].decode(errors="ignore")


class ExecutionEnvironment:
    """A place where one function runs, one event at a time. It starts at once; `close` ends it."""

    def __init__(
        self,
        function: Function,
        code: Path,
        folder: Path,
        endpoint_url: str,
        keys: Credentials,
        *,
        compiled_client: bool = HAS_COMPILED_CLIENT,
        init_seconds: float = INIT_SECONDS,
    ) -> None:
        self.function = function
        self.stream = time.strftime(f"%Y/%m/%d/[{function.version}]", time.gmtime())
        self.stream += uuid.uuid4().hex
        self._code, self._folder, self._init_seconds = code, folder, init_seconds
        temporary = folder / "tmp"
        temporary.mkdir(parents=True)
        self._variables = set_variables(function, keys, code, temporary, endpoint_url, self.stream)
        if not compiled_client:
            self._variables["PYTHONPATH"] = str(FALLBACK)
        self._fresh = True
        self._killed = False
        self._lock = Lock()  # Held while a runtime is started or ended: none starts late.
        self._runtime = self._start()

    @property
    def alive(self) -> bool:
        return self._runtime.alive

    @property
    def process(self) -> int:
        """The process that runs the function."""
        return self._runtime.process

    def invoke(self, order: InvocationRequest) -> tuple[InvocationOutcome, list[LogLine]]:
        """Serve one event, or fail as AWS would; give how it went, and the log of it."""
        log, cold, init_ms = _Log(), self._fresh, None
        ending = None
        if cold:
            self._fresh = False
            init_ms = self._await_init(order, log)
        began = time.monotonic()
        if cold and init_ms is None:
            ending = self._repeat_init(order, log)
        log.add(log_writer.write_start(self.function, order.request_id, time.time()))
        if ending is None:
            ending = self._run(order, began)
        now = time.monotonic()
        peak = math.ceil(self._runtime.peak_mb)
        if ending.error_type:
            self._runtime.close()
        log.add_output(self._runtime.read_log())
        if ending.error_type == "Runtime.OutOfMemory":
            peak = self.function.memory_mb
        measures = Measures((now - began) * 1000, peak, init_ms)
        end = log_writer.write_end(self.function, order.request_id, ending, measures, time.time())
        log.add(end)
        outcome = InvocationOutcome(
            request_id=order.request_id,
            payload=ending.payload,
            failed=ending.status != "success",
            cold=cold,
            log=log.show_tail(),
            milliseconds=(now - order.received) * 1000,
            duration_ms=measures.duration_ms,
            memory_mb=peak,
            version=self.function.version,
        )
        return outcome, log.lines

    def kill(self) -> None:
        """End the process and all it started. An attempt under way ends with it."""
        with self._lock:
            self._killed = True
            self._runtime.close()

    @contextmanager
    def killed_after(self, seconds: float | None) -> Iterator[None]:
        """Kill it after some seconds, unless what is done meanwhile ends before; None: never."""
        if seconds is None:
            yield
            return
        timer = Timer(seconds, self.kill)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def close(self) -> None:
        """Kill it and remove its folder. No attempt may be under way."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> RuntimeProcess:
        return RuntimeProcess(self.function, self._variables, self._code, self._folder / "log")

    def _await_init(self, order: InvocationRequest, log: _Log) -> float | None:
        """Wait for the init phase; give its milliseconds, or None if it failed."""
        started = self._runtime.started
        left = self._init_seconds - (time.monotonic() - started)
        answer = self._runtime.wait(max(left, 0.001))
        milliseconds = (time.monotonic() - started) * 1000
        if answer.kind == "ready":
            return milliseconds
        self._report_init(order, log, "init", answer, milliseconds)
        return None

    def _repeat_init(self, order: InvocationRequest, log: _Log) -> Ending | None:
        """Run the init phase again, as part of the invocation; give an ending if it fails again."""
        with self._lock:
            self._runtime.close()
            if self._killed:
                return self._end(RuntimeMessage("exit", size=-9), order)
            self._runtime = self._start()
        answer = self._runtime.wait(self.function.timeout_seconds)
        if answer.kind == "ready":
            return None
        milliseconds = (time.monotonic() - self._runtime.started) * 1000
        return self._report_init(order, log, "invoke", answer, milliseconds)

    def _report_init(
        self,
        order: InvocationRequest,
        log: _Log,
        phase: str,
        answer: RuntimeMessage,
        milliseconds: float,
    ) -> Ending:
        ending = self._end(answer, order)
        log.add_output(self._runtime.read_log())
        log.add(
            log_writer.write_failed_init(
                self.function,
                "init" if phase == "init" else "invoke",
                ending,
                milliseconds,
                time.time(),
            )
        )
        return ending

    def _run(self, order: InvocationRequest, began: float) -> Ending:
        """Hand the event to the runtime and wait for what becomes of it."""
        left = self.function.timeout_seconds - (time.monotonic() - began)
        now = time.time()
        trace_id = f"Root=1-{int(now):08x}-{uuid.uuid4().hex[:24]};Sampled=0"
        deadline_ms = int((now + left) * 1000)
        self._runtime.offer(
            RuntimeEvent(order.request_id, deadline_ms, order.arn, trace_id, order.payload)
        )
        return self._end(self._runtime.wait(left), order)

    def _end(self, answer: RuntimeMessage, order: InvocationRequest) -> Ending:
        """Say in AWS's words what an answer means for the attempt."""
        request_id = order.request_id
        if answer.kind in ("response", "error"):
            return Ending("success" if answer.kind == "response" else "error", answer.body)
        if answer.kind == "init error":
            return log_writer.end_unloaded(answer.body, request_id)
        if answer.kind == "too large":
            return log_writer.end_too_large(answer.size, RESPONSE_BYTES)
        if answer.kind == "timeout":
            words = log_writer.describe_timeout(self.function.timeout_seconds)
            return end_badly("Sandbox.Timedout", request_id, words)
        killed = answer.kind == "out of memory"
        words = log_writer.describe_exit(-9 if killed else answer.size)
        return end_badly(f"Runtime.{'OutOfMemory' if killed else 'ExitError'}", request_id, words)
