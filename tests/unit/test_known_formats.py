"""Formats that are known and not supported are named, with a remedy."""

from __future__ import annotations

import gzip
import struct
from io import BytesIO

import pytest
from PIL import Image

from pixelater import (
    Damaged,
    MissingDecoder,
    NotAPicture,
    ThumbnailOnly,
    Truncated,
    UnsupportedFormat,
    pixelate,
)
from pixelater.decode import decoder_errors, known_tiffs
from pixelater.decode.known_signatures import FAMILIES, find_signature
from tests.pictures import encode, make_scene

NOT_SUPPORTED = ", which is not supported"
HEADER = 26
"""Bytes of a Photoshop document's header."""


def change_frame(marker: int = 0xC0, bits: int = 8, height: int = 90, components: int = 3) -> bytes:
    """Return a JPEG with another frame header."""
    whole = encode(make_scene(), "JPEG")
    start = whole.index(b"\xff\xc0")
    header = struct.pack(">BBHBHHB", 0xFF, marker, 17, bits, height, 120, components)
    return whole[:start] + header + whole[start + len(header) :]


def make_photoshop(version: int = 1, bits: int = 8, mode: int = 3) -> bytes:
    return struct.pack(">4sH6xHIIHH", b"8BPS", version, 3, 8, 8, bits, mode) + bytes(12)


def make_tiff(changed: dict[int, int], maker: str = "") -> bytes:
    """Return a TIFF whose tags of one SHORT have other values."""
    file = BytesIO()
    Image.new("RGB", (16, 16)).save(file, "TIFF", tiffinfo={271: maker} if maker else {})
    data = file.getvalue()
    for tag, value in changed.items():
        start = data.index(struct.pack("<HH", tag, 3))
        data = data[:start] + struct.pack("<HHIHH", tag, 3, 1, value, 0) + data[start + 12 :]
    return data


FILES = {
    "a JPEG of 12 bits per sample": change_frame(bits=12),
    "a JPEG whose height follows its data (DNL)": change_frame(height=0),
    "a JPEG of 2 components": change_frame(components=2),
    "a hierarchical JPEG": change_frame(0xC5),
    "a JPEG-LS image": b"\xff\xd8\xff\xf7\0\x0b\x08\0\x10\0\x10\1\1\x11\0",
    "a JPEG XL image": b"\xff\x0a\xfa\x1f\x41\x90",
    "a macOS icon (ICNS) of an unsupported kind": b"icns\0\0\0\x10ic04\0\0\0\x08",
    "a JPEG XR image": b"II\xbc\1 \0\0\0",
    "a Radiance image (HDR)": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n",
    "an OpenEXR image": b"v/1\1\2\0\0\0channels\0",
    "a GIMP image (XCF)": b"gimp xcf v011\0\0\0\0\x10",
    "a DjVu document": b"AT&TFORM\0\0\0\x20DJVUINFO",
    "a Photoshop document of 16 bits per channel": make_photoshop(bits=16),
    "a Photoshop document of 32 bits per channel": make_photoshop(bits=32),
    "a Photoshop document in duotone colors": make_photoshop(mode=8, bits=8)[:HEADER],
    "a large Photoshop document (PSB)": make_photoshop(version=2),
    "an SVG drawing": b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/">',
    "a gzip file": gzip.compress(b"Dear diary"),
    "an EPS drawing": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n",
    "a PostScript document": b"%!PS-Adobe-3.0\nshowpage\n",
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "a Windows metafile (WMF)": b"\xd7\xcd\xc6\x9a" + bytes(40),
    "a Windows metafile (EMF)": b"\1\0\0\0" + bytes(36) + b" EMF\0\0\1\0",
    "a raw photo of Canon (CR3)": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom",
    "a raw photo of Fujifilm (RAF)": b"FUJIFILMCCD-RAW 0201FF383501",
    "a raw photo of Olympus (ORF)": b"IIRO\x08\0\0\0",
    "a raw photo of Panasonic (RW2)": b"IIU\0\x18\0\0\0",
    "a raw photo of Nikon (NEF)": make_tiff({262: 32803}, "NIKON CORPORATION"),
    "a raw photo of Sony (ARW)": make_tiff({259: 32767}, "SONY"),
    "a raw photo": make_tiff({262: 32803}),
    "a TIFF compressed with JPEG XL": make_tiff({259: 50002}),
    "a TIFF compressed with JPEG 2000": make_tiff({259: 34712}),
    "a TIFF compressed with LERC": make_tiff({259: 34887}),
    "a TIFF compressed with JBIG": make_tiff({259: 34661}),
    "a TIFF compressed with NeXT": make_tiff({259: 32766}),
    "a TIFF compressed with SGI log": make_tiff({259: 34676}),
    "a TIFF compressed with old-style JPEG": make_tiff({259: 6}),
    "a TIFF of compression 12345": make_tiff({259: 12345}),
    "a TIFF in ITULab colors": make_tiff({262: 10}),
    "an MPEG-4 video": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41",
    "a QuickTime video (MOV)": b"\0\0\0\x14ftypqt  \0\0\2\0qt  ",
    "a Matroska or WebM video": b"\x1aE\xdf\xa3\x93B\x82\x88matroska",
    "an AVI video": b"RIFF\xff\0\0\0AVI LIST",
    "an MPEG video": (b"G" + bytes(187)) * 3,
    "a ZIP archive": b"PK\3\4\x14\0\0\0",
    "a HEIF image in H.264": b"\0\0\0\x1cftypavci\0\0\0\0mif1avci",
}


@pytest.mark.parametrize("name", FILES)
def test_known_format_is_named(name: str) -> None:
    with pytest.raises(UnsupportedFormat) as caught:
        pixelate(FILES[name], [8])
    assert str(caught.value) == name + NOT_SUPPORTED
    assert caught.value.remedy.endswith(tuple(".0123456789abcdefghijklmnopqrstuvwxyz"))
    assert isinstance(caught.value, NotAPicture)


@pytest.mark.parametrize("compression", [5, 7, 8, 32773, 34925, 50000])
def test_data_of_a_compression_that_is_read_is_damaged(compression: int) -> None:
    with pytest.raises(Damaged):
        pixelate(make_tiff({259: compression}), [8])


@pytest.mark.parametrize(("compression", "name"), [(34925, "LZMA"), (50000, "Zstandard")])
def test_compression_that_libtiff_is_built_without_is_named(
    compression: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(known_tiffs.BUILT_IN, compression, "webp")  # libtiff has no encoder of it.
    with pytest.raises(UnsupportedFormat, match=f"a TIFF compressed with {name}, which"):
        pixelate(make_tiff({259: compression}), [8])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"Dear diary, today I renamed a text to x.jpg.\n", "a text file, not an image"),
        ("Žluťoučký kůň".encode("utf-16"), "a text file, not an image"),
        (b"\n<!DOCTYPE html><html><svg>", "a web page (HTML), not an image"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied', "an XML document, not an image"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer, not an image"),
        (b"<!--" * 1000, "a text file, not an image"),
        (b"\x89PNG\n\x1a\n\0\0\0\x0dIHDR", "a PNG whose line breaks were converted"),
        (bytes(5000), "a file that begins with zeros"),
    ],
)
def test_what_is_not_an_image_is_named(data: bytes, message: str) -> None:
    with pytest.raises(NotAPicture) as caught:
        pixelate(data, [8])
    assert (type(caught.value), str(caught.value)) == (NotAPicture, message)


def test_compressed_svg_is_named() -> None:
    with pytest.raises(UnsupportedFormat, match="an SVG drawing, which"):
        pixelate(gzip.compress(b"<svg:svg xmlns:svg=''/>"), [8])


@pytest.mark.parametrize(
    ("maker", "photo"),
    [
        ("NIKON", "the photo itself, a raw photo of Nikon (NEF), cannot be read"),
        ("PENTAX", "the photo itself, a raw photo of Pentax (PEF), cannot be read"),
        ("Nobody", "the photo itself cannot be read"),
    ],
)
def test_raw_photo_behind_a_thumbnail_is_named(maker: str, photo: str) -> None:
    """The second image is sensor data, linked from the first."""
    tiff = make_tiff({}, maker)
    (start,) = struct.unpack_from("<I", tiff, 4)
    (count,) = struct.unpack_from("<H", tiff, start)
    link = start + 2 + 12 * count
    second = struct.pack("<HHHIIHHIII", 2, 254, 4, 1, 0, 262, 3, 1, 32803, 0)
    data = tiff[:link] + struct.pack("<I", len(tiff)) + tiff[link + 4 :] + second
    with pytest.raises(ThumbnailOnly) as caught:
        pixelate(data, [8])
    assert str(caught.value) == f"the first image is only a thumbnail; {photo}"


def test_unknown_data_is_not_named() -> None:
    with pytest.raises(NotAPicture) as caught:
        pixelate(bytes(range(200, 256)) * 9, [8])
    assert (type(caught.value), str(caught.value)) == (NotAPicture, "not a recognized image format")


@pytest.mark.parametrize("format", ["GIF", "TIFF"])
def test_damaged_header_is_damage(format: str) -> None:
    with pytest.raises(Damaged) as caught:
        pixelate(encode(make_scene(), format)[:8], [8])
    assert str(caught.value) == f"the header of this {format} is damaged"


def test_signatures_are_found_by_the_row_that_names_them() -> None:
    """A shorter signature before a longer one would hide it."""
    rows = [row for _, table in FAMILIES for row in table]
    named = [find_signature(bytes(offset) + magic) for offset, magic, _, _ in rows]
    assert [known and known.name for known in named] == [name for _, _, name, _ in rows]


@pytest.mark.parametrize(
    ("error", "explained"),
    [
        (OSError("decoder jpeg2k not available"), MissingDecoder),
        (RuntimeError("Unsupported feature: Unsupported codec"), UnsupportedFormat),
        (NotImplementedError("DXGI format 99"), UnsupportedFormat),
        (ValueError("Invalid input: Unexpected end of file"), Truncated),
        (OSError("broken data stream"), Damaged),
    ],
)
def test_error_of_decoder_is_explained(error: Exception, explained: type[Exception]) -> None:
    assert type(decoder_errors.explain(error)) is explained


def test_reason_has_no_address_and_one_line() -> None:
    error = OSError("cannot identify image file <_io.BytesIO object at 0x7fe45b1d>\n (box)\n")
    assert decoder_errors.give_reason(error) == "cannot identify image file (box)"
