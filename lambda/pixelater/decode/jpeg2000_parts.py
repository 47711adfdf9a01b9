"""The parts of a JPEG 2000 file, each of which takes memory: tiles, precincts and code-blocks.

Small ones let a file of some hundred bytes take gigabytes. OpenJPEG allocates the structures of
all tiles when it reads the header, and those of all precincts and code-blocks of a tile before it
decodes the tile (opj_j2k_read_siz in src/lib/openjp2/j2k.c, and opj_tcd_init_tile in tcd.c, of
2.5.4). Tables and sections are those of ISO/IEC 15444-1 (ITU-T T.800).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import BinaryIO

from pixelater.decode import boxes
from pixelater.errors import TooLarge

START = b"\xff\x4f"
SIZES, CODING, CODING_OF_ONE = 0x51, 0x52, 0x53
START_OF_TILE, START_OF_DATA, END = 0x90, 0x93, 0xD9
"""Markers (table A.1)."""

MAX_SEGMENTS = 300_000
"""Tiles are at most 65,535, each with a few segments; others are not from a photo."""

TILE_BYTES, TILE_COMPONENT_BYTES = 7600, 1150
PRECINCT_BYTES, BLOCK_BYTES = 215, 380
"""Measured with OpenJPEG 2.5.4; those of a precinct and of a code-block are in each band."""

INCLUDED_BYTES = 2
"""A number for each packet: whether it was seen (opj_pi_create_decode in pi.c)."""

BYTE_NS = 1.1
TILE_NS = 15_000.0

WHOLE = 15
"""The exponent of precincts whose size is not specified (table A.21)."""


@dataclass(frozen=True)
class Parts:
    """The parts' memory and the nanoseconds they take; and the bits of the deepest sample."""

    bytes: int
    ns: float
    depth: int


@dataclass(frozen=True)
class _Sizes:
    """Pixels of a tile, the number of tiles and of components, and bits a sample (table A.9)."""

    tile: tuple[int, int]
    tiles: int
    components: int
    depth: int


@dataclass(frozen=True)
class _Coding:
    """Layers, exponents of a code-block's sides, and those of precincts for each resolution."""

    layers: int
    block: tuple[int, int]
    precincts: tuple[tuple[int, int], ...]


def measure(file: BinaryIO) -> Parts:
    """Measure the parts of a file, at the most costly coding that any of its segments specifies.

    Raises TooLarge for more segments than a photo has, and struct.error for a damaged header.
    """
    content = _read_codestream(file)
    found = list(_list_segments(content))
    sizes = next((_read_sizes(data) for marker, data in found if marker == SIZES), None)
    if sizes is None:
        raise struct.error("a codestream without sizes")
    wide = sizes.components > 256
    layers = max(
        (struct.unpack_from(">H", data, 2)[0] for marker, data in found if marker == CODING),
        default=1,
    )
    codings = {
        _read_coding(data, layers, wide if marker == CODING_OF_ONE else None)
        for marker, data in dict.fromkeys(found)
        if marker in (CODING, CODING_OF_ONE)
    }
    of_tile = max((_measure_tile(sizes, coding) for coding in codings), default=0)
    headers = sizes.tiles * (TILE_BYTES + TILE_COMPONENT_BYTES * sizes.components)
    return Parts(
        headers + of_tile,
        sizes.tiles * (TILE_NS + of_tile * BYTE_NS) + headers * BYTE_NS,
        sizes.depth,
    )


def _read_codestream(file: BinaryIO) -> bytes:
    file.seek(0)
    if file.read(2) == START:
        file.seek(0)
        return file.read()
    return next((content for _, content in boxes.read_top_boxes(file, (b"jp2c",))), b"")


def _list_segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """List the marker segments of the header and of all tile-parts, skipping their data."""
    at, tile_part = len(START), 0
    for _ in range(MAX_SEGMENTS):
        if at + 4 > len(content) or content[at] != 0xFF or content[at + 1] == END:
            return
        marker = content[at + 1]
        if marker == START_OF_DATA:
            (length,) = struct.unpack_from(">I", content, tile_part + 6)
            if not length:  # Up to the end of the file (table A.5).
                return
            at = max(tile_part + length, at + 2)
            continue
        if marker == START_OF_TILE:
            tile_part = at
        (length,) = struct.unpack_from(">H", content, at + 2)
        if marker in (SIZES, CODING, CODING_OF_ONE):
            yield marker, content[at + 4 : at + 2 + length]
        at += 2 + max(length, 2)
    raise TooLarge(f"it has more than {MAX_SEGMENTS:,} segments")


def _read_sizes(data: bytes) -> _Sizes:
    """Read the sizes of image and tiles (table A.9), with their offsets."""
    right, lower, left, top, width, height, across, down, count = struct.unpack_from(
        ">8IH", data, 2
    )
    depths = [(depth & 0x7F) + 1 for depth in data[36 : 36 + 3 * count : 3]]
    if not (width and height and depths):
        raise struct.error("a tile without pixels")
    tiles = -(-(right - across) // width) * -(-(lower - down) // height)
    tile = min(width, right - left), min(height, lower - top)
    return _Sizes(tile, max(tiles, 1), count, max(depths))


def _read_coding(data: bytes, layers: int, wide: bool | None) -> _Coding:
    """Read COD (table A.12), or COC (table A.22), whose component may have two bytes."""
    start = 5 if wide is None else 2 + wide
    style = data[0] if wide is None else data[1 + wide]
    levels, across, down = struct.unpack_from("3B", data, start)
    exponents = data[start + 5 :] if style & 1 else b""
    number = levels + 1
    sides = [(size & 15, size >> 4) for size in exponents[:number]]
    sides += [(WHOLE, WHOLE)] * (number - len(sides))
    return _Coding(layers, ((across & 15) + 2, (down & 15) + 2), tuple(sides))


def _measure_tile(sizes: _Sizes, coding: _Coding) -> int:
    """Return the bytes of a tile's precincts and code-blocks (sections B.6 and B.7)."""
    precincts = blocks = most = 0
    for resolution, exponents in enumerate(coding.precincts):
        halvings = len(coding.precincts) - 1 - resolution
        is_split = resolution > 0
        bands = 3 if is_split else 1
        shown = [(side >> halvings) + 1 for side in sizes.tile]
        number = [(side >> exponent) + 1 for side, exponent in zip(shown, exponents, strict=True)]
        block = [
            min(side, max(exponent - is_split, 0))
            for side, exponent in zip(coding.block, exponents, strict=True)
        ]
        in_band = [
            max(count, (side >> is_split >> exponent) + 1)
            for count, side, exponent in zip(number, shown, block, strict=True)
        ]
        precincts += bands * prod(number)
        blocks += bands * prod(in_band)
        most = max(most, prod(number))
    packets = (coding.layers + 1) * len(coding.precincts) * most
    each = precincts * PRECINCT_BYTES + blocks * BLOCK_BYTES + packets * INCLUDED_BYTES
    return each * sizes.components
