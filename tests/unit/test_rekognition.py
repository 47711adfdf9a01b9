"""Detectors of Amazon Rekognition, on answers that botocore's model allows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from random import Random
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber
from PIL import Image

from pixelater_detectors.boxes import Detection
from pixelater_detectors.detect import pad
from pixelater_detectors.rekognition import (
    MAX_BYTES,
    PictureRefused,
    RekognitionDetectors,
    encode,
)
from pixelater_function.failures import is_permanent

PICTURE = {"Image": {"Bytes": ANY}}
TEXT = {**PICTURE, "Filters": {"WordFilter": {"MinConfidence": 50.0}}}


@pytest.fixture
def rekognition() -> Iterator[Stubber]:
    client = boto3.client(
        "rekognition", "eu-west-1", aws_access_key_id="none", aws_secret_access_key="none"
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def make_box(left: float, top: float, width: float, height: float) -> dict[str, float]:
    return {"Left": left, "Top": top, "Width": width, "Height": height}


def make_face(box: dict[str, float], confidence: float = 99.5) -> dict[str, Any]:
    return {"BoundingBox": box, "Confidence": confidence}


def make_text(
    number: int,
    box: dict[str, float],
    *,
    line: int | None = None,
    confidence: float = 90.0,
    polygon: tuple[tuple[float, float], ...] = (),
) -> dict[str, Any]:
    text: dict[str, Any] = {
        "DetectedText": "text",
        "Type": "LINE" if line is None else "WORD",
        "Id": number,
        "Confidence": confidence,
        "Geometry": {"BoundingBox": box, "Polygon": [{"X": x, "Y": y} for x, y in polygon]},
    }
    return text if line is None else {**text, "ParentId": line}


def add_faces(stubber: Stubber, *faces: dict[str, Any]) -> None:
    stubber.add_response("detect_faces", {"FaceDetails": list(faces)}, PICTURE)


def add_text(stubber: Stubber, *texts: dict[str, Any]) -> None:
    stubber.add_response("detect_text", {"TextDetections": list(texts)}, TEXT)


def find(stubber: Stubber, *kinds: str, size: tuple[int, int] = (1000, 500), **how: Any) -> Any:
    return RekognitionDetectors(stubber.client).find(Image.new("RGB", size), kinds, **how)


def test_faces_are_boxes_in_pixels_of_the_photo(rekognition: Stubber) -> None:
    add_faces(rekognition, make_face(make_box(0.25, 0.5, 0.125, 0.25), 75.0))
    assert find(rekognition, "faces") == [Detection("face", 250, 250, 375, 375, 0.75)]


def test_boxes_may_reach_over_the_edges(rekognition: Stubber) -> None:
    add_faces(rekognition, make_face(make_box(-0.25, 0.875, 0.5, 0.25), 100.0))
    (found,) = find(rekognition, "faces")
    assert found == Detection("face", -250, 437.5, 250, 562.5, 1.0)
    assert pad(found) == (-400, 400, 400, 600)


def test_faces_below_a_threshold_are_left_out(rekognition: Stubber) -> None:
    faces = [make_face(make_box(0, 0, 0.5, 0.5), confidence) for confidence in (60.0, 59.0)]
    add_faces(rekognition, *faces)
    found = find(rekognition, "faces", threshold=0.6)
    assert [each.score for each in found] == [0.6]


def test_lines_are_as_large_as_box_and_polygon(rekognition: Stubber) -> None:
    corners = (0.25, 0.4), (0.75, 0.5), (0.7, 0.65), (0.2, 0.55)
    add_text(rekognition, make_text(0, make_box(0.25, 0.5, 0.25, 0.25), polygon=corners))
    (found,) = find(rekognition, "text")
    edges = found.left, found.top, found.right, found.lower
    assert edges == pytest.approx((200, 200, 750, 375))
    assert found.kind == "text"


def test_words_are_found_if_their_line_is_not(rekognition: Stubber) -> None:
    """Those of a line are in its box; another line is too uncertain, one was not returned."""
    box = make_box(0, 0, 0.5, 0.5)
    add_text(
        rekognition,
        make_text(0, box, confidence=80.0),
        make_text(1, box, confidence=40.0),
        make_text(2, box, line=0, confidence=81.0),
        make_text(3, box, line=1, confidence=82.0),
        make_text(4, box, line=1, confidence=30.0),
        make_text(5, box, line=9, confidence=83.0),
    )
    found = find(rekognition, "text")
    assert [each.score for each in found] == [0.8, 0.82, 0.83]


def test_threshold_of_text_is_asked_for(rekognition: Stubber) -> None:
    asked = {**PICTURE, "Filters": {"WordFilter": {"MinConfidence": 25.0}}}
    rekognition.add_response("detect_text", {"TextDetections": []}, asked)
    assert find(rekognition, "text", threshold=0.25) == []


def test_each_kind_is_asked_for(rekognition: Stubber) -> None:
    add_faces(rekognition, make_face(make_box(0, 0, 0.5, 0.5)))
    add_text(rekognition, make_text(0, make_box(0, 0, 0.5, 0.5)))
    assert [each.kind for each in find(rekognition, "faces", "text")] == ["face", "text"]


def test_thorough_search_turns_the_photo(rekognition: Stubber) -> None:
    """A face at the left edge of a photo is at its lower edge when it is turned to the left."""
    add_faces(rekognition)
    add_faces(rekognition, make_face(make_box(0.25, 0.875, 0.25, 0.125), 90.0))
    add_faces(rekognition)
    add_faces(rekognition, make_face(make_box(0.5, 0, 0.25, 0.125), 80.0))
    found = find(rekognition, "faces", thorough=True)
    assert found == [Detection("face", 0, 125, 125, 250, 0.9)]


def test_parts_are_searched_if_there_may_be_more_faces(rekognition: Stubber) -> None:
    """The halves of 1000 pixels are 0 to 600 and 400 to 1000; a face is found in both once."""
    crowd = [make_face(make_box(0.01 * number, 0, 0.005, 0.01)) for number in range(100)]
    add_faces(rekognition, *crowd)
    add_faces(rekognition, make_face(make_box(0.75, 0.5, 0.125, 0.25), 90.0))
    add_faces(rekognition, make_face(make_box(5 / 60, 0.5, 0.125, 0.25), 95.0))
    found = find(rekognition, "faces")
    assert len(found) == 101
    (added,) = (each for each in found if each.score < 0.99)
    edges = added.left, added.top, added.right, added.lower
    assert edges == pytest.approx((450, 250, 525, 375))


def test_parts_are_searched_if_there_may_be_more_words(rekognition: Stubber) -> None:
    """A part of a line that was found whole is left out; the lower half has another line."""
    box = make_box(0, 0.5, 1, 0.1)
    words = [make_text(1 + number, box, line=0) for number in range(100)]
    add_text(rekognition, make_text(0, box), *words)
    add_text(rekognition, make_text(0, make_box(0, 0.5 / 0.6, 0.5, 0.1)))
    add_text(rekognition, make_text(0, make_box(0, 0.5, 1, 0.1)))
    found = find(rekognition, "text", size=(400, 1000))
    edges = [tuple(map(round, (each.left, each.top, each.right, each.lower))) for each in found]
    assert edges == [(0, 500, 400, 600), (0, 700, 400, 760)]


def test_too_much_text_in_all_parts_is_permanent(rekognition: Stubber) -> None:
    words = [make_text(number, make_box(0, 0, 1, 1), line=200) for number in range(100)]
    for _ in range(4):  # The photo, and the first part of a part of a part.
        add_text(rekognition, *words)
    with pytest.raises(PictureRefused):
        find(rekognition, "text")


@pytest.mark.parametrize("code", ["InvalidImageFormatException", "ImageTooLargeException"])
def test_refused_pictures_are_permanent_failures(rekognition: Stubber, code: str) -> None:
    rekognition.add_client_error("detect_faces", code, http_status_code=400)
    with pytest.raises(PictureRefused, match=code):
        find(rekognition, "faces")


@pytest.mark.parametrize(
    ("code", "status", "permanent"),
    [
        ("ThrottlingException", 400, False),
        ("ProvisionedThroughputExceededException", 400, False),
        ("AccessDeniedException", 400, False),
        ("InternalServerError", 500, False),
        ("ServiceUnavailable", 503, False),
        ("InvalidParameterException", 400, True),
        ("ValidationException", 400, True),
        ("NotImplemented", 501, True),
    ],
)
def test_other_errors_are_raised_as_they_are(
    rekognition: Stubber, code: str, status: int, permanent: bool
) -> None:
    rekognition.add_client_error("detect_text", code, http_status_code=status)
    with pytest.raises(ClientError) as caught:
        find(rekognition, "text")
    assert caught.value.response["Error"]["Code"] == code
    assert is_permanent(caught.value) is permanent


@pytest.mark.parametrize(
    ("size", "sent", "covered"),
    [
        ((1000, 500), (1000, 500), (1000, 500)),
        ((8192, 2048), (4096, 1024), (8192, 2048)),
        ((480, 300), (960, 600), (480, 300)),
        ((300, 200), (600, 400), (300, 200)),
        ((20, 30), (80, 120), (20, 30)),
        ((1, 1), (80, 80), (1, 1)),
        ((4096, 10), (4096, 80), (4096, 80)),
        ((2, 2048), (80, 4096), (40, 2048)),
    ],
)
def test_pictures_are_sent_in_sizes_that_rekognition_takes(
    size: tuple[int, int], sent: tuple[int, int], covered: tuple[float, float]
) -> None:
    made = encode(Image.new("RGB", size))
    assert Image.open(io.BytesIO(made.data)).size == sent
    assert (made.width, made.height) == covered


def test_pictures_of_too_many_bytes_are_reduced() -> None:
    """Noise is as large as JPEG gets."""
    size = 3200, 2400
    noise = Image.frombytes("RGB", size, Random(0).randbytes(size[0] * size[1] * 3))
    made = encode(noise)
    assert len(made.data) <= MAX_BYTES
    assert (made.width, made.height) == pytest.approx(size, rel=1e-9)
    assert Image.open(io.BytesIO(made.data)).width < size[0]


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "CMYK"])
def test_sent_pictures_are_jpeg_without_metadata(mode: str) -> None:
    image = Image.new(mode, (200, 100))
    image.info |= {"comment": b"secret", "exif": b"Exif\x00\x00secret", "xmp": b"secret"}
    image.info |= {"icc_profile": b"secret", "dpi": (123, 123)}
    opened = Image.open(io.BytesIO(encode(image).data))
    assert (opened.format, opened.mode) == ("JPEG", "RGB")
    assert set(opened.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def paint(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    image.paste("white", box)
    return image


@pytest.mark.parametrize(
    "size", [(1000, 500), (100, 50), (5000, 3000), (4096, 10), (30, 30)], ids=str
)
def test_ratios_of_sent_pictures_are_places_in_the_photo(size: tuple[int, int]) -> None:
    """A white box is where its ratios in the sent picture say, but for blurred edges."""
    width, height = size
    box = width // 5, height // 5, width // 5 * 3, height // 5 * 4
    made = encode(paint(Image.new("RGB", size), box))
    shown = Image.open(io.BytesIO(made.data)).convert("L").point(lambda level: 255 * (level > 190))
    seen = shown.getbbox()
    assert seen
    left, top, right, lower = (edge / shown.size[at % 2] for at, edge in enumerate(seen))
    found = made.locate("face", make_box(left, top, right - left, lower - top), 100.0)
    slack = 2 + max(size) / 1000
    edges = found.left, found.top, found.right, found.lower
    assert edges == pytest.approx(box, abs=slack)
