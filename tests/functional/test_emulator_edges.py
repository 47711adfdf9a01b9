"""The emulator at its edges: moto's own API, a kept folder that lacks something, odd counts."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from importlib import resources
from pathlib import Path

import pytest

from pixelater_cli.aws.session import connect
from pixelater_cli.emulator.serve.persistence import restore_objects, save_state
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
    account = connect(None, None, moto)
    s3 = account.clients["s3"]
    s3.create_bucket(Bucket="photos")
    s3.put_object(Bucket="photos", Key="trips/a.jpg", Body=b"a")
    save_state(account, "none", tmp_path, ())
    (file,) = tmp_path.glob("*.object")
    file.unlink()
    with pytest.raises(EmulatorError) as told:
        restore_objects(account, tmp_path)
    assert str(told.value) == (
        f"{file}, which is trips/a.jpg: cannot read it: no such file or directory"
    )


KEPT = {
    "bucket": "photos",
    "key": "a",
    "file": f"{'0' * 64}.object",
    "content_type": "image/png",
    "metadata": {"by": "me"},
}
NO_TEXT: list[object] = [None, 1, 1.5, [], {}]
NO_HEADER = [*NO_TEXT, "\n", "\u00e9", "\ud800"]
NO_OBJECTS: list[object] = [None, 1, "a", {}, [1]]
NO_METADATA: list[object] = [None, 1, "a", [], {"a": 1}, {"\n": "a"}]


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


def test_an_index_that_persist_does_not_write_is_refused(moto: str, tmp_path: Path) -> None:
    account = connect(None, None, moto)
    for index in DAMAGED_INDEXES:
        (tmp_path / "index.json").write_bytes(index)
        with pytest.raises(EmulatorError, match=r"/index\.json is not what --persist writes$"):
            restore_objects(account, tmp_path)


def test_a_kept_object_that_was_changed_is_named(moto: str, tmp_path: Path) -> None:
    (tmp_path / "index.json").write_bytes(make_index({}))
    (tmp_path / str(KEPT["file"])).write_bytes(b"else")
    with pytest.raises(EmulatorError, match="which is a: it is not what was kept there"):
        restore_objects(connect(None, None, moto), tmp_path)


def make_failure(state: FailureState) -> FailedEvent:
    """Make the failure of a photo, tried again with this outcome."""
    reason, message = "damaged", "Damaged: it ends"
    return FailedEvent("id", ("a.jpg",), reason, message, "", 1, "", 9, "r", state)


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (("worked",), "1 failure retried: 1 worked."),
        (("worked", "failed again", "worked"), "3 failures retried: 2 worked, 1 failed again."),
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
