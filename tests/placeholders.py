"""What preview documents must do wherever a stack runs.

These tests know a `place` and no more, as those of tests/pipeline.py do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import quote_plus

import pytest

from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.expected_objects import make_expected
from tests.pictures import encode, make_scene
from tests.pipeline import PHOTO, Pipeline, Place, remove, steps
from tests.rules import list_details

NEWER = encode(make_scene((300, 200)).rotate(180), "JPEG")
GRIDS = ("--grids", "8,16", "--mirror-deletes")
PLACEHOLDERS = (*GRIDS, "--placeholders")
LOOK = Stack("", "", grids=(8, 16), placeholders=True)


@pytest.fixture(scope="module")
def previewed(place: Place) -> Iterator[Pipeline]:
    """A stack with placeholders, removed in the end."""
    own = replace(place, stack=f"{place.stack}-p")
    try:
        yield Pipeline(own, own.run("deploy", "--yes", *PLACEHOLDERS))
    finally:
        remove(own)


def make(key: str, photo: bytes = PHOTO) -> dict[str, bytes]:
    """Make the mosaics and the document of a photo."""
    return make_expected(LOOK, key, photo).contents


def name(key: str) -> str:
    return f"{key}.preview.json"


def delete(previewed: Pipeline, bucket: str, key: str) -> None:
    previewed.place.clients["s3"].delete_object(Bucket=previewed.first[bucket], Key=key)


def list_keys(previewed: Pipeline, prefix: str) -> set[str]:
    bucket = previewed.first["destination_bucket"]
    answer = previewed.place.clients["s3"].list_objects_v2(Bucket=bucket, Prefix=prefix)
    return {one["Key"] for one in answer.get("Contents", ())}


def test_document_is_delivered_with_the_mosaics(previewed: Pipeline) -> None:
    wanted = make("a/photo 1.jpg")
    previewed.put("a/photo 1.jpg", PHOTO)
    assert previewed.get(list(wanted)) == wanted
    bucket = previewed.first["destination_bucket"]
    document = previewed.place.clients["s3"].head_object(Bucket=bucket, Key=name("a/photo 1.jpg"))
    assert document["ContentType"] == "application/json"
    assert steps(previewed.place.run("deploy", "--plan", *PLACEHOLDERS)) == []
    assert list_keys(previewed, "pixelater-smoke-test/") == set()
    assert previewed.place.run("status")["looks"] == {"look": "grids 8,16, placeholders true"}


def test_document_follows_overwrites(previewed: Pipeline) -> None:
    for photo in (PHOTO, NEWER, PHOTO):
        previewed.put("b/photo.jpg", photo)
        wanted = make("b/photo.jpg", photo)
        previewed.wait_until(lambda wanted=wanted: previewed.get(list(wanted)) == wanted)  # type: ignore[misc]


def test_document_is_deleted_with_its_photo(previewed: Pipeline) -> None:
    previewed.put("c/photo.jpg", PHOTO)
    previewed.get(list(make("c/photo.jpg")))
    delete(previewed, "source_bucket", "c/photo.jpg")
    previewed.wait_until(lambda: list_keys(previewed, "c/") == set())


def send(previewed: Pipeline, event: str, key: str) -> None:
    """Send an event to the function, as S3 does when it sends one twice or late."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": event,
        "s3": {
            "bucket": {"name": previewed.first["source_bucket"]},
            "object": {"key": quote_plus(key)},
        },
    }
    previewed.place.clients["lambda"].invoke(
        FunctionName=previewed.first["function"], Payload=json.dumps({"Records": [record]})
    )


def test_late_and_repeated_events_leave_the_current_document(previewed: Pipeline) -> None:
    key, wanted = "i/photo.jpg", make("i/photo.jpg", NEWER)
    previewed.put(key, PHOTO)
    previewed.put(key, NEWER)
    events = ["ObjectCreated:Put", "ObjectRemoved:Delete", "ObjectCreated:Put"]
    with ThreadPoolExecutor(len(events)) as pool:
        list(pool.map(lambda event: send(previewed, event, key), events))
    assert previewed.get(list(wanted)) == wanted
    delete(previewed, "source_bucket", key)
    previewed.wait_until(lambda: list_keys(previewed, "i/") == set())
    send(previewed, "ObjectRemoved:Delete", key)
    assert list_keys(previewed, "i/") == set()


def test_push_downloads_the_document(previewed: Pipeline) -> None:
    place = previewed.place
    (place.folder / "pushed.jpg").write_bytes(NEWER)
    options = ("pushed.jpg", "--key-prefix", "d/", "--out", "pushed")
    (pushed,) = place.run("push", *options)["photos"]
    wanted = make("d/pushed.jpg", NEWER)
    assert [one["key"] for one in (*pushed["mosaics"], *pushed["documents"])] == list(wanted)
    saved = {key: (place.folder / "pushed" / key).read_bytes() for key in wanted}
    assert saved == wanted


def test_backfill_finds_photos_without_document(previewed: Pipeline) -> None:
    key, place = "e/photo.jpg", previewed.place
    previewed.put(key, PHOTO)
    previewed.get(list(make(key)))
    delete(previewed, "destination_bucket", name(key))
    planned = json.loads(place.read("backfill", "--plan", "--prefix", "e/", code=3))
    assert (planned["looked_at"], planned["lacking"]) == (1, 1)
    place.read("backfill", "--prefix", "e/")
    assert previewed.get([name(key)]) == {name(key): make(key)[name(key)]}


def read_index(previewed: Pipeline, prefix: str, code: int = 0) -> list[dict[str, Any]]:
    options = ("--from-stack", "--prefix", prefix)
    photos: list[dict[str, Any]] = previewed.place.run("preview", *options, code=code)["photos"]
    return photos


def test_index_merges_the_documents(previewed: Pipeline) -> None:
    keys = [f"f/{number} +.jpg" for number in range(4)]
    for key in keys:
        previewed.put(key, PHOTO)
    written = [json.loads(previewed.get([name(key)])[name(key)]) for key in keys]
    own = {"error": "", "hint": "", "up_to_date": False}
    merged = [{**document, **own} for document in written]
    for document in merged:
        del document["version"], document["budget"]
    assert read_index(previewed, "f/") == merged


def test_index_names_documents_that_cannot_be_read(previewed: Pipeline) -> None:
    good = make("g/good.jpg")
    previewed.put("g/good.jpg", PHOTO)
    document = json.loads(previewed.get(list(good))[name("g/good.jpg")])
    s3, bucket = previewed.place.clients["s3"], previewed.first["destination_bucket"]
    for key, body in {
        "g/cut.jpg": b'{"version": 1',
        "g/later.jpg": json.dumps({**document, "version": 2}).encode(),
        "g/moved.jpg": json.dumps(document).encode(),
    }.items():
        s3.put_object(Bucket=bucket, Key=name(key), Body=body)
    index = {photo["photo"]: photo["error"] for photo in read_index(previewed, "g/", code=1)}
    assert index == {
        "g/good.jpg": "",
        name("g/cut.jpg"): "it is not JSON",
        name("g/later.jpg"): "it has format 2, of a later pixelater",
        name("g/moved.jpg"): "it is the document of g/good.jpg",
    }


def test_document_stays_current_when_placeholders_are_turned_off(previewed: Pipeline) -> None:
    place, key = previewed.place, "h/photo.jpg"
    previewed.put(key, PHOTO)
    previewed.get(list(make(key)))
    planned = place.run("deploy", "--plan", *GRIDS, code=3)
    assert list_details(planned) == {
        "look placeholders true -> nothing",
        "former_grids nothing -> preview",
    }
    place.run("deploy", "--yes", *GRIDS)
    previewed.put(key, NEWER)
    wanted = make(key, NEWER)
    previewed.wait_until(lambda: previewed.get(list(wanted)) == wanted)
    previewed.put("h/other.jpg", PHOTO)
    mosaics = make("h/other.jpg").keys() - {name("h/other.jpg")}
    previewed.get(list(mosaics))
    assert name("h/other.jpg") not in list_keys(previewed, "h/")
    assert place.run("status")["stale_photos"] == 0
    place.run("rollback")
    previewed.put("h/third.jpg", PHOTO)
    assert previewed.get(list(make("h/third.jpg"))) == make("h/third.jpg")
