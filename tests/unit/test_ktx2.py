"""Textures: mipmaps in linear light, and KTX 2.0 files with all of them."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pixelater import Mosaic, Style, pixelate
from pixelater.decode.cost import Header, estimate
from pixelater.encode.ktx2 import read_ktx2, write_ktx2
from pixelater.encode.mipmaps import make_mipmaps
from pixelater.palette.oklab import linearize
from pixelater.thumbnails import list_cells, make_thumbnails
from tests.pictures import decode, encode, make_noise, make_scene

SIDES = st.integers(1, 40)
Pixel = tuple[int, ...]


def _list(image: Image.Image) -> list[Pixel]:
    data = image.tobytes()
    return [tuple(data[at : at + 4]) for at in range(0, len(data), 4)]


def _delinearize(light: float) -> float:
    value = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return 255 * value


@given(width=SIDES, height=SIDES)
def test_each_level_has_half_the_sides_down_to_one_pixel(width: int, height: int) -> None:
    sizes = [level.size for level in make_mipmaps(Image.new("RGB", (width, height)))]
    count = max(width, height).bit_length()
    assert sizes == [(max(1, width >> k), max(1, height >> k)) for k in range(count)]


@given(st.tuples(*[st.integers(0, 255)] * 3), SIDES, SIDES, st.integers(1, 255))
def test_one_color_stays_that_color(color: Pixel, width: int, height: int, alpha: int) -> None:
    for level in make_mipmaps(Image.new("RGBA", (width, height), (*color, alpha))):
        assert set(_list(level)) == {(*color, alpha)}


def test_black_and_white_are_averaged_in_linear_light() -> None:
    image = Image.new("L", (2, 2))
    image.paste(255, (0, 0, 1, 2))
    *_, last = make_mipmaps(image)
    assert _list(last) == [(188, 188, 188, 255)]  # 128 in sRGB would be too dark.


def test_transparent_pixels_give_no_color() -> None:
    image = Image.new("RGBA", (4, 4), (0, 255, 0, 0))
    image.paste((200, 10, 0, 255), (0, 0, 1, 4))
    _, second, last = make_mipmaps(image)
    assert _list(second) == [(200, 10, 0, 128), (0, 0, 0, 0)] * 2
    assert _list(last) == [(200, 10, 0, 64)]


@settings(max_examples=15)
@given(width=st.integers(2, 9), height=st.integers(2, 9), seed=st.integers(0, 9))
def test_levels_are_means_of_the_whole_image(width: int, height: int, seed: int) -> None:
    """Parts of pixels count, where a side is odd; up to rounding of weights and levels."""
    image = make_noise("RGBA", (width, height), seed)
    _, level, *_ = make_mipmaps(image)
    for at, found in enumerate(_list(level)):
        expected = _average(image, level.size, at % level.width, at // level.width)
        assert found == pytest.approx(expected, abs=4)


def _average(image: Image.Image, size: tuple[int, int], x: int, y: int) -> list[float]:
    across, down = image.width / size[0], image.height / size[1]
    colors, alphas, area = [0.0] * 3, 0.0, 0.0
    for at, (*color, alpha) in enumerate(_list(image)):
        left, top = at % image.width, at // image.width
        shared = max(0.0, min(left + 1, (x + 1) * across) - max(left, x * across))
        shared *= max(0.0, min(top + 1, (y + 1) * down) - max(top, y * down))
        area += shared
        alphas += shared * alpha
        for band, value in enumerate(color):
            colors[band] += shared * alpha * linearize(value)
    return [*(_delinearize(color / alphas) if alphas else 0 for color in colors), alphas / area]


def test_pixels_are_the_same_everywhere() -> None:
    levels = make_mipmaps(make_noise("RGBA", (53, 32)))
    digest = hashlib.sha256(b"".join(level.tobytes() for level in levels)).hexdigest()
    assert digest[:16] == "52a7e6a513bb79e6"


@given(width=SIDES, height=SIDES)
def test_file_holds_all_levels_aligned_and_the_smallest_first(width: int, height: int) -> None:
    image = make_noise("RGBA", (width, height))
    data = write_ktx2(image)
    levels = list(make_mipmaps(image))
    assert [level.tobytes() for level in read_ktx2(data)] == [level.tobytes() for level in levels]
    index = [struct.unpack_from("<3Q", data, 80 + 24 * number) for number in range(len(levels))]
    offsets = [offset for offset, _, _ in index]
    assert offsets == sorted(offsets, reverse=True)
    assert all(offset % 4 == 0 for offset in offsets)
    assert [size for _, size, _ in index] == [4 * x.width * x.height for x in levels]
    assert offsets[0] + index[0][1] == len(data)


def test_header_says_what_the_specification_wants() -> None:
    data = write_ktx2(Image.new("RGB", (8, 4), "red"))
    assert data[:12] == b"\xabKTX 20\xbb\r\n\x1a\n"
    assert struct.unpack_from("<9I", data, 12) == (43, 1, 8, 4, 0, 0, 1, 4, 0)
    start = 80 + 24 * 4
    assert struct.unpack_from("<4I2Q", data, 48) == (start, 92, start + 92, 48, 0, 0)
    assert struct.unpack_from("<I2I", data, start) == (92, 0, 2 | 88 << 16)
    assert data[start + 12 : start + 16] == bytes([1, 1, 2, 0])
    assert data[start + 92 : start + 140] == (
        b"\x12\0\0\0KTXorientation\0rd\0\0\0\x14\0\0\0KTXwriter\0pixelater\0"
    )


def _make(photo: bytes, grid: int = 16, **style: Any) -> Mosaic:
    (made,) = pixelate(photo, [grid], Style("ktx2", **style))
    return made


def test_mosaic_is_a_texture_of_its_cells() -> None:
    photo = encode(make_scene((200, 150)))
    made = _make(photo, cells="square", size="x2", pot=True, palette="pico-8")
    assert (made.format, made.media_type) == ("KTX2", "image/ktx2")
    (png,) = pixelate(
        photo, [16], Style("png", cells="square", size="x2", pot=True, palette="pico-8")
    )
    levels = read_ktx2(made.data)
    assert [level.size for level in levels] == [(32, 32), (16, 16), (8, 8), (4, 4), (2, 2), (1, 1)]
    assert levels[0].tobytes() == decode(png.data).convert("RGBA").tobytes()


@pytest.mark.parametrize("mode", ["L", "LA", "1", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_photos_of_any_mode_become_textures(mode: str) -> None:
    image = make_noise("RGB", (16, 16)).convert("L").convert(mode)
    photo = encode(image, "TIFF" if mode in ("CMYK", "I;16") else "PNG")
    (png,) = pixelate(photo, [16], Style("png", size="native"))
    assert read_ktx2(_make(photo, size="native").data)[0].tobytes() == (
        decode(png.data).convert("RGBA").tobytes()
    )


def test_texture_is_drawn_as_its_cells() -> None:
    photo = encode(Image.new("RGB", (16, 16), (10, 200, 30)))
    thumbnails = make_thumbnails(photo, [_make(photo, 4)])
    assert list_cells(thumbnails.mosaics[0]) == [[(10, 200, 30)] * 4] * 4


def test_texture_is_as_large_as_estimated() -> None:
    header = Header("PNG", "zip", "RGB", 640, 480)
    cost = estimate(header, [16], ["KTX2"], Style("ktx2"))
    made = _make(encode(make_scene((640, 480))))
    assert len(made.data) <= cost.written_bytes <= 1.1 * len(made.data)
