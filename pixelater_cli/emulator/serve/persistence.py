"""Storage of the emulator's objects and failure records in a folder, between two runs.

`index.json` lists objects and records; the content of objects is in files next to it, named by
SHA-256. Noncurrent versions, tags and the settings of buckets are not stored.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from botocore.handlers import validate_ascii_metadata

from pixelater_cli.aws.errors import translate_errors
from pixelater_cli.aws.session import Account
from pixelater_cli.errors import EmulatorError, UnusablePath, explain_os_error
from pixelater_cli.local.files import locked, prepare_folder, read_whole, write_whole

INDEX = "index.json"
INDEX_VERSION = 1
HEADER_VALUE = re.compile(r"[^\r\n\u0100-\U0010ffff]*")
"""Clients may send more than boto3 does: curl sends any bytes, which moto reads as Latin-1."""
FILE = re.compile(r"[0-9a-f]{64}\.object")


@dataclass(frozen=True)
class PersistedObject:
    """An object of a bucket, and the name of the file with its content."""

    bucket: str
    key: str
    file: str
    content_type: str
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class Index:
    """Content of index.json: objects and failure records."""

    objects: Sequence[PersistedObject] = ()
    failures: Sequence[str] = ()


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Lock a folder: of two emulators, the last would remove the files of the other.

    Raises EmulatorError.
    """
    prepare_folder(folder)
    path = folder / "lock"
    with ExitStack() as locks:
        try:
            locks.enter_context(locked(path, wait=False))
        except BlockingIOError as error:
            raise EmulatorError(
                f"another emulator uses {folder}",
                "Choose another folder, or stop the other emulator first.",
            ) from error
        except OSError as error:
            raise EmulatorError(
                f"cannot lock {path}: {explain_os_error(error)}",
                "Remove that file, or choose another folder.",
            ) from error
        yield


def restore_objects(account: Account, folder: Path) -> int:
    """Restore objects and their buckets, and return the number of objects.

    Must run before the deployment, so that the uploads do not trigger the function. Raises
    UnusablePath, EmulatorError and AwsError.
    """
    prepare_folder(folder)
    s3, objects = account.clients["s3"], _read_index(folder).objects
    s3.meta.events.unregister("before-parameter-build.s3.PutObject", validate_ascii_metadata)
    s3.meta.events.register("before-send.s3.PutObject", _send_latin_1)
    with translate_errors("restore the objects"):
        for bucket in sorted({stored.bucket for stored in objects}):
            s3.create_bucket(Bucket=bucket)
        for stored in objects:
            s3.put_object(
                Bucket=stored.bucket,
                Key=stored.key,
                Body=_read_content(folder / stored.file, stored.key),
                ContentType=stored.content_type,
                Metadata=stored.metadata,
            )
    return len(objects)


def _send_latin_1(request: Any, **_: object) -> None:
    """Send headers in the encoding in which moto reads and writes them; botocore sends UTF-8."""
    for name, value in request.headers.items():
        if isinstance(value, bytes):
            request.headers[name] = value.decode().encode("latin-1")


def _read_content(path: Path, key: str) -> bytes:
    """Read the content of an object. Raises EmulatorError."""
    try:
        data = read_whole(path)
        if _name_file(data) != path.name:
            raise UnusablePath("its content has changed")
    except UnusablePath as error:
        raise EmulatorError(
            f"cannot restore {key} from {path}: {error}",
            "Restore the file, choose another folder, or remove the object from index.json.",
        ) from error
    return data


def restore_failures(account: Account, queue: str, folder: Path) -> int:
    """Restore failure records in the queue, and return their number.

    Raises EmulatorError and AwsError.
    """
    failures = _read_index(folder).failures
    sqs = account.clients["sqs"]
    with translate_errors("restore the failure queue"):
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        for body in failures:
            sqs.send_message(QueueUrl=url, MessageBody=body)
    return len(failures)


def save_state(account: Account, queue: str, folder: Path, excluded: Collection[str]) -> None:
    """Save the objects of all but the excluded buckets, and the queue, which is emptied.

    Files of deleted objects are removed last. Raises UnusablePath and AwsError.
    """
    with translate_errors(f"save the objects in {folder}"):
        objects = list(_save_objects(account.clients["s3"], folder, excluded))
        failures = list(take_failures(account.clients["sqs"], queue))
    index = {"version": INDEX_VERSION, **asdict(Index(objects, failures))}
    write_whole(folder / INDEX, json.dumps(index, indent=1).encode())
    used = {stored.file for stored in objects}
    for path in folder.glob("*.object"):
        if path.name not in used:
            path.unlink()


def _save_objects(s3: Any, folder: Path, excluded: Collection[str]) -> Iterator[PersistedObject]:
    for bucket in s3.list_buckets()["Buckets"]:
        if bucket["Name"] in excluded:
            continue
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
            for entry in page.get("Contents", ()):
                response = s3.get_object(Bucket=bucket["Name"], Key=entry["Key"])
                data = response["Body"].read()
                file = _name_file(data)
                if not (folder / file).exists():
                    write_whole(folder / file, data)
                yield PersistedObject(
                    bucket["Name"],
                    entry["Key"],
                    file,
                    response["ContentType"],
                    response["Metadata"],
                )


def take_failures(sqs: Any, queue: str) -> Iterator[str]:
    """Receive and delete all messages of the queue, if it exists."""
    try:
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        return
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            yield message["Body"]
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def _name_file(data: bytes) -> str:
    return f"{hashlib.sha256(data).hexdigest()}.object"


def _read_index(folder: Path) -> Index:
    """Read index.json, or return an empty index. Raises EmulatorError."""
    path = folder / INDEX
    if not os.path.lexists(path):
        return Index()
    try:
        match json.loads(read_whole(path)):
            case {"version": version, "objects": list(objects), "failures": list(failures)}:
                if version == INDEX_VERSION:
                    return Index(
                        list(map(_parse_object, objects)), list(map(_parse_text, failures))
                    )
        raise ValueError("a value is missing or of another type")
    except (UnusablePath, ValueError, RecursionError) as error:
        raise EmulatorError(
            f"{path} was not written by --persist", "Choose another folder, or delete that file."
        ) from error


def _parse_object(value: object) -> PersistedObject:
    """Parse an object's entry. Raises ValueError."""
    match value:
        case {
            "bucket": str(bucket),
            "key": str(key),
            "file": str(file),
            "content_type": str(content_type),
            "metadata": dict(metadata),
        } if (
            _parse_text(key)
            and FILE.fullmatch(file)
            and all(name.isascii() and name.isprintable() for name in metadata)
            and all(map(_is_header_value, (content_type, *metadata.values())))
        ):
            return PersistedObject(bucket, key, file, content_type, metadata)
    raise ValueError("not an object's entry")


def _parse_text(value: object) -> str:
    """Parse text that can be sent, without half surrogate pairs. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("not text")
    value.encode()
    return value


def _is_header_value(value: object) -> bool:
    """Return whether a value can be sent as the value of an HTTP header."""
    return isinstance(value, str) and HEADER_VALUE.fullmatch(value) is not None
