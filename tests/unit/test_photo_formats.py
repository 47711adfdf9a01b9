"""The kinds of photo within a format: samplings, progressive, interlaced, inks, profiles, HEIC."""

from __future__ import annotations

import struct
import sys
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageCms

from pixelater import Damaged, MissingDecoder, NotAPicture, Style, Truncated, pixelate
from pixelater.mosaic import Mosaic
from tests.odd_photos import make_photoshop
from tests.pictures import (
    decode,
    encode,
    encode_interlaced,
    make_cmyk_profile,
    make_noise,
    make_rgb_profile,
    make_scene,
    pixels,
)

SRGB = ImageCms.createProfile("sRGB")
DISPLAY_P3 = make_rgb_profile(
    rXYZ=(0.5151, 0.2412, -0.0011), gXYZ=(0.2920, 0.6922, 0.0419), bXYZ=(0.1571, 0.0666, 0.7841)
)
ADOBE_RGB = make_rgb_profile(
    rXYZ=(0.6097, 0.3111, 0.0195), gXYZ=(0.2053, 0.6257, 0.0609), bXYZ=(0.1492, 0.0632, 0.7446)
)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
def test_jpeg_of_every_kind_is_averaged_as_decoded(
    mode: str, progressive: bool, subsampling: str
) -> None:
    settings: dict[str, Any] = {"progressive": progressive}
    if mode == "RGB":
        settings["subsampling"] = subsampling
    photo = encode(make_scene().convert(mode), "JPEG", **settings)
    in_jpeg, in_png = pixelate_as_png(photo), pixelate_as_png(encode(decode(photo)))
    assert in_jpeg.data == in_png.data


def test_interlaced_png_is_read() -> None:
    scene = make_scene((61, 45))
    photo = encode_interlaced(scene)
    assert decode(photo).info["interlace"] == 1
    assert pixelate(photo, [8])[0].data == pixelate(encode(scene), [8])[0].data


def test_inverted_inks_of_adobe_jpeg_are_kept() -> None:
    photo = encode(Image.new("CMYK", (40, 40), (10, 20, 30, 40)), "JPEG", quality=95)
    assert b"Adobe" in photo
    mosaic = pixels(pixelate(photo, [8])[0])
    assert (mosaic.format, mosaic.mode, mosaic.getpixel((20, 20))) == (
        "JPEG",
        "CMYK",
        (10, 20, 30, 40),
    )


@pytest.mark.parametrize("inks", [(255, 0, 0, 0), (0, 255, 0, 0), (0, 0, 255, 0), (0, 0, 0, 255)])
def test_cmyk_becomes_rgb_through_its_profile(inks: tuple[int, int, int, int]) -> None:
    profile = make_cmyk_profile()
    photo = Image.new("CMYK", (40, 40), inks)
    (made,) = pixelate(encode(photo, "TIFF", icc_profile=profile), [8], Style("png"))
    expected = ImageCms.profileToProfile(
        photo, ImageCms.ImageCmsProfile(BytesIO(profile)), SRGB, outputMode="RGB"
    )
    assert expected is not None
    assert expected.getpixel((0, 0)) != photo.convert("RGB").getpixel((0, 0))
    mosaic = pixels(made)
    assert mosaic.convert("RGB").getpixel((0, 0)) == expected.getpixel((0, 0))
    assert "icc_profile" not in mosaic.info


def test_cmyk_written_as_cmyk_keeps_its_profile() -> None:
    profile = make_cmyk_profile()
    photo = Image.new("CMYK", (40, 40), (90, 80, 70, 60))
    mosaic = pixels(pixelate(encode(photo, "JPEG", icc_profile=profile), [8])[0])
    assert (mosaic.mode, mosaic.info["icc_profile"]) == ("CMYK", profile)


@pytest.mark.parametrize("profile", [DISPLAY_P3, ADOBE_RGB], ids=["Display P3", "Adobe RGB"])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_wide_gamut_photo_keeps_its_colors(format: str, profile: bytes) -> None:
    settings = {"icc_profile": profile} | ({"lossless": True} if format == "WEBP" else {})
    photo = encode(Image.new("RGB", (64, 64), (30, 220, 60)), format, **settings)
    before, after = (show_as_srgb(one) for one in (decode(photo), pixels(pixelate(photo, [8])[0])))
    assert ImageChops.difference(before, decode(photo).convert("RGB")).getbbox() is not None
    levels = ImageChops.difference(before, after).tobytes()
    assert max(levels) <= (3 if format in ("JPEG", "AVIF") else 0)


@pytest.mark.parametrize("style", ["same", "png"])
def test_heic_becomes_png(style: str) -> None:
    scene = make_scene()
    (made,) = pixelate(encode_heic(scene), [8], Style(style))
    assert (made.format, made.width, made.height) == ("PNG", 120, 90)
    expected = pixels(pixelate(encode(scene), [8])[0]).convert("RGB")
    levels = ImageChops.difference(pixels(made).convert("RGB"), expected).tobytes()
    assert sum(levels) / len(levels) < 2


def test_first_of_several_heic_images_is_taken() -> None:
    (made,) = pixelate(encode_heic(make_scene(), make_noise("RGB", (40, 30))), [8])
    assert made.warnings == ("only the first image of several was pixelated",)
    assert getattr(pixels(made), "n_frames", 1) == 1


def test_heic_without_decoder_names_the_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo = encode_heic(make_scene())
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.delitem(Image.OPEN, "HEIF", raising=False)
    monkeypatch.setattr(Image, "ID", [name for name in Image.ID if name != "HEIF"])
    with pytest.raises(MissingDecoder, match="pillow-heif, is not installed"):
        pixelate(photo)


def test_iptc_file_is_not_a_picture() -> None:
    """Pillow would open whatever is inside it: a PNG here, or EPS."""
    image = encode(make_scene((9, 9)))
    fields = [
        (3, 60, b"\1\0"),
        (3, 20, b"\0\x09"),
        (3, 30, b"\0\x09"),
        (3, 120, b"\1"),
        (8, 10, image),
    ]
    photo = b"".join(
        b"\x1c" + bytes([record, tag]) + struct.pack(">H", len(data)) + data
        for record, tag, data in fields
    )
    Image.init()
    with Image.open(BytesIO(photo)) as readable:
        assert readable.format == "IPTC"
    with pytest.raises(NotAPicture):
        pixelate(photo)


@pytest.mark.parametrize("part", [1, 4, 10, 16, 19])
def test_heic_cut_off_is_a_picture_error(part: int) -> None:
    photo = encode_heic(make_noise("RGB", (120, 90)))
    with pytest.raises((Damaged, Truncated, NotAPicture)):
        pixelate(photo[: len(photo) * part // 20])


@pytest.mark.parametrize("style", ["same", "png", "webp"])
def test_tiff_pages_do_not_become_an_animation(style: str) -> None:
    pages = [make_noise("RGB", (30, 20), seed) for seed in range(3)]
    photo = encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    (made,) = pixelate(photo, [4], Style(style))
    assert made.warnings == ("only the first image of several was pixelated",)
    assert getattr(pixels(made), "n_frames", 1) == 1


def test_transparent_value_of_deep_png_stays_transparent() -> None:
    row = struct.pack("<8H", *[1000] * 4, *[40_000] * 4)
    photo = Image.frombytes("I;16", (8, 8), row * 8)
    mosaic = pixels(pixelate(encode(photo, transparency=1000), [2])[0]).convert("LA")
    assert (mosaic.getpixel((0, 0)), mosaic.getpixel((7, 7))) == ((0, 0), (156, 255))


def test_transparent_bmp_becomes_png() -> None:
    photo = Image.new("RGBA", (8, 8), (200, 30, 30, 255))
    photo.paste((0, 0, 0, 0), (0, 0, 4, 8))
    header = struct.pack("<IiiHHIIiiII", 108, 8, -8, 1, 32, 3, 256, 0, 0, 0, 0)
    header += struct.pack("<IIII", 0xFF, 0xFF00, 0xFF0000, 0xFF000000) + bytes(52)
    data = b"BM" + struct.pack("<IHHI", 14 + 108 + 256, 0, 0, 122) + header + photo.tobytes()
    assert decode(data).mode == "RGBA"
    (made,) = pixelate(data, [2])
    mosaic = pixels(made).convert("RGBA")
    assert made.format == "PNG"
    assert (mosaic.getpixel((0, 0)), mosaic.getpixel((7, 7))) == ((0, 0, 0, 0), (200, 30, 30, 255))


def pixelate_as_png(photo: bytes) -> Mosaic:
    return pixelate(photo, [8], Style("png"), exact=True)[0]


def show_as_srgb(image: Image.Image) -> Image.Image:
    profile = ImageCms.ImageCmsProfile(BytesIO(image.info["icc_profile"]))
    shown = ImageCms.profileToProfile(image.convert("RGB"), profile, SRGB, outputMode="RGB")
    assert shown is not None
    return shown


def encode_heic(image: Image.Image, *others: Image.Image) -> bytes:
    from pillow_heif import from_pillow

    heif = from_pillow(image)
    for other in others:
        heif.add_from_pillow(other)
    buffer = BytesIO()
    heif.save(buffer, quality=90)
    return buffer.getvalue()


def test_set_bits_of_xbm_are_black() -> None:
    """As X draws them, and ImageMagick and ffmpeg read them."""
    photo = b"#define a_width 8\n#define a_height 1\nstatic char a_bits[] = {\n0x01\n};\n"
    (mosaic,) = pixelate(photo, [8])
    assert list(pixels(mosaic).get_flattened_data()) == [0, *[255] * 7]


@pytest.mark.parametrize("most", [256, 1023, 4095, 65535])
def test_deep_ppm_is_averaged_at_full_depth(most: int) -> None:
    """The low byte of half of the pixels alone lifts the mean above one half."""
    values = [most // 8, most // 8 + most // 255]
    pixels_ = b"".join(struct.pack(">3H", value, value, value) * 4 for value in values)
    photo = b"P6\n4 2\n%d\n" % most + pixels_
    mosaic = pixels(pixelate(photo, [1], Style("png"))[0]).convert("RGB")
    level = round(sum(values) / 2 * 255 / most)
    assert mosaic.getpixel((0, 0)) == (level,) * 3
    with pytest.raises(Truncated):
        pixelate(photo[:-1], [1])


@pytest.mark.parametrize("top_down", [False, True])
@pytest.mark.parametrize(
    ("bits", "masks"),
    [
        (16, (0xF800, 0x7E0, 0x1F)),
        (16, (0x1F, 0x7E0, 0xF800)),
        (16, (0xF00, 0xF0, 0xF)),
        (16, (0x7C00, 0x3E0, 0x1F, 0x8000)),
        (16, (0xF000, 0xF00, 0xF0, 0xF)),
        (32, (0x3FF00000, 0xFFC00, 0x3FF)),
        (32, (0x3FF00000, 0xFFC00, 0x3FF, 0xC0000000)),
        (32, (0xF8000000, 0x3F0000, 0x1F, 0xFE0)),
    ],
)
def test_bmp_of_any_bit_fields_is_read(bits: int, masks: tuple[int, ...], top_down: bool) -> None:
    def store(*levels: int) -> bytes:
        value = 0
        for level, mask in zip(levels, masks, strict=False):
            lowest = mask & -mask
            value |= round(level * (mask // lowest) / 255) * lowest
        return value.to_bytes(bits // 8, "little")

    rows = [store(255, 0, 0, 255) * 6, store(0, 255, 255, 255) * 3 + store(9, 9, 9, 0) * 3]
    data = b"".join(rows if top_down else rows[::-1])
    header = struct.pack("<IiiHHIIiiII", 108, 6, -2 if top_down else 2, 1, bits, 3, 0, 0, 0, 0, 0)
    header += struct.pack(f"<{len(masks)}I", *masks)
    photo = b"BM" + struct.pack("<IHHI", 0, 0, 0, 122) + header.ljust(108, b"\0") + data
    mosaic = pixels(pixelate(photo, [6], Style("png"))[0]).convert("RGBA")
    found = [mosaic.getpixel(place) for place in ((0, 0), (0, 1), (5, 1))]
    last = (0, 0, 0, 0) if len(masks) > 3 else (pytest.approx(9, abs=8),) * 3 + (255,)
    assert found == [(255, 0, 0, 255), (0, 255, 255, 255), last]
    with pytest.raises(Truncated):
        pixelate(photo[:-1], [1])


@pytest.mark.parametrize("bits", [1, 4, 8])
@pytest.mark.parametrize("colors", [17, 257, 300, 70_000])
@pytest.mark.parametrize("names_start", [False, True])
def test_bmp_palette_may_be_longer_than_pixels_use(
    bits: int, colors: int, names_start: bool
) -> None:
    """The colors of indices 0 and 1 are red and blue (BMP Suite, pal8oversizepal.bmp)."""
    palette = (b"\0\0\xff\0\xff\0\0\0" + bytes(4 * colors))[: 4 * colors]
    rows = {1: b"\x50\0\0\0", 4: b"\x01\x01\0\0", 8: b"\0\1\0\1"}[bits] * 2
    header = struct.pack("<IiiHHIIiiII", 40, 4, 2, 1, bits, 0, 0, 0, 0, colors, 0)
    start = 54 + len(palette) if names_start else 0
    photo = b"BM" + struct.pack("<IHHI", 0, 0, 0, start) + header + palette + rows
    mosaic = pixels(pixelate(photo, [4], Style("png"))[0]).convert("RGB")
    found = [mosaic.getpixel((x, 1)) for x in range(4)]
    assert found == [(255, 0, 0), (0, 0, 255)] * 2


@pytest.mark.parametrize("packs", [False, True])
def test_bitmap_of_photoshop_has_black_ink(packs: bool) -> None:
    bitmap = Image.new("1", (12, 4))
    bitmap.paste(1, (0, 0, 6, 4))
    mosaic = pixels(pixelate(make_photoshop(bitmap, packs), [2], Style("png"))[0]).convert("L")
    assert [mosaic.getpixel(place) for place in ((0, 0), (11, 3))] == [255, 0]


def test_bmp_with_masks_of_alpha_behind_the_header_is_read() -> None:
    """Compression 6 (BI_ALPHABITFIELDS): four masks follow the header."""
    header = struct.pack("<IiiHHIIiiII", 40, 2, 1, 1, 32, 6, 0, 0, 0, 0, 0)
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    photo = b"BM" + struct.pack("<IHHI", 0, 0, 0, 70) + header + masks
    mosaic = pixels(pixelate(photo + bytes([30, 20, 10, 255, 0, 0, 0, 0]), [2])[0]).convert("RGBA")
    assert [mosaic.getpixel((x, 0)) for x in range(2)] == [(10, 20, 30, 255), (0, 0, 0, 0)]


@pytest.mark.parametrize(("size", "alpha"), [(40, 255), (56, 255), (108, 128), (124, 128)])
def test_bmp_without_compression_has_alpha_from_version_4_on(size: int, alpha: int) -> None:
    """As in Chromium, if the header has a mask of alpha."""
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", size, 1, 1, 1, 32, 0, 0, 0, 0, 0, 0) + masks
    header = header[:size].ljust(size, b"\0")
    photo = b"BM" + struct.pack("<IHHI", 0, 0, 0, 14 + size) + header + bytes([30, 20, 10, 128])
    mosaic = pixels(pixelate(photo, [1], Style("png"))[0]).convert("RGBA")
    assert mosaic.getpixel((0, 0)) == (10, 20, 30, alpha)
