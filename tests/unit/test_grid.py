"""The laws of the geometry: cells cover every pixel once, and a cell is the mean of its pixels."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from pixelater import pixelate
from pixelater.averaging import average
from pixelater.grid import find_edges, find_runs, paint, turn_edges
from tests.pictures import decode, encode, make_noise

SIDES = st.integers(1, 300)
GRIDS = st.integers(1, 64)
MODES = st.sampled_from(["L", "RGB", "RGBA"])
SEEDS = st.integers(0, 2**32)


@given(length=st.integers(1, 70_000), cells=GRIDS)
def test_cells_cover_every_pixel_once(length: int, cells: int) -> None:
    cells = min(cells, length)
    edges = find_edges(length, cells)
    lengths = {stop - start for start, stop in pairwise(edges)}
    assert (edges[0], edges[-1], len(edges)) == (0, length, cells + 1)
    assert lengths <= {length // cells, -(-length // cells)}


@given(length=SIDES, cells=GRIDS)
def test_runs_hold_cells_of_one_length(length: int, cells: int) -> None:
    edges = find_edges(length, min(cells, length))
    cells_seen: list[int] = []
    for first, last, start, stop in find_runs(edges):
        cells_seen += range(first, last)
        assert (stop - start) % (last - first) == 0
        assert (start, stop) == (edges[first], edges[last])
    assert cells_seen == list(range(len(edges) - 1))


@given(mode=MODES, width=SIDES, height=SIDES, grid=GRIDS, seed=SEEDS)
def test_cell_is_the_mean_of_its_pixels(
    mode: str, width: int, height: int, grid: int, seed: int
) -> None:
    photo = make_noise(mode, (width, height), seed)
    (made,) = pixelate(encode(photo), [grid])
    mosaic = decode(made.data).convert(mode)
    assert mosaic.size == photo.size
    for box in _boxes(width, height, made.columns, made.rows):
        ((_, colour),) = mosaic.crop(box).getcolors() or []
        for value, mean in zip(_flat(colour), _mean(photo.crop(box)), strict=True):
            assert mean is None or abs(value - mean) <= 1


@given(mode=MODES, width=SIDES, height=SIDES, grid=GRIDS, seed=SEEDS)
def test_pixelating_a_mosaic_changes_nothing(
    mode: str, width: int, height: int, grid: int, seed: int
) -> None:
    (once,) = pixelate(encode(make_noise(mode, (width, height), seed)), [grid])
    (twice,) = pixelate(once.data, [grid])
    assert twice.data == once.data


@given(
    mode=MODES,
    width=SIDES,
    height=SIDES,
    grid=GRIDS,
    seed=SEEDS,
    place=st.tuples(st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True)),
)
def test_changed_pixel_changes_its_cell_only(
    mode: str, width: int, height: int, grid: int, seed: int, place: tuple[float, float]
) -> None:
    photo = make_noise(mode, (width, height), seed)
    changed = photo.copy()
    x, y = int(place[0] * width), int(place[1] * height)
    inverted = tuple(255 - value for value in _flat(photo.getpixel((x, y))))
    changed.putpixel((x, y), inverted if len(inverted) > 1 else inverted[0])
    columns, rows = min(grid, width), min(grid, height)
    edges = find_edges(width, columns), find_edges(height, rows)
    before, after = (paint(average(one, [edges])[0], width, height) for one in (photo, changed))
    (home,) = (
        box
        for box in _boxes(width, height, columns, rows)
        if box[0] <= x < box[2] and box[1] <= y < box[3]
    )
    for one in (before, after):
        one.paste(0, home)
    assert ImageChops.difference(before, after).getbbox(alpha_only=False) is None


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "CMYK", "F"])
def test_image_of_one_color_is_unchanged(mode: str) -> None:
    colour: tuple[int, ...] = (200, 30, 7, 128)[: len(Image.new(mode, (1, 1)).getbands())]
    photo = Image.new(mode, (101, 67), colour if len(colour) > 1 else colour[0])
    (cells,) = average(photo, [(find_edges(101, 8), find_edges(67, 8))])
    assert paint(cells, 101, 67).tobytes() == photo.tobytes()


def test_transparent_pixel_has_no_weight() -> None:
    photo = Image.new("RGBA", (2, 1), (255, 0, 0, 0))
    photo.putpixel((1, 0), (0, 0, 200, 255))
    assert average(photo, [((0, 2), (0, 1))])[0].getpixel((0, 0)) == (0, 0, 200, 128)


def test_transparent_cell_has_no_hidden_color() -> None:
    photo = Image.new("RGBA", (8, 8), (255, 80, 20, 0))
    assert average(photo, [((0, 4, 8), (0, 4, 8))])[0].getcolors() == [(4, (0, 0, 0, 0))]


@given(width=SIDES, height=SIDES, grid=GRIDS, turn=st.sampled_from(Image.Transpose), seed=SEEDS)
@example(width=229, height=56, grid=40, turn=Image.Transpose.ROTATE_90, seed=1)
def test_turned_cells_equal_those_of_turned_photo(
    width: int, height: int, grid: int, turn: Image.Transpose, seed: int
) -> None:
    stored = make_noise("L", (width, height), seed)
    upright = stored.transpose(turn)
    sides = (
        find_edges(upright.width, min(grid, upright.width)),
        find_edges(upright.height, min(grid, upright.height)),
    )
    (cells,) = average(stored, [turn_edges(*sides, turn)])
    difference = ImageChops.difference(cells.transpose(turn), *average(upright, [sides]))
    assert max(difference.tobytes()) <= 2  # Each is within one level of the mean.


@given(scale=st.sampled_from([2, 4, 8]), width=SIDES, height=SIDES, grid=GRIDS, seed=SEEDS)
def test_scaled_pixels_count_as_many(
    scale: int, width: int, height: int, grid: int, seed: int
) -> None:
    small = make_noise("L", (-(-width // scale), -(-height // scale)), seed)
    large = small.resize((small.width * scale, small.height * scale), Image.Resampling.NEAREST)
    edges = find_edges(width, min(grid, width)), find_edges(height, min(grid, height))
    (from_small,) = average(small, [edges], scale)
    (from_large,) = average(large.crop((0, 0, width, height)), [edges])
    assert from_small.tobytes() == from_large.tobytes()


def test_painting_keeps_the_palette() -> None:
    cells = Image.new("P", (2, 1))
    cells.putpalette([10, 20, 30, 200, 100, 50])
    cells.putpixel((1, 0), 1)
    painted = paint(cells, 5, 2).convert("RGB")
    assert painted.crop((0, 0, 3, 2)).getcolors() == [(6, (10, 20, 30))]
    assert painted.crop((3, 0, 5, 2)).getcolors() == [(4, (200, 100, 50))]


def _boxes(width: int, height: int, columns: int, rows: int) -> list[tuple[int, int, int, int]]:
    across, down = find_edges(width, columns), find_edges(height, rows)
    return [
        (across[i], down[j], across[i + 1], down[j + 1])
        for j in range(rows)
        for i in range(columns)
    ]


def _flat(colour: object) -> tuple[int, ...]:
    return colour if isinstance(colour, tuple) else (int(str(colour)),)


def _mean(cell: Image.Image) -> list[Fraction | None]:
    """Give the exact mean of each band, colours weighted by alpha; None where nothing is seen."""
    bands = [band.tobytes() for band in cell.split()]
    if cell.mode != "RGBA":
        return [Fraction(sum(band), len(band)) for band in bands]
    *colours, alpha = bands
    visible = Fraction(sum(alpha), len(alpha))
    means: list[Fraction | None] = [
        Fraction(sum(c * a for c, a in zip(colour, alpha, strict=True)), sum(alpha))
        if visible > Fraction(1, 2)
        else None
        for colour in colours
    ]
    return [*means, visible]
