"""Which orientations count: EXIF of any type of whole number, and nothing else."""

from __future__ import annotations

import struct

import pytest
from PIL import PngImagePlugin

from pixelater import pixelate
from tests.pictures import encode, make_scene
from tests.tiffs import Page, make_tiff

XMP = (
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf="
    b"'http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description "
    b"xmlns:tiff='http://ns.adobe.com/tiff/1.0/' tiff:Orientation=\"6\"/></rdf:RDF></x:xmpmeta>"
)

BYTE, SHORT, LONG = 1, 3, 4


def make_exif(kind: int, orientation: int = 6) -> bytes:
    """Make EXIF with an orientation of some type."""
    form = {BYTE: "B", SHORT: "H", LONG: "I"}[kind]
    value = struct.pack("<" + form, orientation).ljust(4, b"\0")
    return b"Exif\0\0II*\0\x08\0\0\0\x01\0" + struct.pack("<HHI", 274, kind, 1) + value + bytes(4)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation_in_xmp_does_not_turn(format: str) -> None:
    photo = encode(make_scene((120, 90)), format, xmp=XMP)
    (mosaic,) = pixelate(photo, [8])
    assert (mosaic.width, mosaic.height) == (120, 90)


def test_orientation_in_a_text_of_png_does_not_turn() -> None:
    exif = make_exif(SHORT)
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Raw profile type exif", f"\nexif\n{len(exif):8}\n{exif.hex()}\n")
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    (mosaic,) = pixelate(encode(make_scene((120, 90)), "PNG", pnginfo=texts), [8])
    assert (mosaic.width, mosaic.height) == (120, 90)


@pytest.mark.parametrize("kind", [BYTE, SHORT, LONG])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_orientation_of_any_integer_type_turns(format: str, kind: int) -> None:
    (mosaic,) = pixelate(encode(make_scene((120, 90)), format, exif=make_exif(kind)), [8])
    assert (mosaic.width, mosaic.height) == (90, 120)


@pytest.mark.parametrize("kind", [BYTE, SHORT, LONG])
def test_orientation_of_tiff_of_any_integer_type_turns(kind: int) -> None:
    tiff = make_tiff(Page((120, 90), ((274, 6),))).replace(
        struct.pack("<HH", 274, LONG), struct.pack("<HH", 274, kind)
    )
    (mosaic,) = pixelate(tiff, [8])
    assert (mosaic.width, mosaic.height) == (90, 120)
