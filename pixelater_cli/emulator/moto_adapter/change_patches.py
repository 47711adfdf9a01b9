"""Patches that report what moto's S3 and SQS change. They are used only with `--persist`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol
from wsgiref.types import WSGIApplication

from moto.s3.models import S3Backend
from moto.s3.responses import S3Response
from moto.sqs.models import Queue, SQSBackend

from pixelater_cli.emulator.lambda_service.backend_protocol import EventJournal
from pixelater_cli.emulator.lambda_service.models import FunctionRef
from pixelater_cli.emulator.moto_adapter.patching import MotoAttribute

OBJECT_WRITES = (
    "put_object",
    "put_object_acl",
    "put_object_legal_hold",
    "put_object_retention",
    "restore_object",
    "delete_object",
    "delete_object_tagging",
)
"""Methods whose first arguments are the bucket and the key. Copies and multipart uploads end with
put_object, and delete_objects calls delete_object."""


SETTINGS = frozenset(
    {
        "accelerate",
        "cors",
        "encryption",
        "inventory",
        "lifecycle",
        "logging",
        "object-lock",
        "ownershipControls",
        "policy",
        "publicAccessBlock",
        "replication",
        "tagging",
        "versioning",
        "website",
    }
)
"""Settings of a bucket that are in the body of their request, by the name in its query."""


class ChangeListener(Protocol):
    """Receiver of changes, in the thread of the request that makes them."""

    def note_object(self, bucket: str, key: str) -> None:
        """Receive that an object, its tags or its properties have changed or are about to."""

    def note_bucket(self, bucket: str) -> None:
        """Receive that a bucket may have been created or deleted."""

    def note_setting(self, bucket: str, setting: str, body: bytes | None) -> None:
        """Receive the body of a setting, such as "versioning"; None: it was deleted."""

    def note_queue(self, queue: str) -> None:
        """Receive that messages were added to or deleted from a queue."""


Send = Callable[[FunctionRef, bytes], object]


class StateKeeper(ChangeListener, EventJournal, Protocol):
    """Keeps changes so that they survive the emulator."""

    def keep(self, app: WSGIApplication) -> WSGIApplication:
        """Return the application, whose responses wait until their changes are kept."""

    def defer(self, send: Send) -> Send:
        """Return a function that sends an event after the changes of its request are kept."""


def list_change_patches(listener: ChangeListener) -> dict[MotoAttribute, Any]:
    """Return patches that report changes to the listener."""
    put, delete = S3Response._bucket_response_put, S3Response._bucket_response_delete  # noqa: SLF001
    tag = S3Backend.put_object_tagging

    @wraps(tag)
    def put_object_tagging(self: S3Backend, key: Any, tags: Any) -> Any:
        listener.note_object(key.bucket_name, key.name)
        return tag(self, key, tags)

    @wraps(put)
    def put_bucket(self: S3Response, request: Any, bucket_name: str, querystring: Any) -> Any:
        body = self.body
        response = put(self, request, bucket_name, querystring)
        listener.note_bucket(bucket_name)
        for setting in SETTINGS & querystring.keys():
            listener.note_setting(bucket_name, setting, body)
        return response

    @wraps(delete)
    def delete_bucket(self: S3Response, bucket_name: str, querystring: Any) -> Any:
        response = delete(self, bucket_name, querystring)
        listener.note_bucket(bucket_name)
        for setting in SETTINGS & querystring.keys():
            listener.note_setting(bucket_name, setting, None)
        return response

    patches: dict[MotoAttribute, Any] = {
        (S3Backend, "put_object_tagging"): put_object_tagging,
        (S3Response, "_bucket_response_put"): put_bucket,
        (S3Response, "_bucket_response_delete"): delete_bucket,
    }
    for name in OBJECT_WRITES:
        patches[S3Backend, name] = _report_object(getattr(S3Backend, name), listener)
    for name in ("add_message", "delete_message"):
        patches[Queue, name] = _report_queue(getattr(Queue, name), listener)
    for name in ("purge_queue", "delete_queue"):
        patches[SQSBackend, name] = _report_queue(getattr(SQSBackend, name), listener)
    return patches


def _report_object(write: Callable[..., Any], listener: ChangeListener) -> Callable[..., Any]:
    @wraps(write)
    def report(self: S3Backend, bucket_name: str, key_name: str, *args: Any, **rest: Any) -> Any:
        listener.note_object(bucket_name, key_name)
        return write(self, bucket_name, key_name, *args, **rest)

    return report


def _report_queue(change: Callable[..., Any], listener: ChangeListener) -> Callable[..., Any]:
    """Report what a method of a queue, or of the backend with the queue's name, has changed."""

    @wraps(change)
    def report(self: Any, value: Any) -> Any:
        result = change(self, value)
        listener.note_queue(self.name if isinstance(self, Queue) else value)
        return result

    return report
