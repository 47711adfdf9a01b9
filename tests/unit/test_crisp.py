"""The crisp kernel: the larger cluster of a cell's samples gives its color."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixelater.crisp import SIDE, find_crisp
from tests.pictures import make_noise, make_scene

COLORS = st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
DISTANT = [
    ((0, 0, 0), (255, 255, 255)),
    ((200, 30, 20), (240, 220, 90)),
    ((0, 40, 90), (90, 160, 60)),
]


@given(color=COLORS, size=st.tuples(st.integers(1, 6), st.integers(1, 6)))
def test_plain_cells_keep_their_color(color: tuple[int, int, int], size: tuple[int, int]) -> None:
    samples = Image.new("RGB", (size[0] * SIDE, size[1] * SIDE), color)
    assert find_crisp(samples).tobytes() == bytes(color) * (size[0] * size[1])


@pytest.mark.parametrize("pair", DISTANT)
@pytest.mark.parametrize("count", range(17))
def test_larger_part_of_a_cell_wins(
    pair: tuple[tuple[int, int, int], tuple[int, int, int]], count: int
) -> None:
    """The first color is the darker one, which wins a tie."""
    dark, light = pair
    samples = Image.new("RGB", (SIDE, SIDE))
    samples.putdata([dark] * count + [light] * (16 - count))
    assert find_crisp(samples).getpixel((0, 0)) == (dark if count >= 8 else light)


def test_each_cell_is_found_alone() -> None:
    samples = make_noise("RGB", (5 * SIDE, 3 * SIDE), 7)
    whole = find_crisp(samples)
    for column in range(5):
        for row in range(3):
            left, top = column * SIDE, row * SIDE
            alone = find_crisp(samples.crop((left, top, left + SIDE, top + SIDE)))
            assert alone.getpixel((0, 0)) == whole.getpixel((column, row))


@given(seed=st.integers(0, 2**32))
def test_color_is_within_those_of_the_samples(seed: int) -> None:
    samples = make_noise("RGB", (SIDE, SIDE), seed)
    found = find_crisp(samples).tobytes()
    for band, value in enumerate(found):
        levels = samples.getchannel(band).tobytes()
        assert min(levels) <= value <= max(levels)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_mode_stays(mode: str) -> None:
    cells = find_crisp(make_noise(mode, (8 * SIDE, 2 * SIDE)))
    assert (cells.mode, cells.size) == (mode, (8, 2))


def test_transparent_samples_give_no_color() -> None:
    samples = Image.new("RGBA", (SIDE, SIDE), (255, 0, 0, 0))
    assert find_crisp(samples).getpixel((0, 0)) == (0, 0, 0, 0)
    samples.paste((10, 20, 30, 255), (0, 0, 1, SIDE))
    assert find_crisp(samples).getpixel((0, 0)) == (10, 20, 30, 64)


def test_samples_must_fill_cells() -> None:
    with pytest.raises(ValueError, match="samples: 9 x 8 is not a multiple of 4"):
        find_crisp(Image.new("RGB", (9, 8)))


def test_crisp_cells_are_the_same_everywhere() -> None:
    samples = make_scene((40, 32))
    samples.paste(make_noise("RGB", (20, 32), 5), (20, 0))
    assert hashlib.sha256(find_crisp(samples).tobytes()).hexdigest()[:16] == "319588936621dbda"
