"""State that `--persist` keeps, as JSON: an index of everything, and changes to it. Pure.

The index is that of 0.1.0, which reads what this version writes: everything since is in additional
keys, which 0.1.0 ignores. Values that the emulator does not write are refused: the folder may come
from someone else, and names in it are opened as files.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pixelater_cli.emulator.persisted_values import (
    are_details,
    are_headers,
    are_texts,
    is_header_value,
    parse_text,
)

INDEX_VERSION = 1
FILE = re.compile(r"[0-9a-f]{64}\.object")
"""Name of the file with an object's content, by its SHA-256."""

ARN = re.compile(r"arn:[^:]+:lambda:[^:]+:[^:]+:function:[^:]+(:[^:]+)?")
"""ARN of a function, with or without a qualifier."""

BUCKET = re.compile(r"[\w.-]{3,63}", re.ASCII)


@dataclass(frozen=True)
class PersistedVersion:
    """A version of an object, and the name of the file with its content; "": a delete marker.

    `headers` are those of the response other than the content type, such as Cache-Control.
    """

    bucket: str
    key: str
    file: str
    content_type: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    def write(self) -> dict[str, Any]:
        """Return the entry in JSON."""
        entry: dict[str, Any] = {
            "bucket": self.bucket,
            "key": self.key,
            "file": self.file,
            "content_type": self.content_type,
            "metadata": dict(self.metadata),
        }
        more = {"headers": self.headers, "tags": self.tags, "details": self.details}
        return entry | {name: dict(value) for name, value in more.items() if value}


@dataclass(frozen=True)
class PersistedEvent:
    """An asynchronous event of a function that has not ended.

    The payload is its bytes as Latin-1, in which each byte is one character.
    """

    function: str
    payload: str


@dataclass(frozen=True)
class PersistedBucket:
    """A bucket: its region ("": that of the account), and the bodies of its settings by query."""

    region: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass
class State:
    """Everything that is kept. Versions are in the order of their creation."""

    buckets: dict[str, PersistedBucket] = field(default_factory=dict)
    versions: dict[tuple[str, str], Sequence[PersistedVersion]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    events: dict[str, PersistedEvent] = field(default_factory=dict)

    @property
    def current(self) -> list[PersistedVersion]:
        """The newest versions, without delete markers."""
        return [versions[-1] for versions in self.versions.values() if versions[-1].file]

    @property
    def files(self) -> set[str]:
        return {version.file for versions in self.versions.values() for version in versions}

    def write_index(self) -> dict[str, Any]:
        """Return the index in JSON. What 0.1.0 does not know is left out if there is none."""
        current = self.current
        noncurrent = [
            version.write()
            for versions in self.versions.values()
            for version in (versions[:-1] if versions[-1].file else versions)
        ]
        derived = {version.bucket: PersistedBucket() for version in current}
        index: dict[str, Any] = {
            "version": INDEX_VERSION,
            "objects": [version.write() for version in current],
            "failures": list(self.failures.values()),
        }
        more: dict[str, Any] = {
            "noncurrent": noncurrent,
            "buckets": [
                make_bucket(name, bucket)
                for name, bucket in self.buckets.items()
                if bucket != derived.get(name)
            ],
            "failure_ids": list(self.failures),
            "events": [make_event(name, event) for name, event in self.events.items()],
        }
        return index | {name: value for name, value in more.items() if value}

    def apply(self, change: object) -> None:
        """Apply a change of the journal. Raises ValueError."""
        match change:
            case {"kind": "object", "bucket": str(bucket), "key": str(key), "versions": list(rest)}:
                versions = list(map(parse_version, rest))
                if any((version.bucket, version.key) != (bucket, key) for version in versions):
                    raise ValueError("versions of another object")
                self.versions.pop((bucket, key), None)
                self._add_versions(versions)
            case {"kind": "reset"}:
                for entries in self._entries.values():
                    entries.clear()
                self.versions.clear()
            case {"kind": "deleted", "what": str(what), "name": str(name)} if what in PARSERS:
                self._entries[what].pop(name, None)
            case {"kind": str(what), **entry} if what in PARSERS:
                name, value = PARSERS[what](entry)
                self._entries[what][name] = value
            case _:
                raise ValueError("not a change")

    @property
    def _entries(self) -> dict[str, dict[str, Any]]:
        return {"bucket": self.buckets, "failure": self.failures, "event": self.events}

    def _add_versions(self, versions: Iterable[PersistedVersion]) -> None:
        for version in versions:
            place = version.bucket, version.key
            self.versions[place] = [*self.versions.get(place, ()), version]
            self.buckets.setdefault(version.bucket, PersistedBucket())


def parse_index(index: object) -> State:
    """Parse an index. Raises ValueError."""
    match index:
        case {"version": version, "objects": list(objects), "failures": list(failures), **more}:
            if version == INDEX_VERSION:
                return _parse_state(objects, failures, more)
    raise ValueError("a value is missing or of another type")


def _parse_state(objects: list[object], failures: list[object], more: Mapping[Any, Any]) -> State:
    state = State()
    ids = more.get("failure_ids", [str(uuid.uuid4()) for _ in failures])
    match more.get("noncurrent", []), more.get("buckets", []), ids, more.get("events", []):
        case list(noncurrent), list(buckets), list(ids), list(events):
            state.buckets.update(map(parse_bucket, buckets))
            state._add_versions(map(parse_version, noncurrent))  # noqa: SLF001
            current = list(map(parse_version, objects))
            if not all(version.file for version in current):
                raise ValueError("an object without a file")
            state._add_versions(current)  # noqa: SLF001
            names = map(parse_text, ids)
            state.failures.update(zip(names, map(parse_text, failures), strict=True))
            state.events.update(map(parse_event, events))
            return state
    raise ValueError("a value is of another type")


def parse_version(value: object) -> PersistedVersion:
    """Parse the entry of a version. Raises ValueError."""
    match value:
        case {
            "bucket": str(bucket),
            "key": str(key),
            "file": str(file),
            "content_type": str(content_type),
            "metadata": dict(metadata),
            **more,
        } if (
            BUCKET.fullmatch(bucket)
            and parse_text(key)
            and (not file or FILE.fullmatch(file))
            and is_header_value(content_type)
            and are_headers(metadata)
        ):
            match more.get("headers", {}), more.get("tags", {}), more.get("details", {}):
                case dict(headers), dict(tags), dict(details) if (
                    are_headers(headers) and are_texts(tags) and are_details(details)
                ):
                    return PersistedVersion(
                        bucket, key, file, content_type, metadata, headers, tags, details
                    )
    raise ValueError("not an object's entry")


def make_bucket(name: str, bucket: PersistedBucket) -> dict[str, Any]:
    """Return the entry of a bucket in JSON."""
    return {"name": name, "region": bucket.region, "settings": dict(bucket.settings)}


def parse_bucket(value: object) -> tuple[str, PersistedBucket]:
    """Parse the entry of a bucket. Raises ValueError."""
    match value:
        case {"name": str(name), "region": str(region), "settings": dict(settings)}:
            if BUCKET.fullmatch(name) and are_texts(settings):
                return name, PersistedBucket(region, settings)
    raise ValueError("not a bucket's entry")


def make_event(name: str, event: PersistedEvent) -> dict[str, Any]:
    """Return the entry of an event in JSON."""
    return {"name": name, "function": event.function, "payload": event.payload}


def parse_event(value: object) -> tuple[str, PersistedEvent]:
    """Parse the entry of an event. Raises ValueError."""
    match value:
        case {"name": str(name), "function": str(function), "payload": str(payload)}:
            payload.encode("latin-1")
            if ARN.fullmatch(function):
                return name, PersistedEvent(function, payload)
    raise ValueError("not an event's entry")


def parse_failure(value: object) -> tuple[str, str]:
    """Parse the entry of a failure record. Raises ValueError."""
    match value:
        case {"name": str(name), "body": body}:
            return name, parse_text(body)
    raise ValueError("not a failure's entry")


PARSERS: Mapping[str, Callable[[object], tuple[str, Any]]] = {
    "bucket": parse_bucket,
    "failure": parse_failure,
    "event": parse_event,
}
"""Parsers of the entries in the journal, by their kind."""
