"""Brightness of HDR videos: what a frame says becomes options of x264."""

from __future__ import annotations

import struct
from types import SimpleNamespace

import pytest

from pixelater_cli.video.light import list_light_options


@pytest.mark.parametrize(
    ("data", "options"),
    [
        ({}, {}),
        ({"CONTENT_LIGHT_LEVEL": struct.pack("=II", 1000, 400)}, {"cll": "1000,400"}),
        ({"CONTENT_LIGHT_LEVEL": b"\0"}, {}),
        ({"MASTERING_DISPLAY_METADATA": bytes(88), "SEI_UNREGISTERED": b"x264"}, {}),
    ],
    ids=["nothing", "levels", "too short", "a display that is not set"],
)
def test_data_of_frames_is_found_by_name(data: dict[str, bytes], options: dict[str, str]) -> None:
    """A mapping, as in PyAV 19, which iterates over its names."""
    assert list_light_options(SimpleNamespace(side_data=data)) == options
