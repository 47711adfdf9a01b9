"""The header of a JPEG, read before anything is decoded: its scans, and what it lacks.

A JPEG whose components come together in one scan is decoded block by block. In several scans, as
progressive ones are and others may be, the decoder holds all of its coefficients, and goes through
them once for each scan, of which a small file can have thousands (ITU-T T.81, sections A.2 and G).
"""

from __future__ import annotations

from collections.abc import Iterator
from io import SEEK_CUR
from typing import BinaryIO

from pixelater.errors import TooLarge

LOSSLESS = (0xC3, 0xC7, 0xCB, 0xCF)
"""Frame headers of images without a DCT, which cannot be decoded at a smaller size (table B.1)."""

PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
START_OF_SCAN = 0xDA
SCAN = bytes([0xFF, START_OF_SCAN])
END_OF_IMAGE = b"\xff\xd9"
CHUNK = 1 << 20

WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xDA)})
"""Markers that stand alone: TEM, RST, SOI and EOI (table B.1)."""

MAX_SEGMENTS = 100_000
"""No photo has as many; Pillow takes time and memory for each, and for each byte between them."""


def check_segments(file: BinaryIO) -> None:
    """Raise TooLarge for more segments before the first scan than a photo has.

    Fill bytes (section B.1.1.2) and bytes that are no marker count, too.
    """
    file.seek(2)
    for _ in range(MAX_SEGMENTS):
        marker = file.read(2)
        if len(marker) < 2 or marker == SCAN:
            return
        if marker[0] != 0xFF or marker[1] in (0x00, 0xFF):
            file.seek(-1, SEEK_CUR)
        elif marker[1] not in WITHOUT_LENGTH:
            file.seek(max(int.from_bytes(file.read(2)) - 2, 0), SEEK_CUR)
    raise TooLarge(f"it has more than {MAX_SEGMENTS:,} segments before its data")


def count_scans(file: BinaryIO) -> int:
    """Count the scans of a JPEG file: 1 if the first has all, or if the header is damaged."""
    place = file.tell()
    scans = 1 if _is_one_scan(file) else _count_markers(file)
    file.seek(place)
    return scans


def is_lossless(file: BinaryIO) -> bool:
    """Return whether a JPEG file has no DCT. The position of the file is kept."""
    place = file.tell()
    found = any(marker in LOSSLESS for marker, _ in _read_segments(file))
    file.seek(place)
    return found


def _read_segments(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Read the marker segments up to the first scan (section B.1.1.4)."""
    file.seek(2)
    while len(head := file.read(4)) == 4 and head[0] == 0xFF:
        yield head[1], file.read(max(int.from_bytes(head[2:]) - 2, 0))
        if head[1] == START_OF_SCAN:
            return


def _is_one_scan(file: BinaryIO) -> bool:
    """Return whether the first scan has all components, and all of each."""
    components = b""
    for marker, content in _read_segments(file):
        if marker == START_OF_SCAN:
            return content[:1] == components
        if marker in PROGRESSIVE:
            return False
        if marker in FRAME_HEADERS:
            components = content[5:6]
    return True


def _count_markers(file: BinaryIO) -> int:
    """Count scan markers; in coded data, these bytes are always a marker (B.1.1.5)."""
    count, last = 0, b""
    file.seek(0)
    while chunk := file.read(CHUNK):
        count += (last + chunk).count(SCAN)
        last = chunk[-1:] if chunk[-1:] == SCAN[:1] else b""
    return count
