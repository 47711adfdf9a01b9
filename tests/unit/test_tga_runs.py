"""TGA images whose runs go on in the next row have the pixels that the runs say."""

from __future__ import annotations

import struct

import pytest

from pixelater import Style, Truncated, pixelate
from pixelater.decode.tga_runs import expand
from tests.pictures import pixels

RED, BLUE = (255, 0, 0), (0, 0, 255)
WANTED = [[RED, RED, RED, RED], [RED, RED, BLUE, RED], [BLUE, RED, BLUE, BLUE]]
"""A run of 6, 5 single pixels, and a run of 1."""

FLAGS = {(False, False): 0, (True, False): 0x10, (False, True): 0x20, (True, True): 0x30}


def make_tga(bits: int, turned: bool, top_down: bool) -> bytes:
    """Make an image of 4 x 3 pixels, each of some bits, from the right or left, up or down."""
    kind = 11 if bits == 8 else 10
    header = struct.pack("<BBBHHBHHHHBB", 0, 0, kind, 0, 0, 0, 0, 0, 4, 3, bits, 0)
    header = header[:-1] + bytes([FLAGS[turned, top_down] | (8 if bits == 32 else 0)])
    red, blue = {
        8: (b"\x4c", b"\x1d"),
        24: (bytes((0, 0, 255)), bytes((255, 0, 0))),
        32: (bytes((0, 0, 255, 255)), bytes((255, 0, 0, 255))),
    }[bits]
    rows = WANTED if top_down else WANTED[::-1]
    flat = [pixel == RED for row in rows for pixel in (row[::-1] if turned else row)]
    stored = [red if is_red else blue for is_red in flat]
    ends = next(at for at in range(1, 12) if stored[at] != stored[0])
    run = bytes([0x80 | ends - 1]) + stored[0]
    single = bytes([11 - ends - 1]) + b"".join(stored[ends:11])
    return header + run + single + b"\x80" + stored[11]


@pytest.mark.parametrize("bits", [8, 24, 32])
@pytest.mark.parametrize(("turned", "top_down"), FLAGS)
def test_runs_go_on_in_the_next_row(bits: int, turned: bool, top_down: bool) -> None:
    photo = make_tga(bits, turned, top_down)
    mosaic = pixels(pixelate(photo, [4], Style("png"))[0]).convert("RGB")
    found = [[mosaic.getpixel((x, y)) for x in range(4)] for y in range(3)]
    gray = {RED: (0x4C,) * 3, BLUE: (0x1D,) * 3}
    assert found == [[gray[pixel] if bits == 8 else pixel for pixel in row] for row in WANTED]
    with pytest.raises(Truncated):
        pixelate(photo[:-2], [4])


def test_runs_beyond_the_image_are_cut() -> None:
    assert expand(b"\x83a\x02bcdxx", 1, 6) == b"aaaabc"
    with pytest.raises(OSError, match="truncated"):
        expand(b"\x83a\x02b", 1, 6)
