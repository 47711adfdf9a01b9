"""The emulator at its edges: moto's own API, a kept folder that lacks something, odd counts."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from contextlib import closing
from hashlib import sha256
from importlib import resources
from pathlib import Path

import pytest

from pixelater_cli.aws.session import connect
from pixelater_cli.emulator.persisted_state import PersistedVersion, State
from pixelater_cli.emulator.serve.keeper import Keeper
from pixelater_cli.emulator.serve.persistence import lock_folder, read_state, save_state
from pixelater_cli.errors import EmulatorError
from pixelater_cli.hosts import AWS_SUFFIXES
from pixelater_cli.results.backfill import BackfillResult
from pixelater_cli.results.failures import FailedEvent, FailuresResult, FailureState
from tests.functional.command import Snapshot
from tests.functional.conftest import Pixelater


@pytest.mark.parametrize("path", ["moto-api", "moto-api/", "moto-api/data.json", "moto-api/seed"])
def test_motos_own_pages_are_not_there(moto: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{moto}/{path}")  # noqa: S310 (http)
    refused.value.close()
    assert refused.value.code == 404


def test_a_kept_object_whose_file_is_gone_is_named(moto: str, tmp_path: Path) -> None:
    file = f"{'0' * 64}.object"
    version = PersistedVersion("photos", "trips/a.jpg", file)
    save_state(tmp_path, State(versions={("photos", "trips/a.jpg"): [version]}))
    with pytest.raises(EmulatorError) as told:
        Keeper(tmp_path).restore(connect(None, None, moto, time.sleep), ())
    assert str(told.value) == (
        f"cannot restore trips/a.jpg from {tmp_path / file}: cannot read it: "
        "no such file or directory"
    )


KEPT = {
    "bucket": "photos",
    "key": "a",
    "file": f"{'0' * 64}.object",
    "content_type": "image/png",
    "metadata": {"by": "me"},
}
NO_TEXT: list[object] = [None, 1, 1.5, [], {}]
NO_HEADER = [*NO_TEXT, "\n", "\r", "\u0141", "\ud800"]
NO_OBJECTS: list[object] = [None, 1, "a", {}, [1]]
NO_METADATA: list[object] = [None, 1, "a", [], {"a": 1}, {"\n": "a"}, {"\u00e9": "a"}]


def make_index(change: dict[str, object], failures: object = ()) -> bytes:
    return json.dumps({"version": 1, "objects": [KEPT | change], "failures": failures}).encode()


DAMAGED_INDEXES = [
    b"",
    b"\xff",
    b"[]",
    b"null",
    b"NaN",
    b"9" * 5000,
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"version": 2, "objects": [], "failures": []}',
    *(json.dumps({"version": 1, "objects": odd, "failures": []}).encode() for odd in NO_OBJECTS),
    *(make_index({}, [odd]) for odd in [*NO_TEXT, "\ud800"]),
    *(make_index({name: odd}) for name in ("bucket", "key") for odd in NO_TEXT),
    *(make_index({"content_type": odd}) for odd in NO_HEADER),
    *(make_index({"metadata": odd}) for odd in NO_METADATA),
    *(make_index({"metadata": {"a": odd}}) for odd in NO_HEADER),
    *(make_index({"file": file}) for file in ("../x", "/etc/passwd", "lock", "0.object", None)),
]


def test_an_index_that_persist_does_not_write_is_refused(tmp_path: Path) -> None:
    for index in DAMAGED_INDEXES:
        (tmp_path / "index.json").write_bytes(index)
        with pytest.raises(EmulatorError, match=r"/index\.json was not written by --persist$"):
            read_state(tmp_path)


@pytest.mark.parametrize("value", ["\u00e9", "\u00c3\u00a0", "a\tb", "\x01\x7f\x80"])
def test_header_beyond_ascii_is_persisted(moto: str, tmp_path: Path, value: str) -> None:
    """boto3 refuses to send such values; curl does not."""
    file = f"{sha256(b'a').hexdigest()}.object"
    (tmp_path / file).write_bytes(b"a")
    version = PersistedVersion("photos", "a", file, f"image/{value}", {"title": value})
    save_state(tmp_path, State(versions={("photos", "a"): [version]}))
    account = connect(None, None, moto, time.sleep)
    with closing(Keeper(tmp_path)) as keeper:
        assert keeper.restore(account, ()) == 1
    stored = account.clients["s3"].head_object(Bucket="photos", Key="a")
    assert (stored["Metadata"], stored["ContentType"]) == ({"title": value}, f"image/{value}")


def test_a_kept_object_that_was_changed_is_named(moto: str, tmp_path: Path) -> None:
    (tmp_path / "index.json").write_bytes(make_index({}))
    (tmp_path / str(KEPT["file"])).write_bytes(b"else")
    with pytest.raises(EmulatorError, match=r"cannot restore a from .*: its content has changed"):
        Keeper(tmp_path).restore(connect(None, None, moto, time.sleep), ())


FILE_OF_0_1_0 = "d4e24d749a4fe2f161af2de913c0402b04e3ae287dafd0f9dbfa4a5c56c69285.object"

INDEX_OF_0_1_0 = f"""{{
 "version": 1,
 "objects": [
  {{
   "bucket": "pixelater-source-bucket",
   "key": "copy.jpg",
   "file": "{FILE_OF_0_1_0}",
   "content_type": "binary/octet-stream",
   "metadata": {{}}
  }},
  {{
   "bucket": "pixelater-source-bucket",
   "key": "trips/\\u00e9 1.jpg",
   "file": "{FILE_OF_0_1_0}",
   "content_type": "image/jpeg",
   "metadata": {{
    "by": "me"
   }}
  }}
 ],
 "failures": [
  "{{\\"pixelater\\": \\"failure\\", \\"version\\": 1, \\"key\\": \\"text.jpg\\"}}"
 ]
}}"""


def test_persisted_folder_of_0_1_0_is_restored(moto: str, tmp_path: Path) -> None:
    """Recorded with the code of 0.1.0, whose lock is an empty file."""
    (tmp_path / "index.json").write_text(INDEX_OF_0_1_0)
    (tmp_path / FILE_OF_0_1_0).write_bytes(b"a photo")
    (tmp_path / "lock").touch()
    account = connect(None, None, moto, time.sleep)
    s3, sqs = account.clients["s3"], account.clients["sqs"]
    url = sqs.create_queue(QueueName="pixelater-failures")["QueueUrl"]
    with lock_folder(tmp_path), closing(Keeper(tmp_path)) as keeper:
        assert keeper.restore(account, ()) == 2
        assert keeper.restore_failures("pixelater-failures") == 1
    objects = {
        key: s3.get_object(Bucket="pixelater-source-bucket", Key=key)
        for key in ("copy.jpg", "trips/\u00e9 1.jpg")
    }
    assert {
        key: (stored["Body"].read(), stored["ContentType"], stored["Metadata"])
        for key, stored in objects.items()
    } == {
        "copy.jpg": (b"a photo", "binary/octet-stream", {}),
        "trips/\u00e9 1.jpg": (b"a photo", "image/jpeg", {"by": "me"}),
    }
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"pixelater": "failure", "version": 1, "key": "text.jpg"}


def test_persisted_folder_of_0_1_0_is_saved_as_it_was(moto: str, tmp_path: Path) -> None:
    """0.1.0 can read what this version writes: it ignores other names than its own."""
    (tmp_path / "index.json").write_text(INDEX_OF_0_1_0)
    (tmp_path / FILE_OF_0_1_0).write_bytes(b"a photo")
    account = connect(None, None, moto, time.sleep)
    account.clients["sqs"].create_queue(QueueName="pixelater-failures")
    with closing(Keeper(tmp_path)) as keeper:
        keeper.restore(account, ())
        keeper.restore_failures("pixelater-failures")
    saved = json.loads((tmp_path / "index.json").read_text())
    assert len(saved.pop("failure_ids")) == 1
    assert saved == json.loads(INDEX_OF_0_1_0)
    assert {path.name for path in tmp_path.iterdir()} == {"index.json", FILE_OF_0_1_0}


def make_failure(state: FailureState) -> FailedEvent:
    """Make the failure of a photo, tried again with this outcome."""
    reason, message = "damaged", "Damaged: it ends"
    return FailedEvent("id", ("a.jpg",), reason, message, "", 1, "", 9, "r", state=state)


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (("worked",), "1 failure retried: 1 succeeded."),
        (("worked", "failed again", "worked"), "3 failures retried: 2 succeeded, 1 failed again."),
        (("failed again",), "1 failure retried: 1 failed again."),
        ((), "0 failures retried."),
    ],
)
def test_what_was_tried_again_is_counted_by_its_outcome(
    states: tuple[FailureState, ...], told: str
) -> None:
    result = FailuresResult("pixelater", "queue", "retry", tuple(map(make_failure, states)))
    assert list(result.render())[-1] == told


def test_a_reason_is_said_once() -> None:
    (table, *_) = FailuresResult("pixelater", "queue", "list", (make_failure("failed"),)).render()
    assert not isinstance(table, str)
    assert table.rows[0][-1] == "damaged: it ends"


def test_a_backfill_that_finds_no_photo_does_not_say_that_all_are_well() -> None:
    result = BackfillResult("pixelater", "photos", True, 0, 0, "", 0.12)
    assert list(result.render()) == ["No photos in photos (0.1 s)"]


def test_the_domains_of_all_partitions_that_botocore_knows_are_aws() -> None:
    text = resources.files("botocore").joinpath("data/partitions.json").read_text()
    outputs = [partition["outputs"] for partition in json.loads(text)["partitions"]]
    names = ("dnsSuffix", "dualStackDnsSuffix")
    known = {f".{told[name]}" for told in outputs for name in names}
    assert known == set(AWS_SUFFIXES)


@pytest.mark.parametrize("host", ["", "127.1", "0"])
def test_half_a_number_is_no_address_to_serve_at(
    pixelater: Pixelater, host: str, snapshot: Snapshot
) -> None:
    done = pixelater("emulate", "--host", host)
    assert (done.code, done.out) == (2, "")
    assert done.err == snapshot
