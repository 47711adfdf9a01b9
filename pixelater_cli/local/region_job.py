"""Hiding of regions in local photos: those that are given, and those that detectors find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pixelater_cli.errors import PixelaterError

if TYPE_CHECKING:
    from pixelater import Mosaic, Style
    from pixelater.regions.hiding import Hiding
    from pixelater.regions.photo import RedactedPhoto
    from pixelater.regions.region import Region
    from pixelater_detectors.boxes import Detection
    from pixelater_detectors.detect import Detectors
    from pixelater_function.found_regions import HiddenPhoto

EXTRA_HINT = (
    "Install what detectors need: pip install 'pixelater[privacy]', or for pipx: "
    "pipx inject pixelater 'pixelater[privacy]'"
)


class RegionError(PixelaterError):
    """A region that a photo does not have."""


class DetectorError(PixelaterError):
    """A detector that is not installed, or does not run."""


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
        names = set() if path is None else _list_names(path)
        named = (regions for name, regions in self.by_name if name in names or not name)
        return (*self.regions, *(region for regions in named for region in regions))

    def list_unknown(self, paths: Iterable[Path]) -> list[str]:
        """List the names to which regions are given, and that none of the photos has."""
        names = {name for path in paths for name in _list_names(path)}
        return [name for name, _ in self.by_name if name and name not in names]


def _list_names(path: Path) -> set[str]:
    return {str(path), path.as_posix(), path.name}


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
    from pixelater.regions.region import BadRegion
    from pixelater_function.found_regions import Search, hide_regions

    with explained():
        search = Search(job.kinds, job.threshold, job.thorough, None if job.pads else job.how.pad)
        detector = load_detectors() if job.kinds else None
        try:
            return hide_regions(
                file, job.list_regions(path), search, detector, job.how, style, limits
            )
        except BadRegion as error:
            hint = "Regions are in pixels of the upright photo."
            raise RegionError(str(error), hint) from error


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


@contextmanager
def explained() -> Iterator[None]:
    """Raise DetectorError for packages and models that are not installed, or do not run."""
    from pixelater_detectors.models import ModelMissing
    from pixelater_detectors.sessions import DetectionFailed

    try:
        yield
    except ImportError as error:
        raise DetectorError(f"detectors need the package {error.name}", EXTRA_HINT) from error
    except ModelMissing as error:
        hint = f"Install it: pixelater models install {error.kind}"
        raise DetectorError(str(error), hint) from error
    except DetectionFailed as error:
        hint = "If memory is short, process fewer photos at the same time: --jobs 1"
        raise DetectorError(f"a detector failed: {error}", hint) from error


@cache
def load_detectors(threads: int = 1) -> Detectors:
    """Load the detectors once in each process.

    They use one thread: there are other processes. With 0, they use one for each CPU.
    """
    from pixelater_cli.local.model_store import find_folder
    from pixelater_detectors.detect import Detectors

    return Detectors([find_folder()], threads)


def grow(detection: Detection, job: RegionJob) -> Detection:
    """Grow what was found as measured, or by the padding that was given."""
    from pixelater_function import found_regions

    return found_regions.grow(detection, None if job.pads else job.how.pad)
