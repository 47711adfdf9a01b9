"""AVIF files that libavif refuses for their size, as if they were damaged."""

from __future__ import annotations

import struct
from contextlib import suppress
from itertools import chain
from typing import BinaryIO

from pixelater.decode import boxes
from pixelater.errors import TooLarge

AVIF_PIXELS = 16_384 * 16_384
AVIF_SIDE = 32_768
"""What libavif decodes, in pixels and on a side (avif.h, AVIF_DEFAULT_IMAGE_SIZE_LIMIT and
AVIF_DEFAULT_IMAGE_DIMENSION_LIMIT)."""


def check(file: BinaryIO) -> None:
    """Raise TooLarge for an AVIF with an image that exceeds the limits of libavif."""
    for width, height in _list_sizes(file):
        if width * height > AVIF_PIXELS or max(width, height) > AVIF_SIDE:
            raise TooLarge(
                f"it is {width} x {height} pixels, and AVIF is read up to {AVIF_PIXELS:,} pixels, "
                f"{AVIF_SIDE:,} on a side"
            )


def _list_sizes(file: BinaryIO) -> list[tuple[int, int]]:
    """List the sizes of images (ispe: ISO/IEC 23008-12, section 6.5.3) that can be read."""
    sizes: list[tuple[int, int]] = []
    with suppress(struct.error, LookupError, ValueError):
        for name, content in chain.from_iterable(chain(*boxes.list_properties(file))):
            if name == b"ispe":
                sizes.append(struct.unpack_from(">II", content, boxes.VERSION_BYTES))
    return sizes
