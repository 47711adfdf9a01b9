"""Nothing of the photo goes out but its cells and its colour profile.

Photos are made that carry a secret in every place their format has for one. The mosaics are then
taken apart: what they consist of is compared with what a mosaic needs, so even what is compressed,
or unheard of, could not go out unseen.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO

import pytest
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from pixelater import Style, pixelate
from tests.pictures import decode, encode, make_noise, make_scene

SECRET = b"51.4779 N, secret"
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
THUMBNAIL = encode(make_noise("RGB", (64, 48), 7), "JPEG")

ALLOWED: dict[str, set[str | int]] = {
    "JPEG": {"SOI", "APP0 JFIF", "APP2 ICC_PROFILE", "DQT", "SOF", "DHT", "DRI", "SOS", "EOI"},
    "PNG": {"IHDR", "iCCP", "PLTE", "tRNS", "acTL", "fcTL", "IDAT", "fdAT", "IEND"},
    "WEBP": {"VP8X", "ICCP", "ANIM", "ANMF", "VP8L"},
    "GIF": {"NETSCAPE2.0", "control", "picture"},
    "TIFF": {256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 317, 34675},
    "AVIF": {"av01", "Exif: none"},
}
"""What mosaics may consist of. TIFF: the tags of a plain picture, and the profile."""


def make_exif() -> Image.Exif:
    """Make EXIF data with a description, a position, a maker's note, and a thumbnail."""
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = SECRET.decode()
    exif[ExifTags.Base.Artist] = SECRET.decode()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSDateStamp] = SECRET.decode()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = SECRET
    return exif


def make_jpeg() -> bytes:
    """Make a JPEG with all of it: EXIF with a thumbnail, XMP, IPTC, JFXX, a comment, more after."""
    exif = b"Exif\0\0" + _exif_with_thumbnail()
    iptc = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(SECRET) + 5)
    iptc += b"\x1c\x02\x78" + struct.pack(">H", len(SECRET)) + SECRET
    photo = encode(make_scene(), "JPEG", icc_profile=PROFILE)
    segments = b"".join(
        b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data
        for marker, data in (
            (0xE0, b"JFXX\0\x10" + THUMBNAIL),
            (0xE1, exif),
            (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
            (0xED, iptc),
            (0xEB, b"Unheard-of\0" + SECRET),
            (0xFE, SECRET),
        )
    )
    return photo[:2] + segments + photo[2:] + THUMBNAIL + SECRET


def make_mpo() -> bytes:
    return encode(make_scene(), "MPO", save_all=True, append_images=[decode(THUMBNAIL)])


def make_png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Description", SECRET.decode())
    info.add_text("Comment", SECRET.decode(), zip=True)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    info.add(b"prVt", SECRET)
    return encode(make_scene(), "PNG", pnginfo=info, exif=make_exif(), icc_profile=PROFILE) + SECRET


def make_tiff() -> bytes:
    tags = {270: SECRET.decode(), 700: XMP, 33723: SECRET, 34377: SECRET, 305: SECRET.decode()}
    return encode(make_scene(), "TIFF", exif=make_exif(), tiffinfo=tags, icc_profile=PROFILE)


def make_gif() -> bytes:
    others = [make_noise("RGB", (120, 90))]
    photo = encode(make_scene(), "GIF", comment=SECRET, save_all=True, append_images=others)
    return photo[:-1] + b"!\xff\x0bXMP DataXMP" + bytes([len(SECRET)]) + SECRET + b"\0;"


def make_other(format: str) -> bytes:
    return encode(make_scene(), format, exif=make_exif(), xmp=XMP, icc_profile=PROFILE)


PHOTOS: dict[str, Callable[[], bytes]] = {
    "JPEG": make_jpeg,
    "MPO": make_mpo,
    "PNG": make_png,
    "TIFF": make_tiff,
    "GIF": make_gif,
    "WEBP": partial(make_other, "WEBP"),
    "AVIF": partial(make_other, "AVIF"),
}


@pytest.mark.parametrize("format", [name for name in PHOTOS if name != "MPO"])
def test_photos_contain_the_secret(format: str) -> None:
    assert SECRET in PHOTOS[format]()


@pytest.mark.parametrize("style", ["same", "jpeg", "png", "webp"])
@pytest.mark.parametrize("format", PHOTOS)
def test_mosaic_has_image_and_profile_only(format: str, style: str) -> None:
    for mosaic in pixelate(PHOTOS[format](), [2, 8, 64], Style(style)):
        assert SECRET not in mosaic.data
        assert set(list_parts(mosaic.format, mosaic.data)) <= ALLOWED[mosaic.format]


@pytest.mark.parametrize("style", ["same", "jpeg", "png", "webp", "auto"])
@pytest.mark.parametrize("format", [name for name in PHOTOS if name != "GIF"])
@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (PROFILE + SECRET, PROFILE),
        (bytes(16) + b"RGB " + bytes(16) + b"acsp" + bytes(88) + SECRET * 9, None),
        (SECRET * 9, None),
    ],
)
def test_profile_loses_its_tail_or_is_dropped(
    format: str, style: str, profile: bytes, expected: bytes | None
) -> None:
    photo = encode(make_scene(), format, icc_profile=profile)
    assert decode(photo).info["icc_profile"] == profile
    (mosaic,) = pixelate(photo, [8], Style(style))
    assert SECRET not in mosaic.data
    assert decode(mosaic.data).info.get("icc_profile") == expected


def test_heic_items_are_dropped() -> None:
    from pillow_heif import from_pillow

    buffer = BytesIO()
    from_pillow(make_scene()).save(buffer, exif=make_exif().tobytes(), xmp=XMP)
    assert SECRET in buffer.getvalue()
    (mosaic,) = pixelate(buffer.getvalue(), [8])
    assert set(list_parts("PNG", mosaic.data)) <= ALLOWED["PNG"]


@pytest.mark.parametrize("format", ["JPEG2000", "BMP", "TGA", "PPM"])
def test_other_formats_lose_the_secret(format: str) -> None:
    photo = encode(make_scene(), format, comment=SECRET.decode(), id_section=SECRET)
    assert all(SECRET not in mosaic.data for mosaic in pixelate(photo))


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF"])
def test_transparent_pixels_have_no_hidden_color(format: str) -> None:
    photo = make_noise("RGBA", (64, 64))
    photo.putalpha(Image.new("L", (64, 64), 0))
    data = encode(photo, format, **({"exact": True} if format == "WEBP" else {}))
    assert decode(data).convert("RGB").getcolors() is None
    (mosaic,) = pixelate(data, [8])
    assert decode(mosaic.data).convert("RGBA").getcolors() == [(4096, (0, 0, 0, 0))]


def list_parts(format: str, data: bytes) -> Iterator[str | int]:
    """List what a file consists of, by its format's specification; nothing may follow the end."""
    if format == "JPEG":
        yield from _list_segments(data)
    elif format == "PNG":
        yield from _list_chunks(data[8:], ">", 8, 4, 1)
    elif format == "WEBP":
        assert len(data) == 8 + int.from_bytes(data[4:8], "little")
        yield from _list_chunks(data[12:], "<", 8, 0, 2)
    elif format == "GIF":
        yield from _list_blocks(data)
    elif format == "TIFF":
        tags = Image.open(BytesIO(data)).getexif()
        yield from (int(tag) for tag in tags)
    else:
        yield "av01" if b"av01" in data else "unknown"
        yield "Exif: found" if re.search(rb"Exif|mime|XMP", data) else "Exif: none"


def _list_segments(data: bytes) -> Iterator[str]:
    """ITU-T T.81, section B.1.1.3; the names are those of its table B.1."""
    names = {0xC0: "SOF", 0xC4: "DHT", 0xDB: "DQT", 0xDD: "DRI", 0xDA: "SOS", 0xFE: "COM"}
    yield "SOI"
    at = 2
    while data[at + 1] != 0xDA:
        assert data[at] == 0xFF
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        name = names.get(marker, f"marker {marker:x}")
        if 0xE0 <= marker <= 0xEF:
            signature = data[at + 4 : at + 2 + length].partition(b"\0")[0].decode("latin-1")
            name = f"APP{marker - 0xE0} {signature}"
            assert signature != "JFIF" or length == 16  # without its thumbnail
        yield name
        at += 2 + length
    yield "SOS"
    (end,) = re.finditer(rb"\xff[\x01-\xcf\xd8-\xff]", data[at + 2 :])
    assert data[at + 2 + end.start() :] == b"\xff\xd9"
    yield "EOI"


def _list_chunks(data: bytes, order: str, head: int, tail: int, even: int) -> Iterator[str]:
    """List the chunks of a PNG (length, name) or of a RIFF file (name, length)."""
    while data:
        length, name = struct.unpack(f"{order}I4s", data[:8])
        if order == "<":
            name, length = struct.unpack("<4sI", data[:8])
        assert head + length + tail <= len(data)
        yield name.decode().strip()
        data = data[head + length + -length % even + tail :]


def _list_blocks(data: bytes) -> Iterator[str]:
    """GIF89a specification, sections 18 to 27."""
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 128 else 0)
    while data[at] != 0x3B:
        if data[at] == 0x21:
            names = {0xF9: "control", 0xFF: data[at + 3 : at + 14].decode("latin-1")}
            yield names.get(data[at + 1], f"extension {data[at + 1]:x}")
            at += 2
        else:
            yield "picture"
            at += 11 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 128 else 0)
        while data[at]:
            at += 1 + data[at]
        at += 1
    assert at == len(data) - 1


def _exif_with_thumbnail() -> bytes:
    """Lay out a TIFF header, an IFD with a description, and one that points to a thumbnail."""
    first = struct.pack(">HHHII", 1, 0x010E, 2, len(SECRET), 8 + 18 + 30)
    first += struct.pack(">I", 8 + 18)
    place = 8 + 18 + 30 + len(SECRET)
    second = struct.pack(">H", 2) + struct.pack(">HHII", 0x0201, 4, 1, place)
    second += struct.pack(">HHII", 0x0202, 4, 1, len(THUMBNAIL)) + bytes(4)
    return b"MM\0*\0\0\0\x08" + first + second + SECRET + THUMBNAIL
