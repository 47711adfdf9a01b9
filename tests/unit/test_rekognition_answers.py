"""Answers of the emulator's Rekognition, in the shapes of botocore's model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from pixelater_cli.emulator.rekognition.answers import describe_faces, describe_text
from pixelater_cli.emulator.strict.shapes import find_faults
from pixelater_detectors.boxes import Detection

MODEL = ServiceModel(Loader().load_service_model("rekognition", "service-2"), "rekognition")
SIZE = 200, 100


def check(operation: str, answer: Any) -> None:
    """Check an answer against the shape of an operation's output, with no other members."""
    shape = MODEL.operation_model(operation).output_shape
    assert shape
    document = json.loads(json.dumps(answer))
    assert list(find_faults(document, shape)) == []
    check_members(document, shape)


def check_members(document: Any, shape: Any) -> None:
    if shape.type_name == "structure":
        assert set(document) <= set(shape.members)
        for name, value in document.items():
            check_members(value, shape.members[name])
    elif shape.type_name == "list":
        for value in document:
            check_members(value, shape.member)


def make_line(top: float, score: float = 0.9, left: float = 20.0) -> Detection:
    return Detection("text", left, top, left + 100, top + 10, score)


def find_lines(*lines: Detection, **filters: Any) -> list[float]:
    """Return the confidence of the lines that pass filters."""
    texts = describe_text(lines, SIZE, filters)
    check("DetectText", {"TextDetections": texts})
    return [round(text["Confidence"], 3) for text in texts if text["Type"] == "LINE"]


def test_faces_have_boxes_and_landmarks_as_ratios() -> None:
    points = ((70, 40), (90, 40), (80, 50), (72, 60), (88, 60))
    details = describe_faces([Detection("face", 60, 25, 100, 75, 0.75, points)], SIZE)
    check("DetectFaces", {"FaceDetails": details})
    assert details == [
        {
            "BoundingBox": {"Left": 0.3, "Top": 0.25, "Width": 0.2, "Height": 0.5},
            "Confidence": 75.0,
            "Landmarks": [
                {"Type": "eyeLeft", "X": 0.35, "Y": 0.4},
                {"Type": "eyeRight", "X": 0.45, "Y": 0.4},
                {"Type": "nose", "X": 0.4, "Y": 0.5},
                {"Type": "mouthLeft", "X": 0.36, "Y": 0.6},
                {"Type": "mouthRight", "X": 0.44, "Y": 0.6},
            ],
        }
    ]


def test_the_100_largest_faces_are_described() -> None:
    points = ((0.0, 0.0),) * 5
    faces = [Detection("face", 0, 0, side, side, 1 / side, points) for side in range(1, 121)]
    details = describe_faces(faces, SIZE)
    widths = [round(face["BoundingBox"]["Width"] * SIZE[0]) for face in details]
    assert widths == list(range(120, 20, -1))


def test_lines_are_described_from_the_top_and_have_a_word_each() -> None:
    texts = describe_text([make_line(50, 0.8), make_line(10, 0.95)], SIZE, {})
    check("DetectText", {"TextDetections": texts})
    names = "Type", "Id", "ParentId", "Confidence"
    assert [tuple(text.get(name) for name in names) for text in texts] == [
        ("LINE", 0, None, 95.0),
        ("LINE", 1, None, 80.0),
        ("WORD", 2, 0, 95.0),
        ("WORD", 3, 1, 80.0),
    ]
    corners = [(point["X"], point["Y"]) for point in texts[0]["Geometry"]["Polygon"]]
    assert corners == [(0.1, 0.1), (0.6, 0.1), (0.6, 0.2), (0.1, 0.2)]


def test_at_most_100_words_are_described() -> None:
    texts = describe_text([make_line(number / 10) for number in range(120)], SIZE, {})
    assert [text["Type"] for text in texts] == ["LINE"] * 100 + ["WORD"] * 100


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({}, [90.0, 80.0]),
        ({"WordFilter": {}}, [90.0, 80.0]),
        ({"WordFilter": {"MinConfidence": 0}}, [90.0, 80.0, 60.0]),
        ({"WordFilter": {"MinConfidence": 85}}, [90.0]),
        ({"WordFilter": {"MinBoundingBoxHeight": 0.1}}, [90.0, 80.0]),
        ({"WordFilter": {"MinBoundingBoxHeight": 0.11}}, []),
        ({"WordFilter": {"MinBoundingBoxWidth": 0.6}}, []),
        ({"RegionsOfInterest": []}, [90.0, 80.0]),
        (
            {
                "RegionsOfInterest": [
                    {"BoundingBox": {"Left": 0, "Top": 0.4, "Width": 1, "Height": 0.2}}
                ]
            },
            [80.0],
        ),
        ({"RegionsOfInterest": [{"BoundingBox": {"Width": 0.3, "Height": 1}}]}, []),
    ],
)
def test_filters_choose_lines(filters: dict[str, Any], kept: list[float]) -> None:
    assert find_lines(make_line(10), make_line(45, 0.8), make_line(80, 0.6), **filters) == kept
