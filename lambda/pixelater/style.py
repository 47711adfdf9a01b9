"""How mosaics look and are written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """How mosaics are to be written.

    `format` is "same" (as the photo), "jpeg", "png", "webp", or "auto": the smallest of those that
    hold the cells exactly. `quality` (1 to 100) and `optimize` (Huffman tables made to measure: a
    third smaller, slower) are for JPEG; so is `background`, which transparent cells are laid on.
    """

    format: str = "same"
    quality: int = 90
    optimize: bool = False
    background: tuple[int, int, int] = (255, 255, 255)
