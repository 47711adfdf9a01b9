"""Execution environment of a function: its phases, limits and failures.

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
from pixelater_cli.emulator.lambda_service.log_writer import (
    Ending,
    InitPhase,
    Measures,
    end_with_error,
)
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
    """An attempt to run an event, which arrived at `received` (time.monotonic)."""

    request_id: str
    arn: str
    payload: bytes
    received: float


@dataclass
class _Log:
    """Log of an attempt: lines of Lambda and of the function."""

    lines: list[LogLine] = field(default_factory=list)

    def add(self, messages: Iterable[str]) -> None:
        now = int(time.time() * 1000)
        self.lines += [(now, message) for message in messages]

    def add_output(self, output: str) -> None:
        """Add output of the function. The runtime joins the lines of a message by returns."""
        self.add(line.replace("\r", "\n") for line in output.split("\n") if line)

    def format_tail(self) -> str:
        text = "".join(message.rstrip("\n") + "\n" for _, message in self.lines)
        return text.encode()[-LOG_TAIL_BYTES:].decode(errors="ignore")


class ExecutionEnvironment:
    """A process that runs a function, one event at a time. It starts at once; `close` ends it."""

    def __init__(
        self,
        function: Function,
        code: Path,
        folder: Path,
        endpoint_url: str,
        credentials: Credentials,
        *,
        compiled_client: bool = HAS_COMPILED_CLIENT,
        init_seconds: float = INIT_SECONDS,
        time_scale: float = 1.0,
    ) -> None:
        self.function = function
        self.stream = time.strftime(f"%Y/%m/%d/[{function.version}]", time.gmtime())
        self.stream += uuid.uuid4().hex
        self._code, self._folder, self._init_seconds = code, folder, init_seconds
        temporary = folder / "tmp"
        temporary.mkdir(parents=True)
        self._variables = set_variables(
            function, credentials, code, temporary, endpoint_url, self.stream
        )
        # pixelater's function has to know how soon an event is tried again.
        self._variables["PIXELATER_TIME_SCALE"] = str(time_scale)
        if not compiled_client:
            self._variables["PYTHONPATH"] = str(FALLBACK)
        self._fresh = True
        self._killed = False
        self._lock = Lock()  # Held while a runtime starts or ends: none starts after `kill`.
        self._runtime = self._start()

    @property
    def alive(self) -> bool:
        return self._runtime.alive

    @property
    def process(self) -> int:
        """ID of the process that runs the function."""
        return self._runtime.process

    def invoke(self, request: InvocationRequest) -> tuple[InvocationOutcome, list[LogLine]]:
        """Run an event, and return its outcome and its log."""
        log, cold, init_ms = _Log(), self._fresh, None
        ending = None
        if cold:
            self._fresh = False
            init_ms = self._await_init(request, log)
        began = time.monotonic()
        if cold and init_ms is None:
            ending = self._repeat_init(request, log)
        log.add(log_writer.write_start(self.function, request.request_id, time.time()))
        if ending is None:
            ending = self._run(request, began)
        now = time.monotonic()
        peak = math.ceil(self._runtime.peak_mb)
        if ending.error_type:
            self._runtime.close()
        log.add_output(self._runtime.read_log())
        if ending.error_type == "Runtime.OutOfMemory":
            peak = self.function.memory_mb
        measures = Measures((now - began) * 1000, peak, init_ms)
        end = log_writer.write_end(self.function, request.request_id, ending, measures, time.time())
        log.add(end)
        outcome = InvocationOutcome(
            request_id=request.request_id,
            payload=ending.payload,
            failed=ending.status != "success",
            cold=cold,
            log=log.format_tail(),
            milliseconds=(now - request.received) * 1000,
            duration_ms=measures.duration_ms,
            memory_mb=peak,
            version=self.function.version,
        )
        return outcome, log.lines

    def kill(self) -> None:
        """Kill the process and its descendants, and thus a running attempt."""
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
        """Kill the process and remove its folder. No attempt may be running."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> RuntimeProcess:
        return RuntimeProcess(self.function, self._variables, self._code, self._folder / "log")

    def _await_init(self, request: InvocationRequest, log: _Log) -> float | None:
        """Wait for the init phase; return its milliseconds, or None if it failed."""
        started = self._runtime.started
        left = self._init_seconds - (time.monotonic() - started)
        message = self._runtime.wait(max(left, 0.001))
        if message.kind == "ready":
            return (time.monotonic() - started) * 1000
        self._report_init(request, log, "init", message)
        return None

    def _repeat_init(self, request: InvocationRequest, log: _Log) -> Ending | None:
        """Repeat the init phase within the invocation; return an ending if it fails again."""
        with self._lock:
            self._runtime.close()
            if self._killed:
                return self._end(RuntimeMessage("exit", exit_code=-9), request)
            self._runtime = self._start()
        message = self._runtime.wait(self.function.timeout_seconds)
        if message.kind == "ready":
            return None
        return self._report_init(request, log, "invoke", message)

    def _report_init(
        self, request: InvocationRequest, log: _Log, phase: InitPhase, message: RuntimeMessage
    ) -> Ending:
        milliseconds = (time.monotonic() - self._runtime.started) * 1000
        ending = self._end(message, request)
        log.add_output(self._runtime.read_log())
        log.add(
            log_writer.write_failed_init(self.function, phase, ending, milliseconds, time.time())
        )
        return ending

    def _run(self, request: InvocationRequest, began: float) -> Ending:
        """Pass the event to the runtime and wait for the result."""
        left = self.function.timeout_seconds - (time.monotonic() - began)
        now = time.time()
        trace_id = f"Root=1-{int(now):08x}-{uuid.uuid4().hex[:24]};Sampled=0"
        deadline_ms = int((now + left) * 1000)
        self._runtime.offer(
            RuntimeEvent(request.request_id, deadline_ms, request.arn, trace_id, request.payload)
        )
        return self._end(self._runtime.wait(left), request)

    def _end(self, message: RuntimeMessage, request: InvocationRequest) -> Ending:
        """Return how a message of the runtime ends the attempt."""
        request_id = request.request_id
        if message.kind in ("response", "error"):
            return Ending("success" if message.kind == "response" else "error", message.body)
        if message.kind == "init error":
            return log_writer.end_unloaded(message.body, request_id)
        if message.kind == "too large":
            return log_writer.end_too_large(message.size, RESPONSE_BYTES)
        if message.kind == "timeout":
            error = f"Task timed out after {self.function.timeout_seconds:.2f} seconds"
            return end_with_error("Sandbox.Timedout", request_id, error)
        killed = message.kind == "out of memory"
        error = log_writer.format_exit(-9 if killed else message.exit_code)
        error_type = f"Runtime.{'OutOfMemory' if killed else 'ExitError'}"
        return end_with_error(error_type, request_id, error)
