"""What `--persist` does while the emulator runs: no response is sent before its changes are kept.

Changes of a request are written when moto has handled it. Its events are queued after that, so that
after a kill no event is left whose photo was not kept.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from xml.sax.saxutils import escape

from werkzeug.exceptions import NotFound
from werkzeug.test import Client

from pixelater_cli.aws.session import Account
from pixelater_cli.emulator.http_server.dispatcher import RESET
from pixelater_cli.emulator.lambda_service.models import FunctionRef, parse_function_arn
from pixelater_cli.emulator.lambda_service.service import LambdaService
from pixelater_cli.emulator.moto_adapter import stored_objects
from pixelater_cli.emulator.moto_adapter.change_patches import Send
from pixelater_cli.emulator.persisted_state import (
    PersistedBucket,
    PersistedEvent,
    State,
    make_bucket,
    make_event,
)
from pixelater_cli.emulator.serve.persistence import (
    Journal,
    read_content,
    read_state,
    save_state,
)
from pixelater_cli.errors import EmulatorError, UnusablePath, explain_os_error

LOG = logging.getLogger(__name__)

ERROR = "<Error><Code>InternalError</Code><Message>cannot keep the change: {}</Message></Error>"


@dataclass
class _Changes:
    """What a request has changed, and the events that it causes. Dictionaries keep the order.

    `accepted` is set if the request has written an event to the journal.
    """

    objects: dict[tuple[str, str], None] = field(default_factory=dict)
    buckets: dict[str, None] = field(default_factory=dict)
    queue: bool = False
    accepted: bool = False
    events: list[tuple[Send, FunctionRef, bytes]] = field(default_factory=list)


class Keeper:
    """Keeps the state in a folder, which the caller has locked.

    It does nothing until `restore`, and after `close`. Raises EmulatorError if the folder has
    something else in it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._state = read_state(folder)
        self._settings = {
            name: dict(bucket.settings) for name, bucket in self._state.buckets.items()
        }
        self._messages = set(self._state.failures)
        self._journal: Journal | None = None
        self._services: WSGIApplication = NotFound()
        self._account = self._region = self._queue = ""
        self._excluded: frozenset[str] = frozenset()
        self._changes: ContextVar[_Changes | None] = ContextVar("changes", default=None)
        self._order = Lock()  # Changes are written in the order in which their state was read.

    def restore(self, account: Account, excluded: Iterable[str]) -> int:
        """Restore objects and their buckets, return the number of objects, and begin to keep.

        Must run before the deployment, so that the uploads do not trigger the function. Objects of
        the excluded buckets are not kept. Raises UnusablePath and EmulatorError.
        """
        self._account, self._region = account.number, account.region
        self._excluded = frozenset(excluded)
        save_state(self._folder, self._state)
        for name, bucket in self._state.buckets.items():
            stored_objects.restore_bucket(account.number, name, bucket, account.region)
            self._restore_settings(name, bucket)
        for versions in self._state.versions.values():
            stored_objects.restore_versions(
                account.number,
                versions,
                lambda version: read_content(self._folder, version.file, version.key),
            )
        self._journal = Journal(self._folder)
        return len(self._state.current)

    def _restore_settings(self, name: str, bucket: PersistedBucket) -> None:
        """Send the requests of a bucket's settings to moto again. Raises EmulatorError."""
        for setting, body in bucket.settings.items():
            path = f"/{name}?{setting}"
            response = Client(self._services).put(path, data=body.encode("latin-1"))
            if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
                raise EmulatorError(
                    f"cannot restore the {setting} of bucket {name}: {response.text}",
                    "Remove the setting from index.json.",
                )

    def restore_failures(self, queue: str) -> int:
        """Restore failure records in the queue, return their number, and begin to keep others."""
        for name, body in self._state.failures.items():
            stored_objects.restore_message(self._account, self._region, queue, name, body)
        self._queue = queue
        return len(self._state.failures)

    def restore_events(self, functions: LambdaService) -> None:
        """Queue the events that had not ended, for functions that exist. Raises OSError."""
        for name, event in self._state.events.items():
            functions.send(
                parse_function_arn(event.function), event.payload.encode("latin-1"), request_id=name
            )

    def close(self) -> None:
        """Save everything in the index. No request may run. Raises UnusablePath, EmulatorError."""
        if self._journal:
            journal, self._journal = self._journal, None
            journal.close()
            save_state(self._folder, read_state(self._folder))

    def keep(self, app: WSGIApplication) -> WSGIApplication:
        """Return the application, whose responses wait until their changes are on the disk."""
        self._services = app

        def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if self._journal is None:
                return app(environ, start_response)
            changes = _Changes()
            token = self._changes.set(changes)
            starts: list[tuple[Any, ...]] = []
            try:
                parts = app(environ, lambda *start: starts.append(start))  # type: ignore[arg-type]
            finally:
                self._changes.reset(token)
                error = self._try_to_write(changes, environ.get("PATH_INFO") == RESET)
            if error:
                start_response("500 Internal Server Error", [("Content-Type", "application/xml")])
                return [ERROR.format(escape(error)).encode()]
            start_response(*starts[-1])
            return parts

        return respond

    def defer(self, send: Send) -> Send:
        """Return a function that sends an event when the request's changes are written."""

        def send_later(target: FunctionRef, payload: bytes) -> object:
            changes = self._changes.get()
            if changes is None:
                return send(target, payload)
            changes.events.append((send, target, payload))
            return None

        return send_later

    def note_object(self, bucket: str, key: str) -> None:
        if bucket not in self._excluded:
            self._note(_Changes(objects={(bucket, key): None}))

    def note_bucket(self, bucket: str) -> None:
        if bucket not in self._excluded:
            self._note(_Changes(buckets={bucket: None}))

    def note_setting(self, bucket: str, setting: str, body: bytes | None) -> None:
        if bucket in self._excluded:
            return
        with self._order:
            settings = self._settings.setdefault(bucket, {})
            settings.pop(setting, None)
            if body is not None:
                settings[setting] = body.decode("latin-1")
        self._note(_Changes(buckets={bucket: None}))

    def note_queue(self, queue: str) -> None:
        if queue == self._queue:
            self._note(_Changes(queue=True))

    def accept_event(self, request_id: str, target: FunctionRef, payload: bytes) -> None:
        """Record an event before it is queued. Raises OSError."""
        event = PersistedEvent(target.arn, payload.decode("latin-1"))
        self._append("event", make_event(request_id, event))
        if changes := self._changes.get():
            changes.accepted = True

    def end_event(self, request_id: str) -> None:
        """Record that an event has ended. If this fails, it runs again after a restart."""
        try:
            self._append_deleted("event", request_id)
        except OSError as error:
            LOG.warning("event %s may run again: %s", request_id, explain_os_error(error))

    def _note(self, found: _Changes) -> None:
        """Add to the changes of the request; outside of requests, write at once."""
        changes = self._changes.get()
        if changes is not None:
            changes.objects |= found.objects
            changes.buckets |= found.buckets
            changes.queue |= found.queue
        elif error := self._try_to_write(found, was_reset=False):
            LOG.warning("cannot keep a change: %s", error)

    def _try_to_write(self, changes: _Changes, was_reset: bool) -> str:
        """Write and send what a request has caused; return why this failed, or ""."""
        try:
            self._write(changes, was_reset)
        except OSError as error:
            return explain_os_error(error)
        except UnusablePath as error:
            return str(error)
        return ""

    def _write(self, changes: _Changes, was_reset: bool) -> None:
        journal = self._journal
        if journal is None or (changes == _Changes() and not was_reset):
            return
        if was_reset:
            self._settings.clear()
            self._messages.clear()
            self._append("reset", {})
        for bucket in changes.buckets:
            self._write_bucket(bucket)
        for bucket, key in changes.objects:
            self._write_object(journal, bucket, key)
        if changes.queue:
            self._write_messages()
        for send, target, payload in changes.events:
            send(target, payload)
        journal.commit()

    def _write_bucket(self, name: str) -> None:
        with self._order:
            region = stored_objects.find_region(self._account, name)
            if region is None:
                self._settings.pop(name, None)
                self._append_deleted("bucket", name)
            else:
                bucket = PersistedBucket(region, self._settings.get(name, {}))
                self._append("bucket", make_bucket(name, bucket))

    def _write_object(self, journal: Journal, bucket: str, key: str) -> None:
        """Write all versions of an object as they are now, which may be later than the request."""
        while True:
            try:
                versions = stored_objects.list_versions(self._account, bucket, key)
                for version, content in stored_objects.read_unstored(versions):
                    setattr(version, stored_objects.FILE_ATTRIBUTE, journal.store(content))
            except stored_objects.DisposedError:
                continue
            with self._order:
                versions = stored_objects.list_versions(self._account, bucket, key)
                if not stored_objects.are_stored(versions):
                    continue
                described = [
                    stored_objects.describe(self._account, bucket, version).write()
                    for version in versions
                ]
                self._append("object", {"bucket": bucket, "key": key, "versions": described})
                return

    def _write_messages(self) -> None:
        with self._order:
            found = stored_objects.list_messages(self._account, self._region, self._queue)
            for name in self._messages - found.keys():
                self._append_deleted("failure", name)
            for name, body in found.items():
                if name not in self._messages:
                    self._append("failure", {"name": name, "body": body})
            self._messages = set(found)

    def _append_deleted(self, what: str, name: str) -> None:
        self._append("deleted", {"what": what, "name": name})

    def _append(self, kind: str, entry: Mapping[str, Any]) -> None:
        """Write a change that can be read again. Raises OSError and UnusablePath."""
        if self._journal is None:
            return
        change = {"kind": kind, **entry}
        try:
            State().apply(change)
        except ValueError as error:
            raise UnusablePath(f"a change cannot be kept: {error}") from error
        self._journal.append(change)
