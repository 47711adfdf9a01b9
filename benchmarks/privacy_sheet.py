"""Contact sheet of `benchmarks.privacy`: photos, what is true (white) and what is hidden (red)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from benchmarks.privacy_pictures import load
from benchmarks.privacy_scores import Box, Found

SIDE, COLUMNS = 240, 10


class Sheet:
    """Pictures that are added, reduced."""

    def __init__(self) -> None:
        self._cells: list[tuple[str, Image.Image]] = []

    def add(self, title: str, path: Path, found: Found, truth: Sequence[Box] = ()) -> None:
        """Add a photo."""
        self.add_image(title, load(path), found.areas, truth)

    def add_image(
        self, title: str, image: Image.Image, areas: Sequence[Box], truth: Sequence[Box] = ()
    ) -> None:
        """Add a picture, with frames around areas."""
        times = SIDE / max(image.size)
        small = image.resize(
            (max(1, round(image.width * times)), max(1, round(image.height * times)))
        )
        draw = ImageDraw.Draw(small)
        for boxes, color, width in ((areas, "red", 2), (truth, "white", 1)):
            for box in boxes:
                draw.rectangle([edge * times for edge in box], outline=color, width=width)
        self._cells.append((title, small))

    def save(self, path: Path) -> None:
        """Write the sheet."""
        rows = max(1, -(-len(self._cells) // COLUMNS))
        sheet = Image.new("RGB", (COLUMNS * (SIDE + 8), rows * (SIDE + 24)), "white")
        draw = ImageDraw.Draw(sheet)
        for number, (title, image) in enumerate(self._cells):
            x, y = number % COLUMNS * (SIDE + 8), number // COLUMNS * (SIDE + 24)
            draw.text((x + 2, y + 2), title, fill="black")
            sheet.paste(image, (x + 2, y + 16))
        sheet.save(path)
