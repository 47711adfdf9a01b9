"""Progressive JPEG, and others of several scans, as baseline with the same coefficients."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pixelater.encode.huffman import find_lengths
from pixelater.regions.jpeg import segments
from pixelater.regions.jpeg.entropy import COEFFICIENTS, ZEROS, BitWriter, code_difference
from pixelater.regions.jpeg.huffman import Key, Table
from pixelater.regions.jpeg.planes import Plane, list_units, make_planes
from pixelater.regions.jpeg.scans import read_scan
from pixelater.regions.jpeg.segments import JpegFile, Scan

MOST_LUMA, MOST_CHROMA = 0, 1
"""Numbers of the tables of the first component, and of the others."""

SYMBOLS = 256


def make_baseline(jpeg: JpegFile) -> JpegFile:
    """Return a JPEG of one scan with the same coefficients. Raises DamagedData and Unsuited."""
    if jpeg.is_baseline:
        return jpeg
    planes = make_planes(jpeg)
    for scan in jpeg.scans:
        read_scan(jpeg, scan, planes)
    coded = array("I", _list_symbols(planes))
    counts: dict[Key, Counter[int]] = {}
    for entry, count in Counter(entry >> 16 for entry in coded).items():
        counts.setdefault((entry >> 12, entry >> 8 & 15), Counter())[entry & 0xFF] = count
    tables = {key: _choose_table(each) for key, each in counts.items()}
    content = bytes([len(jpeg.components)])
    for index, component in enumerate(jpeg.components):
        number = MOST_CHROMA if index else MOST_LUMA
        content += bytes([component.id, number << 4 | number])
    scan = Scan(content + segments.WHOLE, tables, 0, _write(coded, tables))
    return replace(jpeg, marker=segments.SOF_BASELINE, scans=(scan,))


def _list_symbols(planes: Sequence[Plane]) -> Iterator[int]:
    """List the symbols of all blocks, with their tables and bits (section F.1.2).

    The class of a table is above 28 bits, its number above 24, the symbol above 16, and the bits of
    its value are below.
    """
    dc = [0] * len(planes)
    for unit in list_units(planes, range(len(planes))):
        for index, place in unit:
            table = MOST_CHROMA if index else MOST_LUMA
            block = planes[index].values[place : place + COEFFICIENTS]
            symbol, bits = code_difference(block[0] - dc[index])
            dc[index] = block[0]
            yield table << 24 | symbol << 16 | bits
            table = 1 << 28 | table << 24
            last = 0
            for number in [n for n, value in enumerate(block) if value and n]:
                for _ in range((number - last - 1) // 16):
                    yield table | ZEROS << 16
                size, bits = code_difference(block[number])
                yield table | ((number - last - 1) % 16 << 4 | size) << 16 | bits
                last = number
            if last < COEFFICIENTS - 1:
                yield table


def _choose_table(counts: Counter[int]) -> Table:
    """Choose codes of up to 16 bits, shorter for frequent symbols."""
    found = enumerate(find_lengths(counts, SYMBOLS))
    used = sorted((length, symbol) for symbol, length in found if length)
    *lengths, last = (length for length, _ in used)
    # One bit more: no code may consist of ones only (section C).
    return Table((*lengths, last + 1), bytes(symbol for _, symbol in used))


def _write(coded: array[int], tables: Mapping[Key, Table]) -> bytes:
    codes = {
        kind << 12 | number << 8 | symbol: code
        for (kind, number), table in tables.items()
        for symbol, code in table.codes.items()
    }
    bits = BitWriter()
    for entry in coded:
        code, length = codes[entry >> 16]
        size = entry >> 16 & 15
        bits.put(code << size | entry & 0xFFFF, length + size)
    return bits.finish()
