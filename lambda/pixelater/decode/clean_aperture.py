"""The clean aperture (clap) of an AVIF file: which part of the decoded image is shown.

Pillow and libavif decode the whole image and leave cropping to the application; what was cropped
away may be private. Section numbers without a standard are those of ISO/IEC 14496-12
(boxes); which image and properties count is as in libavif 1.4 (avifDecoderReset in src/read.c),
and so is the arithmetic (avifCropRectFromCleanApertureBox in src/avif.c).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from pixelater.errors import BadCrop

Crop = tuple[int, int, int, int]
"""Left, top, right and lower edge, as Pillow crops."""

Box = tuple[bytes, bytes]
"""The type and the content of a box (section 4.2)."""

VERSION_BYTES = 4
"""A full box begins with its version and flags."""

SAMPLE_ENTRY_BYTES = 78
"""The fields of a visual sample entry, before its boxes (section 12.1.3)."""

TURNS = (b"irot", b"imir")
READ = (b"ftyp", b"meta", b"moov")


class CleanAperture(NamedTuple):
    """A size, and how far its center is from the image's, as fractions (section 12.1.4)."""

    width: int
    width_divisor: int
    height: int
    height_divisor: int
    across: int
    across_divisor: int
    down: int
    down_divisor: int


def find_crop(file: BinaryIO, width: int, height: int) -> Crop | None:
    """Return the part of an AVIF file's decoded image that is shown; None is all of it.

    The position of the file is kept. Raises BadCrop for a part that is invalid or not supported,
    and struct.error for damaged boxes.
    """
    place = file.tell()
    aperture = _find_aperture(file)
    file.seek(place)
    if aperture is None:
        return None
    left, right = _cut_side(width, *aperture[:2], *aperture[4:6])
    top, bottom = _cut_side(height, *aperture[2:4], *aperture[6:])
    return left, top, right, bottom


def _cut_side(
    side: int, length: int, divisor: int, offset: int, offset_divisor: int
) -> tuple[int, int]:
    """Find where a side is cut: it shall be between whole pixels (ISO/IEC 23000-22, 7.3.6.7)."""
    if length <= 0 or divisor <= 0 or offset_divisor <= 0 or length % divisor:
        raise BadCrop(f"its crop (clap) is {length}/{divisor} pixels long")
    length //= divisor
    start, rest = divmod((side - length) * offset_divisor + 2 * offset, 2 * offset_divisor)
    if rest:
        raise BadCrop("its crop (clap) begins within a pixel")
    if start < 0 or start + length > side:
        raise BadCrop(f"its crop (clap), {start} to {start + length}, is not within 0 to {side}")
    return start, start + length


def _find_aperture(file: BinaryIO) -> CleanAperture | None:
    """Find the clean aperture of what is decoded: tracks, or the primary item."""
    found: dict[bytes, bytes] = {}
    for name, content in _read_top_boxes(file):
        found.setdefault(name, content)
    brand = found.get(b"ftyp", b"")[:4]
    if b"moov" in found and brand != b"avif":
        apertures = set(map(_read_aperture, _list_track_properties(found[b"moov"])))
        if len(apertures) > 1:
            raise BadCrop("its pictures are cropped (clap) in different ways")
        return apertures.pop() if apertures else None
    if b"meta" not in found:
        return None
    first, *tiles = map(_read_aperture, _list_item_properties(found[b"meta"]))
    if any(tiles):
        raise BadCrop("its tiles are cropped (clap) one by one")
    return first


def _read_aperture(properties: list[Box]) -> CleanAperture | None:
    """Read the clean aperture of one image. Cropping comes first (ISO/IEC 23000-22, 7.3.6.7)."""
    names = [name for name, _ in properties]
    if b"clap" not in names:
        return None
    place = names.index(b"clap")
    if names.count(b"clap") > 1 or not set(TURNS).isdisjoint(names[:place]):
        raise BadCrop("it is cropped (clap) twice, or turned before that")
    return CleanAperture(*struct.unpack_from(">8i", properties[place][1]))


def _read_top_boxes(file: BinaryIO) -> Iterator[Box]:
    """Read those boxes of a file that are needed here; the last may have no size."""
    file.seek(0, 2)
    end = file.tell()
    place = 0
    while place + 8 <= end:
        file.seek(place)
        size, name, large = struct.unpack(">I4sQ", file.read(16).ljust(16, b"\0"))
        header, size = (16, large) if size == 1 else (8, size or end - place)
        if size < header:
            return
        if name in READ:
            file.seek(place + header)
            yield name, file.read(size - header)
        place += size


def _list_boxes(content: bytes, place: int = 0) -> Iterator[Box]:
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


def _pick(content: bytes, *path: bytes) -> Iterator[bytes]:
    """Pick the boxes at the end of a path of types."""
    for name, inner in _list_boxes(content):
        if name == path[0]:
            yield from _pick(inner, *path[1:]) if path[1:] else (inner,)


def _list_track_properties(movie: bytes) -> Iterator[list[Box]]:
    """List the properties of the sample entries of all tracks that are not for another (alpha)."""
    for track in _pick(movie, b"trak"):
        if any(_pick(track, b"tref", b"auxl")):
            continue
        for descriptions in _pick(track, b"mdia", b"minf", b"stbl", b"stsd"):
            for name, entry in _list_boxes(descriptions, VERSION_BYTES + 4):
                if name == b"av01":
                    yield list(_list_boxes(entry, SAMPLE_ENTRY_BYTES))


def _list_item_properties(meta: bytes) -> Iterator[list[Box]]:
    """List the properties of the primary item, then of each of its tiles."""
    boxes = dict(_list_boxes(meta, VERSION_BYTES))
    (primary,) = _read_ids(boxes[b"pitm"], VERSION_BYTES, 1, boxes[b"pitm"][0])
    references = boxes.get(b"iref", b"")
    tiles = _list_tiles(references, primary) if references else ()
    known = list(_list_boxes(next(_pick(boxes[b"iprp"], b"ipco"), b"")))
    indices: dict[int, list[int]] = {}
    for associations in _pick(boxes[b"iprp"], b"ipma"):
        indices |= _read_associations(associations)
    for item in (primary, *tiles):
        yield [known[index - 1] for index in indices.get(item, ()) if index]


def _read_ids(content: bytes, place: int, count: int, version: int) -> tuple[int, ...]:
    """Read IDs of items, which have 32 bits from version 1 on."""
    return struct.unpack_from(f">{count}{'I' if version else 'H'}", content, place)


def _list_tiles(references: bytes, item: int) -> Iterable[int]:
    """List the items that one is derived from (section 8.11.12; dimg: ISO/IEC 23008-12)."""
    version = references[0]
    for name, content in _list_boxes(references, VERSION_BYTES):
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
