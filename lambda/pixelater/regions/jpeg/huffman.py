"""Huffman tables of JPEG files, and their codes (ITU-T T.81, annex C and section B.2.4.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pixelater.regions.jpeg.errors import DamagedData

LONGEST = 16
INVALID = 1 << 20

AC_SKIP = 5
"""An entry of a table to look up is the number of bits, and above these 5 what follows."""


Key = tuple[int, int]
"""Class (0: DC, 1: AC) and number of a table."""

Codes = dict[int, tuple[int, int]]
"""Symbol -> code, and its length."""


@dataclass(frozen=True)
class Table:
    """Symbols in the order of their codes, with the length of each, from 1 to 16 bits."""

    lengths: tuple[int, ...]
    symbols: bytes

    def list_codes(self) -> Iterator[tuple[int, int, int]]:
        """List symbol, code and length."""
        code = last = 0
        for symbol, length in zip(self.symbols, self.lengths, strict=True):
            code <<= length - last
            last = length
            yield symbol, code, length
            code += 1

    @property
    def codes(self) -> Codes:
        """The codes of all symbols."""
        return {symbol: (code, length) for symbol, code, length in self.list_codes()}

    def write(self, kind: int, number: int) -> bytes:
        """Return the content of a segment (DHT)."""
        counts = bytes(self.lengths.count(length) for length in range(1, LONGEST + 1))
        return bytes([kind << 4 | number]) + counts + self.symbols


def parse_tables(content: bytes) -> dict[Key, Table]:
    """Parse a segment of tables, by their keys. Raises DamagedData."""
    tables, place = {}, 0
    while place < len(content):
        counts = content[place + 1 : place + 1 + LONGEST]
        total = sum(counts)
        symbols = content[place + 1 + LONGEST : place + 1 + LONGEST + total]
        if len(counts) < LONGEST or len(symbols) < total or total > 256:
            raise DamagedData("a Huffman table is cut off")
        lengths = tuple(length for length, count in enumerate(counts, 1) for _ in range(count))
        if sum(1 << (LONGEST - length) for length in lengths) > 1 << LONGEST:
            raise DamagedData("a Huffman table has too many codes")
        tables[content[place] >> 4, content[place] & 15] = Table(lengths, symbols)
        place += 1 + LONGEST + total
    return tables


def extend(table: Table, symbols: Iterable[int]) -> Table | None:
    """Add symbols to a table, with longer codes: those that it has stay. None without room.

    There is always some: no code consists of ones only (section C).

    >>> extend(Table((1, 2), b"ab"), b"b"), extend(Table((1, 2), b"ab"), b"cd").lengths
    (Table(lengths=(1, 2), symbols=b'ab'), (1, 2, 16, 16))
    """
    missing = sorted({*symbols} - {*table.symbols})
    used = sum(1 << (LONGEST - length) for length in table.lengths)
    if len(missing) > (1 << LONGEST) - used - 1:
        return None
    return Table((*table.lengths, *(LONGEST,) * len(missing)), table.symbols + bytes(missing))


def list_entries(table: Table, kind: int) -> list[int]:
    """Return what the next 16 bits mean: bits to read, and what follows of them.

    For DC (kind 0), bits of the code, and above them the number of further bits. For AC, bits of
    code and value, and above them how many coefficients it is for: 64 for the end of a block.
    """
    entries: list[int] = []
    for symbol, _, length in table.list_codes():
        if kind == 0:
            entry = length | symbol << AC_SKIP if symbol < LONGEST else INVALID
        else:
            run, size = symbol >> 4, symbol & 15
            skip = run + 1 if size or run == 15 else 64
            entry = (length + size) | skip << AC_SKIP
        entries += [entry] * (1 << (LONGEST - length))
    return entries + [INVALID] * ((1 << LONGEST) - len(entries))


def list_symbols(table: Table) -> list[int]:
    """Return the symbol that the next 16 bits begin with, above 5 bits of its code's length."""
    entries: list[int] = []
    for symbol, _, length in table.list_codes():
        entries += [length | symbol << AC_SKIP] * (1 << (LONGEST - length))
    return entries + [INVALID << AC_SKIP] * ((1 << LONGEST) - len(entries))
