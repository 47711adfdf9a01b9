"""Presets: named looks for what pixelated photos are used for."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Preset:
    """The words of a look (`look.WORDS`), and what it is for.

    `regions` are options of commands that hide regions instead of pixelating whole photos.
    """

    purpose: str
    words: dict[str, str]
    regions: dict[str, str] = field(default_factory=dict)


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
    "privacy": Preset(
        "Faces and text hidden, all else sharp; look at the results, as detectors miss some.",
        {},
        {"only": "faces,text", "region-cells": "6"},
    ),
    "sprite": Preset(
        "Sprites: cut out, 64 square cells in 15 colors and transparency; see also --outline.",
        {
            "grids": "64",
            "format": "png",
            "cells": "square",
            "size": "native",
            "palette": "15",
            "kernel": "crisp",
            "alpha-threshold": "0.5",
            "trim": "true",
        },
    ),
    "texture": Preset(
        "Textures with sides that are powers of two; see also --mipmaps and --ktx2 of run.",
        {"grids": "64", "cells": "square", "size": "native", "pot": "true"},
    ),
}
"""Built-in presets by name."""
