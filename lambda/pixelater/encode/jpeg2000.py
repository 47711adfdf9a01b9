"""Color profiles in JPEG 2000 files, which Pillow writes without.

The format is JP2 (ITU-T T.800, annex I).
"""

from __future__ import annotations

import struct

from pixelater.decode.boxes import list_boxes

RESTRICTED = b"\2\0\0"
"""A color specification by a profile without tables (section I.5.3.3)."""


def add_profile(data: bytes, icc_profile: bytes) -> bytes:
    """Replace the color specification of a JP2 file that Pillow has written by a profile."""
    specification = RESTRICTED + icc_profile
    return b"".join(
        _write_box(name, _replace(content, b"colr", specification) if name == b"jp2h" else content)
        for name, content in list_boxes(data)
    )


def _replace(content: bytes, name: bytes, value: bytes) -> bytes:
    """Replace the content of one of the boxes that another consists of."""
    return b"".join(
        _write_box(kind, value if kind == name else inner) for kind, inner in list_boxes(content)
    )


def _write_box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content
