"""TIFF images compressed with WebP, which Pillow's libtiff does not read, have their pixels."""

from __future__ import annotations

from itertools import product

import pytest

from pixelater import Damaged, TooLarge, UnsupportedFormat, pixelate
from pixelater.decode import tiff_webp
from tests.rasters import DEFLATE, SHORT, WEBP, Pixel, Raster, make_raster
from tests.unit.test_tiff import SIZE, UNASSOCIATED, differ, look, make_levels

BLACK: list[list[Pixel]] = [[(0.0, 0.0, 0.0)] * 20] * 20


@pytest.mark.parametrize(
    ("order", "tiled", "extra"), [*product("<>", (False, True), ((), (UNASSOCIATED,)))]
)
def test_strips_and_tiles_are_read(order: str, tiled: bool, extra: tuple[int, ...]) -> None:
    rows = make_levels(3 + len(extra))
    if extra:
        rows = [[(*pixel[:3], 255) for pixel in row] for row in rows]
    raster = Raster(order=order, tiled=tiled, extra=extra, compression=WEBP)
    photo = make_raster([[tuple(map(float, pixel)) for pixel in row] for row in rows], raster)
    assert differ(look(photo, "RGBA" if extra else "RGB"), rows) == 0
    assert len(rows) == SIZE[1]


def test_transparency_is_read() -> None:
    rows: list[list[Pixel]] = [[(200.0, 100.0, 0.0, 128.0)] * 20] * 20
    photo = make_raster(rows, Raster(extra=(UNASSOCIATED,), compression=WEBP))
    assert set(look(photo, "RGBA")) == {(200, 100, 0, 128)}


@pytest.mark.parametrize("tiled", [False, True])
def test_segment_of_another_size_is_damage(tiled: bool) -> None:
    """It is not even opened, which would allocate its canvas."""
    height = ((323 if tiled else 278, SHORT, (16 if not tiled else 32,)),)
    photo = make_raster(BLACK, Raster(tiled=tiled, compression=WEBP, tags=height))
    with pytest.raises(Damaged, match="not a WebP image of"):
        pixelate(photo, [2])


def test_segment_of_another_format_is_damage() -> None:
    tags = ((259, SHORT, (WEBP,)),)
    with pytest.raises(Damaged, match="not a WebP image of 20 x 3 pixels"):
        pixelate(make_raster(BLACK, Raster(compression=DEFLATE, tags=tags)), [2])


@pytest.mark.parametrize("tags", [(258, (16, 16, 16)), (284, (2,)), (277, (5,))])
def test_other_samples_are_refused(tags: tuple[int, tuple[int, ...]]) -> None:
    tag, values = tags
    photo = make_raster(BLACK, Raster(compression=WEBP, tags=((tag, SHORT, values),)))
    with pytest.raises(UnsupportedFormat, match="samples are not 3 or 4 of 8 bits"):
        pixelate(photo, [2])


def test_too_many_segments_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiff_webp, "MAX_SEGMENTS", 3)
    with pytest.raises(TooLarge, match="it has more than 3 strips or tiles"):
        pixelate(make_raster(BLACK, Raster(compression=WEBP, tiled=True)), [2])
