"""The number of scans in which a JPEG is coded, read before anything is decoded.

A JPEG whose components come together in one scan is decoded block by block. In several scans, as
progressive ones are and others may be, the decoder holds all of its coefficients, and goes through
them once for each scan, of which a small file can have thousands (ITU-T T.81, sections A.2 and G).
"""

from __future__ import annotations

from typing import BinaryIO

PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
START_OF_SCAN = 0xDA
SCAN = bytes([0xFF, START_OF_SCAN])
CHUNK = 1 << 20


def count_scans(file: BinaryIO) -> int:
    """Count the scans of a JPEG file: 1 if the first has all, or if the header is damaged."""
    place = file.tell()
    file.seek(2)
    scans = 1 if _is_one_scan(file) else _count_markers(file)
    file.seek(place)
    return scans


def _is_one_scan(file: BinaryIO) -> bool:
    """Return whether the first scan has all components, and all of each."""
    components = b""
    while len(head := file.read(4)) == 4 and head[0] == 0xFF:
        marker, content = head[1], file.read(max(int.from_bytes(head[2:]) - 2, 0))
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
