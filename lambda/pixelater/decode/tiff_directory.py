"""The directories of a TIFF file, and which of them is the photo.

Pillow decodes the first image. Cameras' raw files, and some editors, store a thumbnail first, and
the photo after it or as its child. Section numbers are those of TIFF 6.0.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from pixelater.errors import ThumbnailOnly

NEW_SUBFILE_TYPE, SUBFILE_TYPE, WIDTH, HEIGHT, PHOTOMETRIC = 254, 255, 256, 257, 262
"""Tags that describe an image (section 8)."""

CHILDREN = 330
"""SubIFDs: the places of further directories (Adobe PageMaker 6.0 TIFF Technical Notes)."""

REDUCED, OLD_REDUCED = 1, 2
"""A smaller version of another image: bit 0 of NewSubfileType, a value of SubfileType."""

MASK = 4
"""A transparency mask of another image: bit 2 of NewSubfileType."""

SENSOR_DATA = (32803, 34892)
"""PhotometricInterpretation of raw images: CFA and LinearRaw (Digital Negative Specification)."""

FORMS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
"""Types of whole numbers: BYTE, SHORT, LONG, IFD, and LONG8, IFD8 of BigTIFF (libtiff, tiff.h)."""

BYTE_KINDS = (1, 2, 6, 7)
"""Types of bytes: BYTE, ASCII, SBYTE and UNDEFINED."""

CANON_RAW = b"CR\2"
"""Follows the header of Canon's CR2, the raw image of which has no width
(http://libopenraw.freedesktop.org/wiki/Canon_CR2)."""

BIG_TIFF = 43
"""The version of BigTIFF; TIFF's is 42 (libtiff, tiff.h)."""

MAX_PICTURES = 1000
MAX_ENTRIES = 4096
MAX_VALUES = 1 << 20
MAX_PLACE = 2**63
"""Limits beyond which nothing is read."""

Entry = tuple[int, int, bytes]
"""The type and the number of a tag's values, and those themselves or their place."""


class Directory:
    """An image file directory (IFD, section 2): what is known about one image."""

    def __init__(self, source: TiffSource, place: int, entries: dict[int, Entry]) -> None:
        self._source = source
        self.place = place
        self._entries = entries

    def list_values(self, tag: int) -> tuple[int, ...]:
        """Return the values of a tag of whole numbers; none if there is no such tag."""
        kind, number, value = self._entries.get(tag, (0, 0, b""))
        return self._source.read_values(kind, number, value) if kind in FORMS else ()

    def get(self, tag: int, default: int = 0) -> int:
        """Return the first value of a tag."""
        return next(iter(self.list_values(tag)), default)

    def read_bytes(self, tag: int) -> bytes:
        """Return the values of a tag of bytes."""
        kind, number, value = self._entries.get(tag, (0, 0, b""))
        return self._source.read_bytes(number, value) if kind in BYTE_KINDS else b""

    @property
    def pixels(self) -> int:
        return self.get(WIDTH) * self.get(HEIGHT)

    @property
    def is_reduced(self) -> bool:
        new, old = self.get(NEW_SUBFILE_TYPE), self.get(SUBFILE_TYPE)
        return bool(new & REDUCED) or old == OLD_REDUCED

    @property
    def is_mask(self) -> bool:
        return bool(self.get(NEW_SUBFILE_TYPE) & MASK)

    @property
    def is_raw(self) -> bool:
        return self.get(PHOTOMETRIC) in SENSOR_DATA


class TiffSource:
    """Reads the directories of a file, each once.

    What is missing is left out: decoders report it where it matters.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        file.seek(0)
        self.header = file.read(16)
        self.order = ">" if self.header.startswith(b"MM") else "<"
        self.is_big = BIG_TIFF in self.header[2:4]
        self._seen: set[int] = set()

    def find_first(self) -> int:
        """Return the place of the first directory."""
        ((place,),) = (self._read("Q", 8) if self.is_big else self._read("I", 4)) or [(0,)]
        return int(place)

    def point_to(self, place: int) -> bytes:
        """Return the header of a file whose first directory is at a place."""
        if self.is_big:
            return self.header[:8] + struct.pack(self.order + "Q", place)
        return self.header[:4] + struct.pack(self.order + "I", place)

    def follow(self, place: int) -> Iterator[Directory]:
        """Read directories that are chained."""
        count_form, entry_form, place_form = (
            ("Q", "HHQ8s", "Q") if self.is_big else ("H", "HHI4s", "I")
        )
        while 0 < place < MAX_PLACE and place not in self._seen and len(self._seen) < MAX_PICTURES:
            self._seen.add(place)
            ((count,),) = self._read(count_form, place) or [(0,)]
            start = place + struct.calcsize("<" + count_form)
            entries = self._read(entry_form, start, min(count, MAX_ENTRIES))
            yield Directory(self, place, {tag: tuple(entry) for tag, *entry in entries})
            end = start + count * struct.calcsize("<" + entry_form)
            ((place,),) = self._read(place_form, end) or [(0,)]

    def read_values(self, kind: int, number: int, value: bytes) -> tuple[int, ...]:
        """Read the values of an entry, which are elsewhere if they do not fit into it."""
        form = self.order + FORMS[kind]
        size = struct.calcsize(form) * number
        if size <= len(value):
            return tuple(integer for (integer,) in struct.iter_unpack(form, value[:size]))
        return tuple(integer for (integer,) in self._read(FORMS[kind], self._place(value), number))

    def read_bytes(self, number: int, value: bytes) -> bytes:
        """Read the bytes of an entry."""
        if number <= len(value):
            return value[:number]
        self.file.seek(min(self._place(value), MAX_PLACE))
        return self.file.read(number)

    def _place(self, value: bytes) -> int:
        return int.from_bytes(value, "big" if self.order == ">" else "little")

    def _read(self, form: str, place: int, count: int = 1) -> list[tuple[Any, ...]]:
        """Read as many structures as there are at a place, and no more than MAX_VALUES."""
        size = struct.calcsize(self.order + form)
        if place >= MAX_PLACE:
            return []
        self.file.seek(place)
        data = self.file.read(size * min(count, MAX_VALUES))
        return list(struct.iter_unpack(self.order + form, data[: len(data) // size * size]))


def find_photo(source: TiffSource) -> Directory | None:
    """Return the directory of the photo: the first, or the one that it is a thumbnail of.

    Pages may be of any size; a child is the photo if it is larger. Raises ThumbnailOnly if it
    cannot be decoded, as cameras' raw images.
    """
    pictures = source.follow(source.find_first())
    first = next(pictures, None)
    if first is None:
        return None
    pages = list(pictures)
    children = [child for at in first.list_values(CHILDREN) for child in source.follow(at)]
    others = [*pages, *children]
    is_raw = source.header[8:11] == CANON_RAW or any(other.is_raw for other in others)
    is_thumbnail = (first.is_reduced and bool(others)) or any(
        child.pixels > first.pixels for child in children
    )
    if not (is_raw or is_thumbnail):
        return first
    photos = [other for other in others if not (other.is_reduced or other.is_mask)]
    if is_raw or not photos:
        raise _explain_thumbnail(source, is_raw)
    return max(photos, key=lambda photo: photo.pixels)


def _explain_thumbnail(source: TiffSource, is_raw: bool) -> ThumbnailOnly:
    """Return the error of a file whose thumbnail could be read only."""
    from pixelater.decode import known_tiffs

    raw = known_tiffs.find_raw(source.file, source.header) if is_raw else None
    photo = f"the photo itself, {raw.name}," if raw else "the photo itself"
    reason = f"the first image is only a thumbnail; {photo} cannot be read"
    return ThumbnailOnly(reason, raw.remedy if raw else "")
