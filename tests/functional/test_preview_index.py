"""preview --from-stack: the documents of a bucket as one index, on moto."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pixelater.placeholder.document import format_document
from pixelater_cli.aws.operations.preview_documents import MAX_BYTES, list_previews, read_previews
from pixelater_cli.aws.session import connect as sign_in
from pixelater_cli.aws.stack import Stack
from tests.functional.command import Done, Snapshot
from tests.functional.conftest import Pixelater
from tests.functional.running import DESTINATION
from tests.unit.test_preview_documents import DOCUMENT

Put = Callable[[str, bytes], None]
Index = Callable[..., Done]


@pytest.fixture
def index(pixelater: Pixelater, moto: str) -> Index:
    """Deploy a stack; return a function that reads its index."""
    assert pixelater("deploy", "--endpoint-url", moto).code == 0
    return lambda *options: pixelater("preview", "--from-stack", *options, "--endpoint-url", moto)


@pytest.fixture
def put(moto: str, connect: Callable[[str], Any]) -> Put:
    """Return a function that writes an object into the destination bucket."""
    return lambda key, body: connect("s3").put_object(Bucket=DESTINATION, Key=key, Body=body)


def write(key: str) -> bytes:
    return format_document(replace(DOCUMENT, photo=key))


def put_all(put: Put, *keys: str) -> None:
    for key in keys:
        put(f"{key}.preview.json", write(key))


def list_photos(done: Done) -> list[str]:
    return [photo["photo"] for photo in json.loads(done.out)["photos"]]


def test_index_has_documents_only_in_the_order_of_keys(index: Index, put: Put) -> None:
    put_all(put, "b/2.jpg", "a.jpg", "b/1 +.jpg", "pixelater-smoke-test/x.png")
    put("b/pixelated-8x8-1.jpg", b"a mosaic")
    put("b/other.json", b"{}")
    done = index("--json")
    assert (done.code, list_photos(done)) == (0, ["a.jpg", "b/1 +.jpg", "b/2.jpg"])
    assert list_photos(index("--prefix", "b/2", "--json")) == ["b/2.jpg"]
    assert json.loads(done.out)["bucket"] == DESTINATION


def test_index_of_many_documents_has_all(index: Index, put: Put) -> None:
    """S3 lists a thousand keys at a time."""
    keys = [f"{number:04}.jpg" for number in range(1040)]
    put_all(put, *keys)
    assert list_photos(index("--json")) == keys


def test_index_is_written_into_a_file_and_as_html(index: Index, put: Put, tmp_path: Path) -> None:
    put_all(put, "a b.jpg", "c.jpg")
    done = index("--out", "index.json")
    written = json.loads((tmp_path / "index.json").read_text())
    assert (done.code, [photo["photo"] for photo in written["photos"]]) == (0, ["a b.jpg", "c.jpg"])
    assert written["seconds"] == 0
    first, second = index("--as", "html").out.splitlines()
    assert first.startswith('<img src="a%20b.jpg" width="4" height="3" ')
    assert second.startswith('<img src="c.jpg"')
    (tmp_path / "theirs.json").write_text("theirs")
    assert index("--out", "theirs.json").code == 1
    assert (tmp_path / "theirs.json").read_text() == "theirs"


def test_damaged_documents_are_named_and_others_shown(
    index: Index, put: Put, moto: str, snapshot: Snapshot
) -> None:
    put_all(put, "good.jpg")
    put("cut.jpg.preview.json", write("cut.jpg")[:40])
    put("large.jpg.preview.json", b" " * (MAX_BYTES + 1))
    put("later.jpg.preview.json", b'{"version": 9}')
    put("moved.jpg.preview.json", write("good.jpg"))
    done = index("--as", "css")
    assert (done.code, done.out.count("img[src=")) == (1, 1)
    assert done.err.replace(moto, "URL") == snapshot


def test_stack_without_documents_is_an_error(index: Index) -> None:
    assert json.loads(index("--json").out)["error"]["message"] == (
        f"no preview documents in s3://{DESTINATION}"
    )


def test_document_that_is_deleted_meanwhile_is_left_out(index: Index, put: Put, moto: str) -> None:
    put_all(put, "a.jpg", "b.jpg", "c.jpg")
    account = sign_in(None, None, moto, time.sleep)
    stack = Stack.for_account(account)
    listed = list_previews(account, stack, "")
    account.clients["s3"].delete_object(Bucket=DESTINATION, Key=listed[1].key)
    read = list(read_previews(account, stack, listed))
    assert [each and each.key for each in read] == [listed[0].key, None, listed[2].key]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["photo.jpg", "--from-stack"],
        ["--from-stack", "--budget", "9"],
        ["--from-stack", "--jobs", "1", "--max-pixels", "9"],
        ["photo.jpg", "--stack", "mine"],
        ["photo.jpg", "--prefix", "in/", "--profile", "work"],
        ["--from-stack", "--as", "css", "--json"],
    ],
)
def test_options_without_effect_are_refused(
    pixelater: Pixelater, words: list[str], snapshot: Snapshot
) -> None:
    done = pixelater("preview", *words)
    assert (done.code, done.err) == (2, snapshot)


def test_settings_of_stacks_do_not_disturb_previews_of_photos(
    pixelater: Pixelater, tmp_path: Path, photo: Path
) -> None:
    (tmp_path / "pixelater.toml").write_text('stack = "mine"\nregion = "eu-west-1"\n')
    done = pixelater("preview", "photo.jpg")
    assert (done.code, done.err) == (0, "")
