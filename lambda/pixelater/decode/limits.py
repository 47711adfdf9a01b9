"""Limits on the size and the cost of photos, checked before anything is decoded.

Pillow's own limit, `Image.MAX_IMAGE_PIXELS`, belongs to the program that uses the library, and to
all of its threads: the library neither sets nor needs it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Self

from pixelater.errors import TooLarge

if TYPE_CHECKING:
    from pixelater.decode.cost import Cost

MAX_PIXELS = 64_000_000
"""Photos with more pixels are refused: decoded, they take four bytes a pixel, 256 MB."""

MAX_PIXELS_JPEG = 200_000_000
"""A JPEG is decoded in part, so it may be larger; but not one of several scans, which the decoder
holds as a whole, three bytes a pixel and more."""

MAX_SIDE = 200_000
"""An image longer than this is not a photo, and millions of rows or columns take long."""

MAX_FRAMES = 2000
MAX_FRAME_PIXELS = 2_000_000_000
"""Limits of an animation: a minute and more, and some seconds of work; the latter is also that of
a JPEG's scans."""

MB = 1 << 20
"""What AWS calls MB (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html)."""

MAX_SECONDS, MAX_MEMORY, MAX_WRITTEN = 20, 600, 64
DEFAULT_FUNCTION_MEMORY = 1024
FUNCTION_OVERHEAD = 100
"""MB of a function besides what a photo costs: boto3, its connections, and room to spare."""

DETECTOR_OVERHEAD = 500
"""MB of a local detector: 519 MB at 12 megapixels, the photo and Python included, were measured."""

LEAST_MEMORY = 64
FUNCTION_SECONDS_PER_MB = 300 / 1769 * 0.8
"""CPU seconds of a function in its 300 seconds, with a fifth to spare: it has a core at 1,769 MB
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html)."""

Size = tuple[int, int]


@dataclass(frozen=True)
class Limits:
    """The most that a photo may cost: pixels (None: the usual), CPU seconds, and MB."""

    pixels: int | None = None
    seconds: int = MAX_SECONDS
    memory: int = MAX_MEMORY
    written: int = MAX_WRITTEN

    @classmethod
    def for_function(cls, memory_mb: int, *, detects: bool = False) -> Self:
        """Return the limits of a function with so much memory, of which 1024 MB is the usual.

        With a local detector (`detects`), that needs its part of it.

        >>> Limits.for_function(1024).memory, Limits.for_function(256)
        (600, Limits(pixels=None, seconds=20, memory=156, written=64))
        """
        memory_mb -= DETECTOR_OVERHEAD if detects else 0
        room = memory_mb - FUNCTION_OVERHEAD
        more = memory_mb - DEFAULT_FUNCTION_MEMORY
        return cls(
            seconds=max(1, min(MAX_SECONDS, round(memory_mb * FUNCTION_SECONDS_PER_MB))),
            memory=max(LEAST_MEMORY, min(room, MAX_MEMORY + max(more, 0))),
        )

    def as_arguments(self) -> dict[str, int | None]:
        """Return the limits by the names of arguments, as those of `pixelate`."""
        return {
            "max_pixels": self.pixels,
            "max_seconds": self.seconds,
            "max_memory": self.memory,
            "max_written": self.written,
        }

    def override(
        self, pixels: int | None, seconds: int | None, memory: int | None, written: int | None
    ) -> Self:
        """Return these limits with those that are given in their place."""
        given = {"pixels": pixels, "seconds": seconds, "memory": memory, "written": written}
        return replace(self, **{name: value for name, value in given.items() if value is not None})


def check_size(size: Size, max_pixels: int) -> None:
    """Raise TooLarge for more than `max_pixels`, or for a side longer than MAX_SIDE."""
    width, height = size
    if max(size) > MAX_SIDE:
        raise TooLarge(f"{width} x {height}: a side is longer than {MAX_SIDE:,} pixels")
    if width * height > max_pixels:
        raise TooLarge(
            f"{width} x {height} are {width * height:,} pixels, "
            f"more than the limit of {max_pixels:,}",
            width * height,
        )


def check_scans(size: Size, scans: int) -> None:
    """Raise TooLarge for a JPEG whose scans take too long to decode."""
    width, height = size
    if scans > 1 and width * height * scans > MAX_FRAME_PIXELS:
        raise TooLarge(f"{scans} scans of {width} x {height} pixels take too long")


def check_cost(cost: Cost, limits: Limits) -> None:
    """Raise TooLarge for what would cost more than a limit."""
    memory, written = ceil(cost.memory_bytes / MB), ceil(cost.written_bytes / MB)
    for need, limit, what, unit, option in (
        (memory, limits.memory, "of memory", "MB", "max-memory"),
        (ceil(cost.cpu_seconds), limits.seconds, "of CPU time", "s", "max-seconds"),
        (written, limits.written, "of mosaics", "MB", "max-written"),
    ):
        if need > limit:
            raise TooLarge(
                f"it would take {need:,} {unit} {what}, more than the limit of {limit:,} {unit}",
                option=option,
                needed=need,
            )
