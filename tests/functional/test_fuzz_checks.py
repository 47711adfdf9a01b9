"""The fuzzer's checks: its seeds pass them, and each finds what it is for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pixelater import Mosaic, pixelate
from tests.fuzz import seeds, writers
from tests.fuzz.checks import GRID_CHOICES, STYLES, check_mosaic, check_photo
from tests.pictures import encode, make_noise, make_scene

REFUSED = {"FLI", "TIFF-big", "TIFF-children"}
"""Seeds that are refused: too long a time, a kind of TIFF that Pillow does not open, a thumbnail
before the photo."""


def make_mosaic() -> Mosaic:
    return pixelate(encode(make_scene()), [8])[0]


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore:IM image format:DeprecationWarning")
def test_seeds_pass_the_checks() -> None:
    refused = set()
    for number, (name, photo) in enumerate(seeds.make_seeds()):
        style, grids = STYLES[number % len(STYLES)], GRID_CHOICES[number % len(GRID_CHOICES)]
        if check_photo(photo, grids, style, None, exact=False):
            refused.add(name)
    assert refused <= REFUSED


def test_seeds_of_writers_pass_the_checks() -> None:
    for _, data in writers.make_seeds():
        writers.check_writer(data)


def test_mosaic_that_is_cut_off_is_found() -> None:
    mosaic = make_mosaic()
    with pytest.raises(AssertionError, match="cannot be decoded"):
        check_mosaic(replace(mosaic, data=mosaic.data[:-40]))


def test_mosaic_of_another_size_is_found() -> None:
    with pytest.raises(AssertionError, match="instead of"):
        check_mosaic(replace(make_mosaic(), width=121))


def test_mosaic_with_text_is_found() -> None:
    mosaic = make_mosaic()
    text = seeds.join_chunks([(b"tEXt", b"Comment\0Alice")]).removeprefix(seeds.SIGNATURE)
    with pytest.raises(AssertionError, match="tEXt"):
        check_mosaic(replace(mosaic, data=mosaic.data[:33] + text + mosaic.data[33:]))


def test_mosaic_with_pixels_of_the_photo_is_found() -> None:
    photo = encode(make_noise("RGB", (120, 90)))
    with pytest.raises(AssertionError, match="more than one color"):
        check_mosaic(replace(make_mosaic(), data=photo))


def test_checksums_are_repaired() -> None:
    photo = encode(make_scene())
    assert seeds.repair_checksums(photo[:29] + bytes(4) + photo[33:]) == photo
