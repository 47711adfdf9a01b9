"""JPEGs of `benchmarks.privacy`: what changes outside of a region, and what it costs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.measure import Cost, run
from benchmarks.privacy_peers import Peers

BLOCK = 8
MCU = 16
"""Pixels of the largest unit of a JPEG, which regions are grown to, at most."""

RING = 1
"""Pixels around a region that decoders interpolate from it."""

PILLOW = """
import sys
from PIL import Image
source, target, *box = sys.argv[1:]
image, box = Image.open(source), list(map(int, box))
part = image.crop(box)
cell = max(1, min(part.size) // 6)
small = part.resize((max(1, part.width // cell), max(1, part.height // cell)), Image.Resampling.BOX)
image.paste(small.resize(part.size, Image.Resampling.NEAREST), box)
image.save(target, quality=95)
"""
"""Hides a rectangle, and encodes the photo again."""

Rectangle = tuple[int, int, int, int]


@dataclass(frozen=True)
class Change:
    """What a program changed outside: blocks of brightness, and the share of pixels; file bytes."""

    program: str
    blocks: int
    pixels: float
    bytes: int
    cost: Cost


def measure_region(photo: Path, box: Rectangle, scratch: Path) -> list[Change]:
    """Hide one region of a photo, in its coefficients and with Pillow."""
    left, top, right, lower = box
    folder, target = scratch / "region-ours", scratch / "region-pillow.jpg"
    region = f"{left},{top},{right - left},{lower - top}"
    ours = run(
        [
            *(sys.executable, "-m", "pixelater_cli", "run", str(photo), "--region", region),
            *("-o", str(folder), "--force", "--jobs", "1"),
        ]
    )
    theirs = run([sys.executable, "-c", PILLOW, str(photo), str(target), *map(str, box)])
    (made,) = folder.glob("*.jpg")
    return [
        _compare("pixelater", photo, made, [box], ours),
        _compare("Pillow, encoded again at quality 95", photo, target, [box], theirs),
    ]


def measure_faces(
    peers: Peers, photo: Path, areas: Sequence[Rectangle], scratch: Path
) -> list[Change]:
    """Hide the faces of a photo, as pixelater and deface do; `areas` is what the latter may change."""
    folder, target = scratch / "faces-ours", scratch / "faces-deface.jpg"
    ours = run(
        [
            *(sys.executable, "-m", "pixelater_cli", "run", str(photo), "--only", "faces"),
            *("-o", str(folder), "--force", "--jobs", "1"),
        ]
    )
    theirs = run([str(peers.deface.with_name("deface")), str(photo), "--output", str(target)])
    (made,) = folder.glob("*.jpg")
    return [
        _compare("pixelater, `--only faces`", photo, made, areas, ours),
        _compare("deface", photo, target, areas, theirs),
    ]


def _compare(
    program: str, before: Path, after: Path, boxes: Sequence[Rectangle], cost: Cost
) -> Change:
    bright = [_decode(path, "L") for path in (before, after)]
    colored = [_decode(path, "RGB") for path in (before, after)]
    outside = np.ones(bright[0].shape, bool)
    beyond = outside.copy()
    for box in boxes:
        left, top, right, lower = grow(box, 0)
        outside[top:lower, left:right] = False
        left, top, right, lower = grow(box, RING)
        beyond[top:lower, left:right] = False
    changed = (bright[0] != bright[1]) & outside
    pixels = (colored[0] != colored[1]).any(2) & beyond
    return Change(
        program,
        count_blocks(changed),
        float(pixels.sum() / beyond.sum()),
        after.stat().st_size - before.stat().st_size,
        cost,
    )


def _decode(path: Path, mode: str) -> np.ndarray:
    """Decode brightness as it is in the file, without color; or colors."""
    with Image.open(path) as image:
        if mode == "L":
            image.draft("L", image.size)
        return np.asarray(image.convert(mode))


def grow(box: Rectangle, ring: int) -> Rectangle:
    """Grow a rectangle to whole units of a JPEG, and a ring of pixels.

    >>> grow((17, 0, 30, 33), 1)
    (15, 0, 33, 49)
    """
    left, top, right, lower = box
    return (
        max(0, left // MCU * MCU - ring),
        max(0, top // MCU * MCU - ring),
        -(-right // MCU) * MCU + ring,
        -(-lower // MCU) * MCU + ring,
    )


def count_blocks(changed: np.ndarray) -> int:
    """Count the blocks of 8 x 8 pixels in which any is marked.

    >>> marks = np.zeros((20, 9), bool)
    >>> marks[0, 0] = marks[7, 7] = marks[19, 8] = True
    >>> count_blocks(marks)
    2
    """
    height, width = (-(-side // BLOCK) * BLOCK for side in changed.shape)
    padded = np.zeros((height, width), bool)
    padded[: changed.shape[0], : changed.shape[1]] = changed
    return int(padded.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK).any((1, 3)).sum())
