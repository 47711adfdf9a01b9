"""JPEG photos that are not encoded again: only the units of regions are."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from pixelater.decode.photo import Photo
from pixelater.grid import turn_edges
from pixelater.regions.hiding import Hiding, Picture, hide
from pixelater.regions.jpeg import segments, transcoder
from pixelater.regions.jpeg.errors import Unsuited
from pixelater.regions.region import Box

_T = Image.Transpose
BACK = {_T.ROTATE_90: _T.ROTATE_270, _T.ROTATE_270: _T.ROTATE_90}
"""The turns that another undoes; all others undo themselves."""

ORIENTATIONS = {
    None: 1,
    _T.FLIP_LEFT_RIGHT: 2,
    _T.ROTATE_180: 3,
    _T.FLIP_TOP_BOTTOM: 4,
    _T.TRANSPOSE: 5,
    _T.ROTATE_270: 6,
    _T.TRANSVERSE: 7,
    _T.ROTATE_90: 8,
}
"""The turn that makes a photo upright -> its number in EXIF (CIPA DC-008, section 4.6.5)."""

PROFILE_PART = 65_519
"""Bytes of a profile in one segment (ICC.1:2022, annex B.4)."""


@dataclass(frozen=True)
class KeptJpeg:
    """A JPEG with hidden regions, and their boxes, of whole units, in the upright photo."""

    data: bytes
    boxes: tuple[Box, ...]


def keep_jpeg(
    source: bytes | BinaryIO,
    photo: Photo,
    boxes: Sequence[Box],
    how: Hiding,
    cells: Mapping[Box, int],
) -> KeptJpeg:
    """Hide regions in a JPEG without encoding the rest again.

    `cells` are those of boxes that have another number of them than `how` says.

    The file is stored as it was, with no metadata but its orientation and color profile.
    Raises `Unsuited`.
    """
    if how.invert:
        raise Unsuited("most of it is hidden")
    jpeg = segments.parse_jpeg(_read(source))
    stored = [transcoder.grow(jpeg, _store(box, photo)) for box in boxes]
    grown = tuple(_show(box, photo, (jpeg.width, jpeg.height)) for box in stored)
    turn = photo.transpose
    image = photo.image if turn is None else photo.image.transpose(turn)
    numbers = {after: cells[box] for box, after in zip(boxes, grown, strict=True) if box in cells}
    (hidden,) = hide(Picture((image,)), grown, how, numbers).layers
    if turn is not None:
        hidden = hidden.transpose(BACK.get(turn, turn))
    return KeptJpeg(transcoder.transcode(jpeg, hidden, stored, list(_list_head(photo))), grown)


def _read(source: bytes | BinaryIO) -> bytes:
    if isinstance(source, bytes):
        return source
    source.seek(0)
    return source.read()


def _store(box: Box, photo: Photo) -> Box:
    """Return where a box of the upright photo is as stored."""
    return _turn(box, (photo.width, photo.height), photo.transpose)


def _show(box: Box, photo: Photo, stored: tuple[int, int]) -> Box:
    """Return where a box of the stored image is in the upright photo."""
    turn = photo.transpose
    return _turn(box, stored, BACK.get(turn, turn) if turn is not None else None)


def _turn(box: Box, size: tuple[int, int], turn: Image.Transpose | None) -> Box:
    """Find the box in an image that becomes a box of another, of a size, when it is turned."""
    left, top, right, lower = box
    across, down = turn_edges((0, left, right, size[0]), (0, top, lower, size[1]), turn)
    return across[1], down[1], across[2], down[2]


def _list_head(photo: Photo) -> Iterator[bytes]:
    """List segments of the orientation and the color profile."""
    orientation = ORIENTATIONS[photo.transpose]
    if orientation > 1:
        # One entry of a directory: 0x0112, a short, of which there is one (TIFF 6.0, section 2).
        entry = struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
        content = b"Exif\0\0MM" + struct.pack(">HI", 42, 8) + entry
        yield transcoder.write_segment(segments.APP1, content)
    profile = photo.colors.profile
    parts = [profile[i : i + PROFILE_PART] for i in range(0, len(profile), PROFILE_PART)]
    for number, part in enumerate(parts, 1):
        head = b"ICC_PROFILE\0" + bytes([number, len(parts)])
        yield transcoder.write_segment(segments.APP2, head + part)
