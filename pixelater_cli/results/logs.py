"""Lines of the function's log, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pixelater_cli.aws.operations.failure_record import spell_reason
from pixelater_cli.aws.operations.log_parser import (
    Line,
    PhotoLine,
    ReportLine,
    parse_object,
    read_message,
    wrap_text,
)
from pixelater_cli.results.formatting import format_count, format_size

if TYPE_CHECKING:
    from pixelater_cli.aws.operations.logs import LogEvent

OUTCOMES = {"passing": "retrying"}
"""Outcomes as text, where it is not the word of the log."""

PARTS = ("get", "decode", "encode", "hide", "put")


def format_event(event: LogEvent, errors_only: bool) -> Iterator[str]:
    """Format an event of the log as lines of text, with its time in UTC."""
    time = datetime.fromtimestamp(event.time / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    for line in read_message(event.message):
        if line.is_error or not errors_only:
            yield f"{time}  {format_line(line)}"


def dump_event(event: LogEvent, errors_only: bool) -> Iterator[str]:
    """Return an event unchanged as a line of JSON; text is put into an object of the same form."""
    if errors_only and not any(line.is_error for line in read_message(event.message)):
        return
    time = datetime.fromtimestamp(event.time / 1000, UTC).isoformat(timespec="milliseconds")
    yield json.dumps(parse_object(event.message) or wrap_text(event.message, time))


def format_line(line: Line) -> str:
    """Format a line, with the result first."""
    if isinstance(line, PhotoLine):
        outcome = OUTCOMES.get(line.outcome, line.outcome)
        return f"{outcome:<9} " + "  ".join(_format_photo(line))
    if isinstance(line, ReportLine):
        init = f", {line.init_ms:.0f} ms to start" if line.init_ms else ""
        used = f"{line.used_mb} of {line.memory_mb} MB"
        bad = f"  {line.status}" if line.is_error else ""
        return f"{'report':<9} {line.billed_ms:.0f} ms billed{init}, {used}{bad}"
    text = line.text.replace("\xa0", " ")  # Lambda's indentation of tracebacks.
    return f"{line.level.lower() or 'log':<9} {text}"


def _format_photo(line: PhotoLine) -> Iterator[str]:
    yield line.key
    if line.error:
        yield spell_reason(line.error)
    if line.bytes is not None:
        yield format_size(line.bytes)
    if line.mosaics:
        yield format_count(line.mosaics, "mosaic")
    if line.ms_by_part:
        parts = [part for part in PARTS if part in line.ms_by_part]
        details = ", ".join(f"{part} {line.ms_by_part[part]:.0f}" for part in parts)
        yield f"{sum(line.ms_by_part[part] for part in parts):.0f} ms ({details})"
    if line.memory_mb is not None:
        yield f"{line.memory_mb:.0f} MB"
