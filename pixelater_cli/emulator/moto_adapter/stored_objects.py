"""Objects, buckets and queue messages of moto in the form that `--persist` keeps, and back.

It uses moto's models instead of HTTP, because the API cannot set version IDs and times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from moto.s3.models import FakeDeleteMarker, FakeKey, S3Backend, s3_backends
from moto.sqs.models import Message, sqs_backends

from pixelater_cli.emulator.persisted_state import PersistedBucket, PersistedVersion

FILE_ATTRIBUTE = "pixelater_file"
"""Attribute of a FakeKey with the name of the file that has its content."""

METADATA = "x-amz-meta-"
CONTENT_TYPE = "Content-Type"

PRIVATE = {"version_id": "_version_id", "storage_class": "_storage_class", "etag": "_etag"}
"""Attributes of a FakeKey that are named otherwise."""

ATTRIBUTES = (
    "version_id",
    "storage_class",
    "encryption",
    "kms_key_id",
    "bucket_key_enabled",
    "lock_mode",
    "lock_legal_status",
    "lock_until",
    "checksum_value",
    "checksum_type",
    "checksum_parts",
    "checksum_algorithm",
    "website_redirect_location",
)

DEFAULTS = {"version_id": "null", "storage_class": "STANDARD"}


class DisposedError(Exception):
    """A version was replaced in the meantime, so its content is lost."""


def list_versions(account: str, bucket: str, key: str) -> list[Any]:
    """Return the versions of an object: FakeKey and FakeDeleteMarker."""
    found = s3_backends[account]["aws"].buckets.get(bucket)
    return list(found.keys.getlist(key, [])) if found else []


def find_version(account: str, bucket: str, key: str, version_id: str | None) -> FakeKey | None:
    """Return a version of an object, by default the current one; None if it does not exist."""
    versions = list_versions(account, bucket, key)
    if version_id is not None:
        versions = [version for version in versions if version.version_id == version_id]
    version = versions[-1] if versions else None
    return version if isinstance(version, FakeKey) else None


def find_region(account: str, bucket: str) -> str | None:
    """Return the region of a bucket, or None if it does not exist."""
    found = s3_backends[account]["aws"].buckets.get(bucket)
    return found.region_name if found else None


def are_stored(versions: Sequence[Any]) -> bool:
    """Return whether the content of all versions is in files."""
    return all(
        isinstance(version, FakeDeleteMarker) or hasattr(version, FILE_ATTRIBUTE)
        for version in versions
    )


def read_unstored(versions: Sequence[Any]) -> Iterator[tuple[Any, bytes]]:
    """Yield versions whose content is not in a file, and the content. Raises DisposedError."""
    for version in versions:
        if isinstance(version, FakeKey) and not hasattr(version, FILE_ATTRIBUTE):
            try:
                yield version, version.value
            except ValueError as error:  # Its buffer is closed.
                raise DisposedError from error


def describe(account: str, bucket: str, version: Any) -> PersistedVersion:
    """Return the persistent form of a version, whose content is in a file."""
    details = {"last_modified": version.last_modified.isoformat()}
    if isinstance(version, FakeDeleteMarker):
        return PersistedVersion(
            bucket, version.name, "", details=details | {"version_id": version.version_id}
        )
    headers = dict(version.metadata)
    metadata = {
        name.lower().removeprefix(METADATA): headers.pop(name)
        for name in list(headers)
        if name.lower().startswith(METADATA)
    }
    content_type = next(
        (headers.pop(name) for name in list(headers) if name.lower() == CONTENT_TYPE.lower()), ""
    )
    for name in ATTRIBUTES:
        value = getattr(version, PRIVATE.get(name, name))
        if value is not None and value != DEFAULTS.get(name):
            details[name] = value
    tags = s3_backends[account]["aws"].tagger.get_tag_dict_for_resource(version.arn)
    return PersistedVersion(
        bucket,
        version.name,
        getattr(version, FILE_ATTRIBUTE),
        content_type,
        metadata,
        headers,
        tags,
        details | {"etag": version.etag.strip('"')},
    )


def restore_bucket(account: str, name: str, bucket: PersistedBucket, region: str) -> None:
    """Create a bucket, if it does not exist."""
    backend = s3_backends[account]["aws"]
    if name not in backend.buckets:
        backend.create_bucket(name, bucket.region or region)


def restore_versions(
    account: str, versions: Sequence[PersistedVersion], read: Callable[[PersistedVersion], bytes]
) -> None:
    """Restore all versions of an object, without events."""
    backend = s3_backends[account]["aws"]
    restored: list[Any] = []
    for version in versions:
        if version.file:
            restored.append(_make_key(backend, version, read(version)))
        else:
            before = restored[-1] if restored else _make_key(backend, version, b"")
            marker = FakeDeleteMarker(before)
            marker._version_id = version.details.get("version_id", marker.version_id)  # noqa: SLF001
            restored.append(marker)
        if when := version.details.get("last_modified"):
            restored[-1].last_modified = datetime.fromisoformat(when)
    backend.buckets[versions[0].bucket].keys.setlist(versions[0].key, restored)


def _make_key(backend: S3Backend, version: PersistedVersion, content: bytes) -> FakeKey:
    details = version.details
    key = FakeKey(
        name=version.key,
        value=content,
        account_id=backend.account_id,
        region_name=backend.region_name,
        bucket_name=version.bucket,
        is_versioned=details.get("version_id", "null") != "null",
        etag=details.get("etag"),
    )
    for name in ATTRIBUTES:
        default = DEFAULTS.get(name)
        setattr(key, PRIVATE.get(name, name), details.get(name, default))
    metadata = {f"{METADATA}{name}": value for name, value in version.metadata.items()}
    content_type = {CONTENT_TYPE: version.content_type} if version.content_type else {}
    key.set_metadata({**content_type, **version.headers, **metadata})
    if version.tags:
        backend.tagger.tag_resource(
            key.arn, [{"Key": name, "Value": value} for name, value in version.tags.items()]
        )
    if version.file:
        setattr(key, FILE_ATTRIBUTE, version.file)
    return key


def restore_message(account: str, region: str, queue: str, name: str, body: str) -> None:
    """Put a message with its ID into a queue. Raises QueueDoesNotExist."""
    message = Message(name, body)
    message.mark_sent()
    sqs_backends[account][region].get_queue(queue).add_message(message)


def list_messages(account: str, region: str, queue: str) -> dict[str, str]:
    """Return the bodies of all messages of a queue by their IDs, also of those received."""
    found = sqs_backends[account][region].queues.get(queue)
    messages = list(found._messages) if found else []  # noqa: SLF001 (`messages` are the visible)
    return {message.id: message.body for message in messages}
