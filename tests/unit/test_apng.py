"""Animated PNG: each frame as the specification composes it."""

from __future__ import annotations

from io import BytesIO
from itertools import product

import pytest
from PIL import Image, ImageSequence

from pixelater import Style, pixelate
from tests.pngs import BLUE, CLEAR, GREEN, RED, Frame, make_apng

SIZE = (6, 4)
BACKGROUND, PREVIOUS = 1, 2
SOURCE, OVER = 0, 1
FAINT = (0, 255, 0, 128)

Rows = list[list[tuple[int, ...]]]


def read(data: bytes) -> list[Image.Image]:
    """List the frames of a mosaic of one cell for each pixel."""
    with Image.open(BytesIO(data)) as image:
        return [frame.convert("RGBA") for frame in ImageSequence.Iterator(image)]


def make(photo: bytes) -> list[Image.Image]:
    return read(pixelate(photo, [max(SIZE)])[0].data)


def compose(frames: list[Frame]) -> list[Rows]:
    """Compose frames that are opaque or clear, pixel by pixel."""
    canvas: Rows = [[CLEAR] * SIZE[0] for _ in range(SIZE[1])]
    shown = []
    for frame in frames:
        before = [row[:] for row in canvas]
        for y, x in list_area(frame):
            if frame.blending == SOURCE or frame.color[3]:
                canvas[y][x] = frame.color
        shown.append([row[:] for row in canvas])
        for y, x in list_area(frame):
            if frame.disposal == BACKGROUND:
                canvas[y][x] = CLEAR
            elif frame.disposal == PREVIOUS:
                canvas[y][x] = before[y][x]
    return shown


def list_area(frame: Frame) -> product[tuple[int, int]]:
    return product(
        range(frame.top, frame.top + frame.height), range(frame.left, frame.left + frame.width)
    )


@pytest.mark.parametrize("default", [None, RED])
@pytest.mark.parametrize("disposals", list(product(range(3), repeat=3)))
@pytest.mark.parametrize("blendings", list(product(range(2), repeat=2)))
def test_frames_are_composed_as_specified(
    default: tuple[int, int, int, int] | None,
    disposals: tuple[int, ...],
    blendings: tuple[int, ...],
) -> None:
    frames = [
        Frame(0, 0, 6, 4, GREEN, disposals[0]),
        Frame(1, 1, 3, 2, BLUE, disposals[1], blendings[0]),
        Frame(2, 0, 3, 3, CLEAR, disposals[2], blendings[1]),
        Frame(5, 3, 1, 1, RED, 0, OVER),
    ]
    for mosaic, rows in zip(make(make_apng(SIZE, frames, default)), compose(frames), strict=True):
        expected = [value for row in rows for value in row]
        assert list(mosaic.get_flattened_data()) == expected


def test_default_image_is_not_blended() -> None:
    frames = [Frame(0, 0, 6, 4, FAINT, 0, OVER), Frame(0, 0, 1, 1, BLUE, 0, OVER)]
    first, second = make(make_apng(SIZE, frames, default=RED))
    assert {*first.get_flattened_data()} == {FAINT}
    assert second.getpixel((0, 0)) == BLUE


def test_faint_frame_is_blended() -> None:
    frames = [Frame(0, 0, 6, 4, RED), Frame(0, 0, 6, 4, FAINT, 0, OVER)]
    _, second = make(make_apng(SIZE, frames))
    assert second.getpixel((0, 0)) == (127, 128, 0, 255)


def test_default_image_is_the_still() -> None:
    photo = make_apng(SIZE, [Frame(0, 0, 6, 4, GREEN), Frame(0, 0, 6, 4, BLUE)], default=RED)
    (mosaic,) = pixelate(photo, [2], Style("jpeg"))
    assert mosaic.warnings == ("only the first image of several was pixelated",)
    (still,) = read(mosaic.data)
    assert still.getpixel((0, 0)) == (254, 0, 0, 255)


@pytest.mark.parametrize(
    "numbers",
    [(0, 1, 3), (1, 2, 3), (0, 0, 1), (0, 2, 1)],
    ids=["gap", "late", "repeated", "disordered"],
)
def test_animation_with_sequence_errors_gives_the_still(numbers: tuple[int, ...]) -> None:
    frames = [Frame(0, 0, 6, 4, RED), Frame(0, 0, 6, 4, BLUE)]
    (mosaic,) = make(make_apng(SIZE, frames, numbers=numbers))
    assert {*mosaic.get_flattened_data()} == {RED}


@pytest.mark.parametrize("area", [(1, 0, 6, 4), (0, 1, 6, 4), (0, 0, 0, 4), (0, 0, 2**31, 4)])
def test_animation_with_a_frame_outside_gives_the_still(area: tuple[int, int, int, int]) -> None:
    whole = make_apng(SIZE, [Frame(0, 0, 6, 4, RED), Frame(0, 0, 1, 1, BLUE)])
    place = whole.rindex(b"fcTL")
    left, top, width, height = area
    values = b"".join(value.to_bytes(4) for value in (width, height, left, top))
    (mosaic,) = make(whole[: place + 8] + values + whole[place + 24 :])
    assert {*mosaic.get_flattened_data()} == {RED}


def test_animation_announced_twice_gives_the_still() -> None:
    whole = make_apng(SIZE, [Frame(0, 0, 6, 4, GREEN)], default=RED)
    place = whole.index(b"acTL") - 4
    (mosaic,) = make(whole[:place] + whole[place : place + 20] + whole[place:])
    assert {*mosaic.get_flattened_data()} == {RED}
