"""`--persist` against kills: what was answered is there again, as it was.

A kill is simulated: the folder is read while the emulator that writes it still runs.
"""

from __future__ import annotations

import http.client
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError

from pixelater_cli.aws.session import connect
from pixelater_cli.emulator.lambda_service.models import FunctionRef
from pixelater_cli.emulator.persisted_state import PersistedBucket, State
from pixelater_cli.emulator.pipeline import start_emulator
from pixelater_cli.emulator.serve.keeper import Keeper
from pixelater_cli.emulator.serve.persistence import read_state
from pixelater_cli.errors import EmulatorError, UnusablePath

BUCKET = "photos"
QUEUE = "failures"
PART = bytes(range(256)) * 4096 * 5

Start = Callable[[Path], tuple[Any, Any]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start an emulator on a folder, or on a copy of the one of the emulator before; S3 and SQS."""
    with ExitStack() as stack:

        def start_one(folder: Path) -> tuple[Any, Any]:
            if folder.exists():
                folder = Path(shutil.copytree(folder, folder.with_name(f"{folder.name}-killed")))
            else:
                folder.mkdir()
            stack.close()
            keeper = Keeper(folder)
            stack.callback(keeper.close)
            emulator = stack.enter_context(start_emulator(keeper=keeper))
            account = connect(None, None, emulator.endpoint_url, time.sleep)
            keeper.restore(account, ())
            account.clients["sqs"].create_queue(QueueName=QUEUE)
            keeper.restore_failures(QUEUE)
            return account.clients["s3"], account.clients["sqs"]

        yield start_one


def read(s3: Any, key: str, **version: str) -> bytes:
    data: bytes = s3.get_object(Bucket=BUCKET, Key=key, **version)["Body"].read()
    return data


def put_all(s3: Any) -> None:
    """Change objects in each way that S3 has."""
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(
        Bucket=BUCKET,
        Key="plain",
        Body=b"plain",
        ContentType="image/png",
        CacheControl="no-store",
        Metadata={"by": "me"},
        Tagging="a=1&b=2",
        StorageClass="STANDARD_IA",
    )
    s3.put_object(Bucket=BUCKET, Key="overwritten", Body=b"first")
    s3.put_object(Bucket=BUCKET, Key="overwritten", Body=b"second")
    s3.put_object(Bucket=BUCKET, Key="deleted", Body=b"deleted")
    s3.delete_object(Bucket=BUCKET, Key="deleted")
    for number in range(3):
        s3.put_object(Bucket=BUCKET, Key=f"batch/{number}", Body=b"batch")
    objects = [{"Key": "batch/0"}, {"Key": "batch/2"}]
    s3.delete_objects(Bucket=BUCKET, Delete={"Objects": objects})
    source = {"Bucket": BUCKET, "Key": "plain"}
    s3.copy_object(Bucket=BUCKET, Key="copied", CopySource=source)
    s3.copy_object(
        Bucket=BUCKET,
        Key="replaced",
        CopySource=source,
        MetadataDirective="REPLACE",
        Metadata={"by": "you"},
    )
    s3.put_object(Bucket=BUCKET, Key="tagged", Body=b"tagged")
    s3.put_object_tagging(
        Bucket=BUCKET, Key="tagged", Tagging={"TagSet": [{"Key": "late", "Value": "\u00e9"}]}
    )
    s3.put_object(Bucket=BUCKET, Key="untagged", Body=b"untagged", Tagging="a=1")
    s3.delete_object_tagging(Bucket=BUCKET, Key="untagged")
    upload = {"Bucket": BUCKET, "Key": "large \u00e9"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    parts = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(**upload, PartNumber=number, Body=body)["ETag"],
        }
        for number, body in ((1, PART), (2, b"end"))
    ]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})


def describe(s3: Any) -> dict[str, Any]:
    """Return everything that S3 tells of the objects."""
    return {
        entry["Key"]: (
            entry["ETag"],
            entry["LastModified"],
            read(s3, entry["Key"]),
            {
                name: value
                for name, value in s3.head_object(Bucket=BUCKET, Key=entry["Key"]).items()
                if name != "ResponseMetadata"
            },
            s3.get_object_tagging(Bucket=BUCKET, Key=entry["Key"])["TagSet"],
        )
        for entry in s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    }


def test_changes_of_objects_survive_a_kill(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    s3, _ = start(folder)
    put_all(s3)
    before = describe(s3)
    assert " ".join(before) == (
        "batch/1 copied large \u00e9 overwritten plain replaced tagged untagged"
    )
    s3, _ = start(folder)
    assert describe(s3) == before


def test_versions_and_delete_markers_survive_a_kill(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    s3, _ = start(folder)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"before versioning")
    enabled = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=enabled)
    first = s3.put_object(Bucket=BUCKET, Key="a", Body=b"1", Tagging="n=1")["VersionId"]
    gone = s3.put_object(Bucket=BUCKET, Key="a", Body=b"2")["VersionId"]
    s3.delete_object(Bucket=BUCKET, Key="a", VersionId=gone)
    s3.delete_object(Bucket=BUCKET, Key="a")
    s3.put_object(Bucket=BUCKET, Key="b", Body=b"b")
    s3.delete_object(Bucket=BUCKET, Key="b")
    s3.put_object(Bucket=BUCKET, Key="b", Body=b"again")

    def list_versions() -> tuple[Any, Any]:
        listed = s3.list_object_versions(Bucket=BUCKET)
        return listed["Versions"], listed["DeleteMarkers"]

    before = list_versions()
    s3, _ = start(folder)
    assert list_versions() == before
    assert read(s3, "a", VersionId=first) == b"1"
    assert read(s3, "a", VersionId="null") == b"before versioning"
    tags = s3.get_object_tagging(Bucket=BUCKET, Key="a", VersionId=first)["TagSet"]
    assert tags == [{"Key": "n", "Value": "1"}]
    with pytest.raises(ClientError):
        read(s3, "a")
    assert read(s3, "b") == b"again"


def test_buckets_and_their_settings_survive_a_kill(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    s3, _ = start(folder)
    for bucket in ("empty", "deleted", BUCKET):
        s3.create_bucket(Bucket=bucket)
    s3.delete_bucket(Bucket="deleted")
    tags = {"TagSet": [{"Key": "team", "Value": "\u00e9"}]}
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging=tags)
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    statements = [{**allowed, "Resource": f"arn:aws:s3:::{BUCKET}/*"}]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)
    s3.put_bucket_policy(Bucket="empty", Policy=policy.replace(BUCKET, "empty"))
    s3.delete_bucket_policy(Bucket="empty")
    s3, _ = start(folder)
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["empty", BUCKET]
    assert s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"] == tags["TagSet"]
    assert s3.get_bucket_policy(Bucket=BUCKET)["Policy"] == policy
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket="empty")


def test_failure_records_survive_a_kill(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    _, sqs = start(folder)
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    for body in ("deleted", "received", "waiting"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    for _ in range(2):
        (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
        if message["Body"] == "deleted":
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    for _ in range(2):  # A kill after a kill, and what was restored is kept as well.
        _, sqs = start(folder)
        url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        assert {message["Body"] for message in messages} == {"received", "waiting"}
        folder = folder.with_name(f"{folder.name}-killed")


def test_headers_beyond_ascii_survive_a_kill(start: Start, tmp_path: Path) -> None:
    """boto3 refuses to send such values; curl does not."""
    folder = tmp_path / "kept"
    value = "\u00e9\u00c3a\tb\x01\x7f"
    s3, _ = start(folder)
    s3.create_bucket(Bucket=BUCKET)
    connection = http.client.HTTPConnection(urlsplit(s3.meta.endpoint_url).netloc)
    headers = {"x-amz-meta-title": value, "Content-Type": f"image/{value}"}
    connection.request("PUT", f"/{BUCKET}/a", b"a", headers)
    assert connection.getresponse().status == 200
    connection.close()
    s3, _ = start(folder)
    stored = s3.head_object(Bucket=BUCKET, Key="a")
    assert (stored["Metadata"], stored["ContentType"]) == ({"title": value}, f"image/{value}")


def test_change_that_could_not_be_read_is_not_written(moto: str, tmp_path: Path) -> None:
    """Otherwise, the next emulator would refuse the folder."""
    with closing(Keeper(tmp_path)) as keeper:
        keeper.restore(connect(None, None, moto, time.sleep), ())
        with pytest.raises(UnusablePath, match="cannot be kept: not an event's entry"):
            keeper.accept_event("1", FunctionRef("1", "r", "not:a:name"), b"{}")
        assert read_state(tmp_path) == State()


def test_events_that_have_not_ended_survive_a_kill(tmp_path: Path) -> None:
    """The functions do not exist, so that the first event ends at once, and runs never again."""
    keeper = Keeper(tmp_path)
    target = FunctionRef("123456789012", "us-east-1", "waiting", "live")
    with start_emulator(keeper=keeper) as emulator:
        keeper.restore(connect(None, None, emulator.endpoint_url, time.sleep), ())
        keeper.accept_event("waiting", target, b'{"a": "\xc3\xa9"}')
        keeper.accept_event("ended", target, b"{}")
        keeper.end_event("ended")
        with emulator.functions.watch() as reports:
            emulator.functions.send(target, b"{}")
            assert reports.get(timeout=10).result == "failed"
        events = read_state(tmp_path).events
    keeper.close()
    assert list(events) == ["waiting"]
    assert events["waiting"].function == target.arn
    assert events["waiting"].payload.encode("latin-1") == b'{"a": "\xc3\xa9"}'
    assert read_state(tmp_path).events == events


def test_reset_survives_a_kill(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    s3, sqs = start(folder)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"a")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="failure")
    urlopen(Request(f"{s3.meta.endpoint_url}/moto-api/reset", method="POST")).close()  # noqa: S310
    assert read_state(folder) == State()
    s3.create_bucket(Bucket=BUCKET)
    assert read_state(folder).buckets == {BUCKET: PersistedBucket("us-east-1")}


def append(folder: Path, data: bytes) -> None:
    with (folder / "journal.jsonl").open("ab") as journal:
        journal.write(data)


def test_a_half_written_change_is_ignored(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    s3, _ = start(folder)
    s3.create_bucket(Bucket=BUCKET)
    append(folder, b'{"kind": "deleted", "what": "buck')
    assert list(read_state(folder).buckets) == [BUCKET]


def test_a_journal_of_another_index_is_ignored(start: Start, tmp_path: Path) -> None:
    """0.1.0 replaces the index, and does not know the journal."""
    folder = tmp_path / "kept"
    s3, _ = start(folder)
    s3.create_bucket(Bucket=BUCKET)
    index = {"version": 1, "objects": [], "failures": ["of 0.1.0"]}
    (folder / "index.json").write_text(json.dumps(index))
    state = read_state(folder)
    assert (state.buckets, list(state.failures.values())) == ({}, ["of 0.1.0"])


OTHER = {"bucket": BUCKET, "key": "b", "content_type": "", "metadata": {}}

DAMAGED_CHANGES = [
    b"null",
    b"{}",
    b"\xff",
    b"[" * 100_000,
    b'{"kind": "other"}',
    b'{"kind": "deleted", "what": "other", "name": "a"}',
    b'{"kind": "event", "name": "a", "function": "rm -r", "payload": "{}"}',
    b'{"kind": "event", "name": "a", "function": "arn:aws:lambda:r:1:function:a", "payload": 1}',
    b'{"kind": "bucket", "name": "photos", "region": "", "settings": {"a": 1}}',
    b'{"kind": "bucket", "name": "../photos", "region": "", "settings": {}}',
    *(
        json.dumps(
            {"kind": "object", "bucket": BUCKET, "key": "b", "versions": [OTHER | change]}
        ).encode()
        for change in (
            {"file": "../../etc/passwd"},
            {"file": "/etc/passwd"},
            {"file": "index.json"},
            {"file": "", "bucket": "other"},
            {"file": "", "details": {"other": "a"}},
            {"file": "", "details": {"etag": 1}},
            {"file": "", "details": {"last_modified": "yesterday"}},
            {"file": "", "details": {"last_modified": "2026-01-01T00:00:00+00:00"}},
            {"file": "", "tags": {"a": 1}},
            {"file": "", "headers": {"a": "\n"}},
        )
    ),
]


def test_damaged_journal_is_refused(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    start(folder)
    journal = (folder / "journal.jsonl").read_bytes()
    for change in DAMAGED_CHANGES:
        (folder / "journal.jsonl").write_bytes(journal + change + b"\n")
        with pytest.raises(EmulatorError, match=r"journal\.jsonl is damaged: "):
            read_state(folder)
    (folder / "journal.jsonl").write_bytes(journal)


def test_a_change_that_cannot_be_kept_is_not_acknowledged(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    s3, _ = start(folder)
    s3.create_bucket(Bucket=BUCKET)
    shutil.rmtree(folder)
    folder.touch()
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=BUCKET, Key="a", Body=b"a")
    assert refused.value.response["Error"]["Code"] == "InternalError"
    folder.unlink()
    folder.mkdir()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("index.json", b"[]", "was not written by --persist"),
        ("index.json", b'{"name": "photos"}', "was not written by --persist"),
        ("journal.jsonl", b"once upon a time\n", "was not written by --persist"),
        (
            "index.json",
            b'{\n "version": 1,\n "objects": [',
            "is damaged: it is not JSON from line 3, column 14 on",
        ),
        ("index.json", b'{\n "version": 1\n}', "is damaged: a value is missing or of another type"),
        (
            "journal.jsonl",
            b'{"kind": "journal", "ind\n',
            "is damaged: it is not JSON from line 1, column 21 on",
        ),
    ],
)
def test_damaged_file_is_not_taken_for_another_programs(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(EmulatorError) as caught:
        read_state(tmp_path)
    assert str(caught.value) == f"{tmp_path / name} {message}"
    assert "delete" not in (caught.value.hint or "").lower()


def test_damaged_index_next_to_objects_is_not_foreign(tmp_path: Path) -> None:
    (tmp_path / f"{'0' * 64}.object").write_bytes(b"photo")
    (tmp_path / "index.json").write_bytes(bytes(100))
    with pytest.raises(EmulatorError, match=r"/index\.json is damaged: ") as caught:
        read_state(tmp_path)
    assert "Keep the *.object files" in caught.value.hint
