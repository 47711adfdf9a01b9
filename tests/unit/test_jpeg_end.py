"""JPEG files whose end is missing, and those without a DCT."""

from __future__ import annotations

import struct

import pytest

from pixelater import Style, Truncated, pixelate
from tests.pictures import encode, make_noise, make_scene, pixels

AS_PNG = Style("png")


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("missing", [1, 2])
@pytest.mark.parametrize("size", [(90, 61), (640, 480)], ids=["in full", "in part"])
def test_jpeg_without_last_marker_is_read(
    size: tuple[int, int], missing: int, progressive: bool
) -> None:
    photo = encode(make_scene(size), "JPEG", progressive=progressive)
    (whole,), (cut,) = (pixelate(data, [8], AS_PNG) for data in (photo, photo[:-missing]))
    assert cut.data == whole.data


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("missing", [8, 100, 2000])
@pytest.mark.parametrize("size", [(90, 61), (640, 480)], ids=["in full", "in part"])
def test_jpeg_without_part_of_image_is_truncated(
    size: tuple[int, int], missing: int, progressive: bool
) -> None:
    photo = encode(make_noise("RGB", size), "JPEG", progressive=progressive)
    with pytest.raises(Truncated):
        pixelate(photo[:-missing], [8])


def test_jpeg_with_marker_but_without_part_of_image_is_read_as_browsers_do() -> None:
    photo = encode(make_noise("RGB", (90, 61)), "JPEG")
    (mosaic,) = pixelate(photo[:-500] + b"\xff\xd9", [8])
    assert (mosaic.width, mosaic.height) == (90, 61)


def test_lossless_jpeg_is_read() -> None:
    """Pillow cannot decode it at a smaller size."""
    (mosaic,) = pixelate(encode_lossless_gray((640, 480)), [8], AS_PNG)
    assert (mosaic.width, mosaic.height) == (640, 480)
    assert pixels(mosaic).getextrema() == (128, 128)


def encode_lossless_gray(size: tuple[int, int]) -> bytes:
    """Encode an image of 128 as JPEG without DCT (ITU-T T.81, annex H).

    All differences to what is predicted are 0, the only Huffman code, of one bit.
    """
    width, height = size
    frame = struct.pack(">HBHHB3B", 11, 8, height, width, 1, 1, 0x11, 0)
    codes = struct.pack(">HB16BB", 20, 0, 1, *[0] * 15, 0)
    scan = struct.pack(">HB2B3B", 8, 1, 1, 0, 1, 0, 0)
    segments = b"\xff\xc3" + frame + b"\xff\xc4" + codes + b"\xff\xda" + scan
    return b"\xff\xd8" + segments + bytes(width * height // 8) + b"\xff\xd9"
