"""Videos of `benchmarks.privacy`: frames in which a face is bare, CPU, and timestamps.

Two clips: a real one, whose faces are those that CenterFace finds in each single frame, and one of
pans over photos with cuts, whose faces are known by construction. Programs hide in black, since
what is hidden is then seen in the output itself.
"""

from __future__ import annotations

import itertools
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from benchmarks.measure import Cost, run
from benchmarks.privacy_peers import BACKENDS, Peers
from benchmarks.privacy_pictures import Photo, load
from benchmarks.privacy_scores import Box
from benchmarks.privacy_sheet import Sheet
from pixelater_cli.local.model_store import find_folder
from pixelater_detectors.faces import FaceDetector
from pixelater_detectors.models import read_model

SIZE = (640, 360)
FRAMES = 20
"""Frames of each pan."""

REFERENCE, REFERENCE_SIDE = 0.5, 640
"""Score and pixels with which the faces of single frames are found."""

BARE, WHOLE = 0.5, 0.9
"""A face is bare if less of it is hidden; and hidden if so much is."""

DARK, DIFFERENCE = 24, 16
"""Brightness up to which a pixel is black, and what was hidden was brighter by."""

SHOWN = 11
"""Every such frame is on the sheet."""

LEAST = 20
"""Pixels of width of the smallest face that counts in the pans."""


@dataclass(frozen=True)
class Leaks:
    """Numbers of frames with faces, of those with a bare one, and with one hidden in part.

    `noise` is the ratio (PSNR) of brightness outside of what is black, in decibels.
    """

    frames: int
    bare: int
    parts: int
    noise: float


@dataclass(frozen=True)
class Places:
    """The peers, a folder for videos, and the sheet to which some frames go."""

    peers: Peers
    scratch: Path
    sheet: Sheet


def measure_clip(
    name: str, program: str, path: Path, faces: Sequence[Sequence[Box]], given: Places
) -> dict[str, Any]:
    """Let a program hide the faces of a clip; return numbers of frames, and what it took."""
    target = given.scratch / f"{name}-{program}.mp4"
    if program == "pixelater":
        cost = hide_ours(path, target)
        for number, image in enumerate(read_frames(target)):
            if number % SHOWN == 0:
                given.sheet.add_image(f"{name}: frame {number}", image, (), faces[number])
    else:
        cost = hide_theirs(given.peers, program, path, target)
    costs = {"cpu": cost.cpu, "memory": cost.memory, "bytes": target.stat().st_size}
    return {**asdict(find_leaks(path, target, faces)), **costs}


def compare_times(peers: Peers, photos: Sequence[Photo], scratch: Path) -> dict[str, list[float]]:
    """Return number of frames and seconds of a clip with a variable rate, and of what is made of it.

    A third number is 1 if each frame is shown as long as before.
    """
    source = scratch / "varying.mp4"
    draw_pans(photos[:1], source, varying=True)
    ours, theirs = scratch / "varying-ours.mp4", scratch / "varying-deface.mp4"
    hide_ours(source, ours)
    hide_theirs(peers, BACKENDS[0], source, theirs)
    times = list_times(source)
    return {
        name: [len(of) + 1, float(sum(of) / 1000), float(of == times)]
        for name, of in (
            ("the clip", times),
            ("pixelater", list_times(ours)),
            ("deface", list_times(theirs)),
        )
    }


def hide_ours(path: Path, target: Path) -> Cost:
    """Run pixelater on a clip."""
    folder = target.with_suffix("")
    cost = run(
        [
            *(sys.executable, "-m", "pixelater_cli", "run", str(path), "--only", "faces"),
            *("--solid", "-o", str(folder), "--force"),
        ]
    )
    (made,) = folder.glob("*.mp4")
    shutil.move(made, target)
    return cost


def hide_theirs(peers: Peers, backend: str, path: Path, target: Path) -> Cost:
    """Run deface on a clip; rectangles are its best."""
    return run(
        [
            *(str(peers.deface.with_name("deface")), str(path), "--output", str(target)),
            *("--replacewith", "solid", "--boxes", "--backend", backend),
        ]
    )


def draw_pans(photos: Sequence[Photo], path: Path, *, varying: bool = False) -> list[list[Box]]:
    """Write a video of pans over photos, with cuts between; return the faces of all frames."""
    faces = []
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream("libx264", rate=25)
        stream.width, stream.height = SIZE
        stream.pix_fmt, stream.options = "yuv420p", {"crf": "16"}
        stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
        clock = 0
        for number, (image, seen) in enumerate(_list_views(photos)):
            picture: Any = av.VideoFrame
            frame = picture.from_image(image).reformat(format="yuv420p")
            frame.pts, frame.time_base = clock, Fraction(1, 1000)
            clock += 40 + (number % 5) * 30 if varying else 40
            for packet in stream.encode(frame):
                output.mux(packet)
            faces.append(seen)
        for packet in stream.encode():
            output.mux(packet)
    return faces


def _list_views(photos: Sequence[Photo]) -> Iterator[tuple[Image.Image, list[Box]]]:
    """Return windows that move over photos, and the faces that are whole in each."""
    for photo in photos:
        image = load(photo.path)
        width = min(image.width, image.height * SIZE[0] / SIZE[1]) * 0.8
        size = width, width * SIZE[1] / SIZE[0]
        room = image.width - size[0], image.height - size[1]
        for step in range(FRAMES):
            share = step / (FRAMES - 1)
            left, top = room[0] * share, room[1] * share
            times = SIZE[0] / size[0]
            window = (left, top, left + size[0], top + size[1])
            view = image.resize(SIZE, Image.Resampling.BICUBIC, box=window)
            moved = [
                tuple(
                    (edge - start) * times
                    for edge, start in zip(face, (left, top) * 2, strict=True)
                )
                for face in photo.faces
            ]
            yield (
                view,
                [
                    (x0, y0, x1, y1)
                    for x0, y0, x1, y1 in moved
                    if x0 >= 0 and y0 >= 0 and x1 <= SIZE[0] and y1 <= SIZE[1] and x1 - x0 >= LEAST
                ],
            )


def find_faces(path: Path) -> list[list[Box]]:
    """Find the faces of each frame by itself."""
    detector = FaceDetector(read_model("faces", [find_folder()]))
    return [
        [
            (box.left, box.top, box.right, box.lower)
            for box in detector.find_at(image, REFERENCE_SIDE, REFERENCE)
        ]
        for image in read_frames(path)
    ]


def find_leaks(source: Path, hidden: Path, faces: Sequence[Sequence[Box]]) -> Leaks:
    """Compare a video with that in which faces are black. Raises ValueError for missing frames.

    deface repeats the first frame where a video begins later than at 0, and scales to multiples of
    16 pixels: the former are left out, and the frames scaled back.
    """
    repeated = max(0, count_frames(hidden) - len(faces))
    made = itertools.islice(read_frames(hidden), repeated, None)
    shares, errors = [], []
    for before, after, boxes in zip(read_frames(source), made, faces, strict=True):
        sharp = np.array(before.convert("L"))
        shown = np.array(after.resize(before.size).convert("L"))
        shares.append([share_hidden(sharp, shown, box) for box in boxes])
        outside = (shown > DARK) & (sharp > DARK)
        errors.append(float(np.square(sharp.astype(float) - shown)[outside].mean()))
    least = [min(of) for of in shares if of]
    return Leaks(
        len(least),
        sum(share < BARE for share in least),
        sum(share < WHOLE for share in least),
        10 * float(np.log10(255**2 / np.mean(errors))),
    )


def count_frames(path: Path) -> int:
    """Count the frames of a video."""
    return sum(1 for _ in read_frames(path))


def share_hidden(sharp: np.ndarray, hidden: np.ndarray, box: Box) -> float:
    """Return the share of a face's pixels that are black, of those that were not before."""
    left, top, right, lower = (max(0, round(edge)) for edge in box)
    before, after = (part[top:lower, left:right].astype(int) for part in (sharp, hidden))
    bright = before > DARK + DIFFERENCE
    if not bright.any():
        return 1.0
    return float((after[bright] <= DARK).mean())


def read_frames(path: Path) -> Iterator[Image.Image]:
    """Read the frames of a video."""
    with av.open(str(path)) as source:
        frame: Any
        for frame in source.decode(video=0):
            yield frame.to_image()


def list_times(path: Path) -> list[Fraction]:
    """Return how long each frame but the last is shown, in milliseconds."""
    with av.open(str(path)) as source:
        frames: Any = source.decode(video=0)
        times = [frame.pts * frame.time_base * 1000 for frame in frames]
    return [Fraction(round(after - before)) for before, after in itertools.pairwise(times)]
