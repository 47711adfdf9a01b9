"""BMP images compressed by run lengths have the pixels that the format says."""

from __future__ import annotations

import struct

import pytest

from pixelater import Style, Truncated, pixelate
from pixelater.decode.bmp_rle import decode
from tests.pictures import pixels

ROWS = [[1, 1, 1, 2, 0], [3, 3, 3, 3, 3], [0, 1, 2, 3, 0]]


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ("0501 0000 0502 0001", "11111 22222"),
        ("0901 0000 0502 0001", "11111 22222"),
        ("0005 0102030201 00 0000 0502 0001", "12321 22222"),
        ("0006 010203020103 0000 0502 0001", "12321 22222"),
        ("0301 0003 020302 00 0000 0502 0001", "11123 22222"),
        ("0201 0002 0201 0103 0001", "11000 00003"),
        ("0201 0001", "11000 00000"),
        ("0000 0003 010203 00 0001", "00000 12300"),
        ("0501 0000 0502", "11111 22222"),
    ],
)
def test_bytes_are_runs_of_indices(data: str, wanted: str) -> None:
    expected = bytes(map(int, wanted.replace(" ", "")))
    assert decode(bytes.fromhex(data), (5, 2), halves=False) == expected


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ("0512 0000 0530 0001", "12121 30303"),
        ("0612 0000 0530 0001", "12121 30303"),
        ("0005 123210 00 0000 0530 0001", "12321 30303"),
        ("0006 123213 00 0000 0530 0001", "12321 30303"),
        ("0003 1230 0210 0000 0001", "12310 00000"),
    ],
)
def test_halves_of_bytes_are_indices(data: str, wanted: str) -> None:
    expected = bytes(map(int, wanted.replace(" ", "")))
    assert decode(bytes.fromhex(data), (5, 2), halves=True) == expected


@pytest.mark.parametrize("data", ["", "05", "0501", "0501 0000", "0005 0102", "0501 0000 04"])
def test_missing_data_are_truncation(data: str) -> None:
    with pytest.raises(OSError, match="truncated"):
        decode(bytes.fromhex(data), (5, 2), halves=False)


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("top_down", [False, True])
@pytest.mark.parametrize("gray", [False, True])
@pytest.mark.parametrize("start", ["BM", ""])
def test_photo_has_the_colors_of_its_palette(
    bits: int, top_down: bool, gray: bool, start: str
) -> None:
    """Without a file header, it is a DIB."""
    colors = [(index, index, index) for index in range(4)]
    if not gray:
        colors = [(0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255)]
    palette = b"".join(bytes([*color[::-1], 0]) for color in colors)
    data = b""
    for row in ROWS if top_down else ROWS[::-1]:
        runs = ((1, index * 17 if bits == 4 else index) for index in row)
        data += b"".join(map(bytes, runs)) + b"\0\0"
    compression = 2 if bits == 4 else 1
    height = -3 if top_down else 3
    header = struct.pack("<IiiHHIIiiII", 40, 5, height, 1, bits, compression, 0, 0, 0, 4, 0)
    photo = header + palette + data + b"\0\1"
    if start:
        photo = b"BM" + struct.pack("<IHHI", 0, 0, 0, 14 + len(header + palette)) + photo
    mosaic = pixels(pixelate(photo, [5], Style("png"))[0]).convert("RGB")
    found = [[mosaic.getpixel((x, y)) for x in range(5)] for y in range(3)]
    assert found == [[colors[index] for index in row] for row in ROWS]
    with pytest.raises(Truncated):
        pixelate(photo[:-6], [5])
