"""Waiting for several uploads together, on a clock that only sleeping and looking move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from pixelater.outputs import Output
from pixelater_cli.aws.operations.mosaics import S3Object
from pixelater_cli.aws.operations.waiting import Mosaics, Upload, wait_for_all
from pixelater_cli.errors import AwsError

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FOUND: Mosaics = {Output(8): S3Object("mosaic", NOON)}
AFTER_8 = "no mosaics of {} after 8 seconds"


@dataclass
class World:
    """When mosaics come and failures are recorded, by key; a look takes `look_seconds`."""

    ready: Mapping[str, float] = field(default_factory=dict)
    failed: Mapping[str, float] = field(default_factory=dict)
    look_seconds: float = 0.05
    time: float = 0
    looks: int = 0
    reads: int = 0

    def sleep(self, seconds: float) -> None:
        assert 0 <= seconds <= 2
        self.time += seconds

    def find(self, sent: S3Object) -> Mosaics:
        self.looks += 1
        self.time += self.look_seconds
        if sent.key == "denied":
            raise AwsError("access denied")
        return FOUND if self.time >= self.ready.get(sent.key, float("inf")) else {}

    def find_reasons(self, uploads: Sequence[Upload]) -> dict[str, str]:
        self.reads += 1
        self.time += self.look_seconds
        return {
            each.sent.key: "bad"
            for each in uploads
            if self.time >= self.failed.get(each.sent.key, float("inf"))
        }

    def wait(
        self, uploads: Mapping[str, float], seconds: float = 8, spent: float = 0
    ) -> dict[str, tuple[str, float]]:
        """Wait for uploads (key: when it ended); return what came of each, and when."""
        keys = list(uploads)
        sent = [Upload(S3Object(key, NOON), ended) for key, ended in uploads.items()]
        ends: dict[str, tuple[str, float]] = {}
        for number, found in wait_for_all(
            sent,
            self.find,
            self.find_reasons,
            seconds,
            sleep=self.sleep,
            now=lambda: self.time,
            spent=spent,
        ):
            assert keys[number] not in ends
            text = str(found) if isinstance(found, AwsError) else "found"
            ends[keys[number]] = text, round(self.time, 1)
        return ends


@pytest.mark.parametrize("number", [1, 4, 40])
def test_photos_that_never_arrive_end_together(number: int) -> None:
    world = World(look_seconds=0.01)
    ends = world.wait({f"{n}.jpg": 0 for n in range(number)})
    assert {text for text, _ in ends.values()} == {
        AFTER_8.format(f"{n}.jpg") for n in range(number)
    }
    assert 8 <= world.time <= 9


@pytest.mark.parametrize(("spent", "end"), [(1.5, 8.5), (9, 2)])
def test_time_before_the_first_upload_counts(spent: float, end: float) -> None:
    """The whole command, with the sign-in, is to end in time; each photo is looked for once."""
    world = World(time=2, look_seconds=0.01)
    text, time = world.wait({"a": 2}, spent=spent)["a"]
    assert text == AFTER_8.format("a")
    assert end <= time <= end + 0.6


def test_slow_looks_at_the_deadline_are_followed_by_one_read() -> None:
    world = World(look_seconds=0.2)
    world.wait({f"{n}.jpg": n / 100 for n in range(4)})
    assert (world.time <= 9.5, world.reads) == (True, 2)


def test_photos_uploaded_together_share_the_last_read() -> None:
    world = World(look_seconds=0.01)
    ends = world.wait({"a": 0, "b": 0.01, "c": 0.3})
    assert (len({time for _, time in ends.values()}), world.reads) == (1, 2)
    assert 8.3 <= world.time <= 8.5


def test_time_counts_from_each_upload() -> None:
    world = World(time=10)
    ends = world.wait({"a": 4, "b": 10, "c": 7})
    assert list(ends) == ["a", "c", "b"]
    for (key, ended), deadline in zip({"a": 4, "c": 7, "b": 10}.items(), (12, 15, 18), strict=True):
        text, time = ends[key]
        assert text == AFTER_8.format(key), ended
        assert deadline <= time <= deadline + 1


def test_photo_that_arrived_before_the_wait_is_found_after_its_deadline() -> None:
    world = World({"early": 5}, look_seconds=0.04, time=100)
    assert world.wait({"early": 0, "none": 0}) == {
        "early": ("found", 100.0),
        "none": (AFTER_8.format("none"), 100.1),
    }


def test_photo_that_arrives_at_the_deadline_is_found() -> None:
    assert World({"a": 7.95}).wait({"a": 0})["a"][0] == "found"


def test_found_photo_does_not_wait_for_another() -> None:
    ends = World({"a": 1, "b": 6}).wait({"none": 0, "a": 0, "b": 0})
    assert [(key, text) for key, (text, _) in ends.items()] == [
        ("a", "found"),
        ("b", "found"),
        ("none", AFTER_8.format("none")),
    ]
    assert ends["a"][1] < 2


def test_failed_photo_ends_with_its_reason() -> None:
    ends = World({"b": 5}, failed={"a": 1}).wait({"a": 0, "b": 0})
    assert (ends["a"][0], ends["b"][0]) == ("bad", "found")
    assert 3 <= ends["a"][1] < 3.5


def test_error_of_a_look_ends_that_photo_only() -> None:
    ends = World({"a": 2}).wait({"denied": 0, "a": 0})
    assert (ends["denied"][0], ends["a"][0]) == ("access denied", "found")


def test_looks_and_reads_get_rare() -> None:
    world = World(look_seconds=0)
    world.wait({"a": 0}, 600)
    assert (world.looks < 320, world.reads < 25) == (True, True)


def test_many_deadlines_share_reads() -> None:
    world = World(look_seconds=0)
    world.wait({f"{n}.jpg": n / 100 for n in range(100)})
    assert world.reads <= 6


def test_nothing_to_wait_for_ends_at_once() -> None:
    assert (World().wait({}), World().time) == ({}, 0)
