"""Cuts of a video: another scene is one, movement in a scene is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from PIL import Image

pytest.importorskip("av", reason="PyAV is not installed")

from pixelater_cli.video.cuts import CutFinder

SIZE = 320, 180


def draw_stripes(shift: int) -> Image.Image:
    """Draw a gradient with black stripes of 8 pixels, moved to the right."""
    image = Image.linear_gradient("L").resize(SIZE)
    for left in range(shift % 16 - 16, SIZE[0], 16):
        image.paste(0, (max(0, left), 0, max(0, left + 8), SIZE[1]))
    return image


def draw_plain(brightness: int) -> Image.Image:
    return Image.new("L", SIZE, brightness)


def list_cuts(pictures: Sequence[Image.Image], format: str) -> list[bool]:
    from av import VideoFrame

    make: Any = VideoFrame.from_image
    finder = CutFinder()
    return [
        finder.is_cut(make(picture.convert("RGB")).reformat(format=format)) for picture in pictures
    ]


@pytest.mark.parametrize("format", ["yuv420p", "yuv420p10le", "gray"])
@pytest.mark.parametrize(
    ("pictures", "cuts"),
    [
        ([draw_stripes(0)], [False]),
        ([draw_stripes(shift) for shift in (0, 8, 16)], [False] * 3),
        ([draw_plain(brightness) for brightness in (100, 110, 120)], [False] * 3),
        ([draw_plain(100), draw_plain(150), draw_plain(150)], [False, True, False]),
        ([draw_stripes(0), draw_stripes(0).rotate(180)], [False, True]),
        ([draw_plain(0), draw_plain(200).resize((64, 36))], [False, False]),
    ],
    ids=["first", "stripes that move", "fade", "brighter", "turned", "another size"],
)
def test_cuts_are_other_scenes(pictures: list[Image.Image], cuts: list[bool], format: str) -> None:
    assert list_cuts(pictures, format) == cuts


def test_small_frames_are_compared() -> None:
    assert list_cuts([Image.new("L", (2, 2)), Image.new("L", (2, 2), 255)], "yuv420p") == [
        False,
        True,
    ]
