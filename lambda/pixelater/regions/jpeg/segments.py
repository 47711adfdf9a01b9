"""Marker segments of a JPEG file (ITU-T T.81, annex B)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pixelater.regions.jpeg.errors import DamagedData, Unsuited
from pixelater.regions.jpeg.huffman import Key, Table, parse_tables

SOF_BASELINE, SOF_EXTENDED, SOF_PROGRESSIVE = 0xC0, 0xC1, 0xC2
DHT, DAC, EOI, SOS, DQT, DNL, DRI = 0xC4, 0xCC, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD
APP0, APP1, APP2, APP14 = 0xE0, 0xE1, 0xE2, 0xEE
FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {DHT, 0xC8, DAC}
RESTART = re.compile(rb"\xff[\xd0-\xd7]")
END_OF_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
"""In coded data, 0xFF is followed by 0x00, or by the number of a restart marker (B.1.1.5)."""

ADOBE = re.compile(rb"Adobe.{6}(.)", re.DOTALL)
YCC = 1
"""Adobe's word for YCbCr (Adobe Technical Note 5116, section 18)."""

WHOLE = b"\x00\x3f\x00"
"""The range of a scan that has all coefficients, as they are (section B.2.3)."""

FRAME_HEAD = 6
FRAME = -1
"""Under this key instead of its marker, a frame header is kept."""

BLOCK = BITS = 8
MOST_COMPONENTS = 4


@dataclass(frozen=True)
class Component:
    """A component of the frame: factors of sampling, and the number of its quantization."""

    id: int
    across: int
    down: int
    quantization: int


@dataclass(frozen=True)
class Scan:
    """A scan: the content of its segment, what was defined before it, and its coded data."""

    content: bytes
    tables: Mapping[Key, Table]
    restart_interval: int
    data: bytes

    def list_components(self, components: Sequence[Component]) -> list[tuple[int, Key, Key]]:
        """List its components: the index, and the keys of their tables (section B.2.3)."""
        places = {component.id: index for index, component in enumerate(components)}
        found = []
        for entry in range(self.content[0]):
            name, numbers = self.content[1 + 2 * entry : 3 + 2 * entry]
            if name not in places:
                raise DamagedData("a scan is of a component that does not exist")
            found.append((places[name], (0, numbers >> 4), (1, numbers & 15)))
        return found

    def split(self, units: int) -> tuple[int, list[bytes]]:
        """Return the coded data by restart intervals, and the number of MCUs in each but the last.

        Raises DamagedData if there are more or fewer than so many units need.
        """
        length = self.restart_interval or units
        intervals = RESTART.split(self.data) if self.restart_interval else [self.data]
        if len(intervals) != -(-units // length):
            raise DamagedData("restart markers are missing")
        return length, intervals

    @property
    def range(self) -> tuple[int, int, int, int]:
        """First and last coefficient, and the bits that came before and come now (Ah, Al)."""
        first, last, bits = self.content[-3:]
        return first, last, bits >> 4, bits & 15


@dataclass(frozen=True)
class JpegFile:
    """A JPEG: its size, components and scans.

    `marker` and `frame` are those of the frame header, `density` and `adobe` the contents of
    segments, b"" if there is none.
    """

    width: int
    height: int
    components: tuple[Component, ...]
    quantization: Mapping[int, tuple[int, ...]]
    marker: int
    frame: bytes
    density: bytes
    adobe: bytes
    scans: tuple[Scan, ...]

    @property
    def is_baseline(self) -> bool:
        """Whether all is in one scan, block by block."""
        (scan, *others) = self.scans
        return (
            self.marker in (SOF_BASELINE, SOF_EXTENDED)
            and not others
            and scan.content[-3:] == WHOLE
            and [place for place, *_ in scan.list_components(self.components)]
            == [*range(len(self.components))]
        )

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
    """Parse a file. Raises Unsuited for what is not Huffman-coded, of 8 bits, gray or YCbCr."""
    found: dict[int, bytes] = {}
    quantization: dict[int, tuple[int, ...]] = {}
    tables: dict[Key, Table] = {}
    marker, scans = 0, []
    for kind, content, end in _list_segments(file):
        if kind == DQT:
            quantization |= _parse_quantization(content)
        elif kind == DHT:
            tables = tables | parse_tables(content)
        elif kind == SOS:
            _check_scan(content)
            stop = _find_end(file, end)
            (interval,) = struct.unpack(">H", found.get(DRI, b"\0\0")[:2])
            scans.append(Scan(content, tables, interval, file[end:stop]))
        elif kind in FRAME_HEADERS:
            marker, found[FRAME] = kind, content
        elif kind != APP0 or content.startswith(b"JFIF\0"):
            found[kind] = content
    if marker not in (SOF_BASELINE, SOF_EXTENDED, SOF_PROGRESSIVE):
        raise Unsuited("it is not coded as most JPEG files are")
    return _read_frame(marker, found, quantization, tuple(scans))


def _read_frame(
    marker: int,
    found: Mapping[int, bytes],
    quantization: Mapping[int, tuple[int, ...]],
    scans: tuple[Scan, ...],
) -> JpegFile:
    """Read the frame header (section B.2.2), and check what belongs to it."""
    frame, density = found[FRAME], found.get(APP0, b"")[:12]
    if len(frame) < FRAME_HEAD:
        raise DamagedData("its frame is cut off")
    precision, height, width, count = struct.unpack(">BHHB", frame[:FRAME_HEAD])
    if precision != BITS or not height or not width or not scans:
        raise Unsuited("it has more than 8 bits" if precision != BITS else "it has no whole scan")
    components = tuple(_list_components(frame, count))
    adobe = found.get(APP14, b"")[:12]
    _check_colors(components, adobe, bool(density))
    if any(component.quantization not in quantization for component in components):
        raise DamagedData("a table is missing")
    return JpegFile(width, height, components, quantization, marker, frame, density, adobe, scans)


def _list_segments(file: bytes) -> Iterator[tuple[int, bytes, int]]:
    """List segments up to the end: marker, content, and where what follows begins."""
    place = 2
    while place + 4 <= len(file) and file[place + 1] != EOI:
        if file[place] != 0xFF:
            raise DamagedData("its segments are damaged")
        if file[place + 1] == 0xFF:  # A fill byte.
            place += 1
            continue
        kind, end = file[place + 1], place + 2 + int.from_bytes(file[place + 2 : place + 4])
        yield kind, file[place + 4 : end], end
        place = _find_end(file, end) if kind == SOS else end


def _find_end(file: bytes, start: int) -> int:
    """Find the end of coded data."""
    found = END_OF_SCAN.search(file, start)
    return found.start() if found else len(file)


def _parse_quantization(content: bytes) -> dict[int, tuple[int, ...]]:
    """Parse tables of quantization, in zigzag order (section B.2.4.1)."""
    tables, place = {}, 0
    while place < len(content):
        wide, number = content[place] >> 4, content[place] & 15
        kind = ">64H" if wide else ">64B"
        if len(content) < place + 1 + struct.calcsize(kind):
            raise DamagedData("a table is damaged")
        tables[number] = struct.unpack_from(kind, content, place + 1)
        place += 1 + struct.calcsize(kind)
    return tables


def _list_components(frame: bytes, count: int) -> Iterator[Component]:
    """List the components of a frame (section B.2.2)."""
    if len(frame) < 6 + 3 * count:
        raise DamagedData("its frame is cut off")
    for index in range(count):
        name, factors, quantization = frame[6 + 3 * index : 9 + 3 * index]
        yield Component(name, factors >> 4, factors & 15, quantization)


def _check_scan(content: bytes) -> None:
    count = content[0] if content else 0
    if not 1 <= count <= MOST_COMPONENTS or len(content) != 4 + 2 * count:
        raise DamagedData("a scan is damaged")


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
