"""The boxes of AVIF and HEIC files (ISO/IEC 14496-12), to which tests add properties."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

Box = tuple[bytes, bytes]

CONTAINERS = {
    **dict.fromkeys((b"moov", b"trak", b"mdia", b"minf", b"stbl", b"iprp"), 0),
    b"meta": 4,
    b"stsd": 8,
    b"av01": 78,
}
"""Boxes of boxes, and the bytes before these."""

Edit = Callable[[bytes, bytes], bytes]
"""Type and content of a box -> its new content."""


def make_box(name: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return struct.pack(">I4s", 8 + len(content), name) + content


def make_clap(
    width: tuple[int, int], height: tuple[int, int], across: tuple[int, int], down: tuple[int, int]
) -> bytes:
    """Make a clean aperture of fractions: its size, and how far its center is off."""
    return make_box(b"clap", struct.pack(">8i", *width, *height, *across, *down))


def crop_to(box: tuple[int, int, int, int], size: tuple[int, int]) -> bytes:
    """Make the clean aperture that shows some box (as Pillow crops) of a picture."""
    left, top, right, bottom = box
    across, down = left + right - size[0], top + bottom - size[1]
    return make_clap((right - left, 1), (bottom - top, 1), (across, 2), (down, 2))


def add_properties(photo: bytes, *boxes: bytes, item: int = 1) -> bytes:
    """Give properties to an item of a file, and to the first of its tracks."""
    number = [0]

    def add(name: bytes, content: bytes) -> bytes:
        if name == b"ipco":
            number[0] = len(list(list_boxes(content)))
            return content + b"".join(boxes)
        if name == b"ipma":
            indices = range(number[0] + 1, number[0] + 1 + len(boxes))
            return _associate(content, item, bytes(0x80 | index for index in indices))
        if name == b"av01" and b"auxi" not in content:
            return content + b"".join(boxes)
        return content

    grown = edit(photo, add)
    return move(grown, len(grown) - len(photo))


def list_boxes(data: bytes) -> Iterator[Box]:
    while data:
        size = int.from_bytes(data[:4])
        yield data[4:8], data[8:size]
        data = data[size:]


def edit(data: bytes, change: Edit) -> bytes:
    """Change the contents of boxes, those of inner boxes first."""
    edited = b""
    for name, content in list_boxes(data):
        place = CONTAINERS.get(name, len(content))
        inner = content[:place] + edit(content[place:], change)
        edited += make_box(name, change(name, inner))
    return edited


def move(data: bytes, distance: int) -> bytes:
    """Tell a file that its media data, which come last, are elsewhere."""

    def add_distance(name: bytes, content: bytes) -> bytes:
        if name == b"stco":
            head, place = content[:8], int.from_bytes(content[8:12])
            return head + struct.pack(">I", place + distance) + content[12:]
        return _move_items(content, distance) if name == b"iloc" else content

    return edit(data, add_distance)


def _associate(content: bytes, item: int, indices: bytes) -> bytes:
    """Add to the properties of an item, in version 0 with short indices."""
    head, rest, added = content[:8], content[8:], b""
    while rest:
        end = 3 + rest[2]
        mine = indices if int.from_bytes(rest[:2]) == item else b""
        added += rest[:2] + bytes([rest[2] + len(mine)]) + rest[3:end] + mine
        rest = rest[end:]
    return head + added


def _move_items(content: bytes, distance: int) -> bytes:
    """Move items of one extent each, with numbers of four bytes and maybe a base (version 0)."""
    head, rest, moved = content[:8], content[8:], b""
    size = 18 if content[5] >> 4 else 14
    place = 4 if content[5] >> 4 else 6
    while rest:
        offset = struct.pack(">I", int.from_bytes(rest[place : place + 4]) + distance)
        moved += rest[:place] + offset + rest[place + 4 : size]
        rest = rest[size:]
    return head + moved
