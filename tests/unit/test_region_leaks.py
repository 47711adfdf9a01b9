"""Files with hidden regions hold no metadata: planted words are searched in their bytes."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, PngImagePlugin, TiffImagePlugin

from pixelater.regions.hiding import Hiding
from pixelater.regions.photo import pixelate_regions
from pixelater.regions.region import Region
from pixelater.style import Style
from tests.pictures import make_noise

SECRET = "PlantedSecret"
NEEDLES = [
    SECRET.encode(),
    SECRET.encode("utf-16-le"),
    SECRET.encode("utf-16-be"),
    SECRET[::-1].encode(),
]
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf title="{SECRET}"/></x:xmpmeta>'.encode()
SIZE = 64, 48
ENDS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
"""Formats to which bytes can be appended."""


def make_exif() -> Image.Exif:
    """Make tags of the camera, the place and the user."""
    exif = Image.Exif()
    for tag in (0x010E, 0x010F, 0x0110, 0x013B, 0x8298):
        exif[tag] = SECRET
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + SECRET.encode()
    exif.get_ifd(0x8769)[0x927C] = SECRET.encode()  # The maker's note.
    exif.get_ifd(0x8825)[0x001B] = SECRET.encode()  # GPSProcessingMethod
    return exif


def make_thumbnail() -> bytes:
    """Make a JPEG whose comment is the secret."""
    buffer = io.BytesIO()
    Image.new("RGB", (16, 12)).save(buffer, "JPEG", comment=SECRET)
    return buffer.getvalue()


def plant(format: str, mode: str = "RGB", **settings: Any) -> bytes:
    """Write a photo with the secret wherever Pillow puts metadata, and after its end."""
    image = make_noise(mode, SIZE, 5)
    if format in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
        settings["exif"] = make_exif()
    if format in ("JPEG", "WEBP", "AVIF"):
        settings["xmp"] = XMP
    if format in ("JPEG", "GIF", "JPEG2000"):
        settings["comment"] = SECRET
    if format == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Title", SECRET)
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        settings["pnginfo"] = text
    if format == "TIFF":
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[270] = tags[305] = tags[315] = SECRET
        tags[700] = XMP
        tags.tagtype[700] = 1
        settings = {"tiffinfo": tags}
    buffer = io.BytesIO()
    image.save(buffer, format, **settings)
    return buffer.getvalue() + (SECRET.encode() + make_thumbnail() if format in ENDS else b"")


def find_needles(data: bytes) -> list[bytes]:
    return [needle for needle in NEEDLES if needle in data]


@pytest.mark.parametrize(
    ("format", "mode", "settings"),
    [
        ("JPEG", "RGB", {}),
        ("JPEG", "RGB", {"progressive": True}),
        ("JPEG", "RGB", {"subsampling": 0, "restart_marker_blocks": 2}),
        ("JPEG", "L", {}),
        ("JPEG", "CMYK", {}),
        ("PNG", "RGB", {}),
        ("PNG", "RGBA", {}),
        ("WEBP", "RGB", {}),
        ("WEBP", "RGBA", {"lossless": True}),
        ("TIFF", "RGB", {}),
        ("TIFF", "CMYK", {}),
        ("GIF", "L", {}),
        ("AVIF", "RGB", {}),
        ("JPEG2000", "RGB", {}),
        ("BMP", "RGB", {}),
    ],
)
@pytest.mark.parametrize("how", [Hiding(), Hiding(color=(0, 0, 0)), Hiding(invert=True)])
def test_no_metadata_are_written(
    format: str, mode: str, settings: dict[str, Any], how: Hiding
) -> None:
    photo = plant(format, mode, **settings)
    assert find_needles(photo)
    made = pixelate_regions(photo, [Region(8, 8, 24, 24)], how)
    assert find_needles(made.data) == []


@pytest.mark.parametrize("wanted", ["jpeg", "png", "webp", "gif", "tiff", "bmp", "avif", "auto"])
def test_no_metadata_are_written_in_another_format(wanted: str) -> None:
    made = pixelate_regions(plant("JPEG"), [Region(8, 8, 24, 24)], style=Style(wanted))
    assert find_needles(made.data) == []


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "AVIF"])
def test_a_photo_in_which_nothing_is_hidden_has_no_metadata(format: str) -> None:
    made = pixelate_regions(plant(format), [])
    assert (made.boxes, find_needles(made.data)) == ((), [])


def test_the_second_image_of_an_mpo_goes() -> None:
    first, second = make_noise("RGB", SIZE, 1), make_noise("RGB", SIZE, 2)
    buffer = io.BytesIO()
    first.save(buffer, "MPO", save_all=True, append_images=[second], comment=SECRET)
    photo = buffer.getvalue()
    made = pixelate_regions(photo, [Region(8, 8, 24, 24)])
    assert (find_needles(photo)[:1], photo.count(b"\xff\xd8\xff")) == ([SECRET.encode()], 2)
    assert (find_needles(made.data), made.data.count(b"\xff\xd8\xff")) == ([], 1)


def test_pixels_below_transparency_are_hidden_in_regions() -> None:
    """Colors that are not seen are in a file, too."""
    photo = make_noise("RGBA", SIZE, 3)
    photo.putalpha(Image.new("L", SIZE, 0))
    buffer = io.BytesIO()
    photo.save(buffer, "PNG")
    made = pixelate_regions(buffer.getvalue(), [Region(8, 8, 24, 24)], Hiding(6))
    shown = Image.open(io.BytesIO(made.data)).convert("RGBA").crop((8, 8, 32, 32))
    assert len(shown.getcolors(1000) or ()) <= 36
