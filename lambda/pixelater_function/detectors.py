"""Detectors of the function: local ones, whose models are in its zip, and those of Rekognition."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixelater.redaction import LOCAL

if TYPE_CHECKING:
    from pixelater_detectors.detect import Detectors
    from pixelater_function.found_regions import Detector

THREADS = 1
"""As on the command line: sums of several threads could differ in the last bit."""


class DetectorMissing(Exception):
    """A detector that is not in this zip. A retry helps after the next deployment only."""


def load_detector(name: str, connect: Callable[[str], Any]) -> Detector:
    """Return the detector of a look; `connect` returns a client. Raises DetectorMissing."""
    if name == LOCAL:
        return _load_local()
    from pixelater_detectors.rekognition import RekognitionDetectors

    return RekognitionDetectors(connect("rekognition"))


def preload() -> None:
    """Load the models that are in the zip: Lambda gives a function more CPU while it starts."""
    try:
        _load_local().load()
    except DetectorMissing:
        return


@cache
def _load_local() -> Detectors:
    try:
        import pixelater_detectors
        from pixelater_detectors.detect import Detectors
    except ImportError as error:
        raise DetectorMissing(f"{error.name} is not in the function's zip") from error
    return Detectors([Path(pixelater_detectors.__file__).parent / "weights"], THREADS)
