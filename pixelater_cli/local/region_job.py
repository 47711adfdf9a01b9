"""Hiding of regions in local photos: those that are given, and those that detectors find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pixelater_cli.errors import PixelaterError

if TYPE_CHECKING:
    from PIL import Image

    from pixelater import Mosaic, Style
    from pixelater.regions.hiding import Hiding
    from pixelater.regions.photo import RedactedPhoto
    from pixelater.regions.region import Region
    from pixelater_detectors.boxes import Detection
    from pixelater_detectors.detect import Detectors

EXTRA_HINT = (
    "Install what detectors need: pip install 'pixelater[privacy]', or for pipx: "
    "pipx inject pixelater 'pixelater[privacy]'"
)


class RegionError(PixelaterError):
    """A region that a photo does not have."""


class DetectorError(PixelaterError):
    """A detector that is not installed."""


@dataclass(frozen=True)
class RegionJob:
    """What is hidden in every photo: `regions`, those of its name, and what detectors find.

    `by_name` are regions by the photo's path or file name. `pads` says whether found boxes are
    grown as measured, instead of by the padding of `how`. Photos in which nothing is hidden are
    written only if they are `copied`.
    """

    how: Hiding
    regions: tuple[Region, ...] = ()
    by_name: tuple[tuple[str, tuple[Region, ...]], ...] = ()
    kinds: tuple[str, ...] = ()
    thorough: bool = False
    threshold: float | None = None
    pads: bool = True
    copied: bool = False

    @property
    def sought(self) -> str:
        """What is looked for: "faces or text", or "regions"."""
        return " or ".join(self.kinds) or "regions"

    def list_regions(self, path: Path | None) -> tuple[Region, ...]:
        """List the regions that are given for a photo."""
        names = set() if path is None else {str(path), path.as_posix(), path.name}
        named = (regions for name, regions in self.by_name if name in names or not name)
        return (*self.regions, *(region for regions in named for region in regions))


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


def hide_in_photo(
    file: BinaryIO,
    path: Path | None,
    job: RegionJob,
    style: Style,
    limits: Mapping[str, int | None],
) -> HiddenPhoto:
    """Hide the regions of a photo. `limits` are those of `pixelate_regions`, by their names.

    Raises PictureError, DetectorError, and RegionError for a region outside the photo.
    """
    from pixelater.regions.photo import pixelate_regions
    from pixelater.regions.region import BadRegion

    found: list[Detection] = []

    def find(image: Image.Image) -> Iterator[Region]:
        for detection in _detect(image, job):
            region = _to_region(detection, image.size, job)
            if region is not None:
                found.append(detection)
                yield region

    given = job.list_regions(path)
    try:
        made = pixelate_regions(
            file, given, job.how, style, find=find if job.kinds else None, **limits
        )
    except BadRegion as error:
        raise RegionError(str(error), "Regions are in pixels of the upright photo.") from error
    kinds = [("region", 1.0)] * len(given) + [(each.kind, each.score) for each in found]
    hidden = (
        HiddenRegion(kind, box, round(score, 3))
        for (kind, score), box in zip(kinds, made.boxes, strict=True)
    )
    return HiddenPhoto(made, tuple(hidden))


def to_mosaic(photo: RedactedPhoto) -> Mosaic:
    """Return a photo with hidden regions as a mosaic of grid 0, without cells."""
    from pixelater import Mosaic

    return Mosaic(
        0,
        0,
        0,
        photo.width,
        photo.height,
        photo.format,
        photo.media_type,
        photo.data,
        photo.warnings,
    )


def _detect(image: Image.Image, job: RegionJob) -> Sequence[Detection]:
    with explained():
        detectors = load_detectors()
        return detectors.find(image, job.kinds, job.threshold, thorough=job.thorough)


@contextmanager
def explained() -> Iterator[None]:
    """Raise DetectorError for packages and models that are not installed."""
    from pixelater_detectors.models import ModelMissing

    try:
        yield
    except ImportError as error:
        raise DetectorError(f"detectors need the package {error.name}", EXTRA_HINT) from error
    except ModelMissing as error:
        hint = f"Install it: pixelater models install {error.kind}"
        raise DetectorError(str(error), hint) from error


@cache
def load_detectors() -> Detectors:
    """Load the detectors once in each process. They use one thread: there are other processes."""
    from pixelater_cli.local.model_store import find_folder
    from pixelater_detectors.detect import Detectors

    return Detectors([find_folder()], threads=1)


def _to_region(detection: Detection, size: tuple[int, int], job: RegionJob) -> Region | None:
    """Return the region of what was found, grown to whole pixels; None outside the photo."""
    from pixelater.regions.region import Region

    left, top, right, lower = grow(detection, job).edges
    first, last = (floor(left), floor(top)), (ceil(right), ceil(lower))
    if last[0] <= 0 or last[1] <= 0 or first[0] >= size[0] or first[1] >= size[1]:
        return None
    return Region(*first, max(1, last[0] - first[0]), max(1, last[1] - first[1]))


def grow(detection: Detection, job: RegionJob) -> Detection:
    """Grow what was found as measured, or by the padding that was given."""
    from pixelater.regions.region import Percent
    from pixelater_detectors.boxes import Detection
    from pixelater_detectors.detect import pad

    left, top, right, lower = edges = detection.edges
    length = job.how.pad
    if job.pads:
        edges = pad(detection)
    elif isinstance(length, Percent):
        share = float(length.value) / 100
        across, down = (right - left) * share, (lower - top) * share
        edges = left - across, top - down, right + across, lower + down
    else:
        edges = left - length, top - length, right + length, lower + length
    return Detection(detection.kind, *edges, detection.score)
