"""Sizes in which faces in frames of videos are searched."""

from __future__ import annotations

import pytest

from pixelater_cli.local.video_finders import choose_size


@pytest.mark.parametrize(
    ("size", "chosen"),
    [
        ((160, 120), (320, 256)),
        ((480, 360), (640, 480)),
        ((640, 360), (640, 352)),
        ((720, 576), (704, 576)),
        ((1280, 720), (960, 544)),
        ((2160, 3840), (544, 960)),
        ((3000, 20), (960, 32)),
    ],
)
def test_frames_are_searched_in_their_own_size(
    size: tuple[int, int], chosen: tuple[int, int]
) -> None:
    assert choose_size(size) == chosen
