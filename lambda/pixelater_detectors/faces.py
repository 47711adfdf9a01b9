"""Faces, found by CenterFace (Xu et al. 2019, https://arxiv.org/abs/1911.03599)."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from pixelater_detectors.boxes import Detection, keep_best, turn, turn_back
from pixelater_detectors.onnx_shapes import free_shapes
from pixelater_detectors.sessions import find_size, open_session, resize, run_session

LARGE = 2000
"""Pixels of the longer side of photos in which faces are searched at other sizes."""

SIDES, SIDES_LARGE, SIDES_TURNED = (480, 1280), (320, 960), (640,)
THRESHOLD, THRESHOLD_LARGE = 0.35, 0.3
"""Measured on photos with 142 faces, and on 12 megapixels: see docs/explanation/privacy.md."""

STRIDE = 4
"""Pixels for each value that the network returns."""

SAME, SAME_OF_ALL = 0.3, 0.4
"""Boxes that overlap more are of one face: at one size, and of all."""

ENLARGED = 2.0


class FaceDetector:
    """A detector of faces."""

    def __init__(self, model: bytes, threads: int = 0) -> None:
        self._session = open_session(free_shapes(model), threads)

    def find(
        self, image: Image.Image, threshold: float | None = None, *, thorough: bool = False
    ) -> list[Detection]:
        """Find the faces in an upright RGB picture; `thorough` finds turned ones, too."""
        large = max(image.size) > LARGE
        if threshold is None:
            threshold = THRESHOLD_LARGE if large else THRESHOLD
        found = []
        for side in SIDES_LARGE if large else SIDES:
            found += self.find_at(image, side, threshold)
        for turns in range(4) if thorough else ():
            turned = turn(image, turns)
            for side in SIDES_TURNED:
                found += [
                    turn_back(box, turns, image.size)
                    for box in self.find_at(turned, side, threshold)
                ]
        return keep_best(found, SAME_OF_ALL)

    def find_at(self, image: Image.Image, side: int, threshold: float) -> list[Detection]:
        """Find faces in a picture that is resized so that its longer side has `side` pixels."""
        import numpy

        size = find_size(image.size, side, ENLARGED)
        pixels = numpy.asarray(resize(image, size), numpy.float32)
        heat, scale, offset, marks = run_session(self._session, pixels.transpose(2, 0, 1)[None])
        rows, columns = numpy.where(heat[0, 0] > threshold)
        values = (
            heat[0, 0, rows, columns],
            *numpy.exp(scale[0][:, rows, columns]),
            *offset[0][:, rows, columns],
            *marks[0][:, rows, columns],
        )
        across, down = image.width / size[0] * STRIDE, image.height / size[1] * STRIDE
        found = [
            _make_box(place, numbers, across, down)
            for place, numbers in zip(
                zip(columns.tolist(), rows.tolist(), strict=True),
                zip(*(value.tolist() for value in values), strict=True),
                strict=True,
            )
        ]
        return keep_best(found, SAME)


def _make_box(
    place: tuple[int, int], numbers: Sequence[float], across: float, down: float
) -> Detection:
    """Return the box of a peak: its score, height and width, place below and right, and marks.

    Marks are five places below and right of the box's corner, in heights and widths of the box.
    """
    score, height, width, below, beside, *marks = numbers
    left, top = place[0] + beside + 0.5 - width / 2, place[1] + below + 0.5 - height / 2
    points = tuple(
        ((left + right * width) * across, (top + lower * height) * down)
        for lower, right in zip(marks[::2], marks[1::2], strict=True)
    )
    return Detection(
        "face",
        left * across,
        top * down,
        (left + width) * across,
        (top + height) * down,
        score,
        points,
    )
