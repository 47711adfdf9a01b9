"""JPEGs decoded in part: on what is like photographs, cells stay close to a full decode's."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops

from pixelater import Style, TooLarge, pixelate
from pixelater.decode.photo import open_photo
from tests.pictures import decode, encode, make_noise

GRIDS = (8, 16, 32, 48, 64)


def make_photo(size: tuple[int, int], seed: int) -> Image.Image:
    """Make a picture with detail at all scales, less of it at small ones, as landscapes have."""
    photo = make_noise("RGB", (3, 3), seed).resize(size, Image.Resampling.BICUBIC)
    cells, strength = 8, 0.4
    while cells < max(size):
        layer = make_noise("RGB", (cells, cells), seed + cells)
        photo = Image.blend(photo, layer.resize(size, Image.Resampling.BICUBIC), strength)
        cells, strength = cells * 3, strength * 0.7
    return photo


@pytest.mark.parametrize(
    ("size", "scale"),
    [
        ((1000, 1003), 2),
        ((2001, 1930), 4),
        pytest.param((4003, 3850), 8, marks=pytest.mark.slow),
    ],
)
def test_partly_decoded_cells_are_within_four_levels(size: tuple[int, int], scale: int) -> None:
    data = encode(make_photo(size, scale), "JPEG", quality=92)
    assert open_photo(data, 64).scale == scale
    in_part, in_full = (pixelate(data, GRIDS, Style("png"), exact=exact) for exact in (False, True))
    for one, other in zip(in_part, in_full, strict=True):
        pair = [decode(mosaic.data).convert("RGB") for mosaic in (one, other)]
        levels = ImageChops.difference(*pair).tobytes()
        assert max(levels) <= 4
        assert sum(levels) / len(levels) <= 0.5


@pytest.mark.parametrize(("side", "scale"), [(479, 1), (960, 2), (1919, 2), (1920, 4), (3840, 8)])
def test_partly_decoded_cell_has_at_least_7_5_pixels_a_side(side: int, scale: int) -> None:
    data = encode(Image.new("L", (side, side)), "JPEG")
    assert open_photo(data, 64).scale == scale


def test_jpeg_decoded_in_part_has_the_larger_limit() -> None:
    large = (8192, 8192)
    assert pixelate(encode(Image.new("L", large), "JPEG"), [8])[0].width == 8192
    refused = (
        encode(Image.new("L", large), "JPEG", progressive=True),
        encode(Image.new("1", large), "PNG"),
    )
    for data in refused:
        with pytest.raises(TooLarge, match="more than the limit of 64,000,000"):
            pixelate(data, [8])


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_jpeg_of_any_mode_is_decoded_in_part(mode: str) -> None:
    photo = make_photo((1500, 1500), 5).convert(mode)
    data = encode(photo, "JPEG", quality=92)
    in_part, in_full = (
        pixelate(data, [16], Style("png"), exact=exact)[0] for exact in (False, True)
    )
    pair = [decode(mosaic.data).convert("RGB") for mosaic in (in_part, in_full)]
    assert max(ImageChops.difference(*pair).tobytes()) <= 4
