"""Coded data of a JPEG with other blocks in some MCUs: what stays, and what is written anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pixelater.regions.jpeg.entropy import (
    BitWriter,
    Block,
    Unit,
    code_difference,
    read_blocks,
    walk,
)
from pixelater.regions.jpeg.errors import DamagedData
from pixelater.regions.jpeg.huffman import Codes, Key, Table, extend, list_entries, list_symbols

if TYPE_CHECKING:
    from pixelater.regions.jpeg.segments import JpegFile

END_OF_BLOCK = (0, 0)
"""The symbol of a block without further coefficients; it has no value (section F.1.2.2.1)."""

Blocks = dict[int, list[Block]]
"""Blocks to write, by the number of their MCU."""


@dataclass(frozen=True)
class Copied:
    """Bits of coded data that stay."""

    data: bytes
    start: int
    stop: int


@dataclass(frozen=True)
class Written:
    """Symbols of one table to write, each with the bits of its value."""

    table: Key
    symbols: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Rest:
    """Bits of coded data that stay, up to the end of an interval of so many MCUs."""

    data: bytes
    start: int
    mcus: int


Piece = Copied | Written | Rest


def recode(jpeg: JpegFile, blocks: Blocks) -> tuple[list[bytes], dict[Key, Table]]:
    """Return the coded data, one for each restart interval, and the tables of their codes.

    Raises DamagedData.
    """
    (scan,) = jpeg.scans
    total = jpeg.units[0] * jpeg.units[1]
    length, intervals = scan.split(total)
    plan = _Planner(jpeg)
    pieces: dict[int, list[Piece]] = {}
    for number in sorted({mcu // length for mcu in blocks}):
        first, last = number * length, min((number + 1) * length, total)
        own = {mcu - first: blocks[mcu] for mcu in range(first, last) if mcu in blocks}
        data = intervals[number].replace(b"\xff\x00", b"\xff")
        pieces[number] = plan.list_pieces(data, own, last - first)
    tables = _extend_tables(scan.tables, pieces)
    if tables is None:
        pieces = {number: _flatten(each) for number, each in pieces.items()}
        tables = _extend_tables(scan.tables, pieces)
    if tables is None:
        raise DamagedData("its Huffman tables have no room")
    codes = {key: table.codes for key, table in tables.items()}
    for number, each in pieces.items():
        intervals[number] = plan.write(each, codes)
    return intervals, tables


def list_units(jpeg: JpegFile) -> list[Unit]:
    """List the blocks of an MCU, for `read_blocks`."""
    known = {key: list_symbols(table) for key, table in jpeg.scans[0].tables.items()}
    return [Unit(index, known[key], known[other]) for index, key, other in _list_keys(jpeg)]


def _list_keys(jpeg: JpegFile) -> Iterator[tuple[int, Key, Key]]:
    """List the blocks of an MCU: index of the component, and keys of its tables."""
    listed = jpeg.scans[0].list_components(jpeg.components)
    for index in jpeg.blocks:
        yield listed[index]


class _Planner:
    """Finds out what stays of coded data, and what is written."""

    def __init__(self, jpeg: JpegFile) -> None:
        known = {key: list_entries(table, key[0]) for key, table in jpeg.scans[0].tables.items()}
        self.keys = list(_list_keys(jpeg))
        self.passing = [Unit(index, known[key], known[other]) for index, key, other in self.keys]
        self.reading = list_units(jpeg)

    def list_pieces(self, data: bytes, own: Blocks, mcus: int) -> list[Piece]:
        """List the pieces of an interval of so many MCUs, some of which are `own`."""
        runs = list(_find_runs(sorted(own)))
        stops = [stop for run in runs for stop in run if stop < mcus]
        states = dict(zip(stops, walk(data, self.passing, stops), strict=True))
        pieces: list[Piece] = []
        copied = 0
        for first, last in runs:
            before = states[first]
            pieces.append(Copied(data, copied, before.place))
            values = list(before.values)
            for mcu in range(first, last):
                for block, (index, key, other) in zip(own[mcu], self.keys, strict=True):
                    pieces.append(Written(key, (code_difference(block.value - values[index]),)))
                    pieces.append(Written(other, block.symbols))
                    values[index] = block.value
            if last < mcus:
                following = read_blocks(data, self.reading, states[last], 1)
                pieces += self._follow(data, following, values)
                copied = following[-1].end
        if runs[-1][1] < mcus:
            pieces.append(Rest(data, copied, mcus))
        return pieces

    def _follow(self, data: bytes, blocks: list[Block], values: list[int]) -> Iterator[Piece]:
        """Write an MCU of which the first DC value of each component follows another one."""
        seen = set()
        for block, (index, key, _) in zip(blocks, self.keys, strict=True):
            if index in seen:
                yield Copied(data, block.start, block.end)
                continue
            seen.add(index)
            yield Written(key, (code_difference(block.value - values[index]),))
            yield Copied(data, block.rest, block.end)

    def write(self, pieces: Iterable[Piece], codes: Mapping[Key, Codes]) -> bytes:
        """Return coded data, with stuffed bytes."""
        bits = BitWriter()
        for piece in pieces:
            if isinstance(piece, Written):
                known = codes[piece.table]
                for symbol, value in piece.symbols:
                    code, length = known[symbol]
                    size = symbol & 15
                    bits.put(code << size | value, length + size)
            elif isinstance(piece, Copied):
                bits.copy(piece.data, piece.start, piece.stop)
            else:
                bits.copy(piece.data, piece.start, self._find_end(bits.size, piece))
        return bits.finish()

    def _find_end(self, written: int, rest: Rest) -> int:
        """Find where data end: before the ones that fill the last byte, if these must not be kept.

        With those that fill the byte after moving, they could make up another byte.
        """
        end = 8 * len(rest.data)
        last = rest.data[-1:].ljust(1, b"\0")[0]
        ones = next(n for n in range(8, -1, -1) if last & ((1 << n) - 1) == (1 << n) - 1)
        if ones + -(written + end - rest.start) % 8 < 8:
            return end
        return walk(rest.data, self.passing, [rest.mcus])[0].place


def _find_runs(mcus: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Find runs of neighbors: the first, and the one after the last."""
    start = 0
    for place, mcu in enumerate(mcus):
        if place + 1 == len(mcus) or mcus[place + 1] != mcu + 1:
            yield mcus[start], mcu + 1
            start = place + 1


def _extend_tables(
    tables: Mapping[Key, Table], pieces: Mapping[int, Iterable[Piece]]
) -> dict[Key, Table] | None:
    """Add the symbols that are missing to tables; None if one has no room."""
    used: dict[Key, set[int]] = {key: set() for key in tables}
    for each in pieces.values():
        for piece in each:
            if isinstance(piece, Written):
                used[piece.table].update(symbol for symbol, _ in piece.symbols)
    extended = {}
    for key, table in tables.items():
        whole = extend(table, used[key])
        if whole is None:
            return None
        extended[key] = whole
    return extended


def _flatten(pieces: Iterable[Piece]) -> list[Piece]:
    """Leave out all but the DC values of blocks that are written: each has one color then."""
    return [
        Written(piece.table, (END_OF_BLOCK,))
        if isinstance(piece, Written) and piece.table[0] == 1
        else piece
        for piece in pieces
    ]
