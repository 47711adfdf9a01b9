"""Owns what outlives the emulator: the objects of its buckets and its failure queue, in a folder.

`index.json` lists objects and failed events; the objects' bytes lie beside it, in files named by
their SHA-256. Earlier versions of objects, their tags, and buckets' settings are not kept.
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
class KeptObject:
    """An object of a bucket, and the file in the folder that holds its bytes."""

    bucket: str
    key: str
    file: str
    content_type: str
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class Index:
    """What index.json lists: objects, and records of failures."""

    objects: Sequence[KeptObject] = ()
    failures: Sequence[str] = ()


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Have a folder to oneself: of two emulators, the last would remove what the other has kept.

    Raises EmulatorError.
    """
    prepare_folder(folder)
    path = folder / "lock"
    with ExitStack() as held:
        try:
            held.enter_context(locked(path, wait=False))
        except BlockingIOError as error:
            raise EmulatorError(
                f"another emulator keeps what it has in {folder}",
                "Name another folder, or end that one first.",
            ) from error
        except OSError as error:
            raise EmulatorError(
                f"cannot lock {path}: {explain_os_error(error)}",
                "Remove that file, or name another folder.",
            ) from error
        yield


def restore_objects(account: Account, folder: Path) -> int:
    """Put kept objects into their buckets, made if need be; give their number.

    To be done before the stack is deployed: without a trigger nothing runs. Raises UnusablePath,
    EmulatorError and AwsError.
    """
    prepare_folder(folder)
    s3, objects = account.clients["s3"], _read_index(folder).objects
    s3.meta.events.unregister("before-parameter-build.s3.PutObject", validate_ascii_metadata)
    s3.meta.events.register("before-send.s3.PutObject", _send_latin_1)
    with translate_errors("restore what was kept"):
        for bucket in sorted({one.bucket for one in objects}):
            s3.create_bucket(Bucket=bucket)
        for one in objects:
            s3.put_object(
                Bucket=one.bucket,
                Key=one.key,
                Body=_read_object(folder / one.file, one.key),
                ContentType=one.content_type,
                Metadata=one.metadata,
            )
    return len(objects)


def _send_latin_1(request: Any, **_: object) -> None:
    """Send headers in the encoding in which moto reads and writes them; botocore sends UTF-8."""
    for name, value in request.headers.items():
        if isinstance(value, bytes):
            request.headers[name] = value.decode().encode("latin-1")


def _read_object(path: Path, key: str) -> bytes:
    """Read a kept object. Raises EmulatorError."""
    try:
        data = read_whole(path)
        if _name_file(data) != path.name:
            raise UnusablePath("it is not what was kept there")
    except UnusablePath as error:
        raise EmulatorError(
            f"{path}, which is {key}: {error}",
            "Put the file back, name another folder, or take the object out of index.json.",
        ) from error
    return data


def restore_failures(account: Account, queue: str, folder: Path) -> int:
    """Put kept records of failures into the queue again; give their number. Raises as above."""
    failures = _read_index(folder).failures
    sqs = account.clients["sqs"]
    with translate_errors("restore the failure queue"):
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        for body in failures:
            sqs.send_message(QueueUrl=url, MessageBody=body)
    return len(failures)


def save_state(account: Account, queue: str, folder: Path, besides: Collection[str]) -> None:
    """Write all objects, but those of the buckets `besides`, and the queue, which is emptied.

    Files of objects that are gone are removed last. Raises UnusablePath and AwsError.
    """
    with translate_errors(f"keep everything in {folder}"):
        objects = list(_keep_objects(account.clients["s3"], folder, besides))
        failures = list(take_failures(account.clients["sqs"], queue))
    index = {"version": INDEX_VERSION, **asdict(Index(objects, failures))}
    write_whole(folder / INDEX, json.dumps(index, indent=1).encode())
    used = {one.file for one in objects}
    for path in folder.glob("*.object"):
        if path.name not in used:
            path.unlink()


def _keep_objects(s3: Any, folder: Path, besides: Collection[str]) -> Iterator[KeptObject]:
    for bucket in s3.list_buckets()["Buckets"]:
        if bucket["Name"] in besides:
            continue
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
            for one in page.get("Contents", ()):
                answer = s3.get_object(Bucket=bucket["Name"], Key=one["Key"])
                data = answer["Body"].read()
                file = _name_file(data)
                if not (folder / file).exists():
                    write_whole(folder / file, data)
                yield KeptObject(
                    bucket["Name"], one["Key"], file, answer["ContentType"], answer["Metadata"]
                )


def take_failures(sqs: Any, queue: str) -> Iterator[str]:
    """Take every message out of the queue, if there is one."""
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
    """Read what index.json lists, empty if there is none. Raises EmulatorError."""
    path = folder / INDEX
    if not os.path.lexists(path):
        return Index()
    try:
        match json.loads(read_whole(path)):
            case {"version": version, "objects": list(objects), "failures": list(failures)}:
                if version == INDEX_VERSION:
                    return Index(list(map(_read_kept, objects)), list(map(_read_text, failures)))
        raise ValueError("something is missing or of another type")
    except (UnusablePath, ValueError, RecursionError) as error:
        raise EmulatorError(
            f"{path} is not what --persist writes", "Name another folder, or delete that file."
        ) from error


def _read_kept(value: object) -> KeptObject:
    """Read an object's entry. Raises ValueError."""
    match value:
        case {
            "bucket": str(bucket),
            "key": str(key),
            "file": str(file),
            "content_type": str(content_type),
            "metadata": dict(metadata),
        } if (
            _read_text(key)
            and FILE.fullmatch(file)
            and all(name.isascii() and name.isprintable() for name in metadata)
            and all(map(_fits_header, (content_type, *metadata.values())))
        ):
            return KeptObject(bucket, key, file, content_type, metadata)
    raise ValueError("an object is not described as it should be")


def _read_text(value: object) -> str:
    """Read text that can be sent: half of a surrogate pair cannot. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("not text")
    value.encode()
    return value


def _fits_header(value: object) -> bool:
    """Return whether a value can be sent as the value of an HTTP header."""
    return isinstance(value, str) and HEADER_VALUE.fullmatch(value) is not None
