"""Owns the AWS Lambda entry point: events in, mosaics in the destination bucket.

How a photo's mosaics get there safely is told in delivery.py, which failures are tried again in
failures.py. Every photo of an event has its own fate. Photos pass through memory, never /tmp.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from pixelater import mosaic, naming
from pixelater_function import delivery, events, failures, log, s3
from pixelater_function.delivery import MosaicObject, SourceObject
from pixelater_function.events import BadEvent, Message, ParsedEvent, PhotoEvent
from pixelater_function.log import Stopwatch
from pixelater_function.settings import BadConfiguration, FunctionSettings, read_function_settings
from pixelater_function.timeout import stop_in_time

logging.getLogger("botocore").setLevel(logging.WARNING)  # It tells where it found what, each time.

CLIENT = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 4},
)
"""A server that does not answer is given up before the function's time is over."""


@dataclass(frozen=True)
class PhotoResult:
    """What became of one photo. `error` is set if it failed, `raised` if that is to be raised."""

    entry: log.LogEntry
    keys: tuple[str, ...] = ()
    error: Exception | None = None
    raised: bool = False


def lambda_handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Pixelate every photo that an event names, and answer in the way its sender expects.

    To S3 and EventBridge: which objects were written, what was skipped and what failed for good.
    A failure that may pass is raised (several as an ExceptionGroup), once every photo had its turn.
    To SQS: which messages are to come again. To S3 Batch Operations: each task's result.
    """
    settings = read_function_settings(os.environ)
    invocation = events.read_event(event)
    fates = [_handle_message(message, settings, context) for message in invocation.messages]
    if invocation.sender == "sqs":
        again = zip(invocation.messages, fates, strict=True)
        ids = [message.id for message, some in again if any(fate.raised for fate in some)]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in ids]}
    if invocation.sender == "s3-batch":
        return _answer_batch(event, invocation, fates)
    return _answer(fates[0])


def _handle_message(
    message: Message, settings: FunctionSettings, context: Any
) -> list[PhotoResult]:
    if message.error:
        unread = PhotoEvent("", "", event=message.event)
        return [_fail(unread, BadEvent(message.error), Stopwatch(), settings, context)]
    return [_handle(photo, settings, context) for photo in message.photos]


def _handle(photo: PhotoEvent, settings: FunctionSettings, context: Any) -> PhotoResult:
    """Handle one photo, and log what became of it."""
    skip = photo.skip or ("deletes are not mirrored" if _is_ignored(photo, settings) else "")
    if skip:
        fate = PhotoResult(log.LogEntry("skipped", photo.key, photo.version_id, reason=skip))
        log.write_entry(fate.entry, context.aws_request_id)
        return fate
    watch, seen = Stopwatch(), [photo]
    try:
        _refuse_destination(photo, settings)
        with watch.measure("all"), stop_in_time(context.get_remaining_time_in_millis):
            delivered = _deliver(photo, settings, watch, seen, _read_account(context))
    except Exception as error:  # noqa: BLE001 (reported or raised, once the others had their turn)
        return _fail(seen[-1], error, watch, settings, context)
    mosaics = len(delivered.keys) if delivered.upload else 0
    entry = _describe(seen[-1], watch, outcome=delivered.outcome, mosaics=mosaics)
    log.write_entry(entry, context.aws_request_id)
    return PhotoResult(entry, delivered.keys)


def _refuse_destination(photo: PhotoEvent, settings: FunctionSettings) -> None:
    if photo.bucket == settings.destination:
        raise BadConfiguration(
            f"bucket_1 is {photo.bucket}, the bucket the photos are in: "
            "each mosaic would trigger the function again"
        )


def _is_ignored(photo: PhotoEvent, settings: FunctionSettings) -> bool:
    return photo.removed and not settings.mirror_deletes


def _deliver(
    photo: PhotoEvent,
    settings: FunctionSettings,
    watch: Stopwatch,
    seen: list[PhotoEvent],
    owner: str,
) -> delivery.DeliveryResult:
    """Deliver a photo's mosaics. `seen` gets the photo as it was read, which tells more of it."""

    def make(upload: SourceObject) -> Iterator[MosaicObject]:
        version_id, data = upload.version.version_id, upload.data
        seen.append(replace(photo, version_id=version_id, bytes=len(data)))
        with watch.measure("decode"):
            made = mosaic.make_mosaics(data, settings.grids, max_pixels=settings.max_pixels)
        for _ in settings.grids:
            with watch.measure("encode"):
                one = next(made)
            yield MosaicObject(naming.name_mosaic(photo.key, one), one.data, one.media_type)

    steps = delivery.deliver(
        delivery.DeliveryJob(
            photo.key,
            make,
            lambda: [
                name for grid in settings.grids for name in naming.list_names(photo.key, grid)
            ],
            settings.mirror_deletes,
            photo.sequencer,
        )
    )
    place = s3.Destination(
        photo.bucket, photo.key, settings.destination, owner, settings.mirror_deletes
    )
    return s3.execute(_connect("s3"), place, steps, watch.measure)


def _describe(photo: PhotoEvent, watch: Stopwatch, **fields: Any) -> log.LogEntry:
    return log.LogEntry(
        key=photo.key,
        version_id=photo.version_id,
        bytes=photo.bytes,
        ms=watch.split(),
        milliseconds=watch.ms.get("all", 0.0),
        **fields,
    )


def _fail(
    photo: PhotoEvent, error: Exception, watch: Stopwatch, settings: FunctionSettings, context: Any
) -> PhotoResult:
    """Record a failure that lasts; leave any other to be raised."""
    lasts = failures.is_permanent(error)
    raised: Exception | None = error
    if lasts and settings.failures:
        record = failures.make_failure_record(
            error,
            photo.event,
            bucket=photo.bucket,
            key=photo.key,
            version_id=photo.version_id,
            bytes=photo.bytes,
            request_id=context.aws_request_id,
            time=log.format_time(time.time()),
        )
        try:
            _send(record, settings.failures, _read_account(context))
            raised = None
        except Exception as refusal:  # noqa: BLE001 (raised, once the others had their turn)
            raised = refusal
    final = raised or error
    entry = _describe(
        photo,
        watch,
        outcome="failed" if lasts and final is error else "passing",
        reason=failures.name_reason(final),
        error=f"{type(final).__name__}: {failures.explain(final)}",
    )
    log.write_entry(entry, context.aws_request_id)
    return PhotoResult(entry, error=final, raised=raised is not None)


def _send(record: Mapping[str, Any], queue: str, owner: str) -> None:
    client = _connect("sqs")
    url = f"{client.meta.endpoint_url}/{owner}/{queue}"
    client.send_message(QueueUrl=url, MessageBody=json.dumps(record))


def _answer(fates: list[PhotoResult]) -> dict[str, Any]:
    errors = [fate.error for fate in fates if fate.error and fate.raised]
    if errors:
        raise errors[0] if len(errors) == 1 else ExceptionGroup("photos failed", errors)
    entries = [fate.entry for fate in fates]
    return {
        "photos": [
            {"key": fate.entry.key, "mosaics": list(fate.keys) if fate.entry.mosaics else []}
            for fate in fates
            if fate.entry.outcome in ("done", "unchanged", "removed")
        ],
        "skipped": [
            {"key": one.key, "reason": one.reason} for one in entries if one.outcome == "skipped"
        ],
        "failed": [
            {"key": one.key, "reason": one.reason, "message": one.error}
            for one in entries
            if one.outcome == "failed"
        ],
    }


def _answer_batch(
    event: Mapping[str, Any], invocation: ParsedEvent, fates: list[list[PhotoResult]]
) -> dict[str, Any]:
    results = []
    for message, (fate,) in zip(invocation.messages, fates, strict=True):
        lasts = fate.error is None or failures.is_permanent(fate.error)
        code = "PermanentFailure" if lasts else "TemporaryFailure"
        entry = fate.entry
        results.append(
            {
                "taskId": message.id,
                "resultCode": code if fate.error else "Succeeded",
                "resultString": entry.error or entry.reason or entry.outcome,
            }
        )
    return {
        "invocationSchemaVersion": event["invocationSchemaVersion"],
        "treatMissingKeysAs": "TemporaryFailure",
        "invocationId": event["invocationId"],
        "results": results,
    }


def _read_account(context: Any) -> str:
    account: str = context.invoked_function_arn.split(":")[4]
    return account


@cache
def _connect(service: str) -> Any:
    """Make a client once for each execution environment; that of SQS only if a photo fails."""
    return boto3.client(service, config=CLIENT)


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _connect("s3")  # While a function is loaded, Lambda gives it more CPU than it may have later.
