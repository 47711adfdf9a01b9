"""Photos of kinds that Pillow does not write have the cells of what other decoders make of them.

Icons, animations and turned AVIFs are compared with what Chromium shows, others with libvips and
ffmpeg. Who of these differs, and why, is in DIFFERENT.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from pixelater import Style, pixelate
from tests.browser import Tab, find_chromium, open_tab
from tests.odd_photos import make_photos
from tests.other_decoders import (
    TOLERANCE,
    decode_elsewhere,
    decode_with_chromium,
    find_difference,
    read_frames,
)

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::UserWarning")]

GRID = 8

LIMITED_ALPHA = 16
"""Levels by which Chromium 156 is off where AVIF has alpha: it takes its range for that of video.
avifdec of libavif, which applies no turns, agrees with the rest."""

DIFFERENT = {
    ("AVIF RGBA .*", "ffmpeg"): "leaves alpha out",
    ("AVIF RGBA irot=(0 imir=0|1.*|2 imir=(None|1)|3.*)", "vips"): "libheif does not turn alpha",
    ("ICO (1|4|8|24)", "ffmpeg"): "leaves the mask out",
    ("DDS 1555", "ffmpeg"): "leaves alpha out",
}
"""Photos and decoders that differ -> why."""

ALONE = "DDS 4444"

PHOTOS = {name: (photo, media_type) for name, photo, media_type in make_photos((120, 90))}


@pytest.fixture(scope="module")
def tab(
    report_missing: Callable[[str], NoReturn], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tab]:
    try:
        import pyvips  # noqa: F401
    except ImportError:
        report_missing("libvips is not installed: pip install -e '.[dev,peers]'")
    chromium = find_chromium() or report_missing("Chromium is not installed")
    with open_tab(chromium, tmp_path_factory.mktemp("profile"), "about:blank") as opened:
        yield opened


@pytest.mark.parametrize("name", PHOTOS)
def test_cells_are_those_of_other_decoders(name: str, tab: Tab, tmp_path: Path) -> None:
    photo, media_type = PHOTOS[name]
    path = tmp_path / f"photo.{name.partition(' ')[0].lower()}"
    path.write_bytes(photo)
    (mosaic,) = pixelate(photo, [GRID], Style("png"), exact=True)
    frames = read_frames(mosaic.data)
    others = decode_elsewhere(photo, path)
    if media_type:
        others["chromium"] = [decode_with_chromium(tab, photo, media_type)]
    assert bool(others) != (name == ALONE)
    for decoder, decoded in others.items():
        number = min(len(frames), len(decoded))
        assert number in (1, len(frames))
        pairs = zip(frames[:number], decoded[:number], strict=True)
        found = max(find_difference(ours, theirs, GRID) for ours, theirs in pairs)
        limited = decoder == "chromium" and name.startswith("AVIF RGBA")
        agrees = found <= (LIMITED_ALPHA if limited else TOLERANCE)
        differs = any(re.fullmatch(kind, name) and who == decoder for kind, who in DIFFERENT)
        assert agrees != differs, (decoder, found)
