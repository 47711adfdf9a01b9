"""Entry point of the AWS Lambda function.

The photos of an event are handled one by one, each with its own result: delivery.py delivers
mosaics and documents, failures.py decides which failures are retried. Photos are held in memory,
never in /tmp.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from pixelater.outputs import is_document_name
from pixelater_function import delivery, detectors, events, failures, log, s3
from pixelater_function.events import BadEvent, Message, ParsedEvent, PhotoEvent
from pixelater_function.log import Stopwatch
from pixelater_function.mosaic_maker import MosaicMaker
from pixelater_function.protocol import DeliveryJob, DeliveryResult, MosaicObject, SourceObject
from pixelater_function.settings import BadConfiguration, FunctionSettings, read_function_settings
from pixelater_function.timeout import stop_in_time

logging.getLogger("botocore").setLevel(logging.WARNING)  # INFO is where credentials were found.

CLIENT = Config(
    connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4}
)
"""The client stops waiting for a server before the function times out."""


YOUNG_SECONDS = 120
"""For 15 minutes after versioning was enabled, S3 may not find what it has
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html). Lambda tries an event a
third time after three minutes
(https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html), and an SQS
message a second time after the function's timeout, five minutes, which the queue's visibility
timeout is not shorter than: then, a photo that is not found counts as deleted. The function is not
told how often an event was tried."""


@dataclass(frozen=True)
class PhotoResult:
    """Result of one photo. `error` is set if it failed, `raised` if the error is to be raised."""

    entry: log.LogEntry
    keys: tuple[str, ...] = ()
    error: Exception | None = None
    raised: bool = False


def lambda_handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Pixelate every photo of an event, and answer as its sender expects.

    S3 and EventBridge get the objects that were written, what was skipped, and permanent failures.
    Transient failures are raised (several as an ExceptionGroup) after all photos were handled. SQS
    gets the messages to retry, S3 Batch Operations the result of each task.
    """
    settings = read_function_settings(os.environ)
    parsed = events.read_event(event)
    results = [_handle_message(message, settings, context) for message in parsed.messages]
    if parsed.sender == "sqs":
        retried = [
            {"itemIdentifier": message.id}
            for message, photos in zip(parsed.messages, results, strict=True)
            if any(photo.raised for photo in photos)
        ]
        return {"batchItemFailures": retried}
    if parsed.sender == "s3-batch":
        return _answer_batch(event, parsed, results)
    return _answer(results[0])


def _handle_message(
    message: Message, settings: FunctionSettings, context: Any
) -> list[PhotoResult]:
    if message.error:
        unread = PhotoEvent("", "", event=message.event)
        return [_fail(unread, BadEvent(message.error), Stopwatch(), settings, context)]
    return [_handle(photo, settings, context) for photo in message.photos]


def _handle(photo: PhotoEvent, settings: FunctionSettings, context: Any) -> PhotoResult:
    """Handle one photo, and log its result."""
    if photo.error:
        return _fail(photo, BadEvent(photo.error), Stopwatch(), settings, context)
    ignored = photo.removed and not settings.mirror_deletes
    if skip := photo.skip or ("deletes are not mirrored" if ignored else ""):
        entry = log.LogEntry("skipped", photo.key, photo.version_id, reason=skip)
        log.write_entry(entry, context.aws_request_id)
        return PhotoResult(entry)
    watch, latest = Stopwatch(), [photo]
    try:
        _refuse_destination(photo, settings)
        with watch.measure("all"), stop_in_time(context.get_remaining_time_in_millis):
            delivered = _deliver(photo, settings, watch, latest, _read_account(context))
    except Exception as error:  # noqa: BLE001 (recorded or raised after all photos)
        return _fail(latest[-1], error, watch, settings, context)
    names = () if delivered.outcome == "removed" else delivered.keys
    mosaics = sum(not is_document_name(name) for name in names)
    entry = _describe(latest[-1], watch, outcome=delivered.outcome, mosaics=mosaics)
    log.write_entry(entry, context.aws_request_id)
    return PhotoResult(entry, delivered.keys)


def _refuse_destination(photo: PhotoEvent, settings: FunctionSettings) -> None:
    if photo.bucket == settings.destination:
        raise BadConfiguration(
            f"bucket_1 is {photo.bucket}, the bucket the photos are in: "
            "each mosaic would trigger the function again"
        )


def _deliver(
    photo: PhotoEvent,
    settings: FunctionSettings,
    watch: Stopwatch,
    latest: list[PhotoEvent],
    owner: str,
) -> DeliveryResult:
    """Deliver a photo's mosaics. The photo as it was read is appended to `latest`."""
    maker = MosaicMaker(
        photo.key, settings, watch, lambda name: detectors.load_detector(name, _connect)
    )

    def make(upload: SourceObject) -> Iterator[MosaicObject]:
        version_id, data = upload.version.version_id, upload.data
        latest.append(replace(photo, version_id=version_id, bytes=len(data)))
        return maker.make(upload)

    steps = delivery.deliver(
        DeliveryJob(
            photo.key,
            make,
            maker.list_all,
            settings.mirror_deletes,
            photo.sequencer,
            maker.recipe,
            () if photo.removed else maker.list_expected(),
            maker.list_recipes(),
            _is_young(photo, settings),
            maker.list_former,
            maker.remake,
            settings.cache_control,
            replace(settings.metadata_key, takes_over=photo.take_over),
            maker.list_exclusive(),
            maker.marker,
        )
    )
    place = s3.Destination(
        photo.bucket, photo.key, settings.destination, owner, settings.mirror_deletes
    )
    return s3.execute(_connect("s3"), place, steps, watch.measure)


def _is_young(photo: PhotoEvent, settings: FunctionSettings) -> bool:
    """Return whether an upload is so recent that S3 may not find it yet."""
    if photo.removed or photo.time is None:
        return False
    return time.time() < photo.time + YOUNG_SECONDS / settings.time_scale


def _describe(photo: PhotoEvent, watch: Stopwatch, **fields: Any) -> log.LogEntry:
    return log.LogEntry(
        key=photo.key,
        version_id=photo.version_id,
        bytes=photo.bytes,
        ms=watch.split(),
        milliseconds=watch.ms.get("all", 0.0),
        notes=tuple(watch.notes),
        **fields,
    )


def _fail(
    photo: PhotoEvent, error: Exception, watch: Stopwatch, settings: FunctionSettings, context: Any
) -> PhotoResult:
    """Record a permanent failure; leave any other to be raised."""
    permanent = failures.is_permanent(error)
    raised: Exception | None = error if permanent else failures.find_error_to_raise(error)
    if events.is_smoke_test(photo.key):
        permanent, raised = True, None
    elif permanent and settings.failures:
        record = failures.make_failure_record(
            error,
            events.shorten_event(photo),
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
        except Exception as refusal:  # noqa: BLE001 (raised after all photos)
            raised = refusal
    final = raised or error
    entry = _describe(
        photo,
        watch,
        outcome="failed" if permanent and final is error else "passing",
        reason=failures.name_reason(final),
        error=f"{type(final).__name__}: {failures.explain(final)}",
    )
    log.write_entry(entry, context.aws_request_id)
    return PhotoResult(entry, error=final, raised=raised is not None)


def _send(record: Mapping[str, Any], queue: str, owner: str) -> None:
    client = _connect("sqs")
    url = f"{client.meta.endpoint_url}/{owner}/{queue}"
    client.send_message(QueueUrl=url, MessageBody=json.dumps(record))


def _answer(results: list[PhotoResult]) -> dict[str, Any]:
    errors = [result.error for result in results if result.error and result.raised]
    if errors:
        raise errors[0] if len(errors) == 1 else ExceptionGroup("photos failed", errors)
    answer: dict[str, Any] = {"photos": [], "skipped": [], "failed": []}
    for result in results:
        entry = result.entry
        if entry.outcome == "skipped":
            answer["skipped"].append({"key": entry.key, "reason": entry.reason})
        elif entry.outcome == "failed":
            failed = {"key": entry.key, "reason": entry.reason, "message": entry.error}
            answer["failed"].append(failed)
        else:
            keys = () if entry.outcome == "removed" else result.keys
            answer["photos"].append({"key": entry.key, **_list_written(keys)})
    return answer


def _list_written(keys: Iterable[str]) -> dict[str, list[str]]:
    """List the mosaics, and the documents if there are any."""
    parts: dict[str, list[str]] = {"mosaics": [], "documents": []}
    for key in keys:
        parts["documents" if is_document_name(key) else "mosaics"].append(key)
    return {name: listed for name, listed in parts.items() if listed or name == "mosaics"}


def _answer_batch(
    event: Mapping[str, Any], parsed: ParsedEvent, results: list[list[PhotoResult]]
) -> dict[str, Any]:
    answers = []
    for message, (result,) in zip(parsed.messages, results, strict=True):
        code, entry = "Succeeded", result.entry
        if result.error:
            permanent = failures.is_permanent(result.error)
            code = "PermanentFailure" if permanent else "TemporaryFailure"
        answers.append(
            {
                "taskId": message.id,
                "resultCode": code,
                "resultString": entry.error or entry.reason or entry.outcome,
            }
        )
    return {
        "invocationSchemaVersion": event["invocationSchemaVersion"],
        "treatMissingKeysAs": "TemporaryFailure",
        "invocationId": event["invocationId"],
        "results": answers,
    }


def _read_account(context: Any) -> str:
    account: str = context.invoked_function_arn.split(":")[4]
    return account


@cache
def _connect(service: str) -> Any:
    """Create a client once for each execution environment; that of SQS only if a photo fails."""
    return boto3.client(service, config=CLIENT)


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    s3.check_client(_connect("s3"))  # Lambda gives a function more CPU while it is loaded.
    detectors.preload()
