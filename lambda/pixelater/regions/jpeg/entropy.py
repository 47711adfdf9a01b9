"""Coded data of a JPEG: walking through it, reading some of its blocks, and writing others.

ITU-T T.81, annex F. Data here is without the bytes 0x00 after each 0xFF (section F.1.2.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pixelater.regions.jpeg.errors import DamagedData
from pixelater.regions.jpeg.huffman import AC_SKIP, LONGEST

CHUNK = 32
"""Bytes that are read at a time, as one number."""

COEFFICIENTS = 64
ZEROS = 0xF0
"""The symbol of 16 coefficients of zero (section F.1.2.2.1)."""
INVALID = 1024
"""No block has as many coefficients: a code that is none."""

BITS = (1 << AC_SKIP) - 1


@dataclass(frozen=True)
class Unit:
    """A block of an MCU: the index of its component, and what 16 bits mean in its tables."""

    component: int
    dc: Sequence[int]
    ac: Sequence[int]


@dataclass(frozen=True)
class State:
    """Where an MCU begins, in bits, and the DC values before it, one for each component."""

    place: int
    values: tuple[int, ...]


@dataclass(frozen=True)
class Block:
    """A block as it is coded: its DC value, and the symbols of AC with the bits of their values.

    `start` is where it begins, `rest` where its AC coefficients do, and `end` where these end.
    """

    component: int
    value: int
    symbols: tuple[tuple[int, int], ...] = ()
    start: int = 0
    rest: int = 0
    end: int = 0


def walk(  # noqa: C901 - a call for each symbol would take twice as long
    data: bytes, units: Sequence[Unit], stops: Sequence[int]
) -> list[State]:
    """Go through MCUs, and return the states before those with the numbers `stops` (ascending).

    Raises DamagedData.
    """
    values = [0] * (1 + max(unit.component for unit in units))
    plan = [(unit.component, unit.dc, unit.ac) for unit in units]
    states: list[State] = []
    window = left = place = mcu = 0
    most = len(data) + 2 * CHUNK
    for stop in stops:
        for _ in range(stop - mcu):
            for component, dc, ac in plan:
                if left < 64:
                    window = (window & ((1 << left) - 1)) << 8 * CHUNK | _read(data, place)
                    place += CHUNK
                    left += 8 * CHUNK
                entry = dc[window >> (left - LONGEST) & 0xFFFF]
                left -= entry & BITS
                if size := entry >> AC_SKIP:
                    if size > LONGEST:
                        raise DamagedData("a code is none")
                    left -= size
                    value = window >> left & ((1 << size) - 1)
                    values[component] += value if value >> (size - 1) else value - (1 << size) + 1
                number = 1
                while number < COEFFICIENTS:
                    if left < 32:
                        window = (window & ((1 << left) - 1)) << 8 * CHUNK | _read(data, place)
                        place += CHUNK
                        left += 8 * CHUNK
                    entry = ac[window >> (left - LONGEST) & 0xFFFF]
                    left -= entry & BITS
                    number += entry >> AC_SKIP
                if number >= INVALID:
                    raise DamagedData("a code is none")
            if place > most:
                raise DamagedData("the data end too early")
        mcu = stop
        states.append(State(8 * place - left, tuple(values)))
    if states and states[-1].place > 8 * len(data):
        raise DamagedData("the data end too early")
    return states


def _read(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + CHUNK].ljust(CHUNK, b"\0"))


def read_blocks(data: bytes, units: Sequence[Unit], state: State, mcus: int) -> list[Block]:
    """Read the blocks of some MCUs; entries are those of `huffman.list_symbols`.

    Raises DamagedData.
    """
    place, values, blocks = state.place, list(state.values), []
    for _ in range(mcus):
        for unit in units:
            start = place
            size, value, place = _read_symbol(data, place, unit.dc)
            values[unit.component] += extend_sign(value, size)
            rest, number, symbols = place, 1, []
            while number < COEFFICIENTS:
                symbol, value, place = _read_symbol(data, place, unit.ac)
                symbols.append((symbol, value))
                number += (symbol >> 4) + 1 if symbol & 15 or symbol == ZEROS else COEFFICIENTS
            total = values[unit.component]
            blocks.append(Block(unit.component, total, tuple(symbols), start, rest, place))
    return blocks


def _read_symbol(data: bytes, place: int, entries: Sequence[int]) -> tuple[int, int, int]:
    """Read a symbol and the bits of its value; return where the next begins, too."""
    first = place >> 3
    bits = int.from_bytes(data[first : first + 6].ljust(6, b"\0"))
    left = 48 - (place & 7)
    entry = entries[bits >> (left - LONGEST) & 0xFFFF]
    symbol, size = entry >> AC_SKIP, entry >> AC_SKIP & 15
    if symbol >= INVALID or first > len(data):
        raise DamagedData("a code is none")
    left -= (entry & BITS) + size
    return symbol, bits >> left & ((1 << size) - 1), place + (entry & BITS) + size


def extend_sign(value: int, size: int) -> int:
    """Return the number that bits stand for (section F.2.2.1, EXTEND)."""
    return value if not size or value >> (size - 1) else value - (1 << size) + 1


def code_difference(difference: int) -> tuple[int, int]:
    """Return the symbol and bits of a number, such as the difference of two DC values (F.1.2.1)."""
    size = abs(difference).bit_length()
    return size, difference if difference >= 0 else difference + (1 << size) - 1


class BitWriter:
    """Bits that are put together to bytes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._last = 0
        self._left = 0

    @property
    def size(self) -> int:
        """Number of bits so far, but for whole bytes."""
        return self._left

    def put(self, value: int, size: int) -> None:
        """Add the last `size` bits of a number; there may be millions."""
        self._last = self._last << size | value
        self._left += size
        if self._left >= FLUSHED:
            self._flush()

    def copy(self, data: bytes, start: int, stop: int) -> None:
        """Add bits of data."""
        if stop > start:
            first, last = start >> 3, (stop + 7) >> 3
            bits = int.from_bytes(data[first:last]) >> (8 * last - stop)
            self.put(bits & ((1 << (stop - start)) - 1), stop - start)

    def finish(self) -> bytes:
        """Fill the last byte with ones (section F.1.2.3); return all, with stuffed bytes."""
        padding = -self._left % 8
        self.put((1 << padding) - 1, padding)
        self._flush()
        return b"".join(self._parts).replace(b"\xff", b"\xff\x00")

    def _flush(self) -> None:
        rest = self._left % 8
        self._parts.append((self._last >> rest).to_bytes(self._left // 8))
        self._last &= (1 << rest) - 1
        self._left = rest


FLUSHED = 4096
"""Bits that are collected before they become bytes: shifting a long number takes long."""
