"""Marker segments of a JPEG file with one scan (ITU-T T.81, annex B)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pixelater.regions.jpeg.huffman import Key, Table, parse_tables

SOF_BASELINE, SOF_EXTENDED = 0xC0, 0xC1
DHT, DAC, EOI, SOS, DQT, DNL, DRI = 0xC4, 0xCC, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD
APP0, APP1, APP2, APP14 = 0xE0, 0xE1, 0xE2, 0xEE
FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {DHT, 0xC8, DAC}
END_OF_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
"""In coded data, 0xFF is followed by 0x00, or by the number of a restart marker (B.1.1.5)."""

ADOBE = re.compile(rb"Adobe.{6}(.)", re.DOTALL)
YCC = 1
"""Adobe's word for YCbCr (Adobe Technical Note 5116, section 18)."""

BLOCK = 8


class Unsuited(Exception):
    """A JPEG whose coefficients cannot be kept; the message says why."""


@dataclass(frozen=True)
class Component:
    """A component: factors of sampling, and numbers of its tables."""

    id: int
    across: int
    down: int
    quantization: int
    dc: int
    ac: int


@dataclass(frozen=True)
class JpegFile:
    """A JPEG of one scan: its size, components and tables, and the coded data.

    `frame`, `scan`, `density` and `adobe` are contents of segments, b"" if there is none.
    """

    width: int
    height: int
    components: tuple[Component, ...]
    quantization: Mapping[int, tuple[int, ...]]
    tables: Mapping[Key, Table]
    restart_interval: int
    marker: int
    frame: bytes
    scan: bytes
    density: bytes
    adobe: bytes
    data: bytes

    @property
    def unit(self) -> tuple[int, int]:
        """Width and height of a minimum coded unit (MCU), in pixels (section A.2)."""
        if len(self.components) == 1:
            return BLOCK, BLOCK
        across = max(component.across for component in self.components)
        down = max(component.down for component in self.components)
        return BLOCK * across, BLOCK * down

    @property
    def units(self) -> tuple[int, int]:
        """Number of MCUs across and down."""
        return -(-self.width // self.unit[0]), -(-self.height // self.unit[1])

    @property
    def blocks(self) -> tuple[int, ...]:
        """The index of the component of each block of an MCU (section A.2.3)."""
        if len(self.components) == 1:
            return (0,)
        return tuple(
            index
            for index, component in enumerate(self.components)
            for _ in range(component.across * component.down)
        )


def parse_jpeg(file: bytes) -> JpegFile:
    """Parse a file. Raises Unsuited for what is not baseline, in one scan, gray or YCbCr."""
    marker, frame, scan = 0, b"", b""
    density, adobe, interval, start = b"", b"", 0, 0
    quantization: dict[int, tuple[int, ...]] = {}
    tables: dict[Key, Table] = {}
    for kind, content, end in _list_segments(file):
        if kind in FRAME_HEADERS:
            marker, frame = kind, content
        elif kind == DQT:
            quantization |= _parse_quantization(content)
        elif kind == DHT:
            tables |= parse_tables(content)
        elif kind == DRI:
            (interval,) = struct.unpack(">H", content[:2])
        elif kind == APP0 and content.startswith(b"JFIF\0"):
            density = content[:12]
        elif kind == APP14:
            adobe = content[:12]
        elif kind == SOS:
            scan, start = content, end
    if marker not in (SOF_BASELINE, SOF_EXTENDED):
        raise Unsuited("it is progressive" if marker == 0xC2 else "it is not a baseline JPEG")
    if not scan:
        raise Unsuited("it has no scan")
    found = END_OF_SCAN.search(file, start)
    stop = found.start() if found else len(file)
    if found and found[0][-1] != EOI:
        raise Unsuited("it has several scans")
    precision, height, width, count = struct.unpack(">BHHB", frame[:6])
    if precision != 8 or not height:
        raise Unsuited("it has more than 8 bits" if height else "its height comes after the scan")
    components = _parse_components(frame, scan, count)
    _check_colors(components, adobe, bool(density))
    if any(c.quantization not in quantization for c in components) or any(
        (kind, number) not in tables for c in components for kind, number in ((0, c.dc), (1, c.ac))
    ):
        raise Unsuited("a table is missing")
    return JpegFile(
        width,
        height,
        components,
        quantization,
        tables,
        interval,
        marker,
        frame,
        scan,
        density,
        adobe,
        file[start:stop],
    )


def _list_segments(file: bytes) -> Iterator[tuple[int, bytes, int]]:
    """List segments up to the first scan: marker, content, and where the next begins."""
    place = 2
    while place + 4 <= len(file):
        if file[place] != 0xFF:
            raise Unsuited("its segments are damaged")
        if file[place + 1] == 0xFF:  # A fill byte.
            place += 1
            continue
        end = place + 2 + int.from_bytes(file[place + 2 : place + 4])
        yield file[place + 1], file[place + 4 : end], end
        if file[place + 1] == SOS:
            return
        place = end


def _parse_quantization(content: bytes) -> dict[int, tuple[int, ...]]:
    """Parse tables of quantization, in zigzag order (section B.2.4.1)."""
    tables, place = {}, 0
    while place < len(content):
        wide, number = content[place] >> 4, content[place] & 15
        kind = ">64H" if wide else ">64B"
        if len(content) < place + 1 + struct.calcsize(kind):
            raise Unsuited("a table is damaged")
        tables[number] = struct.unpack_from(kind, content, place + 1)
        place += 1 + struct.calcsize(kind)
    return tables


def _parse_components(frame: bytes, scan: bytes, count: int) -> tuple[Component, ...]:
    """Parse the components of the frame and the scan (sections B.2.2 and B.2.3)."""
    if len(frame) < 6 + 3 * count or len(scan) < 4 + 2 * count or scan[0] != count:
        raise Unsuited("it has several scans")
    if scan[1 + 2 * count : 4 + 2 * count] != b"\x00\x3f\x00":
        raise Unsuited("it is not a baseline JPEG")
    components = []
    for index in range(count):
        id, factors, quantization = frame[6 + 3 * index : 9 + 3 * index]
        name, tables = scan[1 + 2 * index : 3 + 2 * index]
        if name != id:
            raise Unsuited("its components are in another order")
        components.append(
            Component(id, factors >> 4, factors & 15, quantization, tables >> 4, tables & 15)
        )
    return tuple(components)


def _check_colors(components: tuple[Component, ...], adobe: bytes, jfif: bool) -> None:
    """Raise Unsuited for anything but gray and YCbCr, as libjpeg tells them (jdapimin.c)."""
    if len(components) == 1:
        return
    if len(components) != 3:
        raise Unsuited("it is neither gray nor YCbCr")
    found = ADOBE.match(adobe)
    ids = bytes(component.id for component in components)
    ycc = jfif or (found[1] == bytes([YCC]) if found else ids != b"RGB")
    if not ycc:
        raise Unsuited("it is neither gray nor YCbCr")
    factors = [(component.across, component.down) for component in components]
    if factors[0] not in SUBSAMPLINGS or factors[1:] != [(1, 1), (1, 1)]:
        raise Unsuited("its chroma is sampled in a rare way")


SUBSAMPLINGS = {(1, 1): 0, (2, 1): 1, (2, 2): 2}
"""Factors of luma -> Pillow's number of a subsampling: 4:4:4, 4:2:2, 4:2:0."""
