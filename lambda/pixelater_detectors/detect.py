"""Detection of kinds of regions in a photo: what is found becomes regions, grown as measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from pixelater_detectors.boxes import Detection
from pixelater_detectors.models import ModelMissing, read_model

if TYPE_CHECKING:
    from pixelater_detectors.faces import FaceDetector
    from pixelater_detectors.text import TextDetector

KINDS = ("faces", "text")

PADS = {"face": (0.3, 0.3), "text": (0.5, 0.5)}
"""What boxes are grown by on each side: of faces, shares of width and height; of text, of its
height. Measured: docs/explanation/privacy.md."""


FACE_SHAPE = 1.5
"""A longer side of so many times the shorter one is not that of a whole face: boxes of CenterFace
have 1.2 to 1.45."""

TEXT_SHARE = 3
"""So many times fewer cells has a line of text: in six, letters of 40 pixels could be read."""


class Detectors:
    """Detectors whose models are read when they are first used."""

    def __init__(self, folders: Iterable[Path], threads: int = 0) -> None:
        self._folders = tuple(folders)
        self._threads = threads

    def load(self) -> None:
        """Read the models that are installed, so that the first picture does not wait."""
        for name in ("faces", "text"):
            with suppress(ModelMissing):
                getattr(self, name)

    def find(
        self,
        image: Image.Image,
        kinds: Sequence[str],
        threshold: float | None = None,
        *,
        thorough: bool = False,
    ) -> list[Detection]:
        """Find what is of some kinds in an upright RGB picture.

        Raises ModelMissing, and ImportError without the packages of the extra.
        """
        found: list[Detection] = []
        if "faces" in kinds:
            found += self.faces.find(image, threshold, thorough=thorough)
        if "text" in kinds:
            found += self.text.find(image, threshold)
        return found

    @cached_property
    def faces(self) -> FaceDetector:
        """The detector of faces."""
        from pixelater_detectors.faces import FaceDetector

        return FaceDetector(read_model("faces", self._folders), self._threads)

    @cached_property
    def text(self) -> TextDetector:
        """The detector of text."""
        from pixelater_detectors.text import TextDetector

        return TextDetector(read_model("text", self._folders), self._threads)


def count_cells(kind: str, cells: int, size: tuple[int, int]) -> int:
    """Return the cells across the shorter side of what was found, where a whole face has `cells`.

    `size` are its sides in the picture. A face that the edge of a picture cuts is narrow: its cells
    are as large as those of the whole face, by its longer side.

    >>> count_cells("face", 6, (100, 140)), count_cells("face", 6, (40, 140))
    (6, 2)
    >>> count_cells("text", 6, (300, 40))
    2
    """
    if kind == "text":
        return max(1, cells // TEXT_SHARE)
    shorter, longer = sorted(size)
    return max(1, min(cells, int(cells * FACE_SHAPE * shorter / max(1, longer))))


def pad(box: Detection) -> tuple[float, float, float, float]:
    """Return the edges of a box, grown so that all of a face or a line is in it."""
    across, down = PADS[box.kind]
    width, height = box.right - box.left, box.lower - box.top
    shorter = height if box.kind == "text" else width
    more = shorter * across, height * down
    return box.left - more[0], box.top - more[1], box.right + more[0], box.lower + more[1]
