"""Cuts of a video: frames that differ much from the one before."""

from __future__ import annotations

from typing import Any

from pixelater_cli.video import planes

CUT = 18.0
"""Mean difference of blocks' brightness, of 255, between two frames of which the second is after a
cut. It was 20 and more in films, and 16 at most in pans over photos by 1 % of the width a frame."""

BLOCKS = 20
"""Blocks on the longer side. Single pixels would differ as much in a pan as at a cut."""

SAMPLES = 8
"""Samples of a block across and down, at least."""


class CutFinder:
    """Compares each frame with the one before."""

    def __init__(self) -> None:
        self._before: Any = None

    def is_cut(self, frame: Any) -> bool:
        """Return whether a frame is the first after a cut."""
        brightness = _average_blocks(frame)
        before, self._before = self._before, brightness
        if before is None or before.shape != brightness.shape:
            return False
        return bool(abs(brightness - before).mean() > CUT)


def _average_blocks(frame: Any) -> Any:
    """Return the mean brightness of a frame's blocks, 0 to 255."""
    import numpy

    samples, *_ = next(planes.list_planes(frame))
    side = -(-max(samples.shape) // BLOCKS)
    every = max(1, side // SAMPLES)
    sampled = samples[::every, ::every]
    starts = [range(0, length, -(-side // every)) for length in sampled.shape]
    sums = numpy.add.reduceat(sampled, starts[0], 0, dtype=numpy.float32)
    sums = numpy.add.reduceat(sums, starts[1], 1)
    sizes = [
        numpy.diff([*start, length]) for start, length in zip(starts, sampled.shape, strict=True)
    ]
    scale = 2 ** (frame.format.components[0].bits - 8)
    return sums / numpy.outer(*sizes) / scale
