"""Boxes of the frames of an animation: what a detector misses for a while stays hidden."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageSequence

from pixelater.regions.hiding import Hiding
from pixelater.regions.holding import AHEAD, HOLD, hold
from pixelater.regions.photo import pixelate_regions
from pixelater.regions.region import Box, Region

FACE = 10, 10, 20, 20
OTHER = 18, 10, 28, 20


def list_covered(found: list[list[Box]], box: Box = FACE) -> list[int]:
    return [frame for frame, boxes in enumerate(hold(found)) if box in boxes]


def test_a_box_is_held_both_ways() -> None:
    found: list[list[Box]] = [[] for _ in range(50)]
    found[20] = [FACE]
    assert list_covered(found) == list(range(20 - AHEAD, 20 + HOLD + 1))


def test_a_box_that_moves_is_not_held() -> None:
    moving = [[(10 + x, 10, 20 + x, 20)] for x in range(30)]
    assert [len(boxes) for boxes in hold(moving)] == [1] * 30


def test_a_box_that_is_missed_next_to_another_stays_hidden() -> None:
    found = [[FACE, OTHER], [OTHER], [FACE, OTHER]]
    assert list_covered(found) == [0, 1, 2]


def test_no_frames_are_no_boxes() -> None:
    assert hold([]) == []


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
@pytest.mark.parametrize("missed", [None, 2])
def test_regions_of_animations_move(format: str, missed: int | None) -> None:
    """A white square moves over black; nothing else is hidden if it is never missed."""
    frames = [Image.new("L", (60, 20), number) for number in range(4)]
    places = [(4 + 3 * number, 4, 12 + 3 * number, 12) for number in range(4)]
    for frame, place in zip(frames, places, strict=True):
        frame.paste(250, place)
    colored = [frame.convert("RGB") for frame in frames]
    settings = {"lossless": True} if format == "WEBP" else {}
    buffer = io.BytesIO()
    colored[0].save(buffer, format, save_all=True, append_images=colored[1:], **settings)
    regions = iter(enumerate(places))

    def find(_image: Image.Image) -> list[Region]:
        number, place = next(regions)
        return [] if number == missed else [Region(place[0], 4, 8, 8)]

    made = pixelate_regions(buffer.getvalue(), [], Hiding(color=(99, 99, 99)), find=find)
    film = Image.open(io.BytesIO(made.data))
    shown = [frame.convert("L") for frame in ImageSequence.Iterator(film)]
    assert (made.format, [max(frame.tobytes()) for frame in shown]) == (format, [99] * 4)
    ends = shown[0].getpixel((20, 4)), shown[3].getpixel((7, 4))
    assert ends == ((0, 3) if missed is None else (99, 99))
