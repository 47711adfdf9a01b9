"""Log of the function: one line of JSON for each photo, from which CloudWatch reads metrics.

Lines are written to stdout, which Lambda passes on unchanged. It would wrap records of `logging` in
JSON, and metrics are found at the top level only. Lines are in the embedded metric format
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

METRICS = {
    "photos": "Count",
    "mosaics": "Count",
    "failures": "Count",
    "milliseconds": "Milliseconds",
}

PhotoOutcome = Literal["done", "unchanged", "removed", "skipped", "failed", "passing"]


@dataclass(frozen=True)
class LogEntry:
    """The line of one photo.

    `mosaics` is how many exist now, `ms` the milliseconds of each part; `error` is "" unless the
    failure is permanent ("failed") or transient ("passing"). `notes` are what decoders wrote to
    stderr.
    """

    outcome: PhotoOutcome
    key: str
    version_id: str = ""
    bytes: int | None = None
    mosaics: int = 0
    ms: dict[str, float] = field(default_factory=dict)
    milliseconds: float = 0.0
    reason: str = ""
    error: str = ""
    notes: tuple[str, ...] = ()


@dataclass
class Stopwatch:
    """Adds up the milliseconds that parts of the work take, and keeps what the decoder wrote."""

    ms: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @contextmanager
    def measure(self, part: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.ms[part] = self.ms.get(part, 0.0) + (time.perf_counter() - start) * 1000

    def split(self) -> dict[str, float]:
        """Split "all" into get, decode, encode and the rest, which is put.

        Regions are hidden in one piece, "hide": it decodes, detects and encodes.
        """
        names = "get", *(["hide"] if "hide" in self.ms else ["decode", "encode"])
        parts: dict[str, float] = {name: self.ms.get(name, 0.0) for name in names}
        rest = self.ms.get("all", 0.0) - sum(parts.values())
        return {**parts, "put": max(0.0, rest)}


def write_entry(entry: LogEntry, request_id: str) -> None:
    """Write the line of a photo to stdout."""
    sys.stdout.write(json.dumps(make_line(entry, request_id, time.time())) + "\n")
    sys.stdout.flush()


def make_line(entry: LogEntry, request_id: str, now: float) -> dict[str, Any]:
    """Return the line of a photo. A skipped one has no metrics."""
    failed = entry.outcome == "failed"
    line: dict[str, Any] = {
        "timestamp": format_time(now),
        "level": "ERROR" if entry.error else "INFO",
        "event": "photo",
        "outcome": entry.outcome,
        "function": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "pixelater"),
        "request_id": request_id,
        "pid": os.getpid(),
        "key": entry.key,
        "version_id": entry.version_id,
        "bytes": entry.bytes,
        "mosaics": entry.mosaics,
        "photos": 1,
        "failures": int(failed),
        "milliseconds": round(entry.milliseconds, 1),
        "ms": {part: round(spent, 1) for part, spent in entry.ms.items()},
        "memory_mb": measure_memory(),
        "reason": entry.reason,
        "error": entry.error,
    }
    if entry.notes:
        line["notes"] = entry.notes
    if entry.outcome == "skipped":
        return line
    metrics = [{"Name": name, "Unit": unit} for name, unit in METRICS.items()]
    directive = {"Namespace": "pixelater", "Dimensions": [["function"]], "Metrics": metrics}
    return {**line, "_aws": {"Timestamp": round(now * 1000), "CloudWatchMetrics": [directive]}}


def format_time(now: float) -> str:
    """Format a time as Lambda does in its JSON lines, with milliseconds."""
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
    return f"{seconds}.{int(now * 1000) % 1000:03}Z"


def measure_memory() -> int | None:
    """Return the peak memory of the process in MB, from /proc/self/status (proc_pid_status(5)).

    None if the system is not Linux. getrusage would include the program that ran in the process
    before an execve (getrusage(2)).
    """
    try:
        with open("/proc/self/status") as status:  # noqa: PTH123 (spares an import at each start)
            lines = dict(line.split(":", 1) for line in status)
    except OSError:
        return None
    return int(lines["VmHWM"].split()[0]) // 2**10
