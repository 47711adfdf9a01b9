"""Icons of Windows (ICO): of the largest ones, Pillow takes that of the fewest colors.

The format is that of https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10).
"""

from __future__ import annotations

import struct
from io import BytesIO

ENTRY = struct.Struct("<BBBBHHII")
"""Width, height (0: 256), colors, 0, planes, bits, length and place of an icon's data."""

DIRECTORY = 6
MAX_ENTRIES = 1000
PNG, PNG_BITS = b"\x89PNG", 32


def choose_icon(data: bytes) -> BytesIO:
    """Return the file with one icon, as browsers choose it: the largest, of the most colors."""
    count = int.from_bytes(data[4:6], "little")
    directory = data[DIRECTORY : DIRECTORY + ENTRY.size * min(count, MAX_ENTRIES)]
    directory = directory[: len(directory) // ENTRY.size * ENTRY.size]
    if not directory:
        return BytesIO(data)
    best = max(ENTRY.iter_unpack(directory), key=lambda entry: _rank(data, entry))
    rest = data[DIRECTORY + ENTRY.size :]
    return BytesIO(data[:4] + struct.pack("<H", 1) + ENTRY.pack(*best) + rest)


def _rank(data: bytes, entry: tuple[int, ...]) -> tuple[int, int]:
    """Return the number of pixels, and the bits of each, which the directory need not have."""
    width, height, *_, place = entry
    head = data[place : place + 16]
    bits = PNG_BITS if head.startswith(PNG) else int.from_bytes(head[14:16], "little")
    return (width or 256) * (height or 256), bits
