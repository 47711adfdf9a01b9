"""Lines that Lambda writes to a function's log, as text or JSON, and its error documents.

No I/O. Sources: the examples in
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html (text) and
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html (JSON).
"""

from __future__ import annotations

import json
import math
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pixelater_cli.emulator.lambda_service.models import Function

SIGNAL_NAMES = {
    signal.SIGABRT: "aborted",
    signal.SIGSEGV: "segmentation fault",
    signal.SIGTERM: "terminated",
    signal.SIGINT: "interrupt",
    9: "killed",
}
"""Go's descriptions of signals, which Lambda uses."""

InitPhase = Literal["init", "invoke"]


@dataclass(frozen=True)
class Ending:
    """How an attempt ended. `error_type` is "" if the runtime can continue."""

    status: Literal["success", "error", "timeout"]
    payload: bytes
    error_type: str = ""
    message: str = ""


@dataclass(frozen=True)
class Measures:
    """Measurements of an attempt. `init_ms` is None unless it was a cold start."""

    duration_ms: float
    memory_mb: int
    init_ms: float | None = None

    @property
    def billed_ms(self) -> int:
        """Billed duration. Since August 2025, it includes the init phase."""
        return math.ceil(self.duration_ms + (self.init_ms or 0))


def end_with_error(error_type: str, request_id: str, message: str) -> Ending:
    """Return the ending of an attempt whose runtime failed."""
    status: Literal["timeout", "error"] = "timeout" if error_type == "Sandbox.Timedout" else "error"
    payload = _write_error(error_type, f"RequestId: {request_id} Error: {message}")
    return Ending(status, payload, error_type, message)


def end_unloaded(body: bytes, request_id: str) -> Ending:
    """Return the ending of an attempt whose runtime could not load the function."""
    try:
        error = {**json.loads(body), "requestId": request_id}
    except (ValueError, TypeError):
        return end_with_error("Runtime.Unknown", request_id, body.decode(errors="replace"))
    error_type = error.get("errorType") or "Runtime.Unknown"
    return Ending("error", json.dumps(error).encode(), error_type, error.get("errorMessage", ""))


def end_too_large(size: int, limit: int) -> Ending:
    """Return the ending of an attempt whose response was too large."""
    error_type = "Function.ResponseSizeTooLarge"
    message = (
        f"Response payload size ({size} bytes) exceeded maximum allowed payload size "
        f"({limit} bytes)."
    )
    return Ending("error", _write_error(error_type, message), error_type, message)


def format_exit(code: int) -> str:
    """Return the message for a process's return code, as in subprocess."""
    if code == 0:
        return "Runtime exited without providing a reason"
    if code < 0:
        name = SIGNAL_NAMES.get(-code, f"signal {-code}")
        return f"Runtime exited with error: signal: {name}"
    return f"Runtime exited with error: exit status {code}"


def write_start(function: Function, request_id: str, now: float) -> Iterator[str]:
    """Yield the lines before those of the function."""
    if function.log_format == "Text":
        yield f"START RequestId: {request_id} Version: {function.version}"
    elif function.system_level != "WARN":
        record = {"requestId": request_id, "version": function.version}
        yield _write_json("platform.start", record, now)


def write_end(
    function: Function, request_id: str, ending: Ending, measures: Measures, now: float
) -> Iterator[str]:
    """Yield the lines after those of the function."""
    if function.log_format == "Text":
        yield from _write_text_end(function, request_id, ending, measures, now)
    elif function.system_level != "WARN" or ending.status != "success":
        metrics: dict[str, Any] = {
            "durationMs": round(measures.duration_ms, 3),
            "billedDurationMs": measures.billed_ms,
            "memorySizeMB": function.memory_mb,
            "maxMemoryUsedMB": measures.memory_mb,
        }
        if measures.init_ms is not None:
            metrics["initDurationMs"] = round(measures.init_ms, 3)
        record = {"requestId": request_id, "metrics": metrics, "status": ending.status}
        if ending.error_type and ending.status == "error":
            record["errorType"] = ending.error_type
        yield _write_json("platform.report", record, now)


def write_failed_init(
    function: Function, phase: InitPhase, ending: Ending, ms: float, now: float
) -> Iterator[str]:
    """Yield the line for a failed init phase."""
    kind = ending.error_type if ending.status == "error" else ""
    if function.log_format == "Text":
        line = f"INIT_REPORT Init Duration: {ms:.2f} ms\tPhase: {phase}\tStatus: {ending.status}"
        yield f"{line}\tError Type: {kind}" if kind else line
    else:
        record: dict[str, Any] = {
            "initializationType": "on-demand",
            "phase": phase,
            "status": ending.status,
            "metrics": {"durationMs": round(ms, 3)},
        }
        if kind:
            record["errorType"] = kind
        yield _write_json("platform.initReport", record, now)


def format_time(now: float) -> str:
    """Format seconds since 1970 as AWS does: 2026-01-02T03:04:05.678Z."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _write_text_end(
    function: Function, request_id: str, ending: Ending, measures: Measures, now: float
) -> Iterator[str]:
    """Yield the old lines, which tools parse, and REPORT with the status that replaces them."""
    if ending.status == "timeout":
        yield f"{format_time(now)} {request_id} {ending.message}\n"
    elif ending.error_type:
        yield f"RequestId: {request_id} Error: {ending.message}\n{ending.error_type}"
    yield f"END RequestId: {request_id}"
    parts = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {measures.duration_ms:.2f} ms",
        f"Billed Duration: {measures.billed_ms} ms",
        f"Memory Size: {function.memory_mb} MB",
        f"Max Memory Used: {measures.memory_mb} MB",
    ]
    if measures.init_ms is not None:
        parts.append(f"Init Duration: {measures.init_ms:.2f} ms")
    if ending.status == "timeout":
        parts.append("Status: timeout")
    elif ending.error_type:
        parts += ["Status: error", f"Error Type: {ending.error_type}"]
    yield "\t".join(parts)


def _write_error(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def _write_json(kind: str, record: dict[str, Any], now: float) -> str:
    return json.dumps({"time": format_time(now), "type": kind, "record": record})
