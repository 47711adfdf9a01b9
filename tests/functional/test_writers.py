"""The writers of JPEG, PNG and WebP: what they write is decoded as it should be, by two decoders.

The second decoder is ffmpeg's, which shares no code with those that Pillow uses.
"""

from __future__ import annotations

import subprocess
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imageio_ffmpeg import get_ffmpeg_exe
from PIL import Image

from pixelater.encode.gif import write_gif
from pixelater.encode.jpeg import write_jpeg
from pixelater.encode.png import write_png
from pixelater.encode.webp import write_webp
from pixelater.grid import paint
from tests.pictures import decode, make_noise

SIDES = st.integers(1, 300)
GRIDS = st.integers(1, 64)
SEEDS = st.integers(0, 2**32)
FEW_COLOURS = st.sampled_from([0, 1, 2, 3, 40])


def make_cells(
    mode: str, width: int, height: int, grid: int, seed: int, colours: int
) -> Image.Image:
    """Make random cells, of at most so many colours if that is not 0."""
    size = min(grid, width), min(grid, height)
    if not colours:
        return make_noise(mode, size, seed)
    bands = len(Image.new(mode, (1, 1)).getbands())
    few = make_noise(mode, (colours, 1), seed).tobytes()
    chosen = (place % colours * bands for place in make_noise("L", size, seed + 1).tobytes())
    return Image.frombytes(mode, size, b"".join(few[i : i + bands] for i in chosen))


def decode_with_ffmpeg(data: bytes, *options: str) -> bytes:
    """Decode a picture, or all of an animation, to RGBA pixels."""
    command = [
        get_ffmpeg_exe(),
        "-v",
        "error",
        "-i",
        "-",
        "-f",
        "rawvideo",
        *options,
        "-pix_fmt",
        "rgba",
        "-",
    ]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


@settings(deadline=None, max_examples=200)
@given(
    mode=st.sampled_from(["L", "LA", "RGB", "RGBA"]),
    width=SIDES,
    height=SIDES,
    grid=GRIDS,
    seed=SEEDS,
    colours=FEW_COLOURS,
)
def test_a_png_decodes_to_the_painted_cells(
    mode: str, width: int, height: int, grid: int, seed: int, colours: int
) -> None:
    cells = make_cells(mode, width, height, grid, seed, colours)
    mosaic = decode(write_png([cells], width, height)).convert(mode)
    assert mosaic.tobytes() == paint(cells, width, height).tobytes()


@settings(deadline=None, max_examples=200)
@given(
    mode=st.sampled_from(["RGB", "RGBA"]),
    width=SIDES,
    height=SIDES,
    grid=GRIDS,
    seed=SEEDS,
    colours=FEW_COLOURS,
)
def test_a_webp_decodes_to_the_painted_cells(
    mode: str, width: int, height: int, grid: int, seed: int, colours: int
) -> None:
    cells = make_cells(mode, width, height, grid, seed, colours)
    mosaic = decode(write_webp([cells], width, height)).convert(mode)
    assert mosaic.tobytes() == paint(cells, width, height).tobytes()


@settings(deadline=None, max_examples=200)
@given(
    mode=st.sampled_from(["L", "RGB", "CMYK"]),
    width=SIDES,
    height=st.integers(1, 900),
    grid=GRIDS,
    seed=SEEDS,
    quality=st.sampled_from([30, 75, 90, 97]),
    subsampling=st.sampled_from(["4:2:0", "4:2:2", "4:4:4"]),
    optimize=st.booleans(),
)
def test_a_jpeg_decodes_as_one_encoded_as_a_whole(
    mode: str, width: int, height: int, grid: int, seed: int, **options: Any
) -> None:
    cells = make_noise(mode, (min(grid, width), min(grid, height)), seed)
    if mode != "RGB":
        del options["subsampling"]
    spliced = write_jpeg(cells, width, height, **options)
    assert (
        decode(spliced).tobytes() == decode(encode_whole(cells, width, height, options)).tobytes()
    )


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("size", [(640, 480), (333, 777), (1000, 201), (64, 2000)])
def test_ffmpeg_decodes_a_jpeg_as_one_encoded_as_a_whole(mode: str, size: tuple[int, int]) -> None:
    cells = make_noise(mode, (16, 16))
    spliced = write_jpeg(cells, *size, quality=90)
    whole = encode_whole(cells, *size, {"quality": 90})
    assert decode_with_ffmpeg(spliced) == decode_with_ffmpeg(whole)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("grid", [8, 32])
def test_ffmpeg_decodes_a_png_to_the_painted_cells(mode: str, grid: int) -> None:
    cells = make_noise(mode, (grid, grid))
    expected = paint(cells, 333, 777).convert("RGBA").tobytes()
    assert decode_with_ffmpeg(write_png([cells], 333, 777)) == expected


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("grid", [1, 8, 32])
def test_ffmpeg_decodes_a_webp_to_the_painted_cells(mode: str, grid: int) -> None:
    cells = make_noise(mode, (grid, grid))
    expected = paint(cells, 333, 777).convert("RGBA").tobytes()
    assert decode_with_ffmpeg(write_webp([cells], 333, 777)) == expected


@pytest.mark.parametrize("transparent", [False, True])
def test_ffmpeg_decodes_an_animated_gif_to_the_painted_cells(transparent: bool) -> None:
    frames = [make_noise("RGB", (8, 8), seed).quantize(64) for seed in range(3)]
    if transparent:
        for cells in frames[1:]:
            cells.paste(200, (0, 0, 4, 4))
        for cells in frames:
            cells.info["transparency"] = 200
    shown = [paint(cells, 99, 70) for cells in frames]
    for picture, cells in zip(shown, frames, strict=True):
        picture.info |= cells.info
    expected = [picture.convert("RGBA") for picture in shown]
    written = write_gif(frames, 99, 70, [100, 655_360, 100])
    decoded = decode_with_ffmpeg(written, "-fps_mode", "passthrough")
    pictures = [Image.frombytes("RGBA", (99, 70), part) for part in split(decoded, 99 * 70 * 4)]
    times = [0, 1, 1, 2]  # The second is written twice.
    for number, picture in zip(times, pictures, strict=True):
        seen = [one.getchannel("A") for one in (picture, expected[number])]
        assert seen[0] == seen[1]
        black = Image.new("RGBA", (99, 70), "black")
        assert Image.alpha_composite(black, picture) == Image.alpha_composite(
            black, expected[number]
        )


def split(data: bytes, length: int) -> list[bytes]:
    return [data[start : start + length] for start in range(0, len(data), length)]


@pytest.mark.parametrize(("width", "height"), [(1, 16_383), (16_383, 1), (5_000, 4_000)])
def test_long_and_large_pictures_are_written_too(width: int, height: int) -> None:
    cells = make_noise("RGB", (min(64, width), min(64, height)))
    expected = paint(cells, width, height).tobytes()
    for written in (write_png([cells], width, height), write_webp([cells], width, height)):
        assert decode(written).convert("RGB").tobytes() == expected


def test_a_jpeg_of_the_greatest_height_is_written() -> None:
    cells = make_noise("L", (8, 64))
    assert decode(write_jpeg(cells, 8, 65_500)).size == (8, 65_500)


def encode_whole(cells: Image.Image, width: int, height: int, options: dict[str, Any]) -> bytes:
    """Encode the painted mosaic the ordinary way."""
    buffer = BytesIO()
    paint(cells, width, height).save(buffer, "JPEG", **options)
    return buffer.getvalue()
