"""Mosaics look as their photo does: what a file states about its colors is kept or applied.

The expected colors are those that Chromium 156 shows (tests/browser.py can open it).
"""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms

from pixelater import Style, pixelate
from pixelater.decode.code_points import PRIMARIES, CodePoints
from pixelater.decode.color_modes import convert_to_rgb
from pixelater.decode.colors import SRGB, Colors
from pixelater.decode.display_profiles import Curve, build_gray_profile, build_rgb_profile
from pixelater.decode.photo import Photo, open_photo
from pixelater.decode.profiles import clean_profile
from pixelater.decode.tone_mapping import tone_map
from pixelater.encode.encoder import write_mosaic
from pixelater.encode.formats import ENCODINGS
from pixelater.errors import UnsupportedFormat
from tests.boxes import add_properties, list_boxes, make_box
from tests.pictures import decode, encode, make_cmyk_profile, make_rgb_profile
from tests.pngs import chunk

Color = tuple[int, int, int]
Chunk = tuple[bytes, bytes]

BROWN = (128, 64, 32)
GRAY = 64

LINEAR = build_gray_profile(Curve(0, (1.0,)))
SWAPPED = make_rgb_profile(rXYZ=(0.3851, 0.7169, 0.0971), gXYZ=(0.4361, 0.2225, 0.0139))
"""sRGB with red and green exchanged."""

LINEAR_RGB = build_rgb_profile(PRIMARIES[1], Curve(0, (1.0,)))
P3 = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
SRGB_PRIMARIES = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
FLAT = (31270, 32900, 64000, 33000, 64000, 33000, 64000, 33000)
IN_RGB = ("png", "webp", "jpeg")
"""Formats of mosaics that carry profiles."""


def state(photo: Image.Image, *chunks: bytes) -> bytes:
    """Encode a PNG that has chunks after its header (section 5.6 of PNG)."""
    data = encode(photo)
    return data[:33] + b"".join(chunks) + data[33:]


def make_photo(color: Any = BROWN, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (32, 32), color)


def gamma(value: int) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", value))


def primaries(*values: int) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *values))


def points(*values: int) -> bytes:
    return chunk(b"cICP", bytes(values))


def embed(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"name\0\0" + zlib.compress(profile))


def show(data: bytes) -> Color:
    """Return the sRGB color of a picture of one color."""
    image = decode(data)
    profile = find_profile(data)
    plain = image if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK") else image.convert("RGB")
    color = convert_to_rgb(plain, profile).convert("RGB").getpixel((1, 1))
    assert isinstance(color, tuple)
    red, green, blue = map(round, color)
    return red, green, blue


def find_profile(data: bytes) -> bytes:
    """Return the profile in a mosaic; Pillow does not read that of JPEG 2000."""
    if data[4:8] == b"jP  ":
        header = dict(list_boxes(dict(list_boxes(data))[b"jp2h"]))
        return header[b"colr"][3:] if header[b"colr"][0] == 2 else b""
    profile = decode(data).info.get("icc_profile", b"")
    assert isinstance(profile, bytes)
    return profile


def assert_near(shown: Color, expected: Color, levels: int = 1) -> None:
    assert all(abs(a - b) <= levels for a, b in zip(shown, expected, strict=True)), shown


SRGB_CHUNK = chunk(b"sRGB", b"\0")
STATEMENTS: dict[str, tuple[list[bytes], Color]] = {
    "nothing": ([], BROWN),
    "gamma of 1": ([gamma(100_000)], (188, 137, 99)),
    "gamma of sRGB": ([gamma(45_455)], BROWN),
    "gamma of zero": ([gamma(0)], BROWN),
    "gamma beyond all profiles": ([gamma(3)], BROWN),
    "primaries only": ([primaries(*P3)], BROWN),
    "primaries and gamma": ([gamma(45_455), primaries(*P3)], (139, 57, 11)),
    "primaries of sRGB and gamma": ([gamma(45_455), primaries(*SRGB_PRIMARIES)], (129, 62, 26)),
    "primaries on a line and gamma": ([gamma(100_000), primaries(*FLAT)], (188, 137, 99)),
    "primaries and linear": ([gamma(100_000), primaries(*P3)], (197, 135, 93)),
    "sRGB before gamma": ([gamma(100_000), primaries(*P3), SRGB_CHUNK], BROWN),
    "profile before gamma": ([gamma(100_000), embed(SWAPPED)], (64, 128, 32)),
    "profile before sRGB": ([SRGB_CHUNK, embed(SWAPPED)], (64, 128, 32)),
    "invalid profile, gamma": ([embed(b"no profile"), gamma(100_000)], (188, 137, 99)),
    "gray profile": ([embed(LINEAR)], BROWN),
    "CMYK profile, gamma": ([embed(make_cmyk_profile()), gamma(100_000)], (188, 137, 99)),
    "profile with wrong checksum": ([chunk(b"iCCP", b"x\0\0", 1)], BROWN),
    "gamma with a wrong checksum": ([chunk(b"gAMA", b"\0\0\0\1", 1)], BROWN),
    "gamma twice": ([gamma(100_000), gamma(45_455)], (188, 137, 99)),
    "Display P3": ([points(12, 13, 0, 1)], (138, 59, 21)),
    "code points before profile": ([embed(SWAPPED), points(12, 13, 0, 1)], (138, 59, 21)),
    "sRGB before profile": ([embed(SWAPPED), points(1, 13, 0, 1)], BROWN),
    "unknown code points, profile": ([points(77, 13, 0, 1), embed(SWAPPED)], (64, 128, 32)),
    "unspecified code points, gamma": ([points(2, 2, 0, 1), gamma(100_000)], (188, 137, 99)),
    "code points of narrow range": ([points(12, 13, 0, 0)], BROWN),
    "code points with a matrix": ([points(12, 13, 1, 1)], BROWN),
    "short code points": ([points(12, 13)], BROWN),
    "short code points, profile": ([points(12, 13), embed(SWAPPED)], (64, 128, 32)),
    "gamma and short primaries": ([gamma(45_455), chunk(b"cHRM", bytes(8))], BROWN),
    "linear": ([points(1, 8, 0, 1)], (188, 137, 99)),
    "exponent of 2.2": ([points(1, 4, 0, 1)], (129, 62, 26)),
    "video": ([points(1, 1, 0, 1)], (121, 54, 20)),
    "video of ten bits": ([points(1, 14, 0, 1)], (121, 54, 20)),
}


@pytest.mark.parametrize("format", IN_RGB)
@pytest.mark.parametrize(("chunks", "expected"), STATEMENTS.values(), ids=STATEMENTS)
def test_png_looks_as_it_states(chunks: list[bytes], expected: Color, format: str) -> None:
    (mosaic,) = pixelate(state(make_photo(), *chunks), [2], Style(format, quality=100))
    assert_near(show(mosaic.data), expected, 2)


GRAY_STATEMENTS: dict[str, tuple[list[bytes], int]] = {
    "nothing": ([], GRAY),
    "gamma of 1": ([gamma(100_000)], 137),
    "gamma and primaries": ([gamma(100_000), primaries(*P3)], 137),
    "linear": ([points(1, 8, 0, 1)], 137),
    "sRGB": ([points(12, 13, 0, 1)], GRAY),
    "gray profile": ([embed(LINEAR)], 137),
    "profile for RGB": ([embed(LINEAR_RGB)], 137),
}


@pytest.mark.parametrize("format", IN_RGB)
@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
@pytest.mark.parametrize(("chunks", "expected"), GRAY_STATEMENTS.values(), ids=GRAY_STATEMENTS)
def test_gray_png_looks_as_it_states(
    chunks: list[bytes], expected: int, mode: str, format: str
) -> None:
    color = {"L": GRAY, "LA": (GRAY, 255), "I;16": GRAY * 257}[mode]
    photo = state(make_photo(color, mode), *chunks)
    (mosaic,) = pixelate(photo, [2], Style(format, quality=100))
    assert_near(show(mosaic.data), (expected,) * 3)


CARRYING = {"PNG", "JPEG", "TIFF", "WEBP", "AVIF", "JPEG2000"}
MEANINGS: dict[str, tuple[Image.Image, bytes, Color]] = {
    "RGB": (make_photo(), SWAPPED, (64, 128, 32)),
    "gray": (make_photo(GRAY, "L"), LINEAR, (137, 137, 137)),
    "gray with alpha": (make_photo((GRAY, 255), "LA"), LINEAR, (137, 137, 137)),
    "gray in RGB": (make_photo(GRAY, "L"), LINEAR_RGB, (137, 137, 137)),
    "opaque": (make_photo((*BROWN, 255), "RGBA"), SWAPPED, (64, 128, 32)),
}


@pytest.mark.parametrize("format", sorted({encoding.format for encoding in ENCODINGS.values()}))
@pytest.mark.parametrize(("image", "profile", "expected"), MEANINGS.values(), ids=MEANINGS)
def test_mosaic_of_each_format_looks_as_the_photo(
    image: Image.Image, profile: bytes, expected: Color, format: str
) -> None:
    """Where a format carries no profile, or none of that color space, cells are converted."""
    photo = Photo(image, 32, 32, "PNG", colors=Colors(profile))
    cells = image.resize((2, 2))
    data = write_mosaic([cells], photo, ENCODINGS[format], Style(quality=100))
    assert_near(show(data), expected, 3 if format == "AVIF" else 2)
    assert bool(find_profile(data)) <= (format in CARRYING)


def add_nclx(photo: bytes, primaries: int, transfer: int) -> bytes:
    nclx = struct.pack(">4s3HB", b"nclx", primaries, transfer, 6, 0x80)
    return add_properties(without_colors(photo), make_box(b"colr", nclx))


def without_colors(photo: bytes) -> bytes:
    """Rename the color information that Pillow writes."""
    return photo.replace(b"colrnclx", b"freenclx")


NCLX: dict[tuple[int, int], Color] = {
    (1, 13): BROWN,
    (12, 13): (138, 59, 21),
    (12, 2): (138, 59, 21),
    (2, 8): (188, 137, 99),
    (1, 1): BROWN,
    (9, 14): (154, 50, 20),
    (6, 6): (125, 65, 30),
    (99, 13): BROWN,
}


@pytest.mark.parametrize("format", ["png", "same"])
@pytest.mark.parametrize(("stated", "expected"), NCLX.items())
def test_avif_looks_as_its_code_points_state(
    stated: tuple[int, int], expected: Color, format: str
) -> None:
    avif = encode(make_photo(), "AVIF", quality=100, subsampling="4:4:4")
    (mosaic,) = pixelate(add_nclx(avif, *stated), [2], Style(format))
    assert_near(show(mosaic.data), expected, 4)


def test_profile_of_avif_comes_before_code_points() -> None:
    avif = encode(make_photo(), "AVIF", quality=100, subsampling="4:4:4", icc_profile=SWAPPED)
    (mosaic,) = pixelate(add_nclx(avif, 1, 8), [2], Style("png"))
    assert_near(show(mosaic.data), (64, 128, 32), 3)


@pytest.mark.parametrize(
    ("stated", "expected"), [((1, 13), BROWN), ((12, 13), (138, 59, 21)), ((1, 8), (188, 137, 99))]
)
def test_heic_looks_as_its_code_points_state(stated: tuple[int, int], expected: Color) -> None:
    from pillow_heif import from_pillow

    buffer = BytesIO()
    from_pillow(Image.new("RGB", (64, 64), BROWN)).save(
        buffer, quality=-1, color_primaries=stated[0], transfer_characteristics=stated[1]
    )
    (mosaic,) = pixelate(buffer.getvalue(), [2])
    assert_near(show(mosaic.data), expected, 2)


def specify(photo: Image.Image, *specifications: bytes) -> bytes:
    """Encode a JPEG 2000 file with other color specifications (T.800, section I.5.3.3)."""
    data = encode(photo, "JPEG2000")
    start = data.index(b"jp2h") - 4
    header = data[start + 8 : start + int.from_bytes(data[start : start + 4])]
    kept = [make_box(name, content) for name, content in list_boxes(header) if name != b"colr"]
    added = [make_box(b"colr", specification) for specification in specifications]
    end = start + 8 + len(header)
    return data[:start] + make_box(b"jp2h", *kept, *added) + data[end:]


JPEG_2000: dict[str, tuple[list[bytes], Color]] = {
    "sRGB": ([b"\1\0\0\0\0\0\x10"], BROWN),
    "ROMM RGB": ([b"\1\0\0\0\0\0\x15"], (191, 53, 29)),
    "restricted profile": ([b"\2\0\0" + SWAPPED], (64, 128, 32)),
    "any profile": ([b"\3\0\0" + SWAPPED], (64, 128, 32)),
    "invalid profile": ([b"\2\0\0" + b"profile"], BROWN),
    "gray profile, then another": ([b"\2\0\0" + LINEAR, b"\2\0\0" + SWAPPED], (64, 128, 32)),
    "profile, then sRGB": ([b"\2\0\0" + SWAPPED, b"\1\0\0\0\0\0\x10"], (64, 128, 32)),
    "Lab, then sRGB": ([b"\1\0\0\0\0\0\x0e", b"\1\0\0\0\0\0\x10"], BROWN),
    "code points": ([b"\5\0\0" + struct.pack(">3HB", 12, 13, 0, 0x80)], (138, 59, 21)),
}


@pytest.mark.parametrize("format", ["same", "png"])
@pytest.mark.parametrize(("specifications", "expected"), JPEG_2000.values(), ids=JPEG_2000)
def test_jpeg_2000_looks_as_it_states(
    specifications: list[bytes], expected: Color, format: str
) -> None:
    (mosaic,) = pixelate(specify(make_photo(), *specifications), [2], Style(format))
    assert_near(show(mosaic.data), expected)


def test_jpeg_2000_in_another_color_space_is_refused() -> None:
    with pytest.raises(UnsupportedFormat, match="a JPEG 2000 image in Lab colors"):
        pixelate(specify(make_photo(), b"\1\0\0\0\0\0\x0e"))


def test_jpeg_2000_keeps_profile_without_tables() -> None:
    (mosaic,) = pixelate(specify(make_photo(), b"\2\0\0" + SWAPPED), [2])
    assert find_profile(mosaic.data) == SWAPPED


def embed_in_bmp(photo: Image.Image, profile: bytes, color_space: bytes) -> bytes:
    """Encode a BMP with a BITMAPV5HEADER, which says where a profile is."""
    old = encode(photo, "BMP")
    pixels = old[54:]
    header = struct.pack("<I", 124) + old[18:54] + bytes(16) + color_space + bytes(48)
    header += struct.pack("<4I", 4, 124 + len(pixels), len(profile), 0)
    start = struct.pack("<2sI4xI", b"BM", 138 + len(pixels) + len(profile), 138)
    return start + header + pixels + profile


@pytest.mark.parametrize(
    ("color_space", "expected"), [(b"DEBM", (64, 128, 32)), (b"BGRs", BROWN), (bytes(4), BROWN)]
)
def test_profile_in_bmp_is_applied(color_space: bytes, expected: Color) -> None:
    (mosaic,) = pixelate(embed_in_bmp(make_photo(), SWAPPED, color_space), [2])
    assert mosaic.format == "BMP"
    assert_near(show(mosaic.data), expected)


@pytest.mark.parametrize(
    "exif",
    [{0xA001: 2}, {0xA001: 0xFFFF, 0xA005: {1: "R03"}}],
    ids=["ColorSpace", "InteroperabilityIndex"],
)
def test_color_space_in_exif_is_ignored(exif: dict[int, Any]) -> None:
    """Chromium does the same."""
    metadata = Image.Exif()
    metadata[0x8769] = exif
    photo = encode(make_photo(), "JPEG", quality=100, exif=metadata)
    assert open_photo(photo, 2).colors == SRGB


def test_lab_photo_is_converted_once() -> None:
    """Its values are no longer those of the profile that was embedded."""
    lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    ).apply(make_photo())
    photo = encode(lab, "TIFF", icc_profile=SWAPPED)
    (mosaic,) = pixelate(photo, [2])
    assert_near(show(mosaic.data), BROWN, 2)


def test_frames_of_gray_with_and_without_alpha_keep_their_profile() -> None:
    photo = Photo(make_photo(GRAY, "L"), 32, 32, "PNG", colors=Colors(LINEAR))
    frames = [make_photo(GRAY, "L").resize((2, 2)), make_photo((GRAY, 255), "LA").resize((2, 2))]
    data = write_mosaic(frames, photo, ENCODINGS["PNG"], Style(), [100, 100])
    assert_near(show(data), (137, 137, 137))


@pytest.mark.parametrize(
    "profile",
    [build_rgb_profile(PRIMARIES[12], Curve(0, (2.2,))), LINEAR],
    ids=["RGB", "gray"],
)
def test_built_profile_is_valid(profile: bytes) -> None:
    assert clean_profile(profile) == profile


PQ, HLG = 16, 18
HIGH_RANGE: dict[str, tuple[CodePoints, Color, Color]] = {
    "black": (CodePoints(9, PQ), (0, 0, 0), (0, 0, 0)),
    "10 cd/m2": (CodePoints(9, PQ), (76, 76, 76), (43, 43, 43)),
    "50 cd/m2": (CodePoints(9, PQ), (112, 112, 112), (98, 98, 98)),
    "diffuse white": (CodePoints(9, PQ), (148, 148, 148), (187, 187, 187)),
    "400 cd/m2": (CodePoints(9, PQ), (166, 166, 166), (223, 223, 223)),
    "1000 cd/m2": (CodePoints(9, PQ), (192, 192, 192), (255, 255, 255)),
    "10,000 cd/m2": (CodePoints(9, PQ), (255, 255, 255), (255, 255, 255)),
    "color": (CodePoints(1, PQ), (148, 120, 100), (187, 114, 77)),
    "color of BT.2020": (CodePoints(9, PQ), (148, 120, 100), (221, 100, 67)),
    "narrow range": (CodePoints(9, PQ, False), (143, 143, 143), (187, 187, 187)),
    "HLG black": (CodePoints(9, HLG), (0, 0, 0), (0, 0, 0)),
    "HLG middle": (CodePoints(9, HLG), (128, 128, 128), (99, 99, 99)),
    "HLG white": (CodePoints(9, HLG), (191, 191, 191), (187, 187, 187)),
    "HLG peak": (CodePoints(9, HLG), (255, 255, 255), (255, 255, 255)),
}
"""Diffuse white is 203 cd/m2, which is 148 in PQ and 191 in HLG (BT.2408, table 1)."""


@pytest.mark.parametrize(("meaning", "color", "expected"), HIGH_RANGE.values(), ids=HIGH_RANGE)
def test_high_range_is_mapped_to_srgb(meaning: CodePoints, color: Color, expected: Color) -> None:
    assert tone_map(make_photo(color), meaning).getpixel((0, 0)) == expected


@pytest.mark.parametrize(
    ("mode", "color", "expected"), [("L", 148, 187), ("LA", (148, 77), (187, 77))]
)
def test_gray_of_high_range_stays_gray(mode: str, color: Any, expected: Any) -> None:
    assert tone_map(make_photo(color, mode), CodePoints(9, PQ)).getpixel((0, 0)) == expected


def state_in_profile(primaries: int, transfer: int) -> bytes:
    """Make a profile that states code points, too (ICC.1:2022, section 9.2.17)."""
    profile = make_rgb_profile()
    count = int.from_bytes(profile[128:132])
    tags = bytearray(profile[132 : 132 + 12 * count])
    for at in range(4, len(tags), 12):
        tags[at : at + 4] = (int.from_bytes(tags[at : at + 4]) + 12).to_bytes(4)
    element = b"cicp\0\0\0\0" + bytes((primaries, transfer, 0, 1))
    tags += struct.pack(">4sII", b"cicp", len(profile) + 12, len(element))
    body = profile[132 + 12 * count :]
    grown = profile[4:128] + (count + 1).to_bytes(4) + bytes(tags) + body + element
    return (len(grown) + 4).to_bytes(4) + grown


WHITE = (148, 148, 148)
HIGH_RANGE_PHOTOS: dict[str, bytes] = {
    "PNG": state(make_photo(WHITE), points(9, PQ, 0, 1)),
    "gray PNG": state(make_photo(WHITE[0], "L"), points(9, PQ, 0, 1)),
    "AVIF": add_nclx(encode(make_photo(WHITE), "AVIF", quality=100, subsampling="4:4:4"), 9, PQ),
    "JPEG 2000": specify(make_photo(WHITE), b"\5\0\0" + struct.pack(">3HB", 9, PQ, 0, 0x80)),
    "profile": encode(make_photo(WHITE), icc_profile=state_in_profile(9, PQ)),
}


@pytest.mark.parametrize("format", ["same", "png", "webp", "jpeg"])
@pytest.mark.parametrize("photo", HIGH_RANGE_PHOTOS.values(), ids=HIGH_RANGE_PHOTOS)
def test_photo_of_high_range_becomes_srgb(photo: bytes, format: str) -> None:
    (mosaic,) = pixelate(photo, [2], Style(format, quality=100))
    assert_near(show(mosaic.data), (187, 187, 187), 3)
    assert not find_profile(mosaic.data)
