"""The emulator's web page: files and events in a bucket of its S3."""

from __future__ import annotations

import json
import mimetypes
import secrets
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from importlib import resources

from pixelater import GRIDS
from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.operations.failure_record import spell_reason
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.stack import Stack
from pixelater_cli.results.serve import HappeningResult

FILES = ("index.html", "page.css", "page.js", "icon.svg")
MAX_EVENTS = 200
"""Older events are removed."""


class Dashboard:
    """Web page of a stack. `grants` are parameters of PutObject that let a browser read an object.

    `details` are added to the page's stack.json.
    """

    def __init__(
        self, account: Account, stack: Stack, grants: Mapping[str, str], **details: str
    ) -> None:
        self.bucket = f"{stack.name}-page-bucket"
        self.url = f"{account.endpoint_url}/{self.bucket}/index.html"
        self._s3 = account.clients["s3"]
        self._region = account.region
        self._grants = grants
        self._events: deque[dict[str, object]] = deque(maxlen=MAX_EVENTS)
        self._number = 0
        self._run = secrets.token_hex(8)  # A new value tells pages that numbers start again.
        self._stack = {
            "source": stack.source_bucket,
            "destination": stack.destination_bucket,
            "function": stack.function,
            "grids": list(stack.grids or GRIDS),
            **details,
        }

    def publish(self) -> None:
        """Create the bucket and upload the page. Raises AwsError."""
        folder = resources.files("pixelater_cli.emulator.serve") / "dashboard"
        with translate_errors(f"publish the page in {self.bucket}"):
            location = {}
            if self._region != "us-east-1":
                location["CreateBucketConfiguration"] = {"LocationConstraint": self._region}
            self._s3.create_bucket(Bucket=self.bucket, **location)
            for name in FILES:
                kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
                self._put(name, (folder / name).read_bytes(), kind)
            self._put("stack.json", json.dumps(self._stack).encode(), "application/json")
            self._put_events()

    def add(self, activities: Iterable[HappeningResult]) -> None:
        """Show events on the page. Raises AwsError."""
        for activity in activities:
            self._number += 1
            shown = replace(activity, note=spell_reason(activity.note))
            self._events.append({"number": self._number, **asdict(shown)})
        with translate_errors("show an event on the page"):
            self._put_events()

    def remove(self) -> None:
        """Remove the page and its bucket. Raises AwsError."""
        with translate_errors(f"remove {self.bucket}"):
            for name in (*FILES, "stack.json", "events.json"):
                self._s3.delete_object(Bucket=self.bucket, Key=name)
            self._s3.delete_bucket(Bucket=self.bucket)

    def _put_events(self) -> None:
        body = json.dumps({"run": self._run, "events": list(self._events)}).encode()
        self._put("events.json", body, "application/json")

    def _put(self, name: str, body: bytes, kind: str) -> None:
        self._s3.put_object(
            Bucket=self.bucket, Key=name, Body=body, ContentType=kind, **self._grants
        )
