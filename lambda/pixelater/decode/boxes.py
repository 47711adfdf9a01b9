"""The boxes of AVIF and JPEG 2000 files, and the properties of the images in AVIF.

Section numbers without a standard are those of ISO/IEC 14496-12; which image and properties count
is as in libavif 1.4 (avifDecoderReset in src/read.c).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

Box = tuple[bytes, bytes]
"""The type and the content of a box (section 4.2)."""

Properties = list[Box]

VERSION_BYTES = 4
"""A full box begins with its version and flags."""

SAMPLE_ENTRY_BYTES = 78
"""The fields of a visual sample entry, before its boxes (section 12.1.3)."""


def list_properties(file: BinaryIO) -> tuple[list[Properties], list[Properties]]:
    """List the properties of what is decoded: of tracks, or of the primary item and its tiles.

    One of both is empty. The position of the file is kept. Raises struct.error for damaged boxes.
    """
    place = file.tell()
    found: dict[bytes, bytes] = {}
    for name, content in read_top_boxes(file, (b"ftyp", b"meta", b"moov")):
        found.setdefault(name, content)
    file.seek(place)
    if b"moov" in found and found.get(b"ftyp", b"")[:4] != b"avif":
        return list(_list_track_properties(found[b"moov"])), []
    return [], list(_list_item_properties(found[b"meta"])) if b"meta" in found else []


def read_top_boxes(file: BinaryIO, names: Iterable[bytes]) -> Iterator[Box]:
    """Read the boxes of these types in a file; the last may have no size."""
    file.seek(0, 2)
    end = file.tell()
    place = 0
    while place + 8 <= end:
        file.seek(place)
        size, name, large = struct.unpack(">I4sQ", file.read(16).ljust(16, b"\0"))
        header, size = (16, large) if size == 1 else (8, size or end - place)
        if size < header:
            return
        if name in names:
            file.seek(place + header)
            yield name, file.read(size - header)
        place += size


def list_boxes(content: bytes, place: int = 0) -> Iterator[Box]:
    """List the boxes that another consists of, from some place on."""
    while place < len(content):
        size, name = struct.unpack_from(">I4s", content, place)
        header = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, place + 8)
            header = 16
        if not header <= size <= len(content) - place:
            raise struct.error(f"a box of {size} bytes in one of {len(content)}")
        yield name, content[place + header : place + size]
        place += size


def pick(content: bytes, *path: bytes) -> Iterator[bytes]:
    """Pick the boxes at the end of a path of types."""
    for name, inner in list_boxes(content):
        if name == path[0]:
            yield from pick(inner, *path[1:]) if path[1:] else (inner,)


def _list_track_properties(movie: bytes) -> Iterator[list[Box]]:
    """List the properties of the sample entries of all tracks that are not for another (alpha)."""
    for track in pick(movie, b"trak"):
        if any(pick(track, b"tref", b"auxl")):
            continue
        for descriptions in pick(track, b"mdia", b"minf", b"stbl", b"stsd"):
            for name, entry in list_boxes(descriptions, VERSION_BYTES + 4):
                if name == b"av01":
                    yield list(list_boxes(entry, SAMPLE_ENTRY_BYTES))


def _list_item_properties(meta: bytes) -> Iterator[list[Box]]:
    """List the properties of the primary item, then of each of its tiles."""
    boxes = dict(list_boxes(meta, VERSION_BYTES))
    (primary,) = _read_ids(boxes[b"pitm"], VERSION_BYTES, 1, boxes[b"pitm"][0])
    references = boxes.get(b"iref", b"")
    tiles = _list_tiles(references, primary) if references else ()
    known = list(list_boxes(next(pick(boxes[b"iprp"], b"ipco"), b"")))
    indices: dict[int, list[int]] = {}
    for associations in pick(boxes[b"iprp"], b"ipma"):
        indices |= _read_associations(associations)
    for item in (primary, *tiles):
        yield [known[index - 1] for index in indices.get(item, ()) if index]


def _read_ids(content: bytes, place: int, count: int, version: int) -> tuple[int, ...]:
    """Read IDs of items, which have 32 bits from version 1 on."""
    return struct.unpack_from(f">{count}{'I' if version else 'H'}", content, place)


def _list_tiles(references: bytes, item: int) -> Iterable[int]:
    """List the items that one is derived from (section 8.11.12; dimg: ISO/IEC 23008-12)."""
    version = references[0]
    for name, content in list_boxes(references, VERSION_BYTES):
        (source,) = _read_ids(content, 0, 1, version)
        if name == b"dimg" and source == item:
            size = 4 if version else 2
            (count,) = struct.unpack_from(">H", content, size)
            yield from _read_ids(content, size + 2, count, version)


def _read_associations(content: bytes) -> dict[int, list[int]]:
    """Read which properties items have, in their order, counted from 1 (section 8.11.14)."""
    version, wide = content[0], content[3] & 1
    (count,) = struct.unpack_from(">I", content, VERSION_BYTES)
    place = VERSION_BYTES + 4
    found = {}
    for _ in range(count):
        (item,) = _read_ids(content, place, 1, version)
        place += 4 if version else 2
        number = content[place]
        form, essential = ("H", 0x8000) if wide else ("B", 0x80)
        indices = struct.unpack_from(f">{number}{form}", content, place + 1)
        place += 1 + number * struct.calcsize(form)
        found[item] = [index & ~essential for index in indices]
    return found
