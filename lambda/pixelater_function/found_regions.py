"""Hiding of what detectors find in a photo, the same on the command line and in the function.

No I/O, but for that of the detectors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from typing import TYPE_CHECKING, Protocol

from pixelater.errors import PictureError
from pixelater.regions.photo import RedactedPhoto, pixelate_regions
from pixelater.regions.region import Length, Percent, Region

if TYPE_CHECKING:
    from PIL import Image

    from pixelater.decode.photo import Source
    from pixelater.regions.hiding import Hiding
    from pixelater.style import Style
    from pixelater_detectors.boxes import Detection


class DetectionFailed(PictureError):
    """A photo that a detector does not take, so that nobody knows what is in it."""


class Detector(Protocol):
    """Finds what is of some kinds in an upright RGB picture."""

    def find(
        self,
        image: Image.Image,
        kinds: Sequence[str],
        threshold: float | None = None,
        *,
        thorough: bool = False,
    ) -> list[Detection]: ...


@dataclass(frozen=True)
class Search:
    """What is looked for; `pad` grows what is found, None: as measured."""

    kinds: tuple[str, ...]
    threshold: float | None = None
    thorough: bool = False
    pad: Length | None = None


@dataclass(frozen=True)
class HiddenRegion:
    """A region that is hidden: its kind ("face", "text" or "region"), box and score."""

    kind: str
    box: tuple[int, int, int, int]
    score: float = 1.0


@dataclass(frozen=True)
class HiddenPhoto:
    """A photo whose regions are hidden; `regions` say what they are."""

    photo: RedactedPhoto = field(repr=False)
    regions: tuple[HiddenRegion, ...]


def hide_regions(
    source: Source,
    given: Iterable[Region],
    search: Search,
    detector: Detector | None,
    how: Hiding,
    style: Style,
    limits: Mapping[str, int | None],
    *,
    writes_unchanged: bool = True,
) -> HiddenPhoto:
    """Hide the regions of a photo that are given, and those that a detector finds.

    `limits` are those of `pixelate_regions`, by their names. Without `writes_unchanged`, a photo in
    which nothing is hidden is not encoded. Raises PictureError, BadRegion for a region outside the
    photo, and what the detector raises.
    """
    found: list[Detection] = []

    def find(image: Image.Image) -> Iterator[Region]:
        from pixelater_detectors.rekognition import PictureRefused

        if detector is None:
            return
        try:
            detections = detector.find(
                image, search.kinds, search.threshold, thorough=search.thorough
            )
        except PictureRefused as error:
            raise DetectionFailed(str(error), "Use a smaller copy, or --detector local.") from error
        for detection in detections:
            region = to_region(detection, image.size, search.pad, how.cells)
            if region is not None:
                found.append(detection)
                yield region

    given = tuple(given)
    made = pixelate_regions(
        source,
        given,
        how,
        style,
        find=find if detector else None,
        writes_unchanged=writes_unchanged,
        **limits,
    )
    kinds = [("region", 1.0)] * len(given) + [(each.kind, each.score) for each in found]
    hidden = (
        HiddenRegion(kind, box, round(score, 3))
        for (kind, score), box in zip(kinds, made.boxes, strict=True)
    )
    return HiddenPhoto(made, tuple(hidden))


def to_region(
    detection: Detection, size: tuple[int, int], pad: Length | None, cells: int
) -> Region | None:
    """Return the region of what was found, grown to whole pixels; None outside the photo.

    `cells` are those of a face.
    """
    from pixelater_detectors.detect import count_cells

    left, top, right, lower = grow(detection, pad).edges
    first, last = (floor(left), floor(top)), (ceil(right), ceil(lower))
    if last[0] <= 0 or last[1] <= 0 or first[0] >= size[0] or first[1] >= size[1]:
        return None
    sides = max(1, last[0] - first[0]), max(1, last[1] - first[1])
    across = min(last[0], size[0]) - max(first[0], 0)
    down = min(last[1], size[1]) - max(first[1], 0)
    return Region(*first, *sides, count_cells(detection.kind, cells, (across, down)))


def grow(detection: Detection, length: Length | None) -> Detection:
    """Grow what was found by a length, or as measured (None)."""
    from pixelater_detectors import detect
    from pixelater_detectors.boxes import Detection

    left, top, right, lower = edges = detection.edges
    if length is None:
        edges = detect.pad(detection)
    elif isinstance(length, Percent):
        share = float(length.value) / 100
        across, down = (right - left) * share, (lower - top) * share
        edges = left - across, top - down, right + across, lower + down
    else:
        edges = left - length, top - length, right + length, lower + length
    return Detection(detection.kind, *edges, detection.score)
