"""GIF files: each frame as browsers compose it."""

from __future__ import annotations

import random
from io import BytesIO
from itertools import product

import pytest
from PIL import Image, ImageSequence

from pixelater import Style, Truncated, pixelate
from tests.gifs import Color, Frame, make_gif

SIZE = (6, 5)
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
PALETTE = (RED, GREEN, BLUE, WHITE)
CLEAR = (0, 0, 0, 0)

Pixels = list[list[tuple[int, ...]]]


def fill(width: int, height: int, index: int) -> tuple[tuple[int, ...], ...]:
    return ((index,) * width,) * height


WHOLE = Frame(0, 0, fill(*SIZE, 0))


def make(photo: bytes) -> list[list[tuple[int, ...]]]:
    """List the pixels of each frame of a mosaic of one cell for each pixel."""
    (mosaic,) = pixelate(photo, [max(SIZE)], Style("png"))
    with Image.open(BytesIO(mosaic.data)) as image:
        frames = [frame.convert("RGBA") for frame in ImageSequence.Iterator(image)]
    return [
        [pixel if pixel[3] else CLEAR for pixel in zip(*[iter(frame.tobytes())] * 4, strict=True)]
        for frame in frames
    ]


def compose(frames: list[Frame]) -> list[list[tuple[int, ...]]]:
    """Compose frames pixel by pixel."""
    canvas: Pixels = [[CLEAR] * SIZE[0] for _ in range(SIZE[1])]
    shown = []
    for frame in frames:
        before = [row[:] for row in canvas]
        palette: tuple[Color, ...] = frame.palette or PALETTE
        places = [
            (frame.top + y, frame.left + x, index)
            for y, row in enumerate(frame.rows)
            for x, index in enumerate(row)
            if frame.top + y < SIZE[1] and frame.left + x < SIZE[0]
        ]
        for y, x, index in places:
            if index != frame.key:
                canvas[y][x] = (*palette[index], 255)
        shown.append([pixel for row in canvas for pixel in row])
        for y, x, _ in places:
            if frame.disposal == 2:
                canvas[y][x] = CLEAR
            elif frame.disposal in (3, 4):
                canvas[y][x] = before[y][x]
    return shown


@pytest.mark.parametrize("disposals", list(product((0, 1, 2, 3, 4), repeat=2)), ids=str)
@pytest.mark.parametrize("key", [None, 1])
@pytest.mark.parametrize("palette", [(), PALETTE[::-1]], ids=["shared", "own"])
@pytest.mark.parametrize("first", [WHOLE, Frame(1, 1, fill(2, 3, 0))], ids=["whole", "part"])
def test_frames_are_composed_as_in_browsers(
    disposals: tuple[int, int], key: int | None, palette: tuple[Color, ...], first: Frame
) -> None:
    values = random.Random(1)
    rows = tuple(tuple(values.randrange(4) for _ in range(4)) for _ in range(3))
    frames = [
        Frame(first.left, first.top, first.rows, disposals[0]),
        Frame(1, 2, rows, disposals[1], key, palette),
        Frame(4, 0, fill(2, 2, 2), 0, key),
    ]
    assert make(make_gif(SIZE, frames, PALETTE, background=3, loop=0)) == compose(frames)


def test_first_frame_smaller_than_its_screen_leaves_the_rest_clear() -> None:
    frames = [Frame(1, 1, fill(2, 2, 1))]
    assert make(make_gif(SIZE, frames, PALETTE, background=2)) == compose(frames)


def test_first_frame_larger_than_its_screen_enlarges_it() -> None:
    (mosaic,) = pixelate(make_gif((2, 2), [WHOLE], PALETTE), [2])
    assert (mosaic.width, mosaic.height) == SIZE


def test_later_frame_beyond_the_screen_is_cut() -> None:
    frames = [WHOLE, Frame(4, 3, fill(5, 5, 2), 2), Frame(0, 0, fill(1, 1, 1))]
    assert make(make_gif(SIZE, frames, PALETTE)) == compose(frames)


def test_gif_without_colors_is_gray() -> None:
    (pixels,) = make(make_gif(SIZE, [Frame(0, 0, fill(*SIZE, 90))]))
    assert {*pixels} == {(90, 90, 90, 255)}


def test_gif_cut_off_is_truncated() -> None:
    whole = make_gif(SIZE, [WHOLE, Frame(0, 0, fill(*SIZE, 1))], PALETTE)
    with pytest.raises(Truncated):
        pixelate(whole[:-9], [2])
