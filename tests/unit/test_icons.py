"""Of the icons in a file, the largest of the most colors is pixelated, as browsers show."""

from __future__ import annotations

import struct
from itertools import permutations

import pytest
from PIL import Image

from pixelater import Style, TooLarge, pixelate
from tests.odd_photos import make_bitmap
from tests.pictures import encode, pixels

Icon = tuple[int, int, str]
"""Side, bits of a pixel (0: a PNG) and color."""

BEST = (24, 32, "lime")


def make_icons(icons: tuple[Icon, ...], states_bits: bool) -> bytes:
    """Make an icon file, whose directory may leave out the bits of pixels."""
    entries, images, start = b"", b"", 6 + 16 * len(icons)
    for side, bits, color in icons:
        picture = Image.new("RGBA", (side, side), color)
        data = make_bitmap(picture, bits) if bits else encode(picture)
        stated = (bits or 32) * states_bits
        entries += struct.pack("<BBBBHHII", side, side, 0, 0, 1, stated, len(data), start)
        start += len(data)
        images += data
    return struct.pack("<HHH", 0, 1, len(icons)) + entries + images


@pytest.mark.parametrize("states_bits", [False, True])
@pytest.mark.parametrize(
    "icons", [*permutations([(24, 4, "red"), (24, 8, "blue"), BEST, (16, 32, "gray")])]
)
def test_largest_icon_of_most_colors_is_taken(icons: tuple[Icon, ...], states_bits: bool) -> None:
    mosaic = pixels(pixelate(make_icons(icons, states_bits), [1], Style("png"))[0]).convert("RGB")
    assert (mosaic.size, mosaic.getpixel((0, 0))) == ((24, 24), (0, 255, 0))


def test_png_counts_as_32_bits() -> None:
    icons = make_icons(((24, 24, "red"), (24, 0, "lime")), states_bits=False)
    mosaic = pixels(pixelate(icons, [1], Style("png"))[0]).convert("RGB")
    assert mosaic.getpixel((0, 0)) == (0, 255, 0)


@pytest.mark.parametrize("bits", [0, 32])
def test_limit_is_that_of_the_icon_that_is_taken(bits: int) -> None:
    icons = make_icons(((24, bits, "lime"), (16, 32, "red")), states_bits=True)
    assert len(pixelate(icons, [1], max_pixels=24 * 24)) == 1
    with pytest.raises(TooLarge, match="24 x 24 are 576 pixels"):
        pixelate(icons, [1], max_pixels=24 * 24 - 1)
