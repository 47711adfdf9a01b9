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
    from pixelater_cli.video.tracking import Tracker
    from pixelater_detectors.boxes import Detection

SIDES, THRESHOLD = (640, 960), 0.2
"""Least and most pixels of the longer side of a frame in which faces are searched, and the score
from which they count: see docs/explanation/privacy.md."""

ENLARGED = 2.0
"""So many times are small frames enlarged at most."""

MULTIPLE = 32
"""The network takes pictures whose sides are multiples of it."""

TEXT_STEP = 6
"""Frames from one in which text is searched to the next. Text takes as long as several faces, and
moves less on its own."""

SAME = 0.4
"""Boxes in turned frames that overlap more are of one face."""


def make_given(regions: Sequence[Region], pad: Length) -> Finder:
    """Return what lists the given regions of a frame."""
    from pixelater.regions.region import BadRegion, find_box
    from pixelater_detectors.boxes import Detection, turn_back

    def list_boxes(frame: Any) -> list[Detection]:
        turns, stored = _find_turns(frame), (frame.width, frame.height)
        size = _turn_size(stored, turns)
        try:
            boxes = [find_box(region, size, pad) for region in regions]
        except BadRegion as error:
            hint = "Regions are in pixels of the upright video."
            raise VideoError(str(error).replace("the photo", "the video"), hint) from error
        return [turn_back(Detection("region", *box, 1.0), turns, stored) for box in boxes]

    return list_boxes


def list_trackers(job: RegionJob) -> list[Tracker[Any]]:
    """Return what finds faces and text in all frames.

    Raises DetectorError for what is not installed.
    """
    from pixelater_cli.video.tracking import Tracker

    trackers: list[Tracker[Any]] = []
    with explained():
        if "faces" in job.kinds:
            find_faces = _search(_find_faces(job), job, choose_size)
            trackers.append(Tracker(find_faces, is_dense=True))
        if "text" in job.kinds:
            detector = load_detectors(0).text

            def find_text(image: Image.Image) -> Sequence[Detection]:
                return detector.find(image, job.threshold)

            trackers.append(Tracker(_search(find_text, job, lambda size: size), TEXT_STEP))
    return trackers


def choose_size(size: tuple[int, int]) -> tuple[int, int]:
    """Choose the size in which faces in frames of a size are searched."""
    least, most = SIDES
    times = min(min(max(least, *size), most) / max(size), ENLARGED)
    width, height = (max(MULTIPLE, round(side * times / MULTIPLE) * MULTIPLE) for side in size)
    return width, height


def _find_faces(job: RegionJob) -> Callable[[Image.Image], Sequence[Detection]]:
    from pixelater_detectors.boxes import keep_best, turn, turn_back

    detector = load_detectors(0).faces
    threshold = THRESHOLD if job.threshold is None else job.threshold

    def find(image: Image.Image) -> Sequence[Detection]:
        side = max(image.size)
        found = list(detector.find_at(image, side, threshold))
        for turns in range(1, 4) if job.thorough else ():
            turned = detector.find_at(turn(image, turns), side, threshold)
            found += [turn_back(face, turns, image.size) for face in turned]
        return keep_best(found, SAME) if job.thorough else found

    return find


def _search(
    find: Callable[[Image.Image], Sequence[Detection]],
    job: RegionJob,
    choose: Callable[[tuple[int, int]], tuple[int, int]],
) -> Finder:
    """Return what finds the boxes of a frame, as it is stored, grown to what is hidden.

    `choose` returns the size in which frames of a size are searched.
    """
    from pixelater_detectors.boxes import scale, turn, turn_back

    def search(frame: Any) -> list[Detection]:
        turns, stored = _find_turns(frame), (frame.width, frame.height)
        width, height = choose(stored)
        small = frame.reformat(width, height, format="rgb24").to_image()
        upright = turn(small, turns)
        with explained():
            found = [scale(box, upright.size, _turn_size(stored, turns)) for box in find(upright)]
        return [turn_back(grow(box, job), turns, stored) for box in found]

    return search


def _find_turns(frame: Any) -> int:
    """Return the quarter turns to the left after which a stored frame is upright."""
    turns: int = frame.rotation // 90 % 4
    return turns


def _turn_size(size: tuple[int, int], turns: int) -> tuple[int, int]:
    """Return the size after quarter turns."""
    return size if turns % 2 == 0 else (size[1], size[0])
