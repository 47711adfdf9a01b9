"""The images of a TIFF file: whether the first, which Pillow decodes, is only a thumbnail.

Cameras' raw files, and some editors, store a thumbnail first, and the photo after it or as its
child. Section numbers are those of TIFF 6.0.
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

READ = frozenset({NEW_SUBFILE_TYPE, SUBFILE_TYPE, WIDTH, HEIGHT, PHOTOMETRIC, CHILDREN})

REDUCED, OLD_REDUCED = 1, 2
"""A smaller version of another image: bit 0 of NewSubfileType, a value of SubfileType."""

SENSOR_DATA = (32803, 34892)
"""PhotometricInterpretation of raw images: CFA and LinearRaw (Digital Negative Specification)."""

FORMS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
"""Types of whole numbers: BYTE, SHORT, LONG, IFD, and LONG8, IFD8 of BigTIFF (libtiff, tiff.h)."""

CANON_RAW = b"CR\2"
"""Follows the header of Canon's CR2, the raw image of which has no width
(http://libopenraw.freedesktop.org/wiki/Canon_CR2)."""

BIG_TIFF = 43
"""The version of BigTIFF; TIFF's is 42 (libtiff, tiff.h)."""

MAX_PICTURES = 1000
MAX_VALUES = 0xFFFF
MAX_PLACE = 2**63
"""Limits beyond which nothing is read."""

Tags = dict[int, tuple[int, ...]]


def check_first(file: BinaryIO) -> None:
    """Raise ThumbnailOnly if the first image of a TIFF file is a thumbnail of a later one.

    Pages may be of any size; a child is the photo if it is larger. The position of the file is
    kept.
    """
    place = file.tell()
    has_thumbnail = _has_thumbnail_first(file)
    file.seek(place)
    if has_thumbnail:
        raise ThumbnailOnly("the first image is only a thumbnail; the photo itself cannot be read")


def _has_thumbnail_first(file: BinaryIO) -> bool:
    file.seek(0)
    header = file.read(16)
    directories = _Directories(file, header)
    pictures = directories.follow(directories.find_first())
    first = next(pictures, {})
    pages = list(pictures)
    children = [child for at in first.get(CHILDREN, ()) for child in directories.follow(at)]
    return (
        header[8:11] == CANON_RAW
        or (_is_reduced(first) and bool(pages or children))
        or any(_get(tags, PHOTOMETRIC) in SENSOR_DATA for tags in (*pages, *children))
        or any(_count_pixels(child) > _count_pixels(first) for child in children)
    )


def _get(tags: Tags, tag: int) -> int:
    return next(iter(tags.get(tag, ())), 0)


def _is_reduced(tags: Tags) -> bool:
    return bool(_get(tags, NEW_SUBFILE_TYPE) & REDUCED) or _get(tags, SUBFILE_TYPE) == OLD_REDUCED


def _count_pixels(tags: Tags) -> int:
    return _get(tags, WIDTH) * _get(tags, HEIGHT)


class _Directories:
    """Reads the image file directories (IFD, section 2) of a file, each once.

    What is missing is left out: Pillow reports it where it matters.
    """

    def __init__(self, file: BinaryIO, header: bytes) -> None:
        self._file = file
        self._order = ">" if header.startswith(b"MM") else "<"
        self._is_big = BIG_TIFF in header[2:4]
        self._seen: set[int] = set()

    def find_first(self) -> int:
        ((place,),) = self._read("Q", 8) if self._is_big else self._read("I", 4)
        return int(place)

    def follow(self, place: int) -> Iterator[Tags]:
        """Read directories that are chained."""
        count_form, entry_form, place_form = (
            ("Q", "HHQ8s", "Q") if self._is_big else ("H", "HHI4s", "I")
        )
        while 0 < place < MAX_PLACE and place not in self._seen and len(self._seen) < MAX_PICTURES:
            self._seen.add(place)
            ((count,),) = self._read(count_form, place) or [(0,)]
            start = place + struct.calcsize("<" + count_form)
            entries = self._read(entry_form, start, count)
            yield {
                tag: self._read_values(kind, number, value)
                for tag, kind, number, value in entries
                if tag in READ and kind in FORMS
            }
            end = start + count * struct.calcsize("<" + entry_form)
            ((place,),) = self._read(place_form, end) or [(0,)]

    def _read_values(self, kind: int, number: int, value: bytes) -> tuple[int, ...]:
        """Read the values of an entry, which are elsewhere if they do not fit into it."""
        form = self._order + FORMS[kind]
        size = struct.calcsize(form) * number
        if size <= len(value):
            return tuple(integer for (integer,) in struct.iter_unpack(form, value[:size]))
        place = int.from_bytes(value, "big" if self._order == ">" else "little")
        return tuple(integer for (integer,) in self._read(FORMS[kind], place, number))

    def _read(self, form: str, place: int, count: int = 1) -> list[tuple[Any, ...]]:
        """Read as many structures as there are at a place, and no more than MAX_VALUES."""
        size = struct.calcsize(self._order + form)
        if place >= MAX_PLACE:
            return []
        self._file.seek(place)
        data = self._file.read(size * min(count, MAX_VALUES))
        return list(struct.iter_unpack(self._order + form, data[: len(data) // size * size]))
