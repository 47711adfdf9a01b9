"""What a TIFF file is that Pillow cannot open: a raw photo of a camera, or a rare kind."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from pixelater.decode.known_signatures import KnownFormat
from pixelater.decode.tiff_directory import TiffSource, find_photo
from pixelater.errors import DECODER_ERRORS

BITS, COMPRESSION, PHOTOMETRIC, MAKE, SAMPLE_FORMAT, DNG_VERSION = 258, 259, 262, 271, 339, 50706

SENSOR_DATA = 32803
"""PhotometricInterpretation of raw images: CFA (Digital Negative Specification, chapter 4)."""

MAKERS = {
    "NIKON": "a raw photo of Nikon (NEF)",
    "SONY": "a raw photo of Sony (ARW)",
    "CANON": "a raw photo of Canon",
    "PENTAX": "a raw photo of Pentax (PEF)",
    "RICOH": "a raw photo of Pentax (PEF)",
    "SAMSUNG": "a raw photo of Samsung (SRW)",
    "HASSELBLAD": "a raw photo of Hasselblad (3FR)",
    "PHASE ONE": "a raw photo of Phase One (IIQ)",
    "LEAF": "a raw photo of Leaf (MOS)",
    "MAMIYA": "a raw photo of Mamiya (MEF)",
    "EPSON": "a raw photo of Epson (ERF)",
    "KODAK": "a raw photo of Kodak (DCR)",
    "EASTMAN": "a raw photo of Kodak (DCR)",
    "LEICA": "a raw photo of Leica",
    "PANASONIC": "a raw photo of Panasonic",
    "OLYMPUS": "a raw photo of Olympus (ORF)",
    "FUJIFILM": "a raw photo of Fujifilm (RAF)",
}
"""Raw formats by how Make begins (http://libopenraw.freedesktop.org/formats/)."""

DNG, UNKNOWN_RAW = "a raw photo (DNG)", "a raw photo"

RAW_COMPRESSIONS = frozenset({32767, 32769, 32770, 32867, 34713, 65000, 65535})
"""Of Sony, Epson, Samsung, Kodak, Nikon, Kodak and Pentax (libtiff, tiff.h; ExifTool, Exif.pm)."""

READ_COMPRESSIONS = frozenset({1, 2, 3, 4, 5, 7, 8, 32771, 32773, 32809, 32946, 50001})
"""Of each libtiff, and WebP, which is decompressed here; other data is damaged."""

BUILT_IN = {34925: "lzma", 50000: "zstd"}
"""Compressions that a libtiff may be built without, by Pillow's names."""

COMPRESSIONS = {
    6: "old-style JPEG",  # Some are read.
    9: "JBIG",
    10: "JBIG",
    32766: "NeXT",
    32895: "IT8 (TIFF/IT)",
    32896: "IT8 (TIFF/IT)",
    32897: "IT8 (TIFF/IT)",
    32898: "IT8 (TIFF/IT)",
    32908: "Pixar film",
    32909: "Pixar log",
    32947: "Kodak DCS",
    34661: "JBIG",
    34676: "SGI log",
    34677: "SGI log",
    34712: "JPEG 2000",
    34715: "JBIG2",
    34718: "MDI",
    34719: "MDI",
    34720: "MDI",
    33003: "JPEG 2000",
    33004: "JPEG 2000",
    33005: "JPEG 2000",
    34887: "LERC",
    34892: "lossy JPEG",
    34925: "LZMA",
    34926: "Zstandard (old)",
    34927: "WebP (old)",
    34933: "PNG",
    34934: "JPEG XR",
    50000: "Zstandard",
    50002: "JPEG XL",
    52546: "JPEG XL",
}
"""Values of Compression that are not read, or not always (libtiff, tiff.h; ExifTool, Exif.pm; 33003
and 33005 are those of Aperio scanners, 33004 is that of libvips)."""

SPACES = {10: "ITULab", 32844: "LogL", 32845: "LogLuv"}
"""Values of PhotometricInterpretation (libtiff, tiff.h)."""


def find_tiff(file: BinaryIO) -> KnownFormat | None:
    """Return what a TIFF is by its first directory; None if that is damaged or says nothing."""
    directory = _read_first(file)
    return _describe(directory) if directory is not None else None


def find_raw(file: BinaryIO, header: bytes) -> KnownFormat | None:
    """Return the kind of a raw photo in a TIFF; None if the file does not say it."""
    if header.startswith(b"CR\2", 8):
        return KnownFormat("a raw photo of Canon (CR2)", "raw photo")
    directory = _read_first(file)
    if directory is None:
        return None
    name = DNG if DNG_VERSION in directory else find_maker(directory)
    return KnownFormat(name, "raw photo") if name != UNKNOWN_RAW else None


def find_compression(file: BinaryIO) -> KnownFormat | None:
    """Return the kind of a TIFF that was opened, and is compressed as libtiff may not know."""
    directory = find_photo(TiffSource(file))
    compression = directory.get(COMPRESSION, 1) if directory else 1
    name = COMPRESSIONS.get(compression)
    if name is None or _is_built_in(compression):
        return None
    return KnownFormat(f"a TIFF compressed with {name}", "image")


def _is_built_in(compression: int) -> bool:
    """Return whether Pillow's libtiff has a compression, which it then writes, too."""
    if compression not in BUILT_IN:
        return False
    try:
        Image.new("L", (1, 1)).save(BytesIO(), "TIFF", compression=BUILT_IN[compression])
    except OSError:
        return False
    return True


def _read_first(file: BinaryIO) -> ImageFileDirectory_v2 | None:
    """Read the first directory of a TIFF; None if it is damaged."""
    try:
        file.seek(0)
        header = file.read(8)
        header += file.read(8) if header[2] == 43 or header[3] == 43 else b""
        directory = ImageFileDirectory_v2(header)
        file.seek(directory.next)
        directory.load(file)
    except DECODER_ERRORS:
        return None
    return directory


def _describe(directory: ImageFileDirectory_v2) -> KnownFormat | None:
    compression = directory.get(COMPRESSION, 1)
    photometric = directory.get(PHOTOMETRIC)
    if DNG_VERSION in directory:
        return KnownFormat(DNG, "raw photo")
    if compression in RAW_COMPRESSIONS or photometric == SENSOR_DATA:
        return KnownFormat(find_maker(directory), "raw photo")
    bits = directory.get(BITS, (1,))
    name = ""
    if compression in COMPRESSIONS:
        name = f"a TIFF compressed with {COMPRESSIONS[compression]}"
    elif compression not in READ_COMPRESSIONS:
        name = f"a TIFF of compression {compression}"
    elif photometric in SPACES:
        name = f"a TIFF in {SPACES[photometric]} colors"
    elif directory and isinstance(bits, tuple) and bits:
        name = f"a TIFF of a rare kind ({len(bits)} x {bits[0]} bits)"
    return KnownFormat(name, "image") if name else None


def find_maker(directory: ImageFileDirectory_v2) -> str:
    """Return the kind of a raw photo by the maker of the camera."""
    make = str(directory.get(MAKE, "")).strip().upper()
    return next((kind for start, kind in MAKERS.items() if make.startswith(start)), UNKNOWN_RAW)
