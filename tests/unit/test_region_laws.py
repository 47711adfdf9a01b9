"""Laws of hidden regions: all else stays, and each cell is one color, its exact mean.

Photos are noise, in all modes of lossless formats; regions are anywhere, also over edges, tiny,
overlapping, or none at all.
"""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from pixelater.regions.hiding import Hiding, draw_mask, find_cells, measure_cell
from pixelater.regions.photo import pixelate_regions
from pixelater.regions.region import BadRegion, Box, Region, find_box
from tests.pictures import make_noise

ORIENTATION = 0x0112

KINDS = [
    ("PNG", "L", {}),
    ("PNG", "LA", {}),
    ("PNG", "RGB", {}),
    ("PNG", "RGBA", {}),
    ("PNG", "P", {}),
    ("PNG", "1", {}),
    ("PNG", "I;16", {}),
    ("TIFF", "L", {}),
    ("TIFF", "RGB", {}),
    ("TIFF", "RGBA", {}),
    ("TIFF", "CMYK", {}),
    ("TIFF", "I;16", {}),
    ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    ("BMP", "RGB", {}),
    ("PPM", "RGB", {}),
    ("TGA", "RGBA", {}),
    ("JPEG2000", "RGB", {}),
    ("WEBP", "RGB", {"lossless": True}),
    ("WEBP", "RGBA", {"lossless": True, "exact": True}),
]

SIDES = st.integers(1, 40)
PLACES = st.integers(-30, 45)
REGIONS = st.lists(st.builds(Region, PLACES, PLACES, SIDES, SIDES), max_size=4)
HOWS = st.builds(
    Hiding,
    cells=st.integers(1, 9),
    ellipse=st.booleans(),
    invert=st.booleans(),
    pad=st.integers(0, 5),
)


def make_photo(mode: str, size: tuple[int, int], seed: int) -> Image.Image:
    if mode == "I;16":
        data = make_noise("RGBA", size, seed).tobytes()[: 2 * size[0] * size[1]]
        return Image.frombytes("I;16", size, data)
    if mode in ("P", "1"):
        return make_noise("L", size, seed).convert(mode)
    return make_noise(mode, size, seed)


def list_values(image: Image.Image, mode: str) -> list[tuple[int, ...]]:
    """Return all pixels as tuples, in a mode in which photo and output can be compared."""
    fitted = image.convert("I") if mode == "I;16" else image
    fitted = image.convert("RGB") if mode == "P" else fitted
    fitted = image.convert("L") if mode == "1" else fitted
    pixels: list[Any] = list(fitted.get_flattened_data())
    return [pixel if isinstance(pixel, tuple) else (pixel,) for pixel in pixels]


def average(pixels: list[tuple[int, ...]], has_alpha: bool) -> list[Fraction | None]:
    """Return the exact mean of each band; None for a color of nothing but transparency."""
    bands = list(zip(*pixels, strict=True))
    if not has_alpha:
        return [Fraction(sum(band), len(band)) for band in bands]
    *colors, alpha = bands
    total = sum(alpha)
    means: list[Fraction | None] = [
        Fraction(sum(a * c for a, c in zip(alpha, band, strict=True)), total) if total else None
        for band in colors
    ]
    return [*means, Fraction(total, len(alpha))]


def find_areas(boxes: tuple[Box, ...], size: tuple[int, int], how: Hiding) -> list[Box]:
    """List what is hidden in cells, the last on top: that of the largest cells."""
    ordered = sorted(boxes, key=lambda box: measure_cell(box, how.cells))
    return [(0, 0, *size)] if how.invert else ordered


def expect(
    before: list[tuple[int, ...]], size: tuple[int, int], boxes: tuple[Box, ...], how: Hiding
) -> dict[int, Box]:
    """Return the cell that each hidden pixel is in, by its index."""
    hidden: dict[int, Box] = {}
    for box in find_areas(boxes, size, how):
        left, top, right, lower = box
        mask = draw_mask(box, how.ellipse and not how.invert)
        across, down = find_cells((right - left, lower - top), how.cells)
        for x in range(left, right):
            for y in range(top, lower):
                if mask.getpixel((x - left, y - top)):
                    column = max(edge for edge in across[:-1] if edge <= x - left)
                    row = max(edge for edge in down[:-1] if edge <= y - top)
                    last = across[across.index(column) + 1], down[down.index(row) + 1]
                    cell = left + column, top + row, left + last[0], top + last[1]
                    hidden[y * size[0] + x] = cell
    for box in boxes if how.invert else ():
        mask = draw_mask(box, how.ellipse)
        for x in range(box[0], box[2]):
            for y in range(box[1], box[3]):
                if mask.getpixel((x - box[0], y - box[1])):
                    hidden.pop(y * size[0] + x, None)
    assert all(0 <= index < len(before) for index in hidden)
    return hidden


@pytest.mark.parametrize(("format", "mode", "settings"), KINDS)
@given(
    size=st.tuples(SIDES, SIDES),
    regions=REGIONS,
    how=HOWS,
    turn=st.integers(1, 8),
    seed=st.integers(0, 99),
)
def test_all_else_stays_and_cells_are_exact_means(
    format: str,
    mode: str,
    settings: dict[str, Any],
    size: tuple[int, int],
    regions: list[Region],
    how: Hiding,
    turn: int,
    seed: int,
) -> None:
    photo = make_photo(mode, size, seed)
    buffer = io.BytesIO()
    if format in ("PNG", "WEBP"):
        exif = Image.Exif()
        exif[ORIENTATION] = turn
        settings = settings | {"exif": exif}
    photo.save(buffer, format, **settings)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(buffer.getvalue())))
    inside = []
    for region in regions:
        try:
            find_box(region, upright.size, how.pad)
        except BadRegion:
            continue
        inside.append(region)
    made = pixelate_regions(buffer.getvalue(), inside, how)
    shown = Image.open(io.BytesIO(made.data))
    assert (made.format, shown.size) == (format, upright.size)
    before, after = list_values(upright, mode), list_values(shown, mode)
    hidden = expect(before, upright.size, made.boxes, how)
    changed = [i for i, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]]
    assert set(changed) <= hidden.keys()
    check_means(before, after, hidden, upright.size, mode)


def check_means(
    before: list[tuple[int, ...]],
    after: list[tuple[int, ...]],
    hidden: dict[int, Box],
    size: tuple[int, int],
    mode: str,
) -> None:
    known: dict[Box, tuple[list[Fraction | None], tuple[int, ...]]] = {}
    for index, cell in hidden.items():
        if cell not in known:
            left, top, right, lower = cell
            pixels = [
                before[y * size[0] + x] for y in range(top, lower) for x in range(left, right)
            ]
            known[cell] = average(pixels, mode.endswith("A")), after[index]
        means, color = known[cell]
        assert after[index] == color
        for value, mean in zip(color, means, strict=True):
            assert mean is None or abs(value - mean) <= Fraction(1, 2) + Fraction(1, 500)
