"""push on a deployed stack: uploading, waiting and fetching, in the emulator and on moto."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pixelater import pixelate
from tests.functional.command import Snapshot
from tests.functional.conftest import Pixelater
from tests.functional.running import (
    DESTINATION,
    GRIDS,
    PHOTO,
    RECORDING,
    SOURCE,
    WORKING,
    Running,
)
from tests.pictures import encode, make_noise, make_scene


def test_pushed_photos_come_back_as_mosaics(running: Running, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "trips").mkdir()
    (tmp_path / "trips" / "my photo+1.jpg").write_bytes(encode(make_scene(), "PNG"))
    done = running.pixelater("push", "photo.jpg", "trips/my photo+1.jpg", "--out", "out", "--json")
    assert (done.code, done.err) == (0, "")
    document = json.loads(done.out)
    assert [(one["key"], one["bytes"]) for one in document["photos"]] == [
        ("photo.jpg", len(PHOTO)),
        ("trips/my photo+1.jpg", len(encode(make_scene(), "PNG"))),
    ]
    made = [mosaic.data for mosaic in pixelate(PHOTO)]
    saved = [tmp_path / "out" / f"pixelated-{grid}x{grid}-photo.jpg" for grid in GRIDS]
    assert [path.read_bytes() for path in saved] == made
    assert (tmp_path / "out" / "trips" / "pixelated-8x8-my photo+1.png").exists()


def test_without_waiting_photos_are_only_uploaded(running: Running, photo: Path) -> None:
    done = running.pixelater("push", "photo.jpg", "--key-prefix", "in/")
    assert (done.code, done.err) == (0, "")
    size = f"{len(PHOTO) / 1000:.0f} kB"
    assert done.out == f"s3://{SOURCE}/in/photo.jpg  {size}\n1 photo uploaded, {size}\n"
    assert running.s3.get_object(Bucket=SOURCE, Key="in/photo.jpg")["Body"].read() == PHOTO


def test_the_mosaics_of_an_earlier_upload_are_not_taken_for_those_of_this_one(
    running: Running, tmp_path: Path
) -> None:
    for seed in (1, 2):
        data = encode(make_noise("RGB", (300, 200), seed), "JPEG")
        (tmp_path / "photo.jpg").write_bytes(data)
        assert running.pixelater("push", "photo.jpg", "--out", "out").code == 0
        made = pixelate(data)
        saved = [tmp_path / "out" / f"pixelated-{grid}x{grid}-photo.jpg" for grid in GRIDS]
        assert [path.read_bytes() for path in saved] == [mosaic.data for mosaic in made]
        time.sleep(1.1)  # S3 lists times in whole seconds, and moto keeps no more.


def test_a_photo_that_fails_ends_the_wait_with_its_reason(
    running: Running, photo: Path, tmp_path: Path
) -> None:
    (tmp_path / "text.jpg").write_text("no photo at all")
    done = running.pixelater("push", "text.jpg", "photo.jpg", "gone.jpg", "--wait")
    assert done.code == 1
    reason, *rest = done.err.splitlines()
    assert reason.startswith("error: text.jpg: ")
    assert reason.endswith(": a text file, not an image")
    url = running.emulator.endpoint_url
    assert rest[:2] == [
        f"  See: pixelater failures --endpoint-url {url}",
        "error: gone.jpg: does not exist",
    ]
    assert "\n  pixelated-8x8-photo.jpg  " in done.out
    assert f", 5 mosaics in s3://{DESTINATION}, 2 failed\n" in done.out


def unwrap(running: Running, text: str) -> str:
    """Return a message on one line, without the port of the emulator."""
    return " ".join(text.replace(running.emulator.endpoint_url, "URL").split())


def test_the_failure_queue_tells_why_if_the_log_does_not(
    running: Running, photo: Path, snapshot: Snapshot
) -> None:
    running.run_code(RECORDING.replace("'version': 1,", "'version': 1, 'time': '2999-01-01',"))
    done = running.pixelater("push", "photo.jpg", "--wait")
    assert (done.code, unwrap(running, done.err)) == (1, snapshot)
    assert running.count_messages() == (1, 0)


def test_waiting_ends_when_the_time_is_up(
    running: Running, photo: Path, snapshot: Snapshot
) -> None:
    running.run_code(WORKING)
    done = running.pixelater("push", "photo.jpg", "--wait", "--timeout", "1")
    assert (done.code, unwrap(running, done.err)) == (1, snapshot)


def test_waiting_ends_when_another_upload_takes_the_place(
    running: Running, photo: Path, snapshot: Snapshot
) -> None:
    running.run_code(WORKING)

    def replace() -> None:
        while running.s3.list_objects_v2(Bucket=SOURCE)["KeyCount"] == 0:
            time.sleep(0.05)
        time.sleep(1)
        running.s3.put_object(Bucket=SOURCE, Key="photo.jpg", Body=b"other")

    thread = threading.Thread(target=replace)
    thread.start()
    done = running.pixelater("push", "photo.jpg", "--wait", "--timeout", "30")
    thread.join()
    assert (done.code, unwrap(running, done.err)) == (1, snapshot)


def test_a_photo_the_trigger_would_pass_over_is_refused(
    pixelater: Pixelater,
    moto: str,
    connect: Callable[[str], Any],
    photo: Path,
    snapshot: Snapshot,
) -> None:
    at = ["--endpoint-url", moto]
    assert pixelater("deploy", *at, "--prefix", "in/", "--suffix", ".jpg").code == 0
    done = pixelater("push", *at, "photo.jpg")
    assert (done.code, done.err) == (1, snapshot)
    assert connect("s3").list_objects_v2(Bucket=SOURCE)["KeyCount"] == 0
    assert pixelater("push", *at, "photo.jpg", "--key-prefix", "in/").code == 0


def test_a_large_photo_goes_in_parts(
    pixelater: Pixelater, moto: str, connect: Callable[[str], Any], tmp_path: Path
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    (tmp_path / "large.jpg").write_bytes(bytes(17 * 2**20))
    done = pixelater("push", "--endpoint-url", moto, "large.jpg", "--json")
    (pushed,) = json.loads(done.out)["photos"]
    head = connect("s3").head_object(Bucket=SOURCE, Key="large.jpg")
    assert (pushed["bytes"], head["ETag"][-3:-1]) == (17 * 2**20, "-2")
    assert pushed["version_id"] == head["VersionId"]


def test_two_photos_with_one_key_do_not_replace_each_other(
    pixelater: Pixelater, moto: str, tmp_path: Path
) -> None:
    pixelater("deploy", "--endpoint-url", moto)
    for folder in "xy":
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "p.jpg").write_bytes(PHOTO)
    paths = tmp_path / "x" / "p.jpg", tmp_path / "y" / "p.jpg"
    done = pixelater("push", "--endpoint-url", moto, *paths)
    assert (done.code, "its key p.jpg is also that of" in done.err) == (1, True)


def test_refused_upload_names_the_photo_once_and_the_stack(
    pixelater: Pixelater, moto: str, connect: Callable[[str], Any], photo: Path
) -> None:
    at = ["--stack", "holiday", "--endpoint-url", moto]
    assert pixelater("deploy", *at).code == 0
    connect("s3").delete_bucket(Bucket="holiday-source-bucket")
    done = pixelater("push", photo.name, *at)
    assert (done.code, " ".join(done.err.split())) == (
        1,
        "error: photo.jpg: could not upload the photo: PutObject answered NoSuchBucket: The "
        "specified bucket does not exist Check whether the stack is deployed: pixelater status "
        f"--stack holiday --endpoint-url {moto}",
    )
