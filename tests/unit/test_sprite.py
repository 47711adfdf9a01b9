"""Sprites: coverage alpha, trimming, outlines, and sides that are powers of two."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from pixelater import Mosaic, Style, pixelate
from pixelater.palette.builtin import find_palette
from tests.pictures import encode, make_noise

SIDES = st.integers(1, 12)
ALPHAS = st.lists(st.sampled_from([0, 0, 0, 40, 127, 128, 255]), min_size=144, max_size=144)

RED, CLEAR, BLACK, WHITE = (200, 0, 0, 255), (0, 0, 0, 0), (0, 0, 0, 255), (255, 255, 255, 255)


def _make(photo: Image.Image | bytes, grid: int = 64, **style: Any) -> Mosaic:
    data = photo if isinstance(photo, bytes) else encode(photo)
    style = {"size": "native", "cells": "square", **style}
    (made,) = pixelate(data, [grid], Style(**style))
    return made


def _read(mosaic: Mosaic) -> Image.Image:
    with Image.open(BytesIO(mosaic.data)) as image:
        assert image.size == (mosaic.width, mosaic.height)
        return image.convert("RGBA")


def _paint(*rows: str) -> Image.Image:
    """Paint a sprite: r is red, # black, w white, and a dot transparent."""
    colors = {".": CLEAR, "r": RED, "#": BLACK, "w": WHITE}
    image = Image.new("RGBA", (len(rows[0]), len(rows)))
    for y, row in enumerate(rows):
        for x, sign in enumerate(row):
            image.putpixel((x, y), colors[sign])
    return image


def make_sprite(width: int, height: int, alphas: list[int]) -> Image.Image:
    """Paint a noisy sprite with these alphas."""
    image = make_noise("RGB", (width, height)).convert("RGBA")
    image.putalpha(Image.frombytes("L", (width, height), bytes(alphas[: width * height])))
    return image


@pytest.mark.parametrize(
    ("covered", "threshold", "opaque"),
    [
        (8, 0.5, True),
        (7, 0.5, False),
        (4, 0.25, True),
        (3, 0.25, False),
        (16, 1, True),
        (15, 1, False),
        (1, 0, True),
        (0, 0, False),
    ],
)
@pytest.mark.parametrize("kernel", ["mean", "crisp"])
def test_cell_is_opaque_where_enough_of_it_is_covered(
    covered: int, threshold: float, opaque: bool, kernel: str
) -> None:
    cell = Image.new("RGBA", (4, 4))
    cell.putdata([RED] * covered + [CLEAR] * (16 - covered))
    made = _read(_make(cell, 1, alpha_threshold=threshold, kernel=kernel))
    assert made.getpixel((0, 0)) == (RED if opaque else CLEAR)


def test_crisp_cell_of_faint_pixels_keeps_their_color() -> None:
    faint = Image.new("RGBA", (4, 4), (200, 0, 0, 100))
    made = _read(_make(faint, 1, alpha_threshold=0.25, kernel="crisp"))
    assert made.getpixel((0, 0)) == RED


@given(width=SIDES, height=SIDES, alphas=ALPHAS, threshold=st.floats(0, 1))
def test_alpha_is_all_or_nothing(
    width: int, height: int, alphas: list[int], threshold: float
) -> None:
    photo = make_sprite(width, height, alphas)
    made = _read(_make(photo, alpha_threshold=threshold))
    least = max(1, round(255 * threshold))
    for before, after in zip(_list(photo), _list(made), strict=True):
        assert after == ((*before[:3], 255) if before[3] >= least else CLEAR)


def _list(image: Image.Image) -> list[tuple[int, ...]]:
    data = image.tobytes()
    return [tuple(data[at : at + 4]) for at in range(0, len(data), 4)]


@given(width=SIDES, height=SIDES, alphas=ALPHAS)
def test_trimmed_sprite_is_what_is_not_transparent(
    width: int, height: int, alphas: list[int]
) -> None:
    photo = make_sprite(width, height, alphas)
    made = _make(photo, trim=True)
    box = photo.getchannel("A").getbbox()
    expected = photo.crop(box) if box else photo
    assert (made.columns, made.rows) == expected.size
    opaque = expected.getchannel("A").point([0] + [255] * 255)
    blank = Image.new("RGBA", expected.size)
    found = _read(made)
    assert found.getchannel("A").tobytes() == expected.getchannel("A").tobytes()
    assert (
        Image.composite(found, blank, opaque).tobytes()
        == Image.composite(expected, blank, opaque).tobytes()
    )


def test_transparent_sprite_stays_with_a_warning() -> None:
    made = _make(Image.new("RGBA", (5, 3)), 8, trim=True, outline=True, palette=4)
    assert _read(made).size == (7, 5)
    assert _read(made).getchannel("A").getextrema() == (0, 0)
    assert "all of it is transparent" in made.warnings


CROSS = _paint(
    ".....",
    "..r..",
    ".rr..",
    ".....",
)
OUTLINED = _paint(
    "..#.",
    ".#r#",
    "#rr#",
    ".##.",
)


def test_outline_is_drawn_around_what_was_trimmed() -> None:
    made = _read(_make(CROSS, trim=True, outline=True))
    assert _list(made) == _list(OUTLINED)
    larger = _read(_make(CROSS, outline=True))
    assert larger.size == (7, 6)
    assert _list(larger.crop((1, 1, 5, 5))) == _list(OUTLINED)


def test_outline_fills_holes_and_takes_a_color() -> None:
    ring = _paint("rrr", "r.r", "rrr")
    made = _read(_make(ring, outline=True, outline_color=(255, 255, 255)))
    expected = _paint(".www.", "wrrrw", "wrwrw", "wrrrw", ".www.")
    assert _list(made) == _list(expected)


@given(width=SIDES, height=SIDES, alphas=ALPHAS)
def test_outline_touches_the_sprite_and_hides_none_of_it(
    width: int, height: int, alphas: list[int]
) -> None:
    photo = make_sprite(width, height, alphas)
    made = _read(_make(photo, alpha_threshold=0.5, outline=True, outline_color=(1, 2, 3)))
    plain = Image.new("RGBA", made.size)
    plain.paste(_read(_make(photo, alpha_threshold=0.5)), (1, 1))
    for at, (before, after) in enumerate(zip(_list(plain), _list(made), strict=True)):
        x, y = at % made.width, at // made.width
        touches = any(
            0 <= x + dx < made.width
            and 0 <= y + dy < made.height
            and plain.getpixel((x + dx, y + dy))[3]  # type: ignore[index]
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
        )
        assert after == ((1, 2, 3, 255) if touches and not before[3] else before)


@pytest.mark.parametrize("palette", ["gameboy", "pico-8", 2, 5])
def test_outline_is_of_the_palette(palette: str | int) -> None:
    photo = make_sprite(12, 12, [255] * 60 + [0] * 84)
    white = (255, 255, 255)
    made = _make(photo, outline=True, palette=palette, outline_color=white, dither="floyd")
    with Image.open(BytesIO(made.data)) as image:
        assert image.mode == "P"
    pixels = _list(_read(made))
    used = {pixel[:3] for pixel in pixels if pixel[3]}
    if isinstance(palette, int):
        assert len(used) <= palette
        assert pixels[1][:3] == white
    else:
        assert used <= set(find_palette(palette).colors)
        lightest = {"gameboy": (155, 188, 15), "pico-8": (255, 241, 232)}
        assert pixels[1][:3] == lightest[palette]


@given(width=SIDES, height=SIDES, outline=st.booleans(), trim=st.booleans(), alphas=ALPHAS)
def test_padded_sides_are_the_least_powers_of_two(
    width: int, height: int, outline: bool, trim: bool, alphas: list[int]
) -> None:
    photo = make_sprite(width, height, alphas)
    plain = _make(photo, outline=outline, trim=trim)
    made = _make(photo, outline=outline, trim=trim, pot=True)
    for side, before in zip((made.width, made.height), (plain.width, plain.height), strict=True):
        assert side.bit_count() == 1
        assert side // 2 < before <= side
    canvas = Image.new("RGBA", (made.width, made.height))
    canvas.paste(_read(plain))
    assert _list(_read(made)) == _list(canvas)


@pytest.mark.parametrize("times", [2, 5])
@pytest.mark.parametrize("format", ["png", "webp"])
def test_xn_repeats_the_cells_of_a_sprite(times: int, format: str) -> None:
    style: dict[str, Any] = {"trim": True, "outline": True, "pot": True, "format": format}
    small = _read(_make(CROSS, **style))
    large = _make(CROSS, size=f"x{times}", **style)
    expected = small.resize((small.width * times, small.height * times), Image.Resampling.NEAREST)
    assert _list(_read(large)) == _list(expected)
    assert (large.columns, large.rows) == small.size


@pytest.mark.parametrize("palette", [None, "pico-8", 3])
def test_frames_share_one_box_and_one_size(palette: Any) -> None:
    frames = [_paint(".....", ".r...", "....."), _paint(".....", "...w.", ".....")]
    made = _make(
        encode(frames[0], save_all=True, append_images=frames[1:]),
        trim=True,
        outline=True,
        palette=palette,
    )
    with Image.open(BytesIO(made.data)) as film:
        found = [frame.convert("RGBA") for frame in ImageSequence.Iterator(film)]
    assert [frame.size for frame in found] == [(5, 3)] * 2
    boxes = [frame.getchannel("A").getbbox() for frame in found]
    assert boxes == [(0, 0, 3, 3), (2, 0, 5, 3)]


@pytest.mark.parametrize(
    ("format", "becomes"),
    [("JPEG", "PNG"), ("AVIF", "PNG"), ("BMP", "PNG"), ("GIF", "GIF"), ("WEBP", "WEBP")],
)
def test_photo_of_a_lossy_format_becomes_png(format: str, becomes: str) -> None:
    photo = encode(make_noise("RGB", (32, 24)), format)
    made = _make(photo, 8, outline=True)
    assert (made.format, made.columns, made.rows) == (becomes, 10, 8)
    corners = _read(made)
    assert [corners.getpixel(at) for at in ((0, 0), (1, 0), (9, 7))] == [CLEAR, BLACK, CLEAR]


def test_opaque_photo_stays_without_alpha() -> None:
    photo = encode(make_noise("RGB", (32, 24)))
    made = _make(photo, 32, trim=True, alpha_threshold=0.5)
    assert made.data == _make(photo, 32).data


@pytest.mark.parametrize("mode", ["L", "LA", "1", "P", "RGB", "CMYK", "I;16", "F"])
def test_photos_of_any_mode_become_sprites(mode: str) -> None:
    image = make_noise("RGB", (16, 16)).convert("L").convert(mode)
    photo = encode(image, "TIFF" if mode in ("CMYK", "F", "I;16") else "PNG")
    made = _make(photo, 16, outline=True, format="png", pot=True)
    assert _read(made).getpixel((1, 0)) == BLACK
    assert (made.width, made.height) == (32, 32)


@pytest.mark.parametrize(
    ("style", "digest"),
    [
        ({"alpha_threshold": 0.4, "trim": True, "outline": True}, "8beb0590337b2f3d"),
        (
            {"outline": True, "palette": 6, "dither": "floyd", "kernel": "crisp", "pot": True},
            "a1fc568a3e37d0ce",
        ),
    ],
)
def test_pixels_are_the_same_everywhere(style: dict[str, Any], digest: str) -> None:
    """On all versions of Python, and all machines."""
    photo = make_sprite(12, 12, [255, 90, 0, 255] * 36).resize((120, 120), Image.Resampling.BICUBIC)
    assert hashlib.sha256(_read(_make(photo, 24, **style)).tobytes()).hexdigest()[:16] == digest
