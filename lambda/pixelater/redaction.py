"""What is hidden in photos instead of pixelating them as a whole, as words of looks. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pixelater.arguments import check_integer
from pixelater.grid import MAX_GRID

if TYPE_CHECKING:
    from pixelater.regions.hiding import Hiding

KINDS = ("faces", "text")
DETECTORS = ("local", "rekognition")
LOCAL, REKOGNITION = DETECTORS

CELLS = 6
"""Cells across the shorter side of a region: with that many, a recognizer matched none of 52 faces
(docs/explanation/privacy.md)."""

BLACK = 0, 0, 0

Color = tuple[int, int, int]


@dataclass(frozen=True)
class Redaction:
    """What a detector looks for, and how that is hidden.

    `threshold` is the least score; None: as measured for each detector. `thorough` finds turned
    faces, too. What is found is hidden in `cells` across its shorter side, or, if it is `solid`, in
    one `color`. Raises ValueError, whose message begins with the name of a word.
    """

    kinds: tuple[str, ...]
    detector: str = LOCAL
    threshold: float | None = None
    thorough: bool = False
    cells: int = CELLS
    solid: bool = False
    color: Color = BLACK

    def __post_init__(self) -> None:
        if self.detector not in DETECTORS:
            raise ValueError(f"detector: {self.detector!r} is not one of {', '.join(DETECTORS)}")
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ValueError(f"threshold: {self.threshold} is not from 0 to 1")
        check_integer("region-cells", self.cells, 1, MAX_GRID)

    @property
    def sought(self) -> str:
        """What is looked for: "faces or text"."""
        return " or ".join(self.kinds)

    @property
    def how(self) -> Hiding:
        """How regions are hidden."""
        from pixelater.regions.hiding import Hiding

        return Hiding(self.cells, self.color if self.solid else None)


def parse_kinds(word: str) -> tuple[str, ...]:
    """Parse "faces", "text", "faces,text", or "none". Raises ValueError.

    >>> parse_kinds("text,faces"), parse_kinds("none")
    (('text', 'faces'), ())
    """
    if word == "none":
        return ()
    kinds = [part.strip() for part in word.split(",")]
    for kind in kinds:
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is not faces or text")
    return tuple(dict.fromkeys(kinds))


def format_kinds(kinds: tuple[str, ...]) -> str:
    """Format kinds as `parse_kinds` parses them."""
    return ",".join(kinds) or "none"
