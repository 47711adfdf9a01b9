"""Faces and text, found by Amazon Rekognition: without weights, and without other packages.

Limits: https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image

from pixelater_detectors.boxes import Detection, count_common, keep_best, turn, turn_back

MAX_BYTES = 5 * 2**20
"""Of a picture that is in the request."""

MAX_SIDE, MIN_SIDE = 4096, 80
"""Pixels of a side: the most that are sent, and the fewest that Rekognition takes. A face must have
40 pixels where the picture has 1920, so that more pixels do not show smaller faces."""

SMALL_SIDE, ENLARGED = 960, 2.0
"""Pictures whose longer side is shorter are enlarged, so many times at most."""

QUALITY, REDUCTION = 90, 0.75
"""JPEG quality, and what the sides of a picture that has too many bytes are multiplied by."""

MOST = 100
"""Rekognition returns the 100 largest faces, and up to 100 words: if it does, there may be more
(https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectFaces.html,
https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectText.html)."""

PARTS = (0.0, 0.6), (0.4, 1.0)
"""Overlapping parts of the longer side, in which more is searched for."""

DEPTH = 3
"""How often parts are divided: 15 requests at most."""

TEXT_THRESHOLD = 0.5
"""Confidence of text. Rekognition leaves out words below .8 if it is not asked; what is hidden
wrongly does less harm than what is not. Faces have no threshold: Rekognition chooses."""

SAME, WITHIN = 0.4, 0.9
"""Boxes that were found in several parts: overlap of those of one face, and how much of a text's
box another one covers if it is part of that."""

Answer = tuple[list[Detection], bool]
"""What was found, and whether that is all."""


class PictureRefused(Exception):
    """Rekognition does not take a picture, or does not return all that is in it.

    A retry does not help.
    """


class RekognitionDetectors:
    """Detectors of Amazon Rekognition, by a client of boto3. AWS may keep what it is sent.

    What they find is grown like what the local detectors find (`detect.pad`): how tight
    Rekognition's boxes are was not measured, and AWS does not say.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def find(
        self,
        image: Image.Image,
        kinds: Sequence[str],
        threshold: float | None = None,
        *,
        thorough: bool = False,
    ) -> list[Detection]:
        """Find what is of some kinds in an upright RGB picture, as `Detectors.find` does.

        Each kind is a request; `thorough`, which finds turned faces, makes three more. Raises
        PictureRefused, and what the client raises, such as its ThrottlingException.
        """
        found: list[Detection] = []
        if "faces" in kinds:
            found += self._find_faces(image, threshold or 0.0, 4 if thorough else 1)
        if "text" in kinds:
            least = TEXT_THRESHOLD if threshold is None else threshold
            found += _search(image, lambda part: self._ask_for_text(part, least), _unite_text)
        return found

    def _find_faces(self, image: Image.Image, threshold: float, turns: int) -> list[Detection]:
        def ask(part: Image.Image) -> Answer:
            return self._ask_for_faces(part, threshold)

        found = [
            turn_back(box, number, image.size)
            for number in range(turns)
            for box in _search(turn(image, number), ask, _unite_faces)
        ]
        return found if turns == 1 else _unite_faces(found)

    def _ask_for_faces(self, image: Image.Image, threshold: float) -> Answer:
        sent = encode(image)
        faces = self._call(self._client.detect_faces, sent)["FaceDetails"]
        found = [
            sent.locate("face", face["BoundingBox"], face["Confidence"])
            for face in faces
            if face["Confidence"] >= 100 * threshold
        ]
        return found, len(faces) < MOST

    def _ask_for_text(self, image: Image.Image, threshold: float) -> Answer:
        """Find lines, and words whose line is too uncertain, or was not returned."""
        sent, least = encode(image), 100 * threshold
        filters = {"WordFilter": {"MinConfidence": least}}
        answer = self._call(self._client.detect_text, sent, Filters=filters)["TextDetections"]
        certain = [each for each in answer if each["Confidence"] >= least]
        lines = {each["Id"] for each in certain if each["Type"] == "LINE"}
        found = [
            sent.locate("text", _cover(each["Geometry"]), each["Confidence"])
            for each in certain
            if each["Type"] == "LINE" or each.get("ParentId") not in lines
        ]
        return found, sum(each["Type"] == "WORD" for each in answer) < MOST

    def _call(self, operation: Callable[..., Any], sent: SentPicture, **parameters: Any) -> Any:
        errors = self._client.exceptions
        try:
            return operation(Image={"Bytes": sent.data}, **parameters)
        except (errors.InvalidImageFormatException, errors.ImageTooLargeException) as error:
            raise PictureRefused(str(error)) from error


@dataclass(frozen=True)
class SentPicture:
    """A JPEG file without metadata, and how many pixels of the photo its sides are."""

    data: bytes
    width: float
    height: float

    def locate(self, kind: str, box: dict[str, float], confidence: float) -> Detection:
        """Return a box in pixels of the photo. Boxes may reach over its edges."""
        left, top = box["Left"] * self.width, box["Top"] * self.height
        right, lower = left + box["Width"] * self.width, top + box["Height"] * self.height
        return Detection(kind, left, top, right, lower, min(1.0, max(0.0, confidence / 100)))


def encode(image: Image.Image) -> SentPicture:
    """Encode a picture so that Rekognition takes it, with as many pixels as are useful.

    Sides that are too short, also when enlarged, are filled up with gray, below and to the right.
    """
    longer, shorter = max(image.size), min(image.size)
    larger = max(MIN_SIDE / shorter, min(ENLARGED, SMALL_SIDE / longer), 1.0)
    scale = min(larger, MAX_SIDE / longer)
    while True:
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        filled = max(size[0], MIN_SIDE), max(size[1], MIN_SIDE)
        # A new image: Pillow writes comments of one that was read.
        canvas = Image.new("RGB", filled, "gray")
        resized = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
        canvas.paste(resized if size != image.size else image)
        file = io.BytesIO()
        canvas.save(file, "JPEG", quality=QUALITY)
        if file.tell() <= MAX_BYTES:
            break
        scale *= REDUCTION
    across, down = image.width / size[0], image.height / size[1]
    return SentPicture(file.getvalue(), filled[0] * across, filled[1] * down)


def _search(
    image: Image.Image,
    ask: Callable[[Image.Image], Answer],
    unite: Callable[[Iterable[Detection]], list[Detection]],
    depth: int = DEPTH,
) -> list[Detection]:
    """Ask for what is in a picture, and in its parts if there may be more.

    Raises PictureRefused.
    """
    found, whole = ask(image)
    if whole:
        return found
    if not depth:
        raise PictureRefused(
            f"Rekognition returns {MOST} faces or words at most, and this photo has more, even in "
            f"its {2**DEPTH} parts"
        )
    for box in _list_parts(image.size):
        found += [
            replace(
                each,
                left=each.left + box[0],
                top=each.top + box[1],
                right=each.right + box[0],
                lower=each.lower + box[1],
            )
            for each in _search(image.crop(box), ask, unite, depth - 1)
        ]
    return unite(found)


def _list_parts(size: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    width, height = size
    for first, last in PARTS:
        if width >= height:
            yield int(first * width), 0, round(last * width), height
        else:
            yield 0, int(first * height), width, round(last * height)


def _unite_faces(found: Iterable[Detection]) -> list[Detection]:
    return keep_best(found, SAME)


def _unite_text(found: Iterable[Detection]) -> list[Detection]:
    """Drop boxes that larger ones cover. A line may be found whole, and in parts."""
    kept: list[Detection] = []
    for box in sorted(found, key=lambda each: -each.area):
        if not any(_share(box, other) >= WITHIN for other in kept):
            kept.append(box)
    return kept


def _share(box: Detection, other: Detection) -> float:
    """Return how much of a box another one covers: 0 to 1."""
    common = count_common(box, other)
    return common / box.area if common else 0.0


def _cover(geometry: dict[str, Any]) -> dict[str, float]:
    """Return the box around a text's box, which is coarse, and its polygon, which is exact."""
    box, points = geometry["BoundingBox"], geometry.get("Polygon", ())
    across = [box["Left"], box["Left"] + box["Width"], *(point["X"] for point in points)]
    down = [box["Top"], box["Top"] + box["Height"], *(point["Y"] for point in points)]
    return {
        "Left": min(across),
        "Top": min(down),
        "Width": max(across) - min(across),
        "Height": max(down) - min(down),
    }
