"""A detector that needs no model: it finds a face in photos whose first pixel is bright."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image

from pixelater_detectors.boxes import Detection
from tests.pictures import encode, make_scene

FACE = Detection("face", 20, 20, 50, 60, 0.9)

MODULE = "pixelater_detectors/detect.py"
CODE = b"""

class Detectors:
    def __init__(self, folders, threads=0):
        pass

    def load(self):
        pass

    def find(self, image, kinds, threshold=None, *, thorough=False):
        red, _, _ = image.getpixel((0, 0))
        return [Detection("face", 20, 20, 50, 60, 0.9)] if red > 128 else []
"""
"""Ends MODULE in zips, in place of its class that needs models: none is installed where the other
tests run."""


@dataclass
class StubDetector:
    """Finds FACE, or raises the error; `sizes` are those of the pictures that it was shown."""

    error: Exception | None = None
    sizes: list[tuple[int, int]] = field(default_factory=list)

    def find(
        self,
        image: Image.Image,
        kinds: Sequence[str],
        threshold: float | None = None,
        *,
        thorough: bool = False,
    ) -> list[Detection]:
        self.sizes.append(image.size)
        assert kinds
        assert threshold is None or 0 <= threshold <= 1
        assert thorough in (True, False)
        if self.error is not None:
            raise self.error
        red, _, _ = image.getpixel((0, 0))  # type: ignore[misc]
        return [FACE] if red > 128 else []


def make_photo(*, found: bool, format: str = "PNG", size: tuple[int, int] = (120, 90)) -> bytes:
    """Make a photo in which the detector finds a face, or nothing."""
    image = make_scene(size)
    image.paste((255, 255, 255) if found else (0, 0, 0), (0, 0, 16, 16))
    return encode(image, format)
