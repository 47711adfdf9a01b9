"""Parser of the function's log: results of photos, reports of invocations, messages.

Pure. Lambda writes JSON (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html)
or, in emulators, text; the function writes one line of JSON for each photo in either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pixelater_cli.aws.stack import Document

REPORT = re.compile(
    r"REPORT RequestId: (?P<request_id>\S+)\s+Duration: (?P<duration>[\d.]+) ms\s+"
    r"Billed Duration: (?P<billed>\d+) ms\s+Memory Size: (?P<memory>\d+) MB\s+"
    r"Max Memory Used: (?P<used>\d+) MB(?:\s+Init Duration: (?P<init>[\d.]+) ms)?"
    r"(?:.*?Status: (?P<status>\w+))?",
    re.DOTALL,
)
TEXT_LINE = re.compile(
    r"\[(?P<level>[A-Z]+)\]\t[^\t]*\t(?P<request_id>[^\t]*)\t(?P<text>.*)", re.DOTALL
)
UNCAUGHT_ERROR = re.compile(r"\[(?P<level>ERROR|CRITICAL)\] (?P<text>.*)", re.DOTALL)
NO_MESSAGE = re.compile(r"(START|END|INIT_START|EXTENSION) ")
ERROR = re.compile(r"Task timed out|Runtime\.ExitError|\"errorType\"|Status: (error|timeout)")
ERROR_LEVELS = ("ERROR", "CRITICAL", "FATAL")


@dataclass(frozen=True)
class PhotoLine:
    """The result of one photo.

    `outcome`: "done", "unchanged" (already done), "removed", "skipped", "failed" (permanently) or
    "passing" (retried). `mosaics` is their number, `milliseconds` the time by part of the work.
    """

    outcome: str
    key: str
    version_id: str = ""
    bytes: int | None = None
    mosaics: int = 0
    milliseconds: Mapping[str, float] = field(default_factory=dict)
    memory_mb: float | None = None
    error: str = ""
    request_id: str = ""

    @property
    def is_error(self) -> bool:
        return self.outcome in ("failed", "passing")


@dataclass(frozen=True)
class ReportLine:
    """Time and memory of one invocation; `status` is "success", "error" or "timeout"."""

    request_id: str
    billed_ms: float
    memory_mb: int
    used_mb: int
    init_ms: float | None = None
    status: str = "success"

    @property
    def is_error(self) -> bool:
        return self.status != "success"


@dataclass(frozen=True)
class MessageLine:
    """Any other message."""

    text: str
    level: str = ""
    request_id: str = ""

    @property
    def is_error(self) -> bool:
        return self.level in ERROR_LEVELS or ERROR.search(self.text) is not None


Line = PhotoLine | ReportLine | MessageLine


def read_message(message: str) -> tuple[Line, ...]:
    """Read a message of the log: usually one line, none for START, END and metrics."""
    text = message.strip(" \r\n")
    document = parse_object(text)
    if document is not None:
        return tuple(_read_document(document))
    if not text or NO_MESSAGE.match(text):
        return ()
    report = REPORT.match(text)
    if report:
        return (_read_report(report),)
    raised = UNCAUGHT_ERROR.fullmatch(text)
    if raised:
        return (MessageLine(raised["text"], raised["level"]),)
    written = TEXT_LINE.fullmatch(text)
    if written is None:
        return (MessageLine(text),)
    return tuple(_read_text(written["text"], written["level"], written["request_id"]))


def wrap_text(message: str, time: str) -> Document:
    """Return a message of the text format as the JSON format has it."""
    written = TEXT_LINE.fullmatch(message.strip(" \r\n"))
    if written is None:
        return {"timestamp": time, "message": message}
    content = written["text"].strip()
    return {
        "timestamp": time,
        "level": written["level"],
        "message": parse_object(content) or content,
        "requestId": written["request_id"],
    }


def _read_document(document: Document) -> Iterator[Line]:
    if _is_photo(document):
        yield from _read_photos(document)
    elif str(document.get("type", "")).startswith("platform."):
        yield from _read_platform(document["type"], document.get("record") or {})
    elif "message" in document or "errorMessage" in document:
        yield from _read_wrapped(document)
    elif "_aws" not in document:  # Metrics alone.
        yield MessageLine(json.dumps(document), request_id=str(document.get("request_id", "")))


def _read_wrapped(document: Document) -> Iterator[Line]:
    """Read what Lambda wraps: a message of the function, or the error that it raised."""
    level = str(document.get("level") or ("ERROR" if "errorMessage" in document else ""))
    request_id = str(document.get("requestId") or document.get("AWSRequestId") or "")
    content = document.get("message")
    if "errorMessage" in document:
        content = f"{document.get('errorType', 'Error')}: {document['errorMessage']}"
    text = json.dumps(content) if isinstance(content, dict) else str(content)
    yield from _read_text(text, level, request_id)


def _read_text(text: str, level: str, request_id: str) -> Iterator[Line]:
    document = parse_object(text)
    if document is None:
        yield MessageLine(text.strip(), level, request_id)
    elif _is_photo(document):
        yield from _read_photos({"request_id": request_id, **document})
    elif "_aws" not in document:
        yield MessageLine(text.strip(), level, request_id)


def _is_photo(document: Document) -> bool:
    return document.get("event") in ("photo", "done", "failed")


def _read_photos(document: Document) -> Iterator[PhotoLine]:
    """Read the line of one photo, or of all photos of an event, as before the release of 0.1.0."""
    request_id = str(document.get("request_id") or "")
    if document["event"] == "photo":
        yield _read_photo(document)
    elif document["event"] == "failed":
        yield _read_photo({**document, "outcome": "failed"})
    else:
        for photo in document.get("photos") or ():
            mosaics = len(photo["mosaics"])
            yield PhotoLine("done", photo["key"], mosaics=mosaics, request_id=request_id)
        for photo in document.get("skipped") or ():
            yield PhotoLine("skipped", photo["key"], error=photo["reason"], request_id=request_id)


def _read_photo(document: Document) -> PhotoLine:
    outcome = str(document.get("outcome", ""))
    mosaics = document.get("mosaics")
    times = document.get("ms")
    return PhotoLine(
        outcome=outcome,
        key=str(document.get("key", "")),
        version_id=str(document.get("version_id") or ""),
        bytes=document.get("bytes"),
        mosaics=len(mosaics) if isinstance(mosaics, list) else int(mosaics or 0),
        milliseconds=times if isinstance(times, dict) else {},
        memory_mb=document.get("memory_mb"),
        error=str(document.get("error") or document.get("reason") or ""),
        request_id=str(document.get("request_id") or ""),
    )


def _read_platform(type: str, record: Document) -> Iterator[Line]:
    if type != "platform.report":
        return
    metrics = record.get("metrics") or {}
    yield ReportLine(
        request_id=str(record.get("requestId", "")),
        billed_ms=float(metrics.get("billedDurationMs", 0)),
        memory_mb=int(metrics.get("memorySizeMB", 0)),
        used_mb=int(metrics.get("maxMemoryUsedMB", 0)),
        init_ms=metrics.get("initDurationMs"),
        status=str(record.get("status", "success")),
    )


def _read_report(report: re.Match[str]) -> ReportLine:
    return ReportLine(
        request_id=report["request_id"],
        billed_ms=float(report["billed"]),
        memory_mb=int(report["memory"]),
        used_mb=int(report["used"]),
        init_ms=float(report["init"]) if report["init"] else None,
        status=report["status"] or "success",
    )


def parse_object(text: str) -> dict[str, Any] | None:
    """Parse a JSON object; None if the text is none."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
