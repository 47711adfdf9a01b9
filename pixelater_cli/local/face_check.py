"""The largest face of a photo, and how many cells of its mosaics fall on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from typing import TYPE_CHECKING, BinaryIO

from pixelater_cli.local.region_job import explained, load_detectors
from pixelater_function.found_regions import HiddenRegion

if TYPE_CHECKING:
    from pixelater import Style
    from pixelater.layout import Layout
    from pixelater_detectors.boxes import Detection

RECOGNIZED = 8
"""Of more cells across a face, a recognizer took some for the same person as in a sharp photo
(docs/explanation/privacy.md)."""

DETAIL = 160
"""Photos are decoded as for so many cells, of 8 pixels: as large as faces are searched."""


@dataclass(frozen=True)
class FaceCheck:
    """The faces of a photo, the largest first, and by grid the cells on its shorter side."""

    faces: tuple[HiddenRegion, ...] = ()
    cells: Mapping[int, int] = field(default_factory=dict)


def check_faces(
    file: BinaryIO, grids: Sequence[int], style: Style, max_pixels: int | None
) -> FaceCheck:
    """Find the faces of a photo, or of all frames of an animation.

    Raises PictureError and DetectorError.
    """
    from pixelater.decode.photo import open_photo
    from pixelater.layout import find_layouts
    from pixelater.regions.photo import list_upright

    file.seek(0)
    photo = open_photo(file, DETAIL, max_pixels)
    size = photo.width, photo.height
    faces: list[HiddenRegion] = []
    with explained():
        detectors = load_detectors()
        for image in list_upright(photo, style):
            scale = photo.width / image.width
            found = detectors.find(image, ("faces",))
            faces += (_to_face(face, scale, size) for face in found)
    faces.sort(key=lambda face: -_measure(face))
    layouts = find_layouts(size, grids, style)
    cells = {
        layout.grid: count_cells(_measure(faces[0]), layout) if faces else 0 for layout in layouts
    }
    return FaceCheck(tuple(faces), cells)


def _to_face(face: Detection, scale: float, size: tuple[int, int]) -> HiddenRegion:
    """Return a face in pixels of the photo, of which a smaller image was searched."""
    left, top = max(0, floor(face.left * scale)), max(0, floor(face.top * scale))
    right, lower = ceil(face.right * scale), ceil(face.lower * scale)
    box = left, top, min(size[0], right), min(size[1], lower)
    return HiddenRegion("face", box, round(face.score, 3))


def _measure(face: HiddenRegion) -> int:
    """Return the shorter side of a face."""
    left, top, right, lower = face.box
    return min(right - left, lower - top)


def count_cells(shorter: float, layout: Layout) -> int:
    """Count the cells on the shorter side of a face, in pixels of the photo.

    Of cells that are not square, the shorter side counts, of which more fall on the face.
    """
    across, down = ((edges[-1] - edges[0]) / (len(edges) - 1) for edges in layout.sides)
    return max(1, round(shorter / min(across, down)))


def list_warnings(check: FaceCheck | None) -> Iterator[str]:
    """Warn of mosaics in which people may be recognized."""
    cells = check.cells if check else {}
    risky = [grid for grid, count in cells.items() if count > RECOGNIZED]
    if risky:
        grids = ", ".join(map(str, risky))
        most = max(cells[grid] for grid in risky)
        yield (
            f"grid {grids}: the largest face has up to {most} cells across, and people may be "
            f"recognized from more than {RECOGNIZED}"
        )
