"""Photos with hidden regions in the function: pictures, their lists, and failing detectors."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest

from pixelater.look import parse_look
from pixelater.redaction import Redaction
from pixelater_detectors.boxes import Detection
from pixelater_detectors.rekognition import PictureRefused
from pixelater_function import detectors, handler
from pixelater_function.found_regions import Search, hide_regions, to_region
from tests.stub_detector import StubDetector, make_photo
from tests.unit.test_function_looks import list_bodies, set_looks
from tests.unit.test_handler import (
    GOOD,
    REMOVAL,
    Context,
    DictionaryS3,
    DictionarySqs,
    handle,
    read_log,
    s3,
    sqs,
)

__all__ = ["s3", "sqs"]

PICTURE, LIST = "pixelated-regions-a b.jpg", "a b.jpg.regions.json"
AS_PNG = "pixelated-regions-a b.png"
WORDS = {"only": "faces"}
FOUND, NOTHING = make_photo(found=True), make_photo(found=False)


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> StubDetector:
    """A detector in place of all, and the settings of a stack that hides faces."""
    stub = StubDetector()
    monkeypatch.setattr(detectors, "load_detector", lambda _name, _connect: stub)
    set_looks(monkeypatch, WORDS)
    return stub


def upload(s3: DictionaryS3, data: bytes) -> dict[str, Any]:
    s3.objects["photos", "a b.jpg"] = {"Body": data}
    return handle(GOOD)


def read_list(s3: DictionaryS3) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(s3.objects["mosaics", LIST]["Body"])
    return document


@pytest.mark.parametrize(
    ("left", "right", "cells"), [(20.0, 80.0, 6), (-50.0, 10.0, 2), (70.0, 130.0, 4)]
)
def test_cells_of_a_face_at_the_edge_are_as_large_as_those_of_a_whole_one(
    left: float, right: float, cells: int
) -> None:
    face = Detection("face", left, 10.0, right, 90.0, 0.9)
    region = to_region(face, (100, 100), None, 6)
    assert region is not None
    assert region.cells == cells


@pytest.mark.usefixtures("detector")
def test_picture_and_list_are_written(s3: DictionaryS3) -> None:
    answer = upload(s3, FOUND)
    assert answer["photos"] == [{"key": "a b.jpg", "mosaics": [AS_PNG], "documents": [LIST]}]
    hidden = hide_regions(
        FOUND,
        (),
        Search(("faces",)),
        StubDetector(),
        Redaction(("faces",)).how,
        parse_look({}).file_style,
        {},
    )
    assert s3.objects["mosaics", AS_PNG]["Body"] == hidden.photo.data
    document = read_list(s3)
    assert document.pop("modified")
    assert document.pop("version_id")
    assert document == {
        "version": 1,
        "photo": "a b.jpg",
        "width": 120,
        "height": 90,
        "only": ["faces"],
        "detector": "local",
        "picture": {"key": AS_PNG, "media_type": "image/png"},
        "regions": [
            {"kind": "face", "left": 11, "top": 8, "width": 48, "height": 64, "score": 0.9}
        ],
    }


@pytest.mark.usefixtures("detector")
def test_nothing_found_writes_a_list_without_regions(
    s3: DictionaryS3, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = upload(s3, NOTHING)
    assert answer["photos"] == [{"key": "a b.jpg", "mosaics": [], "documents": [LIST]}]
    assert list(list_bodies(s3)) == [LIST]
    assert (read_list(s3)["regions"], read_list(s3)["picture"]) == ([], None)
    (line,) = read_log(capsys)
    assert (line["outcome"], line["mosaics"], line["notes"]) == ("done", 0, ["no faces found"])


@pytest.mark.usefixtures("detector")
def test_uploads_with_and_without_faces_replace_each_other(s3: DictionaryS3) -> None:
    held = []
    for photo in (FOUND, NOTHING, make_photo(found=True, format="JPEG"), FOUND, NOTHING):
        upload(s3, photo)
        held.append(sorted(list_bodies(s3)))
    assert held == [[LIST, AS_PNG], [LIST], [LIST, PICTURE], [LIST, AS_PNG], [LIST]]


@pytest.mark.parametrize("photo", [FOUND, NOTHING], ids=["found", "nothing"])
def test_repeated_event_does_not_read_the_photo(
    s3: DictionaryS3, detector: StubDetector, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_looks(monkeypatch, {**WORDS, "format": "png"})  # What the name does not say, is looked for.
    upload(s3, photo)
    s3.calls.clear()
    handle(GOOD)
    assert ({*s3.calls}, len(detector.sizes)) == ({"head"}, 1)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (PictureRefused("too many faces"), False),
        (RuntimeError("out of memory"), True),
        (detectors.DetectorMissing("no onnxruntime"), True),
    ],
)
@pytest.mark.parametrize("before", [FOUND, NOTHING], ids=["found", "nothing"])
def test_failing_detector_writes_and_deletes_nothing(
    s3: DictionaryS3,
    sqs: DictionarySqs,
    detector: StubDetector,
    before: bytes,
    error: Exception,
    raised: bool,
) -> None:
    """The list names the upload that it is of: it says nothing of the photo that came after."""
    upload(s3, before)
    held = list_bodies(s3)
    detector.error = error
    if raised:
        with pytest.raises(type(error)):
            upload(s3, make_photo(found=True, size=(200, 150)))
    else:
        (failed,) = upload(s3, make_photo(found=True, size=(200, 150)))["failed"]
        assert failed["reason"] == "detection_failed"
    assert list_bodies(s3) == held
    assert len(sqs.sent) == (not raised)


@pytest.mark.usefixtures("detector")
def test_deletes_are_mirrored(s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXELATER_MIRROR_DELETES", "true")
    upload(s3, FOUND)
    del s3.objects["photos", "a b.jpg"]
    handle(REMOVAL)
    assert list_bodies(s3) == {}


@pytest.mark.usefixtures("detector")
@pytest.mark.parametrize("photo", [FOUND, NOTHING])
def test_former_pictures_and_mosaics_go(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch, photo: bytes
) -> None:
    """Mosaics of whole photos show more than is wanted once regions are hidden."""
    upload(s3, FOUND)
    set_looks(monkeypatch, {"grids": "8"})
    monkeypatch.setenv("PIXELATER_FORMER_GRIDS", "0,regions")
    upload(s3, FOUND)
    assert list(list_bodies(s3)) == ["pixelated-8x8-a b.png"]
    set_looks(monkeypatch, WORDS)
    monkeypatch.setenv("PIXELATER_FORMER_GRIDS", "8,16px.webp,preview")
    s3.objects["mosaics", "pixelated-8x8-other.png"] = {"Body": b"of another photo"}
    upload(s3, photo)
    picture = [AS_PNG] if photo == FOUND else []
    assert list(list_bodies(s3)) == [LIST, "pixelated-8x8-other.png", *picture]


@pytest.mark.usefixtures("detector")
def test_rules_hide_regions_of_some_keys(s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch) -> None:
    set_looks(monkeypatch, {"grids": "8"}, ("a", {"only": "faces"}))
    upload(s3, NOTHING)
    assert list(list_bodies(s3)) == [LIST]


@pytest.mark.parametrize(
    "words",
    [
        {"detector": "rekognition"},
        {"threshold": "0.2"},
        {"thorough": "true"},
        {"region-cells": "3"},
        {"solid": "true", "solid-color": "#ff0000"},
    ],
    ids=" ".join,
)
def test_each_word_is_part_of_the_recipe_and_the_picture(
    s3: DictionaryS3,
    monkeypatch: pytest.MonkeyPatch,
    detector: StubDetector,
    words: dict[str, str],
) -> None:
    upload(s3, FOUND)
    set_looks(monkeypatch, {**WORDS, **words})
    upload(s3, FOUND)
    assert len(detector.sizes) == 2
    look = parse_look({**WORDS, **words})
    assert look.redaction
    hidden = hide_regions(
        FOUND, (), Search(("faces",)), StubDetector(), look.redaction.how, look.file_style, {}
    )
    assert s3.objects["mosaics", AS_PNG]["Body"] == hidden.photo.data


def test_warnings_of_decoders_are_notes(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Warner(StubDetector):
        def find(self, *arguments: Any, **options: Any) -> list[Any]:
            warnings.warn("odd profile", stacklevel=1)
            return super().find(*arguments, **options)

    monkeypatch.setattr(detectors, "load_detector", lambda _name, _connect: Warner())
    set_looks(monkeypatch, WORDS)
    upload(s3, NOTHING)
    (line,) = read_log(capsys)
    assert line["notes"] == ["odd profile", "no faces found"]


@pytest.mark.usefixtures("detector")
def test_videos_fail_permanently(s3: DictionaryS3, sqs: DictionarySqs) -> None:
    video = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(400)
    (failed,) = upload(s3, video)["failed"]
    assert (failed["reason"], list_bodies(s3)) == ("unsupported_format", {})
    assert "MPEG" in failed["message"]
    assert len(sqs.sent) == 1


def test_function_without_detector_writes_nothing(
    s3: DictionaryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(_name: str, _connect: object) -> Any:
        raise detectors.DetectorMissing("onnxruntime is not in the function's zip")

    monkeypatch.setattr(detectors, "load_detector", load)
    set_looks(monkeypatch, WORDS)
    with pytest.raises(detectors.DetectorMissing):
        upload(s3, FOUND)
    assert list_bodies(s3) == {}


@pytest.mark.usefixtures("detector", "sqs")
@pytest.mark.parametrize(
    ("photo", "code", "keys"),
    [
        (FOUND, "Succeeded", [LIST, AS_PNG]),
        (NOTHING, "Succeeded", [LIST]),
        (b"not a picture", "PermanentFailure", []),
    ],
)
def test_batch_operations_are_answered(
    s3: DictionaryS3, photo: bytes, code: str, keys: list[str]
) -> None:
    s3.objects["photos", "a b.jpg"] = {"Body": photo}
    task = {"taskId": "t1", "s3Key": "a+b.jpg", "s3VersionId": None, "s3Bucket": "photos"}
    event = {"invocationSchemaVersion": "2.0", "invocationId": "i1", "tasks": [task]}
    answer = handler.lambda_handler(event, Context())
    assert [each["resultCode"] for each in answer["results"]] == [code]
    assert list(list_bodies(s3)) == keys
