"""Reading of scans, progressive ones too, into planes of coefficients (ITU-T T.81, annex G)."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from pixelater.regions.jpeg.entropy import BITS, CHUNK, COEFFICIENTS, ZEROS, extend_sign
from pixelater.regions.jpeg.errors import DamagedData
from pixelater.regions.jpeg.huffman import AC_SKIP, LONGEST, list_symbols
from pixelater.regions.jpeg.planes import Plane, list_units
from pixelater.regions.jpeg.segments import JpegFile, Scan

LARGEST = 1 << 15


def read_scan(jpeg: JpegFile, scan: Scan, planes: Sequence[Plane]) -> None:
    """Read a scan into the planes. Raises DamagedData."""
    first, last, before, _ = scan.range
    tables = _find_tables(jpeg, scan)
    units = list(list_units(planes, [*tables]))
    length, intervals = scan.split(len(units))
    for number, data in enumerate(intervals):
        reader = _Reader(data, scan)
        for unit in units[number * length : (number + 1) * length]:
            for index, place in unit:
                values, (dc, ac) = planes[index].values, tables[index]
                if not first:
                    reader.read_dc(dc, index, values, place)
                if last and before:
                    reader.refine(ac, values, place)
                elif last:
                    reader.read_ac(ac, values, place)


def _find_tables(jpeg: JpegFile, scan: Scan) -> dict[int, tuple[list[int], list[int]]]:
    """Find the tables of the scan's components: DC and AC, empty where none is needed."""
    first, last, before, _ = scan.range
    listed = scan.list_components(jpeg.components)
    if not first <= last < COEFFICIENTS or (first and len(listed) > 1):
        raise DamagedData("a scan is of coefficients that do not exist")
    known = {key: list_symbols(table) for key, table in scan.tables.items()}
    needs_dc, needs_ac = not first and not before, last > 0
    try:
        return {
            index: (known[dc] if needs_dc else [], known[ac] if needs_ac else [])
            for index, dc, ac in listed
        }
    except KeyError:
        raise DamagedData("a table is missing") from None


class _Reader:
    """Reader of an interval: its bits, DC values so far, and how many blocks have ended."""

    def __init__(self, data: bytes, scan: Scan) -> None:
        self._data = data.replace(b"\xff\x00", b"\xff")
        self._window = self._left = self._place = 0
        first, self._last, self._before, self._shift = scan.range
        self._first = max(first, 1)
        self._dc: dict[int, int] = {}
        self._ended = 0

    def read_dc(self, entries: Sequence[int], index: int, values: array[int], place: int) -> None:
        """Read the DC value of a component's next block, or one more bit (section G.1.2.1)."""
        if self._before:
            values[place] |= self._take(1) << self._shift
            return
        value = self._dc.get(index, 0) + self._take_signed(self._take_symbol(entries))
        self._dc[index] = value
        if not -LARGEST <= value << self._shift < LARGEST:
            raise DamagedData("a value is too large")
        values[place] = value << self._shift

    def read_ac(self, entries: Sequence[int], values: array[int], place: int) -> None:
        """Read coefficients of a block (section G.1.2.2)."""
        if self._ended:
            self._ended -= 1
            return
        number = self._first
        while number <= self._last:
            symbol = self._take_symbol(entries)
            run, size = symbol >> 4, symbol & 15
            if size:
                number += run
                if number > self._last:
                    raise DamagedData("a block has too many coefficients")
                values[place + number] = self._take_signed(size) << self._shift
                number += 1
            elif symbol == ZEROS:
                number += 16
            else:
                self._ended = (1 << run) - 1 + self._take(run)
                return

    def refine(self, entries: Sequence[int], values: array[int], place: int) -> None:
        """Read one more bit of a block's coefficients (section G.1.2.3)."""
        bit, number = 1 << self._shift, self._first
        while not self._ended and number <= self._last:
            symbol = self._take_symbol(entries)
            run, new = symbol >> 4, 0
            if symbol & 15:
                new = bit if self._take(1) else -bit
            elif symbol != ZEROS:
                self._ended = (1 << run) + self._take(run)
                break
            number = self._pass(values, place, number, run, bit)
            if new and number <= self._last:
                values[place + number] = new
            number += 1
        if self._ended:
            self._pass(values, place, number, COEFFICIENTS, bit)
            self._ended -= 1

    def _pass(self, values: array[int], place: int, number: int, zeros: int, bit: int) -> int:
        """Refine the coefficients that are not zero, up to the zero after so many; return it."""
        while number <= self._last:
            value = values[place + number]
            if value:
                if self._take(1) and not value & bit:
                    values[place + number] += bit if value > 0 else -bit
            elif not zeros:
                break
            else:
                zeros -= 1
            number += 1
        return number

    def _take(self, size: int) -> int:
        """Read a number of so many bits. Raises DamagedData after the end."""
        if self._left < size:
            self._fill()
        self._left -= size
        return self._window >> self._left & ((1 << size) - 1)

    def _take_symbol(self, entries: Sequence[int]) -> int:
        if self._left < LONGEST:
            self._fill()
        entry = entries[self._window >> (self._left - LONGEST) & 0xFFFF]
        self._left -= entry & BITS
        return entry >> AC_SKIP

    def _take_signed(self, size: int) -> int:
        """Read the number that bits stand for (section F.2.2.1, EXTEND)."""
        if size > LONGEST:
            raise DamagedData("a code is none")
        return extend_sign(self._take(size), size)

    def _fill(self) -> None:
        if self._place > len(self._data) + CHUNK:
            raise DamagedData("the data end too early")
        part = self._data[self._place : self._place + CHUNK].ljust(CHUNK, b"\0")
        self._window = (self._window & ((1 << self._left) - 1)) << 8 * CHUNK
        self._window |= int.from_bytes(part)
        self._place += CHUNK
        self._left += 8 * CHUNK
