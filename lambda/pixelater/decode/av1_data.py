"""Where an AVIF file has AV1 data, and how much decoding them takes.

Section numbers are those of ISO/IEC 14496-12.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import accumulate, chain, islice, repeat
from typing import BinaryIO, TypeVar

from pixelater.decode.av1_frames import Frame, list_frames
from pixelater.decode.boxes import (
    VERSION_BYTES,
    list_boxes,
    pick,
    read_top_boxes,
)
from pixelater.errors import TooLarge

T = TypeVar("T")

Extent = tuple[int, int]
"""Where data are in a file, and their length."""

Place = tuple[BinaryIO, list[Extent]]

MAX_PARTS = 100_000
"""Of boxes, items, samples and units of AV1. A photo has some, and an animation of MAX_FRAMES a few
for each."""

MAX_COPIES = 4
"""How much data items may share."""

TO_THE_END = 1 << 62
IN_META = 1
"""Items whose data are in the meta box (section 8.11.3, construction_method)."""


@dataclass(frozen=True)
class Coded:
    """The frames of a file: the largest, the pixels of all, and whether tiles make up an image."""

    largest: Frame
    pixels: int
    is_grid: bool


def measure(file: BinaryIO) -> Coded | None:
    """Return what decoding an AVIF takes; None if nothing is coded.

    The position of the file is kept. Raises TooLarge for more data than a photo has, and
    struct.error and LookupError for damaged boxes.
    """
    place = file.tell()
    size = file.seek(0, 2)
    found: dict[bytes, bytes] = {}
    for name, content in read_top_boxes(file, (b"ftyp", b"meta", b"moov")):
        found.setdefault(name, content)
    is_grid = False
    places: Iterator[Place]
    if b"moov" in found and found.get(b"ftyp", b"")[:4] != b"avif":
        places = ((file, [extent]) for extent in _list_samples(found[b"moov"]))
    else:
        boxes = dict(_bound(list_boxes(found.get(b"meta", b""), VERSION_BYTES)))
        kinds = _read_kinds(boxes.get(b"iinf", b""))
        is_grid = b"grid" in kinds.values()
        places = _find_items(file, boxes, kinds)
    frames = [frame for frame in _bound(list_frames(_read_all(places, size))) if frame]
    file.seek(place)
    if not frames:
        return None
    largest = Frame(max(pixels for pixels, _ in frames), max(value for _, value in frames))
    return Coded(largest, sum(pixels for pixels, _ in frames), is_grid)


def _bound(parts: Iterable[T]) -> Iterator[T]:
    for number, part in enumerate(parts):
        if number == MAX_PARTS:
            raise TooLarge(f"it has more than {MAX_PARTS:,} parts")
        yield part


def _read_all(places: Iterable[Place], size: int) -> Iterator[bytes]:
    """Read the data of items and samples in a file of some size."""
    most = MAX_COPIES * size
    for source, extents in _bound(places):
        most -= sum(min(length, size) for _, length in extents)
        if most < 0:
            raise TooLarge(f"its images are {MAX_COPIES} times as long as the file")
        parts = []
        for start, length in extents:
            source.seek(start)
            parts.append(source.read(length))
        yield b"".join(parts)


def _read_kinds(content: bytes) -> dict[int, bytes]:
    """Read the types of items (section 8.11.6)."""
    kinds = {}
    start = VERSION_BYTES + (4 if content[:1] > b"\0" else 2)
    for name, entry in _bound(list_boxes(content, start)):
        if name == b"infe" and entry[0] >= 2:
            form = struct.Struct(">I2x4s" if entry[0] > 2 else ">H2x4s")
            item, kind = form.unpack_from(entry, VERSION_BYTES)
            kinds[item] = kind
    return kinds


def _find_items(
    file: BinaryIO, boxes: dict[bytes, bytes], kinds: dict[int, bytes]
) -> Iterator[Place]:
    for item, method, extents in _list_items(boxes.get(b"iloc", b"")):
        if kinds.get(item) == b"av01":
            yield BytesIO(boxes.get(b"idat", b"")) if method == IN_META else file, extents


def _list_items(content: bytes) -> Iterator[tuple[int, int, list[Extent]]]:
    """List items, how their places are meant, and these (section 8.11.3)."""
    if not content:
        return
    source = BytesIO(content)

    def number(size: int) -> int:
        return int.from_bytes(source.read(size))

    version = number(VERSION_BYTES) >> 24
    sizes = number(2)
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 4 if version > 1 else 2
    for _ in _bound(range(number(wide))):
        item = number(wide)
        method = number(2) & 15 if version else 0
        number(2)
        start = number(base)
        extents = []
        for _ in range(number(2)):
            number(index if version else 0)
            extents.append((start + number(offset), number(length) or TO_THE_END))
        yield item, method, extents


def _list_samples(movie: bytes) -> Iterator[Extent]:
    """List the samples of the tracks with AV1 (sections 8.7.3 to 8.7.5)."""
    for table in _bound(pick(movie, b"trak", b"mdia", b"minf", b"stbl")):
        boxes = dict(_bound(list_boxes(table)))
        entries = _bound(list_boxes(boxes[b"stsd"], VERSION_BYTES + 4))
        if not any(name == b"av01" for name, _ in entries):
            continue
        same, count = struct.unpack_from(">II", boxes[b"stsz"], VERSION_BYTES)
        stored = chain.from_iterable(_read_table(boxes[b"stsz"], ">I", VERSION_BYTES + 8))
        sizes = _bound(repeat(same, count) if same else stored)
        chunks = _read_table(boxes.get(b"stco", b""), ">I") or _read_table(boxes[b"co64"], ">Q")
        groups = iter(_read_table(boxes[b"stsc"], ">II4x"))
        following, in_chunk = next(groups, None), 0
        for number, (chunk,) in enumerate(chunks, 1):
            while following and following[0] <= number:
                in_chunk, following = following[1], next(groups, None)
            lengths = list(islice(sizes, in_chunk))
            yield from zip(accumulate(lengths, initial=chunk), lengths, strict=False)


def _read_table(content: bytes, form: str, start: int = VERSION_BYTES + 4) -> list[tuple[int, ...]]:
    """Read the entries of a table, after their number."""
    entry = struct.Struct(form)
    whole = (len(content) - start) // entry.size * entry.size
    return list(_bound(entry.iter_unpack(content[start : start + max(whole, 0)])))
