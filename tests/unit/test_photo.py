"""Opening and writing: every mode and turn, no metadata but the profile, a typed error else."""

from __future__ import annotations

import struct

import pytest
from PIL import Image, ImageChops, ImageCms

from pixelater import Damaged, NotAPicture, TooLarge, Truncated, pixelate
from pixelater.averaging import average
from pixelater.decode.photo import Photo
from pixelater.encode.encoder import choose_encodings, fit_cells
from pixelater.encode.formats import PNG
from pixelater.grid import find_edges
from pixelater.style import Style
from tests.pictures import decode, encode, make_noise, make_scene, pixels

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GREY_PROFILE = SRGB[:16] + b"GRAY" + SRGB[20:]

BACK_TO_STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_photo_is_turned_upright(format: str, orientation: int) -> None:
    scene = make_scene()
    turn = BACK_TO_STORED[orientation]
    stored = scene.transpose(turn) if turn is not None else scene
    exif = Image.Exif()
    exif[0x0112] = orientation
    settings: dict[str, object] = {"lossless": True} if format == "WEBP" else {}
    settings |= {"quality": 95, "subsampling": "4:4:4"} if format == "JPEG" else {}
    style = Style("png" if format == "JPEG" else "same")
    (upright,) = pixelate(encode(scene, format, **settings), [8], style)
    (turned,) = pixelate(encode(stored, format, exif=exif, **settings), [8], style)
    difference = _differ(pixels(upright).convert("RGB"), pixels(turned).convert("RGB"))
    assert difference <= (4 if format == "JPEG" else 1)


@pytest.mark.parametrize(
    ("photo", "mode", "colour"),
    [
        (Image.new("1", (9, 9), 1), "L", 255),
        (Image.new("L", (9, 9), 77), "L", 77),
        (Image.new("LA", (9, 9), (77, 128)), "LA", (77, 128)),
        (Image.new("P", (9, 9), 0), "RGB", (0, 0, 0)),
        (Image.new("RGB", (9, 9), (1, 2, 3)), "RGB", (1, 2, 3)),
        (Image.new("RGBA", (9, 9), (1, 2, 3, 200)), "RGBA", (1, 2, 3, 200)),
        (Image.new("I;16", (9, 9), 40_000), "L", 156),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else "",
)
def test_png_modes_are_averaged(photo: Image.Image, mode: str, colour: object) -> None:
    mosaic = pixels(pixelate(encode(photo), [4])[0])
    transparent = "A" in mode
    assert mosaic.has_transparency_data is transparent
    assert mosaic.convert(mode).getpixel((4, 4)) == colour


@pytest.mark.parametrize(
    ("photo", "mode", "colour"),
    [
        (Image.new("CMYK", (9, 9), (10, 20, 30, 40)), "CMYK", (10, 20, 30, 40)),
        (Image.new("YCbCr", (9, 9), (100, 128, 128)), "RGB", (100, 100, 100)),
        (Image.new("LAB", (9, 9), (0, 128, 128)), "RGB", (1, 0, 1)),  # black, as lcms2 rounds it
        (Image.new("RGBX", (9, 9), (1, 2, 3, 77)), "RGB", (1, 2, 3)),  # its fourth is no alpha
        (Image.new("PA", (9, 9), (0, 128)), "RGBA", (0, 0, 0, 128)),
        (Image.new("F", (9, 9), 0.5), "L", 128),
        (Image.new("F", (9, 9), 100.0), "L", 100),
        (Image.new("I", (9, 9), 40_000), "L", 156),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else "",
)
def test_tiff_modes_are_averaged(photo: Image.Image, mode: str, colour: object) -> None:
    mosaic = pixels(pixelate(encode(photo, "TIFF"), [4])[0])
    assert (mosaic.mode, mosaic.getpixel((4, 4))) == (mode, colour)


def test_deep_image_of_unknown_range_is_stretched() -> None:
    photo = Image.new("I", (2, 1), -1_000)
    photo.putpixel((1, 0), 1_000_000)
    mosaic = pixels(pixelate(encode(photo, "TIFF"), [2])[0])
    assert mosaic.get_flattened_data() == (0, 255)


def test_palette_and_single_bits_are_averaged() -> None:
    board = Image.new("1", (2, 2), 0)
    board.putpixel((0, 0), 1)
    board.putpixel((1, 1), 1)
    for photo in (board, board.convert("P")):
        value = pixels(pixelate(encode(photo), [1])[0]).convert("L").getpixel((0, 0))
        assert value == 128


def test_transparent_color_of_palette_stays_transparent() -> None:
    photo = Image.new("P", (4, 4), 1)
    photo.putpalette([0, 0, 0, 250, 10, 10])
    photo.paste(0, (0, 0, 2, 4))
    mosaic = pixels(pixelate(encode(photo, transparency=0), [2])[0]).convert("RGBA")
    assert (mosaic.getpixel((0, 0)), mosaic.getpixel((3, 3))) == ((0, 0, 0, 0), (250, 10, 10, 255))


@pytest.mark.parametrize(
    ("format", "settings", "written", "mode"),
    [
        ("JPEG", {}, "JPEG", "RGB"),
        ("PNG", {}, "PNG", "P"),
        ("WEBP", {}, "WEBP", "RGB"),
        ("GIF", {}, "GIF", "P"),
        ("TIFF", {}, "TIFF", "RGB"),
        ("BMP", {}, "BMP", "RGB"),
        ("PPM", {}, "PPM", "RGB"),
        ("TGA", {}, "TGA", "RGB"),
        ("JPEG2000", {}, "JPEG2000", "RGB"),
        ("AVIF", {}, "AVIF", "RGB"),
        ("SGI", {}, "PNG", "P"),
        ("QOI", {}, "PNG", "P"),
        ("MPO", {"save_all": True, "append_images": [make_noise("RGB", (9, 9))]}, "JPEG", "RGB"),
    ],
)
def test_format_is_kept_or_png(
    format: str, settings: dict[str, object], written: str, mode: str
) -> None:
    photo = encode(make_scene(), format, **settings)
    (made,) = pixelate(photo, [8])
    mosaic = pixels(made)
    assert (made.format, mosaic.format, mosaic.mode) == (written, written, mode)
    decoded = decode(photo).convert("RGB")
    expected = pixels(pixelate(encode(decoded), [8])[0]).convert("RGB")
    if written in ("JPEG", "AVIF"):
        edges = find_edges(expected.width, 8), find_edges(expected.height, 8)
        expected, mosaic = (average(one.convert("RGB"), [edges])[0] for one in (expected, mosaic))
    assert _differ(mosaic.convert("RGB"), expected) <= (12 if written in ("JPEG", "AVIF") else 0)


def test_image_too_wide_for_webp_becomes_png() -> None:
    photo = Photo(Image.new("L", (16_384, 1)), 16_384, 1, "WEBP")
    assert choose_encodings(photo, Style()) == (PNG,)


@pytest.mark.parametrize("side", [8, 9])
def test_gif_keeps_transparency(side: int) -> None:
    photo = Image.new("RGBA", (side, side), (200, 30, 30, 255))
    photo.paste((0, 0, 0, 0), (0, 0, side // 2, side))
    mosaic = pixels(pixelate(encode(photo, "GIF"), [2])[0]).convert("RGBA")
    assert mosaic.getchannel("A").getpixel((0, 0)) == 0
    assert mosaic.getpixel((side - 1, side - 1)) == (200, 30, 30, 255)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_color_profile_is_kept(format: str) -> None:
    (made,) = pixelate(encode(make_scene(), format, icc_profile=SRGB), [8])
    assert pixels(made).info["icc_profile"] == SRGB


def test_profile_of_another_color_space_is_dropped() -> None:
    (made,) = pixelate(encode(make_scene(), icc_profile=GREY_PROFILE), [8])
    assert "icc_profile" not in pixels(made).info


def test_pixel_limit_is_checked_before_decoding() -> None:
    header_only = encode(Image.new("1", (3000, 3000)))[:60]
    with pytest.raises(
        TooLarge, match="3000 x 3000 are 9,000,000 pixels, more than the limit of 1,000,000"
    ):
        pixelate(header_only, max_pixels=1_000_000)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"])
def test_photo_cut_off_is_truncated_or_damaged(format: str) -> None:
    whole = encode(make_noise("RGB", (200, 150)), format)
    with pytest.raises((Truncated, Damaged)):
        pixelate(whole[: len(whole) // 2])


def test_truncated_jpeg_is_truncated() -> None:
    whole = encode(make_noise("RGB", (200, 150)), "JPEG")
    with pytest.raises(Truncated, match="the image is truncated"):
        pixelate(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"Dear diary, today I renamed a text to x.jpg.\n" * 50, "a text file, not an image"),
        (
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n",
            "an EPS drawing, which is not supported",
        ),
    ],
    ids=["empty", "text", "EPS, which would start Ghostscript"],
)
def test_data_of_no_image_format_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(NotAPicture, match=reason):
        pixelate(data)


def test_damaged_exif_is_ignored() -> None:
    photo = encode(make_scene(), "JPEG", exif=b"Exif\0\0" + b"MM\0*" + struct.pack(">L", 10**9))
    assert pixelate(photo, [8])[0].width == 120


def test_values_that_are_not_numbers_are_damage() -> None:
    photo = Image.new("F", (4, 4), float("inf"))
    with pytest.raises(Damaged, match="not all numbers"):
        pixelate(encode(photo, "TIFF"))


def test_cmyk_written_as_png_becomes_rgb() -> None:
    cells = Image.new("CMYK", (2, 2), (255, 0, 0, 0))
    fitted, _ = fit_cells(cells, Photo(cells, 2, 2, "PSD"), PNG, Style())
    assert fitted.getpixel((0, 0)) == (0, 255, 255)


def _differ(one: Image.Image, other: Image.Image) -> int:
    return _highest(ImageChops.difference(one, other))


def _highest(image: Image.Image) -> int:
    return max(max(band.tobytes()) for band in image.split())
