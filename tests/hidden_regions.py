"""What photos with hidden regions must do wherever a stack runs, by a stub of the detector.

These tests know a `place` and no more, as those of tests/pipeline.py do.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from pixelater.look import parse_look
from pixelater_cli.aws.deploy.deployment import deploy
from pixelater_cli.aws.package import builder
from pixelater_cli.aws.package.detector_files import DetectorFiles
from pixelater_cli.aws.session import connect
from pixelater_cli.aws.stack import Stack
from pixelater_cli.aws.stack_looks import make_settings
from tests.pipeline import Pipeline, Place, remove
from tests.stub_detector import CODE, MODULE, make_photo

FOUND, NOTHING = make_photo(found=True), make_photo(found=False)
WORDS = {"only": "faces"}
GRIDS = ("--grids", "8", "--mirror-deletes")
REKOGNITION = ("--only", "faces", "--detector", "rekognition")


def connect_to(place: Place) -> Any:
    named = dict(zip(place.options[::2], place.options[1::2], strict=True))
    region = named.get("--region", "us-east-1")
    return connect(named.get("--profile"), region, named.get("--endpoint-url"), time.sleep)


def gather(stack: Stack, place: Place, cache: Path) -> builder.Contents:
    """Gather the zip, with the stub. No model is needed, and no NumPy."""
    if connect_to(place).emulated_runtime == builder.local_runtime():
        contents = builder.gather_for_emulator(DetectorFiles())
    else:
        runtime, architecture = stack.runtime, stack.architecture
        contents = builder.gather_for_lambda(runtime, architecture, cache, DetectorFiles())
    files = {**contents.files, MODULE: contents.files[MODULE] + CODE}
    return builder.Contents(contents.runtime, files, level=0)


def deploy_stub(place: Place, **words: str) -> Pipeline:
    """Deploy a stack that hides what the stub finds, and that mirrors deletes."""
    account = connect_to(place)
    options = dict(zip(place.deploy_options[::2], place.deploy_options[1::2], strict=True))
    settings = make_settings(parse_look(words))
    stack = Stack("", "", name=place.stack, mirror_deletes=True, **settings).in_account(
        account,
        runtime=account.emulated_runtime or options.get("--runtime", Stack("", "").runtime),
        architecture=builder.local_architecture() if account.emulated else "arm64",
        server=account.server.name,
    )
    contents = gather(stack, place, Path(place.environment["XDG_CACHE_HOME"]) / "pixelater")
    done = deploy(account, stack, contents, time.sleep).stack
    first = {
        "source_bucket": done.source_bucket,
        "destination_bucket": done.destination_bucket,
        "function": done.alias_arn,
    }
    return Pipeline(place, first)


@pytest.fixture(scope="module")
def hiding(place: Place) -> Iterator[Pipeline]:
    """A stack that hides faces, removed in the end."""
    own = replace(place, stack=f"{place.stack}-h")
    try:
        yield deploy_stub(own, **WORDS)
    finally:
        remove(own)


def name(key: str) -> tuple[str, str]:
    """Name the picture and the list of a photo."""
    folder, slash, own = key.rpartition("/")
    return f"{folder}{slash}pixelated-regions-{own}", f"{key}.regions.json"


def list_keys(hiding: Pipeline, prefix: str) -> set[str]:
    bucket = hiding.first["destination_bucket"]
    answer = hiding.place.clients["s3"].list_objects_v2(Bucket=bucket, Prefix=prefix)
    return {one["Key"] for one in answer.get("Contents", ())}


def read_list(hiding: Pipeline, key: str) -> dict[str, Any]:
    _, listed = name(key)
    document: dict[str, Any] = json.loads(hiding.get([listed])[listed])
    return document


def is_settled(hiding: Pipeline, key: str, version: str, *, found: bool) -> bool:
    """Return whether a photo has what its last upload must have, and nothing else."""
    picture, listed = name(key)
    document = read_list(hiding, key)
    wanted = {picture, listed} if found else {listed}
    return (
        document["version_id"] in ("", version)
        and bool(document["picture"]) == bool(document["regions"]) == found
        and list_keys(hiding, key.partition("/")[0] + "/") == wanted
    )


def put(hiding: Pipeline, key: str, photo: bytes) -> str:
    """Upload a photo; return its version."""
    answer = hiding.place.clients["s3"].put_object(
        Bucket=hiding.first["source_bucket"], Key=key, Body=photo
    )
    version: str = answer.get("VersionId", "")
    return version


def delete(hiding: Pipeline, bucket: str, key: str) -> None:
    hiding.place.clients["s3"].delete_object(Bucket=hiding.first[bucket], Key=key)


def send(hiding: Pipeline, event: str, key: str) -> None:
    """Send an event to the function, as S3 does when it sends one twice or late."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": event,
        "s3": {
            "bucket": {"name": hiding.first["source_bucket"]},
            "object": {"key": quote_plus(key)},
        },
    }
    hiding.place.clients["lambda"].invoke(
        FunctionName=hiding.first["function"], Payload=json.dumps({"Records": [record]})
    )


def test_pictures_come_and_go_with_uploads(hiding: Pipeline) -> None:
    for photo in (NOTHING, FOUND, NOTHING, FOUND):
        version, found = put(hiding, "a/photo 1.png", photo), photo == FOUND
        hiding.wait_until(
            lambda v=version, f=found: is_settled(hiding, "a/photo 1.png", v, found=f)  # type: ignore[misc]
        )


@pytest.mark.parametrize("photo", [FOUND, NOTHING])
def test_deleted_photo_leaves_nothing(hiding: Pipeline, photo: bytes) -> None:
    key = "b/photo.png"
    version = put(hiding, key, photo)
    hiding.wait_until(lambda: is_settled(hiding, key, version, found=photo == FOUND))
    delete(hiding, "source_bucket", key)
    hiding.wait_until(lambda: list_keys(hiding, "b/") == set())


@pytest.mark.parametrize(("first", "last"), [(FOUND, NOTHING), (NOTHING, FOUND)])
def test_late_and_repeated_events_leave_what_is_current(
    hiding: Pipeline, first: bytes, last: bytes
) -> None:
    key = "c/photo.png"
    put(hiding, key, first)
    version = put(hiding, key, last)
    events = ["ObjectCreated:Put", "ObjectRemoved:Delete", "ObjectCreated:Put"]
    with ThreadPoolExecutor(len(events)) as pool:
        list(pool.map(lambda event: send(hiding, event, key), events))
    hiding.wait_until(lambda: is_settled(hiding, key, version, found=last == FOUND))
    delete(hiding, "source_bucket", key)
    hiding.wait_until(lambda: list_keys(hiding, "c/") == set())
    send(hiding, "ObjectRemoved:Delete", key)
    assert list_keys(hiding, "c/") == set()


def test_push_leaves_no_picture_of_an_earlier_upload(hiding: Pipeline) -> None:
    place, held = hiding.place, []
    for photo in (FOUND, NOTHING, FOUND):
        (place.folder / "pushed.png").write_bytes(photo)
        options = ("pushed.png", "--key-prefix", "d/", "--out", "pushed")
        (pushed,) = place.run("push", *options)["photos"]
        held.append({each.name for each in (place.folder / "pushed" / "d").iterdir()})
        objects = (*pushed["mosaics"], *pushed["documents"])
        assert {Path(each["path"]).name for each in objects} == held[-1]
    picture, listed = name("pushed.png")
    assert held == [{picture, listed}, {listed}, {picture, listed}]
    (place.folder / "pushed.png").write_bytes(b"not a picture")
    (failed,) = place.run("push", *options, code=1)["photos"]
    assert (bool(failed["error"]), list((place.folder / "pushed" / "d").iterdir())) == (True, [])
    assert hiding.take_failure()["key"] == "d/pushed.png"


def test_backfill_makes_lost_lists(hiding: Pipeline) -> None:
    place, found, nothing = hiding.place, "e/found.png", "e/nothing.png"
    put(hiding, found, FOUND)
    put(hiding, nothing, NOTHING)
    whole = {*name(found), name(nothing)[1]}
    hiding.wait_until(lambda: list_keys(hiding, "e/") == whole)
    for key in (found, nothing):
        delete(hiding, "destination_bucket", name(key)[1])
    sent = json.loads(place.read("backfill", "--prefix", "e/"))
    assert (sent["looked_at"], sent["lacking"]) == (2, 2)
    hiding.wait_until(lambda: list_keys(hiding, "e/") == whole)


def test_backfill_leaves_out_videos_and_photos_without_picture(hiding: Pipeline) -> None:
    put(hiding, "g/nothing.png", NOTHING)
    hiding.wait_until(lambda: list_keys(hiding, "g/") == {"g/nothing.png.regions.json"})
    put(hiding, "g/clip.mp4", b"\0\0\0\x20ftypisom" + bytes(400))
    record = hiding.take_failure()
    assert (record["reason"], record["key"]) == ("unsupported_format", "g/clip.mp4")
    assert "pixelater run" in record["hint"]
    planned = json.loads(hiding.place.read("backfill", "--plan", "--prefix", "g/"))
    assert (planned["looked_at"], planned["lacking"], planned["videos"]) == (1, 0, 1)


def test_mosaics_of_whole_photos_go_and_come_back(place: Place) -> None:
    """What a deploy with regions finds of grids is deleted, and so is what grids find of regions.

    A rollback makes what its version makes.
    """
    own, key = replace(place, stack=f"{place.stack}-w"), "f/photo.png"
    mosaic, (picture, listed) = "f/pixelated-8x8-photo.png", name(key)
    try:
        grids = Pipeline(own, own.run("deploy", "--yes", *GRIDS))
        put(grids, key, FOUND)
        grids.get([mosaic])
        sent, deleted = own.run("deploy", "--plan", *REKOGNITION, code=3)["notes"]
        assert ("Rekognition" in sent, "(8) are deleted" in deleted) == (True, True)
        hiding = deploy_stub(own, **WORDS)
        own.read("backfill")
        hiding.wait_until(lambda: list_keys(hiding, "f/") == {picture, listed})
        version = put(hiding, key, NOTHING)
        hiding.wait_until(lambda: is_settled(hiding, key, version, found=False))
        status = own.run("status")
        assert (status["looks"], status["stale_photos"]) == ({"look": "only faces"}, 0)
        own.run("rollback")
        put(hiding, key, FOUND)
        hiding.wait_until(lambda: list_keys(hiding, "f/") == {mosaic})
    finally:
        remove(own)
