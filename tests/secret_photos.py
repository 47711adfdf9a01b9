"""Photos that carry a secret in every place that their format has for one."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial

from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from tests.pictures import decode, encode, make_noise, make_scene

SECRET = b"51.4779 N, secret"
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
THUMBNAIL = encode(make_noise("RGB", (64, 48), 7), "JPEG")


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


def _exif_with_thumbnail() -> bytes:
    """Lay out a TIFF header, an IFD with a description, and one that points to a thumbnail."""
    first = struct.pack(">HHHII", 1, 0x010E, 2, len(SECRET), 8 + 18 + 30)
    first += struct.pack(">I", 8 + 18)
    place = 8 + 18 + 30 + len(SECRET)
    second = struct.pack(">H", 2) + struct.pack(">HHII", 0x0201, 4, 1, place)
    second += struct.pack(">HHII", 0x0202, 4, 1, len(THUMBNAIL)) + bytes(4)
    return b"MM\0*\0\0\0\x08" + first + second + SECRET + THUMBNAIL
