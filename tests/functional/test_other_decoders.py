"""Photos of all formats and modes have the cells of what libvips or ffmpeg decode.

Photos are made in code, by Pillow and by libvips, which writes kinds that Pillow does not. What
differs for a known reason has a row in KNOWN, and must differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pytest
from PIL import Image

from pixelater import Style, pixelate
from tests.fuzz import seeds
from tests.other_decoders import TOLERANCE, decode_elsewhere, find_differences
from tests.pictures import encode, make_scene

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::UserWarning", "ignore:IM image:DeprecationWarning"),
]

SIZE = (120, 90)
GRID = 8

NO_ALPHA = "ffmpeg leaves alpha out"
INKS = "without a profile, inks are converted by Pillow's formula, as browsers do; not by libvips"
RANGE = "white is no fixed value in floats, signed and 32-bit numbers: it is found in the photo"
SUBSAMPLING = (
    "Pillow writes no YCbCrSubSampling, the default of which is 2, 2 (TIFF 6.0, section 21)"
)

KNOWN = {
    "BMP RGBA": NO_ALPHA,
    "DDS RGB pixel_format=BC5": "two channels: blue is 0; ffmpeg computes it, as of a normal",
    "JPEG2000 CMYK": "ffmpeg takes inks for colors and alpha",
    "JPEG2000 CMYK tile_size=(16, 16)": "ffmpeg takes inks for colors and alpha",
    "PPM F": RANGE,
    "TIFF CMYK compression=jpeg": INKS,
    "TIFF I": RANGE,
    "TIFF I compression=tiff_lzw": RANGE,
    "TIFF I compression=tiff_adobe_deflate": RANGE,
    "TIFF I compression=packbits": RANGE,
    "TIFF YCbCr": SUBSAMPLING,
    "TIFF YCbCr compression=tiff_lzw": SUBSAMPLING,
    "TIFF YCbCr compression=tiff_adobe_deflate": SUBSAMPLING,
    "TIFF YCbCr compression=packbits": SUBSAMPLING,
    "TGA LA": "ffmpeg takes gray and alpha for 15 bits of color",
    "TGA LA compression=tga_rle": "ffmpeg takes gray and alpha for 15 bits of color",
    "vips .tif CMYK tile=True,tile_width=32,tile_height=32": INKS,
    "vips .tif CMYK compression=deflate,tile=True,pyramid=True": INKS,
    "vips .tif CMYK bigtiff=True": INKS,
    "vips .tif L uint": RANGE,
    "vips .tif L short": RANGE,
    "vips .tif L int": RANGE,
}
"""Photos that differ -> why."""

ALONE = re.compile("(BLP|ICNS|IM|SPIDER|TIFF LAB)( .*)?|DDS LA?|TGA 1")
"""Kinds that no other decoder here reads: they only have to be pixelated."""


def make_with_pillow(name: str, mode: str, settings: dict[str, Any]) -> bytes:
    return encode(seeds.make_photo(mode, SIZE), name, **settings)


def make_with_vips(suffix: str, mode: str, settings: dict[str, Any]) -> bytes:
    """Write a scene with libvips; a mode is Pillow's, or ends with the format of libvips."""
    import pyvips

    base, _, depth = mode.partition(" ")
    scene = make_scene(SIZE)
    if base in ("LA", "RGBA"):
        scene.putalpha(Image.linear_gradient("L").resize(SIZE))
    image = pyvips.Image.new_from_memory(scene.convert(base).tobytes(), *SIZE, len(base), "uchar")
    gray = base in ("L", "LA")
    image = image.copy(interpretation="b-w" if gray else "cmyk" if base == "CMYK" else "srgb")
    if depth == "ushort":
        image = (image * 257).cast("ushort")
        image = image.copy(interpretation="grey16" if gray else "rgb16")
    elif depth:
        image = image.cast(depth)
    written: bytes = image.write_to_buffer(suffix, **settings)
    return written


def list_photos() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """List photos by name: format, mode and settings."""
    for name, mode, settings in seeds.list_kinds():
        title = f"{name} {mode} {seeds.describe(settings)}".strip()
        yield title, partial(make_with_pillow, name, mode, settings)
    for suffix, modes, kinds in VIPS_KINDS:
        for mode in modes:
            for settings in kinds:
                title = f"vips {suffix} {mode} {seeds.describe(settings)}".strip()
                yield title, partial(make_with_vips, suffix, mode, settings)


VIPS_KINDS: tuple[tuple[str, tuple[str, ...], tuple[dict[str, Any], ...]], ...] = (
    (
        ".png",
        ("L", "LA", "RGB", "RGBA"),
        ({}, {"interlace": True}),
    ),
    (".png", ("L", "RGB"), ({"bitdepth": 1}, {"bitdepth": 2}, {"bitdepth": 4})),
    (".png", ("L ushort", "LA ushort", "RGB ushort", "RGBA ushort"), ({}, {"interlace": True})),
    (".png", ("RGB", "RGBA"), ({"palette": True}, {"palette": True, "bitdepth": 4})),
    (".jpg", ("L", "RGB", "CMYK"), ({"Q": 95}, {"Q": 95, "interlace": True})),
    (".jpg", ("RGB",), ({"Q": 95, "subsample_mode": "on"}, {"Q": 95, "restart_interval": 3})),
    (".webp", ("RGB", "RGBA"), ({"lossless": True}, {"Q": 95}, {"near_lossless": True})),
    (".gif", ("RGB", "RGBA"), ({}, {"interlace": True})),
    (
        ".avif",
        ("L", "RGB", "RGBA"),
        ({"lossless": True}, {"Q": 95, "bitdepth": 10}, {"Q": 95, "bitdepth": 12}),
    ),
    (
        ".tif",
        ("L", "LA", "RGB", "RGBA", "CMYK", "L ushort", "RGB ushort", "RGBA ushort"),
        (
            {},
            {"tile": True, "tile_width": 32, "tile_height": 32},
            {"compression": "lzw", "predictor": "horizontal"},
            {"compression": "deflate", "tile": True, "pyramid": True},
            {"bigtiff": True},
        ),
    ),
    (".tif", ("L", "RGB"), ({"compression": "jpeg", "Q": 95},)),
    (
        ".tif",
        ("RGB", "RGBA"),
        ({"compression": "webp", "Q": 95}, {"compression": "webp", "lossless": True, "tile": True}),
    ),
    (".tif", ("L",), ({"bitdepth": 1}, {"bitdepth": 2}, {"bitdepth": 4}, {"miniswhite": True})),
    (".tif", ("L",), ({"bitdepth": 1, "compression": "ccittfax4"},)),
    (".tif", ("L float", "L uint", "L int", "L short"), ({},)),
)

PHOTOS = dict(list_photos())


@pytest.fixture(scope="module", autouse=True)
def _need_vips(report_missing: Callable[[str], NoReturn]) -> None:
    try:
        import pyvips  # noqa: F401
    except ImportError:
        report_missing("libvips is not installed: pip install -e '.[dev,peers]'")


@pytest.mark.parametrize("name", PHOTOS)
def test_cells_are_those_of_another_decoder(name: str, tmp_path: Path) -> None:
    photo = PHOTOS[name]()
    path = tmp_path / ("photo.tga" if name.startswith("TGA") else "photo")
    path.write_bytes(photo)
    (mosaic,) = pixelate(photo, [GRID], Style("png"), exact=True)
    others = decode_elsewhere(photo, path)
    assert bool(others) != bool(ALONE.fullmatch(name))
    if not others:
        return
    found = find_differences(photo, mosaic.data, others, GRID)
    agrees = min(found.values()) <= TOLERANCE
    assert agrees != (name in KNOWN), found
