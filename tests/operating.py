"""What the commands that operate a stack must do wherever it runs: push, logs, failures, backfill.

These tests know a `place` and no more, as those of tests/pipeline.py do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pixelater import pixelate
from pixelater_cli.aws.operations.object_index import list_objects
from tests.pictures import encode, make_noise, make_scene
from tests.pipeline import Pipeline, Place, remove

GRIDS = (8, 16, 32, 48, 64)
ODD_NAMES = (
    "a (1) & [2], {3}.png",
    "back\\slash '1' \"2\".png",
    "été 日本 😀.png",
    "50%+%41#?;=~!$.png",
    "..two.dots.png",
)


@pytest.fixture(scope="module")
def operated(place: Place) -> Iterator[Pipeline]:
    """A stack to operate, with a small limit of pixels, removed in the end."""
    try:
        yield Pipeline(place, place.run("deploy", "--yes", "--max-pixels", "100000"))
    finally:
        remove(place)


def test_a_pushed_photo_comes_back_as_run_makes_it(operated: Pipeline) -> None:
    place, data = operated.place, encode(make_scene((120, 90)), "JPEG")
    (place.folder / "pushed photo.jpg").write_bytes(data)
    (pushed,) = place.run("push", "pushed photo.jpg", "--out", "mosaics")["photos"]
    read = [Path(place.folder, one["path"]).read_bytes() for one in pushed["mosaics"]]
    assert read == [mosaic.data for mosaic in pixelate(data)]
    assert (pushed["key"], pushed["bytes"], pushed["error"]) == (
        "pushed photo.jpg",
        len(data),
        "",
    )


def test_photos_with_odd_names_come_back_too(operated: Pipeline) -> None:
    place, data = operated.place, encode(make_scene((64, 48)), "PNG")
    for name in ODD_NAMES:
        (place.folder / name).write_bytes(data)
    pushed = place.run("push", *ODD_NAMES, "--out", "odd")["photos"]
    assert [(one["key"], one["error"]) for one in pushed] == [(name, "") for name in ODD_NAMES]
    made = [mosaic.data for mosaic in pixelate(data)]
    for one in pushed:
        read = [Path(place.folder, mosaic["path"]).read_bytes() for mosaic in one["mosaics"]]
        assert read == made
        assert [Path(mosaic["path"]).name for mosaic in one["mosaics"]] == [
            f"pixelated-{grid}x{grid}-{one['key']}" for grid in GRIDS
        ]


def test_a_listing_goes_on_from_any_key(operated: Pipeline) -> None:
    """In pages of two keys; put where no key runs the function."""
    clients, bucket = operated.place.clients, operated.first["destination_bucket"]
    keys = sorted(f"listed/{one}{other}" for one in "az:(~é日" for other in "b:é")
    for key in keys:
        clients["s3"].put_object(Bucket=bucket, Key=key, Body=b"")
    events = clients["s3"].meta.events
    events.register("provide-client-params.s3.ListObjectsV2", set_page_size)
    try:
        owner = clients["sts"].get_caller_identity()["Account"]
        listed = [one.key for one in list_objects(clients["s3"], bucket, owner, "listed/")]
    finally:
        events.unregister("provide-client-params.s3.ListObjectsV2", set_page_size)
    assert listed == keys


def set_page_size(params: dict[str, object], **_others: object) -> dict[str, object]:
    return {**params, "MaxKeys": 2}


def test_a_pushed_file_that_is_no_photo_says_so(operated: Pipeline) -> None:
    place = operated.place
    (place.folder / "text.jpg").write_text("no photo at all")
    (pushed,) = place.run("push", "text.jpg", "--wait", code=1)["photos"]
    assert "a text file, not an image" in pushed["error"]
    place.run("failures", "drop", "text.jpg", "--yes")
    assert place.run("failures")["failures"] == []


def test_what_was_too_large_works_once_the_limit_is_raised(operated: Pipeline) -> None:
    place, data = operated.place, encode(make_noise("RGB", (400, 300)), "JPEG")
    operated.put("large.jpg", data)
    operated.wait_until(lambda: bool(place.run("failures")["failures"]))
    (failed,) = place.run("failures")["failures"]
    assert (failed["keys"], failed["reason"]) == (["large.jpg"], "too_large")
    place.run("deploy", "--yes", "--max-pixels", "200000")
    (retried,) = place.run("failures", "retry", "large.jpg")["failures"]
    assert (retried["state"], retried["error"]) == ("worked", "")
    assert place.run("failures")["failures"] == []
    keys = [f"pixelated-{grid}x{grid}-large.jpg" for grid in GRIDS]
    assert list(operated.get(keys).values()) == [mosaic.data for mosaic in pixelate(data)]


def test_backfill_makes_what_is_missing_and_no_more(operated: Pipeline) -> None:
    place, data = operated.place, encode(make_scene((64, 48)), "PNG")
    key, lost = "filled/photo.png", "filled/pixelated-16x16-photo.png"
    operated.put(key, data)
    keys = [f"filled/pixelated-{grid}x{grid}-photo.png" for grid in GRIDS]
    operated.get(keys)
    place.clients["s3"].delete_object(Bucket=operated.first["destination_bucket"], Key=lost)
    options = ("--prefix", "filled/", "--rate", "100")
    assert place.run("backfill", *options, "--plan", code=3)["lacking"] == 1
    sent = place.run("backfill", *options)
    assert (sent["looked_at"], sent["lacking"], sent["sent"]) == (1, 1, True)
    operated.get([lost])
    assert place.run("backfill", *options)["lacking"] == 0


def test_the_log_has_a_line_for_each_photo(operated: Pipeline) -> None:
    place = operated.place
    operated.put("logged.png", encode(make_scene((32, 32)), "PNG"))
    operated.get(["pixelated-64x64-logged.png"])

    def read_log() -> list[dict[str, object]]:
        return [json.loads(line) for line in place.read("logs", "--since", "1h").splitlines()]

    operated.wait_until(lambda: any(one.get("key") == "logged.png" for one in read_log()))


def test_status_tells_of_what_went_through(operated: Pipeline) -> None:
    place = operated.place
    operated.put("counted.png", encode(make_scene((32, 32)), "PNG"))
    operated.get(["pixelated-64x64-counted.png"])
    operated.wait_until(lambda: place.run("status", code=0)["traffic"]["done"] >= 1)
