"""Presets: named looks for what pixelated photos are used for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """The words of a look (`look.WORDS`), and what it is for."""

    purpose: str
    words: dict[str, str]


PRESETS = {
    "moderation": Preset(
        "Coarse pictures for people who review photos.", {"grids": "8", "format": "webp"}
    ),
    "pixel-art": Preset(
        "Pixel art: 64 square cells in 32 of the photo's own colors.",
        {
            "grids": "64",
            "format": "png",
            "cells": "square",
            "size": "x8",
            "palette": "32",
            "kernel": "crisp",
        },
    ),
    "preview": Preset(
        "Small files to show until the photo is loaded: one pixel for each square cell.",
        {"format": "webp", "cells": "square", "size": "native"},
    ),
}
"""Built-in presets by name."""
