"""failures on a deployed stack: listing, retrying and dropping, in the emulator."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from pixelater_cli.aws.operations.failure_queue import list_failures, retry
from tests.functional.command import Snapshot
from tests.functional.conftest import Environment, Pixelater, start
from tests.functional.running import (
    DESTINATION,
    GRIDS,
    PHOTO,
    RAISING,
    RECORDING,
    SOURCE,
    WORKING,
    Running,
    make_record,
    write_handler,
)
from tests.functional.terminals import answer


def test_failures_are_listed_whole_and_stay_in_sight(running: Running) -> None:
    for number in range(25):
        running.record(make_record(f"{number:02}.jpg", time=f"2026-11-23T12:00:{number:02}Z"))
    running.record("hello")
    done = running.pixelater("failures", "--json")
    document = json.loads(done.out)
    assert [one["keys"] for one in document["failures"]] == [
        [],
        *([f"{number:02}.jpg"] for number in range(25)),
    ]
    assert running.count_messages() == (26, 0)
    told = running.pixelater("failures", "list", "07.jpg").out
    assert "2026-11-23 12:00:07" in told
    assert "too_large: too many pixels" in told
    assert told.endswith("1 failure in pixelater-failures.\n")


def test_a_failure_leaves_the_queue_once_trying_again_works(
    running: Running, snapshot: Snapshot
) -> None:
    running.record(make_record("a.jpg"))
    running.run_code(RAISING)
    again = running.pixelater("failures", "retry")
    assert (again.code, again.err) == (1, snapshot)
    assert running.count_messages() == (1, 0)
    running.run_code(WORKING)
    done = running.pixelater("failures", "retry")
    assert (done.code, done.out) == (0, "  succeeded     a.jpg\n1 failure retried: 1 succeeded.\n")
    assert running.count_messages() == (0, 0)


def test_a_failure_that_is_recorded_anew_is_there_once(
    running: Running, snapshot: Snapshot
) -> None:
    running.run_code(RECORDING)
    for key in ("a.jpg", "b.jpg"):
        running.record(make_record(key))
    done = running.pixelater("failures", "retry", "a.jpg")
    assert (done.code, done.err.replace(running.emulator.endpoint_url, "URL")) == (1, snapshot)
    left = list_failures(running.account, running.stack)
    assert sorted((one.keys, one.message) for one in left) == [
        (("a.jpg",), "still"),
        (("b.jpg",), "too many pixels"),
    ]


def test_killed_half_way_nothing_is_lost(
    running: Running, clean_environment: Environment, tmp_path: Path
) -> None:
    """The function takes its time, and its caller is killed meanwhile."""
    running.record(make_record("a.jpg"))
    running.run_code(
        write_handler(
            "    import time\n"
            f"    s3.put_object(Bucket='{DESTINATION}', Key='begun')\n"
            "    time.sleep(2)\n"
        )
    )
    url = running.emulator.endpoint_url
    with start(["failures", "retry", "--endpoint-url", url], tmp_path, clean_environment):
        while not running.list_mosaics():
            time.sleep(0.05)
    assert running.count_messages() == (0, 1)
    listed = running.pixelater("failures")
    assert (listed.code, listed.err) == (
        0,
        "1 more failure in use by another process; visible again within six minutes.\n",
    )


def test_retrying_gives_the_mosaics_once_the_cause_is_mended(
    running: Running, pixelater: Pixelater, photo: Path
) -> None:
    """A pixel cap is too small, then larger."""
    functions = running.account.clients["lambda"]

    def set_cap(pixels: int) -> None:
        variables = {
            "bucket_1": DESTINATION,
            "PIXELATER_FAILURES": "pixelater-failures",
            "PIXELATER_MAX_PIXELS": str(pixels),
        }
        functions.update_function_configuration(
            FunctionName="pixelater-function", Environment={"Variables": variables}
        )
        version = functions.publish_version(FunctionName="pixelater-function")["Version"]
        functions.update_alias(
            FunctionName="pixelater-function", Name="live", FunctionVersion=version
        )

    set_cap(10)
    running.s3.put_object(Bucket=SOURCE, Key="photo.jpg", Body=PHOTO)
    running.settle()
    assert running.list_mosaics() == {}
    if running.count_messages() == (0, 0):  # Such failures wait for retries, which take minutes.
        event = make_s3_event("photo.jpg")
        running.record(make_record("photo.jpg", event=event))
    set_cap(10**8)
    done = running.pixelater("failures", "retry")
    assert (done.code, done.out.splitlines()[-1]) == (0, "1 failure retried: 1 succeeded.")
    assert set(running.list_mosaics()) == {f"pixelated-{g}x{g}-photo.jpg" for g in GRIDS}
    assert running.count_messages() == (0, 0)


def make_s3_event(key: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": SOURCE}, "object": {"key": key}},
            }
        ]
    }


def test_what_names_no_event_is_not_tried_again_but_can_be_dropped(running: Running) -> None:
    running.record("hello")
    again = running.pixelater("failures", "retry")
    assert (again.code, "unrecognized message" in again.err) == (1, True)
    assert running.count_messages() == (1, 0)
    done = running.pixelater("failures", "drop", "--yes")
    assert (done.code, done.out.splitlines()[-1]) == (0, "1 failure deleted.")
    assert running.count_messages() == (0, 0)


def test_nothing_is_dropped_where_nobody_can_be_asked(running: Running, snapshot: Snapshot) -> None:
    running.record(make_record("a.jpg"))
    done = running.pixelater("failures", "drop")
    assert (done.code, done.out, done.err.replace(running.emulator.endpoint_url, "URL")) == (
        2,
        "",
        snapshot,
    )
    assert running.count_messages() == (1, 0)


@pytest.mark.parametrize(("word", "left"), [("n", 1), ("y", 0)])
def test_dropping_asks_at_a_terminal(
    running: Running, clean_environment: Environment, tmp_path: Path, word: str, left: int
) -> None:
    running.record(make_record("a.jpg"))
    url = running.emulator.endpoint_url
    _, asked = answer(word, tmp_path, clean_environment, "failures", "drop", "--endpoint-url", url)
    assert "drop a.jpg: too_large" in asked
    assert running.count_messages() == (left, 0)


def test_only_the_named_failures_are_dropped(running: Running, snapshot: Snapshot) -> None:
    for key in ("a.jpg", "b.jpg", "c.jpg"):
        running.record(make_record(key))
    assert running.pixelater("failures", "drop", "a.jpg", "c.jpg", "--yes").code == 0
    assert [one.keys for one in list_failures(running.account, running.stack)] == [("b.jpg",)]
    unknown = running.pixelater("failures", "drop", "z.jpg", "--yes")
    assert (unknown.code, unknown.err.replace(running.emulator.endpoint_url, "URL")) == (
        1,
        snapshot,
    )


def test_a_failure_that_comes_meanwhile_is_left_alone(running: Running) -> None:
    running.run_code(WORKING)
    running.record(make_record("a.jpg"))
    chosen = list_failures(running.account, running.stack)
    running.record(make_record("b.jpg"))
    assert [one.failure.keys for one in retry(running.account, running.stack, chosen)] == [
        ("a.jpg",)
    ]
    assert [one.keys for one in list_failures(running.account, running.stack)] == [("b.jpg",)]
    assert running.count_messages() == (1, 0)
