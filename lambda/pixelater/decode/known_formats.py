"""What a file is that no decoder accepts: formats that are known, but not supported.

Whoever uploads such a file learns what it is and what to do, instead of "not a recognized image
format". Formats that Pillow reads in some kinds, such as JPEG, are described by their headers.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from pixelater.decode import known_text
from pixelater.decode.identify import TIFF_SIGNATURES
from pixelater.decode.jpeg_scans import FRAME_HEADERS, LOSSLESS
from pixelater.decode.known_signatures import KnownFormat, find_signature

HEAD_BYTES = 4096
"""What is read of a file to find its format in the tables."""

MAX_HEADER_BYTES = 2**22
"""How far the headers of a JPEG or TIFF are searched."""

TS_PACKET, TS_SYNC = 188, b"G"
"""Packets of an MPEG transport stream begin with this byte (ITU-T H.222.0, section 2.4.3.2)."""

HIERARCHICAL = (0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF)
JPEG_LS = 0xF7
"""SOF55 (ITU-T T.87, section C.1.1)."""

PSD_MODES = {7: "multichannel", 8: "duotone", 9: "Lab"}
"""Color modes (Adobe Photoshop File Formats Specification, file header section)."""

OTHER_CODECS = {
    b"avc1": "H.264",
    b"vvc1": "H.266",
    b"j2k1": "JPEG 2000",
    b"unci": "uncompressed pixels",
}
"""Item types of HEIF (ISO/IEC 23008-12, annexes E and L; 15444-16; 23001-17)."""


def find_known(file: BinaryIO) -> KnownFormat | None:
    """Return what a file is, if that is known. Reads from its start."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if head.startswith(b"\xff\xd8\xff"):
        file.seek(0)
        return _find_jpeg(file.read(MAX_HEADER_BYTES))
    if head.startswith(b"8BPS"):
        return _find_photoshop(head)
    if head.startswith(TIFF_SIGNATURES) and not head.startswith(b"CR\2", 8):
        from pixelater.decode import known_tiffs

        return known_tiffs.find_tiff(file)
    return find_in_tables(head)


def find_in_tables(head: bytes) -> KnownFormat | None:
    """Return what a file is that begins with HEAD_BYTES or fewer, and is no image we read."""
    found = find_signature(head)
    if found and found.name == "a gzip file":
        return known_text.find_compressed_svg(head) or found
    if found:
        return found
    if all(head[at : at + 1] == TS_SYNC for at in (0, TS_PACKET, 2 * TS_PACKET)):
        return KnownFormat("an MPEG video", "video")
    if all(head[at : at + 1] == TS_SYNC for at in (4, TS_PACKET + 8, 2 * TS_PACKET + 12)):
        return KnownFormat("an MPEG video (AVCHD)", "video")
    return known_text.find_text(head)


def find_process(file: BinaryIO) -> KnownFormat | None:
    """Return the kind of a JPEG or TIFF that Pillow opens, but may not decode."""
    file.seek(0)
    head = file.read(4)
    if head in TIFF_SIGNATURES:
        from pixelater.decode import known_tiffs

        return known_tiffs.find_compression(file)
    file.seek(0)
    return _find_jpeg(file.read(MAX_HEADER_BYTES)) if head.startswith(b"\xff\xd8\xff") else None


def _find_jpeg(data: bytes) -> KnownFormat | None:
    """Return the kind of a JPEG by its frame header (ITU-T T.81, section B.2.2)."""
    place = 2
    while place + 4 <= len(data):
        if data[place] != 0xFF:
            return None
        marker = data[place + 1]
        if marker == 0xFF:  # Fill bytes (section B.1.1.2).
            place += 1
            continue
        if marker == JPEG_LS:
            return KnownFormat("a JPEG-LS image", "image")
        if marker in FRAME_HEADERS:
            return _describe_frame(marker, data[place + 4 : place + 10])
        (length,) = struct.unpack_from(">H", data, place + 2)
        place += 2 + length
    return None


def _describe_frame(marker: int, header: bytes) -> KnownFormat | None:
    if len(header) < 6:
        return None
    bits, height, _width, components = struct.unpack(">BHHB", header)
    name = ""
    if marker in HIERARCHICAL:
        name = "a hierarchical JPEG"
    elif bits != 8:
        name = f"a JPEG of {bits} bits per sample"
    elif height == 0:
        name = "a JPEG whose height follows its data (DNL)"
    elif marker in LOSSLESS:
        name = "a lossless JPEG"
    elif components not in (1, 3, 4):
        name = f"a JPEG of {components} components"
    return KnownFormat(name, "image") if name else None


def _find_photoshop(head: bytes) -> KnownFormat | None:
    """Return the kind of a Photoshop document by its header."""
    if len(head) < 26:
        return None
    version, _channels, _height, _width, bits, mode = struct.unpack(">4xH6xHIIHH", head[:26])
    if version == 2:
        return KnownFormat("a large Photoshop document (PSB)", "image")
    if bits not in (1, 8):
        return KnownFormat(f"a Photoshop document of {bits} bits per channel", "image")
    if mode in PSD_MODES:
        return KnownFormat(f"a Photoshop document in {PSD_MODES[mode]} colors", "image")
    return None


def find_codec(file: BinaryIO) -> KnownFormat:
    """Return the kind of a HEIF that its decoder declines."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    codecs = [name for item, name in OTHER_CODECS.items() if b"infe" in head and item in head]
    return KnownFormat(f"a HEIF image in {codecs[0]}" if codecs else "a HEIF image", "image")
