"""TIFF images of every layout have the values that the standard says."""

from __future__ import annotations

import random
import struct
from dataclasses import replace
from io import BytesIO
from itertools import product

import pytest
from PIL import Image, TiffImagePlugin

from pixelater import Damaged, TooLarge, Truncated, UnsupportedFormat, pixelate
from pixelater.decode import tiff_planes
from tests.pictures import encode, make_scene, pixels
from tests.rasters import (
    BLACK_IS_ZERO,
    CMYK,
    DEFLATE,
    FLOAT,
    FLOATING_POINT,
    HORIZONTAL,
    ICC_LAB,
    LAB,
    LONG,
    PALETTE,
    PLAIN,
    RGB,
    SHORT,
    SIGNED,
    WHITE_IS_ZERO,
    YCBCR,
    Pixel,
    Raster,
    make_raster,
)

SIZE = (19, 17)
"""More than a tile, and no multiple of anything."""

ASSOCIATED, UNASSOCIATED = 1, 2
COLORS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, CMYK: 4}

Levels = tuple[int, ...]


def make_levels(samples: int) -> list[list[Levels]]:
    """Make rows of pixels of bytes."""
    values = random.Random(samples)
    return [
        [tuple(values.randrange(256) for _ in range(samples)) for _ in range(SIZE[0])]
        for _ in range(SIZE[1])
    ]


def scale(rows: list[list[Levels]], raster: Raster) -> list[list[Pixel]]:
    """Scale bytes to values of a raster."""
    top = 1.0 if raster.format == FLOAT else 2**raster.bits - 1
    scaled = [[tuple(level * top / 255 for level in pixel) for pixel in row] for row in rows]
    if raster.format == FLOAT:
        return scaled
    return [[tuple(float(round(value)) for value in pixel) for pixel in row] for row in scaled]


def look(photo: bytes, mode: str) -> list[Levels]:
    """List the pixels of a mosaic of one cell for each pixel."""
    image = pixels(pixelate(photo, [max(SIZE)], exact=True)[0]).convert(mode)
    flat = image.get_flattened_data()
    return [value if isinstance(value, tuple) else (int(value),) for value in flat]


def differ(found: list[Levels], wanted: list[list[Levels]]) -> int:
    """Return how many levels two images differ at most."""
    flat = [pixel for row in wanted for pixel in row]
    return max(
        abs(a - b)
        for one, other in zip(found, flat, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def weight(pixel: Levels) -> Levels:
    """Multiply colors by alpha."""
    return *(round(level * pixel[-1] / 255) for level in pixel[:-1]), pixel[-1]


LAYOUTS = [
    Raster(order=order, planar=planar, tiled=tiled, compression=compression)
    for order, planar, tiled, compression in product(
        "<>", (False, True), (False, True), (PLAIN, DEFLATE)
    )
]
DEPTHS = [
    *((bits, 1) for bits in (8, 10, 12, 14, 16, 32)),
    *((bits, FLOAT) for bits in (16, 32, 64)),
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize(("bits", "format"), DEPTHS)
@pytest.mark.parametrize("photometric", [WHITE_IS_ZERO, BLACK_IS_ZERO, RGB])
def test_samples_of_any_layout_are_read(
    layout: Raster, bits: int, format: int, photometric: int
) -> None:
    extra = () if not layout.planar else (0,)
    raster = Raster(
        bits,
        photometric,
        format,
        extra,
        layout.planar,
        layout.order,
        layout.compression,
        tiled=layout.tiled,
    )
    colors = COLORS[photometric]
    rows = make_levels(colors + len(extra))
    wanted = [[pixel[:colors] for pixel in row] for row in rows]
    if photometric == WHITE_IS_ZERO:
        wanted = [[tuple(255 - level for level in pixel) for pixel in row] for row in wanted]
    found = look(make_raster(scale(rows, raster), raster), "RGB" if colors == 3 else "L")
    assert differ(found, wanted) <= 1


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("alpha", [ASSOCIATED, UNASSOCIATED])
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("photometric", [BLACK_IS_ZERO, RGB])
def test_alpha_is_read(bits: int, alpha: int, planar: bool, photometric: int) -> None:
    colors = COLORS[photometric]
    raster = Raster(bits, photometric, extra=(alpha,), planar=planar)
    rows = [
        [(*pixel[:colors], 255 - pixel[-1] // 2) for pixel in row]
        for row in make_levels(colors + 1)
    ]
    stored = rows
    if alpha == ASSOCIATED:
        stored = [
            [
                (*(round(level * pixel[-1] / 255) for level in pixel[:-1]), pixel[-1])
                for pixel in row
            ]
            for row in rows
        ]
    found = look(make_raster(scale(stored, raster), raster), "RGBA" if colors == 3 else "LA")
    assert differ(found, rows) <= 2


@pytest.mark.parametrize("tiled", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("bits", "format", "predictor"),
    [
        *((bits, 1, HORIZONTAL) for bits in (8, 16, 32)),
        *((bits, FLOAT, FLOATING_POINT) for bits in (16, 32, 64)),
    ],
)
@pytest.mark.parametrize("photometric", [BLACK_IS_ZERO, RGB])
def test_predictor_is_undone(
    bits: int, format: int, predictor: int, order: str, tiled: bool, photometric: int
) -> None:
    raster = Raster(
        bits, photometric, format, (UNASSOCIATED,), False, order, DEFLATE, predictor, tiled
    )
    colors = COLORS[photometric]
    rows = [[(*pixel[:-1], 255) for pixel in row] for row in make_levels(colors + 1)]
    found = look(make_raster(scale(rows, raster), raster), "RGB" if colors == 3 else "L")
    assert differ(found, [[pixel[:-1] for pixel in row] for row in rows]) <= 1


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 12, 16])
@pytest.mark.parametrize("photometric", [BLACK_IS_ZERO, RGB])
@pytest.mark.parametrize("order", ["<", ">"])
def test_bits_in_reversed_order_are_read(bits: int, photometric: int, order: str) -> None:
    raster = Raster(bits, photometric, order=order, reversed=True)
    colors = COLORS[photometric]
    top = 2**bits - 1
    rows = [
        [tuple(round(round(level / 255 * top) * 255 / top) for level in pixel) for pixel in row]
        for row in make_levels(colors)
    ]
    found = look(make_raster(scale(rows, raster), raster), "RGB" if colors == 3 else "L")
    assert differ(found, rows) <= 1


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("extra", [(), (UNASSOCIATED,)])
@pytest.mark.parametrize("factor", [1, 256, 257], ids=["bytes", "high bytes", "16 bits"])
def test_color_map_is_applied(bits: int, extra: tuple[int, ...], factor: int) -> None:
    values = random.Random(bits)
    colors = [tuple(values.randrange(256) for _ in range(3)) for _ in range(2**bits)]
    colors[0] = (255, 0, 255)
    color_map = tuple(color[band] * factor for band in range(3) for color in colors)
    rows = [[values.randrange(2**bits) for _ in range(SIZE[0])] for _ in range(SIZE[1])]
    top = 2**bits - 1
    stored = [[(float(index), *[float(top)] * len(extra)) for index in row] for row in rows]
    raster = Raster(bits, PALETTE, extra=extra, tags=((320, SHORT, color_map),))
    found = look(make_raster(stored, raster), "RGB")
    assert differ(found, [[colors[index] for index in row] for row in rows]) <= (factor == 256)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("planar", [False, True])
def test_lab_is_converted(bits: int, planar: bool) -> None:
    """Its gray is that of sRGB; a* and b* are signed, or 128 more (ICC)."""
    unit = 2 ** (bits - 8)
    for photometric, middle in ((LAB, 0), (ICC_LAB, 128 * unit)):
        rows = [[(137 * (unit if unit == 1 else 257), middle, middle)] * SIZE[0]] * SIZE[1]
        raster = Raster(bits, photometric, planar=planar)
        found = look(make_raster(rows, raster), "RGB")
        assert differ(found, [[(128, 128, 128)] * SIZE[0]] * SIZE[1]) <= 1


@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("compression", [PLAIN, DEFLATE])
def test_ycbcr_is_converted(planar: bool, compression: int) -> None:
    rows = [[(180.0, 90.0, 160.0)] * SIZE[0]] * SIZE[1]
    raster = Raster(8, YCBCR, planar=planar, compression=compression, tags=((530, SHORT, (1, 1)),))
    found = look(make_raster(rows, raster), "RGB")
    assert differ(found, [[(224, 170, 112)] * SIZE[0]] * SIZE[1]) <= 1


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("planar", [False, True])
def test_inks_are_kept(bits: int, planar: bool) -> None:
    rows = make_levels(4)
    raster = Raster(bits, CMYK, planar=planar)
    found = look(make_raster(scale(rows, raster), raster), "CMYK")
    assert differ(found, rows) <= 1


def test_inks_with_alpha_become_rgb() -> None:
    inks = (255, 0, 0, 0)
    rows = [[(*inks, 0 if at < 9 else 255) for at in range(SIZE[0])]] * SIZE[1]
    found = look(make_raster(rows, Raster(8, CMYK, extra=(UNASSOCIATED,))), "RGBA")
    assert (found[0], found[-1]) == (
        (0, 0, 0, 0),
        (0, 255, 255, 255),
    )


def test_deep_colors_are_averaged_at_full_depth() -> None:
    rows = [[(0x1F00, 0x1F00, 0x1F00)] * 4, [(0x20FF, 0x20FF, 0x20FF)] * 4]
    for raster in (Raster(16), Raster(16, planar=True), Raster(16, order=">", compression=DEFLATE)):
        mosaic = pixels(pixelate(make_raster(rows, raster), [1])[0]).convert("RGB")
        assert mosaic.getpixel((0, 0)) == (32, 32, 32)


@pytest.mark.parametrize("photometric", [BLACK_IS_ZERO, RGB])
def test_planes_that_are_not_shown_may_be_empty(photometric: int) -> None:
    colors = COLORS[photometric]
    levels = make_levels(colors)
    rows = [[(*pixel, 0) for pixel in row] for row in levels]
    strips = -(-SIZE[1] // 3)
    raster = Raster(8, photometric, extra=(0,), planar=True, compression=DEFLATE)
    whole = make_raster(rows, raster)
    counts = TiffImagePlugin.TiffImageFile(BytesIO(whole)).tag_v2[279]
    emptied = (*counts[: strips * colors], *[0] * strips)
    photo = make_raster(rows, replace(raster, tags=((279, LONG, emptied),)))
    assert differ(look(photo, "RGB" if colors == 3 else "L"), levels) == 0


@pytest.mark.parametrize("bits", [8, 16, 32])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", [PLAIN, DEFLATE])
@pytest.mark.parametrize("photometric", [BLACK_IS_ZERO, RGB])
def test_signed_values_use_their_range(
    bits: int, order: str, compression: int, photometric: int
) -> None:
    samples = COLORS[photometric]
    rows = [[(float(at - 9),) * samples for at in range(SIZE[0])]] * SIZE[1]
    raster = Raster(bits, photometric, SIGNED, order=order, compression=compression)
    wanted = [[(round(255 * at / 18),) * samples for at in range(SIZE[0])]] * SIZE[1]
    found = look(make_raster(rows, raster), "RGB" if samples == 3 else "L")
    assert differ(found, wanted) <= 1


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ([1.001], 128),
        ([-0.05, 1.09], 128),
        ([2.5], 128),
        ([2.5] * 30, 1),
        ([255.0], 1),
        ([300.0], 1),
        ([-3.0, 700.0], 1),
    ],
)
def test_few_floats_may_overshoot_the_range(values: list[float], level: int) -> None:
    row = [(0.5,)] * SIZE[0]
    rows = [row[:] for _ in range(SIZE[1])]
    for at, value in enumerate(values):
        rows[at // SIZE[0]][at % SIZE[0]] = (value,)
    raster = Raster(32, BLACK_IS_ZERO, FLOAT)
    assert look(make_raster(rows, raster), "L")[-1] == (level,)


@pytest.mark.parametrize(
    ("raster", "reason"),
    [
        (Raster(24, BLACK_IS_ZERO), "24-bit unsigned samples"),
        (Raster(8, BLACK_IS_ZERO, 4), "8-bit unknown samples"),
        (Raster(12, PALETTE), "palette or YCbCr colors of 12 bits"),
        (Raster(12, LAB), "Lab colors of 12 bits"),
        (Raster(12, compression=DEFLATE, predictor=HORIZONTAL), "predictor 2 for 12 bits"),
        (Raster(8, YCBCR), "subsampled colors that are not compressed"),
        (Raster(8, tags=((258, SHORT, (5, 6, 5)),)), "different numbers of bits"),
        (Raster(8, CMYK, tags=((262, SHORT, (32845,)),)), "LogLuv colors"),
    ],
)
def test_other_layouts_are_refused_with_the_reason(raster: Raster, reason: str) -> None:
    plain = Raster(16 if raster.bits > 8 else 8, RGB, compression=raster.compression)
    tags: tuple[tuple[int, int, tuple[int, ...]], ...] = (
        (258, SHORT, (raster.bits,)),
        (262, SHORT, (raster.photometric,)),
    )
    tags += ((317, SHORT, (raster.predictor,)), (339, SHORT, (raster.format,)), *raster.tags)
    photo = make_raster(
        [[(0.0, 0.0, 0.0)] * 4] * 4, Raster(plain.bits, compression=plain.compression, tags=tags)
    )
    with pytest.raises(UnsupportedFormat, match=reason):
        pixelate(photo, [2])


def test_missing_strips_are_truncation() -> None:
    raster = Raster(12, tags=((273, 4, (8,)),))
    with pytest.raises(Truncated):
        pixelate(make_raster([[(0.0, 0.0, 0.0)] * 4] * 9, raster), [2])


def test_damaged_strips_are_damage() -> None:
    raster = Raster(12, compression=DEFLATE)
    photo = bytearray(make_raster([[(0.0, 0.0, 0.0)] * 4] * 9, raster))
    photo[8:20] = bytes(12)
    with pytest.raises(Damaged):
        pixelate(bytes(photo), [2])


def test_samples_of_too_many_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiff_planes, "MAX_BYTES", 100)
    with pytest.raises(TooLarge, match="its samples take more than"):
        pixelate(make_raster([[(0.0, 0.0, 0.0)] * 9] * 9, Raster(12)), [2])


def test_more_numbers_of_bits_than_samples_are_ignored() -> None:
    photo = encode(make_scene(), "TIFF")
    three, four = (struct.pack("<HHI", 258, 3, count) for count in (3, 4))
    longer = photo.replace(three, four)
    with Image.open(BytesIO(longer)) as image:
        assert image.tag_v2[258][:3] == (8, 8, 8) != image.tag_v2[258]  # type: ignore[attr-defined]
    assert pixelate(longer, [8])[0].data == pixelate(photo, [8])[0].data


def test_tiles_are_read_regardless_of_the_limit_of_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """It belongs to the program, and counts samples as pixels here."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 19 * 17)
    photo = make_raster([[(1.0, 2.0, 3.0)] * SIZE[0]] * SIZE[1], Raster(12, tiled=True))
    assert len(pixelate(photo, [2])) == 1
