"""Delivery of photos with hidden regions, on a model of S3: a picture, or none, and their list."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant

from pixelater_function.hidden_pictures import PICTURE_FIELD
from pixelater_function.protocol import DeleteMosaic, DeliveryJob, DeliveryResult, PutMosaic
from tests.model_s3 import (
    MARKER,
    NAMES,
    PICTURES,
    Handling,
    ModelS3,
    make_hidden,
    make_hidden_photo,
    make_photo,
)
from tests.unit.test_delivery import Histories, Restorations, explore_all

FOUND, RENAMED, NOTHING = b"1", b"2", b"3"
"""Contents in which something is found, also under another name, and in which nothing is."""


class HiddenHistories(Restorations):
    """Histories of uploads with and without findings: pictures come and go."""

    def make_job(self, recipe: str) -> DeliveryJob:
        return make_hidden_photo(self.mirror, recipe=recipe)

    def open_s3(self) -> ModelS3:
        return ModelS3(
            conditions=self.conditions,
            conditional_deletes=self.conditional_deletes,
            make_all=make_hidden,
        )


class PlainHiddenHistories(HiddenHistories):
    """The same where a condition on deletes is not supported."""

    conditional_deletes = False


class FormerHistories(HiddenHistories):
    """The same where an earlier upload has mosaics of the whole photo, which must go."""

    def make_job(self, recipe: str) -> DeliveryJob:
        job = super().make_job(recipe)
        return replace(
            job, exclusive=(*PICTURES, *NAMES), list_names=lambda: (*PICTURES, MARKER, *NAMES)
        )

    def open_s3(self) -> ModelS3:
        s3 = super().open_s3()
        s3.put_photo(b"0")
        s3.make_all = None
        Handling(s3, make_photo()).finish()
        s3.make_all = make_hidden
        return s3


class Lists(Histories):
    """Contents that never repeat, and requests that take effect late.

    What is settled is the list of regions; the name of a picture may have become free.
    """

    def make_job(self, recipe: str) -> DeliveryJob:
        return make_hidden_photo(self.mirror, recipe=recipe)

    def open_s3(self) -> ModelS3:
        return ModelS3(make_all=make_hidden)

    @invariant()
    def what_is_settled_is_right(self) -> None:
        if self.settled and self.s3.upload:
            assert self.s3.mosaics[MARKER][0] == b"list " + self.s3.upload.data


TestHiddenHistories = HiddenHistories.TestCase
TestPlainHiddenHistories = PlainHiddenHistories.TestCase
TestFormerHistories = FormerHistories.TestCase
TestLists = Lists.TestCase
BRIEF = settings(stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
TestHiddenHistories.settings = TestPlainHiddenHistories.settings = BRIEF
TestFormerHistories.settings = TestLists.settings = BRIEF


@pytest.mark.parametrize("kind", [HiddenHistories, PlainHiddenHistories, FormerHistories, Lists])
def test_every_history_ends_with_what_is_found(kind: type[Histories]) -> None:
    explore_all(kind, 500)


def open_s3(*uploads: bytes) -> ModelS3:
    s3 = ModelS3(make_all=make_hidden)
    for data in uploads:
        s3.put_photo(data)
        Handling(s3, make_hidden_photo()).finish()
    return s3


def deliver(s3: ModelS3, recipe: str = "") -> DeliveryResult | None:
    handling = Handling(s3, make_hidden_photo(recipe=recipe))
    handling.finish()
    return handling.result


@pytest.mark.parametrize("last", [FOUND, RENAMED, NOTHING])
@pytest.mark.parametrize("first", [FOUND, RENAMED, NOTHING])
def test_pictures_follow_uploads(first: bytes, last: bytes) -> None:
    s3 = open_s3(first, last)
    assert s3.holds_mosaics_of_the_photo()
    assert s3.mosaics[MARKER][1][PICTURE_FIELD] == ("none" if last == NOTHING else "yes")


def test_picture_goes_before_the_list_that_has_no_regions() -> None:
    s3 = open_s3(FOUND)
    s3.put_photo(NOTHING)
    handling, writes = Handling(s3, make_hidden_photo()), list[str]()
    while not handling.over:
        number = min(handling.open)
        request = handling.open[number]
        if isinstance(request, PutMosaic):
            writes.append(f"put {request.output.key}")
        elif isinstance(request, DeleteMosaic):
            writes.append(f"delete {request.key}")
        handling.carry_out(number)
    assert writes == [f"delete {PICTURES[0]}", f"put {MARKER}", f"put {MARKER}"]


@pytest.mark.parametrize("content", [FOUND, NOTHING])
def test_repeated_event_does_not_search_again(content: bytes) -> None:
    s3 = open_s3()
    s3.put_photo(content)
    deliver(s3, "engine")
    handling, kinds = Handling(s3, make_hidden_photo(recipe="engine")), set[str]()
    while not handling.over:
        number = min(handling.open)
        kinds.add(type(handling.open[number]).__name__)
        handling.carry_out(number)
    assert kinds == {"CheckMosaic", "CheckPhoto"}
    assert handling.result
    assert handling.result.outcome == "unchanged"


@pytest.mark.parametrize(
    ("content", "other"), [(FOUND, RENAMED), (NOTHING, FOUND), (NOTHING, RENAMED)]
)
def test_stray_picture_is_no_proof(content: bytes, other: bytes) -> None:
    """A picture of an earlier upload can come back while its name is free."""
    s3 = open_s3(other)
    stray = {name: each for name, each in s3.mosaics.items() if name in PICTURES}
    s3.put_photo(content)
    deliver(s3, "engine")
    s3.mosaics |= stray
    result = deliver(s3, "engine")
    assert result
    assert (result.outcome, s3.holds_mosaics_of_the_photo()) == ("done", True)


def test_lost_picture_is_made_again() -> None:
    s3 = open_s3()
    s3.put_photo(FOUND)
    deliver(s3, "engine")
    del s3.mosaics[PICTURES[0]]
    deliver(s3, "engine")
    assert s3.holds_mosaics_of_the_photo()


def test_picture_of_another_photo_is_kept() -> None:
    s3 = open_s3(FOUND)
    data, metadata = s3.mosaics[PICTURES[0]]
    s3.mosaics[PICTURES[0]] = data, metadata | {"pixelater-photo": "other"}
    s3.put_photo(NOTHING)
    deliver(s3)
    assert PICTURES[0] in s3.mosaics


def test_deleted_photo_leaves_nothing_if_deletes_are_mirrored() -> None:
    s3 = open_s3(FOUND)
    s3.delete_photo()
    Handling(s3, make_hidden_photo(mirror=True)).finish()
    assert s3.mosaics == {}


def test_whole_photos_remove_what_was_hidden_before() -> None:
    """Once the look is of whole photos, no detector is there to make its picture again."""
    s3 = open_s3(FOUND)
    s3.put_photo(NOTHING)
    job = replace(make_photo(), exclusive=(*PICTURES, MARKER))
    Handling(s3, job).finish()
    s3.make_all = job.make
    assert s3.holds_mosaics_of_the_photo()


@pytest.mark.parametrize("content", [FOUND, NOTHING])
def test_hidden_regions_remove_mosaics_of_whole_photos(content: bytes) -> None:
    s3 = ModelS3()
    s3.put_photo(FOUND)
    Handling(s3, make_photo()).finish()
    s3.put_photo(content)
    Handling(s3, replace(make_hidden_photo(), exclusive=(*PICTURES, *NAMES))).finish()
    s3.make_all = make_hidden
    assert s3.holds_mosaics_of_the_photo()
