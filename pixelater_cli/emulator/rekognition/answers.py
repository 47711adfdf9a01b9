"""What was found in a picture, in the shapes of Rekognition.

Only what the detectors know is in it: no pose, quality, age or emotion of a face, and no
`DetectedText` of a text, which is found and not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pixelater_detectors.boxes import Detection

MOST = 100
"""Faces, the largest, and words
(https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectFaces.html,
https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectText.html)."""

MIN_CONFIDENCE = 80.0
"""https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectionFilter.html"""

LANDMARKS = ("eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight")
"""In the order of the detector's points."""

TEXT_MODEL = "PP-OCRv4 detection, of pixelater"
"""Rekognition's is "3.0"; this is not that one."""


def describe_faces(found: Iterable[Detection], size: tuple[int, int]) -> list[dict[str, Any]]:
    """Describe faces as FaceDetail, the largest first."""
    faces = sorted(found, key=lambda each: -each.area)[:MOST]
    return [
        {
            "BoundingBox": _measure(face, size),
            "Confidence": 100 * face.score,
            "Landmarks": [
                {"Type": name, "X": x / size[0], "Y": y / size[1]}
                for name, (x, y) in zip(LANDMARKS, face.points, strict=True)
            ],
        }
        for face in faces
    ]


def describe_text(
    found: Iterable[Detection], size: tuple[int, int], filters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Describe lines as TextDetection, from the top: each line, and then one word for each.

    Where words end is not known, so that a line's only word is as long as the line.
    """
    boxes = [(line, _measure(line, size)) for line in sorted(found, key=lambda each: each.top)]
    kept = [(line, box) for line, box in boxes if _passes(line, box, filters)][:MOST]
    lines = [
        {"Type": "LINE", "Id": number, **_describe_line(line, box)}
        for number, (line, box) in enumerate(kept)
    ]
    words = [
        {"Type": "WORD", "Id": len(kept) + number, "ParentId": number, **_describe_line(line, box)}
        for number, (line, box) in enumerate(kept)
    ]
    return lines + words


def read_min_confidence(filters: Mapping[str, Any]) -> float:
    """Return the confidence that words must have, 0 to 100."""
    least = (filters.get("WordFilter") or {}).get("MinConfidence")
    return MIN_CONFIDENCE if least is None else float(least)


def _describe_line(line: Detection, box: Mapping[str, float]) -> dict[str, Any]:
    left, top = box["Left"], box["Top"]
    right, lower = left + box["Width"], top + box["Height"]
    corners = (left, top), (right, top), (right, lower), (left, lower)
    polygon = [{"X": x, "Y": y} for x, y in corners]
    return {
        "Confidence": 100 * line.score,
        "Geometry": {"BoundingBox": dict(box), "Polygon": polygon},
    }


def _measure(found: Detection, size: Sequence[int]) -> dict[str, float]:
    """Return a box as shares of the picture's sides."""
    return {
        "Width": (found.right - found.left) / size[0],
        "Height": (found.lower - found.top) / size[1],
        "Left": found.left / size[0],
        "Top": found.top / size[1],
    }


def _passes(line: Detection, box: Mapping[str, float], filters: Mapping[str, Any]) -> bool:
    """Return whether a line meets the filters. It is in a region if its middle is."""
    of_words = filters.get("WordFilter") or {}
    x, y = box["Left"] + box["Width"] / 2, box["Top"] + box["Height"] / 2
    regions = [each.get("BoundingBox") or {} for each in filters.get("RegionsOfInterest") or ()]
    return (
        100 * line.score >= read_min_confidence(filters)
        and box["Height"] >= (of_words.get("MinBoundingBoxHeight") or 0)
        and box["Width"] >= (of_words.get("MinBoundingBoxWidth") or 0)
        and (not regions or any(_holds(region, x, y) for region in regions))
    )


def _holds(region: Mapping[str, float | None], x: float, y: float) -> bool:
    left, top = region.get("Left") or 0, region.get("Top") or 0
    right, lower = left + (region.get("Width") or 0), top + (region.get("Height") or 0)
    return left <= x <= right and top <= y <= lower
