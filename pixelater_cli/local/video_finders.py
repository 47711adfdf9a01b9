"""What is hidden in frames of a video: given regions, and what detectors find in some frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pixelater_cli.local.region_job import explained, grow, load_detectors
from pixelater_cli.video.writer import VideoError

if TYPE_CHECKING:
    from PIL import Image

    from pixelater.regions.region import Length, Region
    from pixelater_cli.local.region_job import RegionJob
    from pixelater_cli.video.region_editor import Finder
    from pixelater_detectors.boxes import Detection

SIDE, THRESHOLD = 768, 0.2
"""Size and threshold with which faces in frames are searched; see docs/explanation/privacy.md."""

FACE_STEP, TEXT_STEP = 3, 6
"""Frames from one that is searched to the next. Text takes as long as several faces, and moves less
on its own."""

SAME = 0.4
"""Boxes in turned frames that overlap more are of one face."""


def make_given(regions: Sequence[Region], pad: Length) -> Finder:
    """Return what lists the given regions of a frame."""
    from pixelater.regions.region import BadRegion, find_box
    from pixelater_detectors.boxes import Detection, turn_back

    def list_boxes(frame: Any) -> list[Detection]:
        turns, stored = _find_turns(frame), (frame.width, frame.height)
        size = stored if turns % 2 == 0 else (stored[1], stored[0])
        try:
            boxes = [find_box(region, size, pad) for region in regions]
        except BadRegion as error:
            hint = "Regions are in pixels of the upright video."
            raise VideoError(str(error).replace("the photo", "the video"), hint) from error
        return [turn_back(Detection("region", *box, 1.0), turns, stored) for box in boxes]

    return list_boxes


def list_finders(job: RegionJob) -> list[tuple[Finder, int]]:
    """Return what finds faces and text, with the frames from search to search.

    Raises DetectorError for what is not installed.
    """
    finders: list[tuple[Finder, int]] = []
    with explained():
        if "faces" in job.kinds:
            finders.append((_search(_find_faces(job), job), FACE_STEP))
        if "text" in job.kinds:
            detector = load_detectors(0).text

            def find_text(image: Image.Image) -> Sequence[Detection]:
                return detector.find(image, job.threshold)

            finders.append((_search(find_text, job), TEXT_STEP))
    return finders


def _find_faces(job: RegionJob) -> Callable[[Image.Image], Sequence[Detection]]:
    from pixelater_detectors.boxes import keep_best, turn, turn_back

    detector = load_detectors(0).faces
    threshold = THRESHOLD if job.threshold is None else job.threshold

    def find(image: Image.Image) -> Sequence[Detection]:
        found = list(detector.find_at(image, SIDE, threshold))
        for turns in range(1, 4) if job.thorough else ():
            turned = detector.find_at(turn(image, turns), SIDE, threshold)
            found += [turn_back(face, turns, image.size) for face in turned]
        return keep_best(found, SAME) if job.thorough else found

    return find


def _search(find: Callable[[Image.Image], Sequence[Detection]], job: RegionJob) -> Finder:
    """Return what finds the boxes of a frame, as it is stored, grown to what is hidden."""
    from pixelater_detectors.boxes import turn, turn_back

    def search(frame: Any) -> list[Detection]:
        turns = _find_turns(frame)
        image = frame.reformat(format="rgb24").to_image()
        upright = turn(image, turns)
        with explained():
            boxes = [grow(each, job) for each in find(upright)]
        return [turn_back(box, turns, image.size) for box in boxes]

    return search


def _find_turns(frame: Any) -> int:
    """Return the quarter turns to the left after which a stored frame is upright."""
    turns: int = frame.rotation // 90 % 4
    return turns
