"""Huffman codes and streams of bits, as DEFLATE and lossless WebP have them.

A stream of bits is a string of "0" and "1" in the order in which a decoder reads them: easy to join
and repeat, and converted to bytes once, at the end.

Canonical codes are those of RFC 1951, section 3.2.2; code lengths are themselves run-length coded
with the symbols 16, 17 and 18 as in section 3.2.7. Lossless WebP has both, too (RFC 9649, section
3.7.2.1).
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

MAX_LENGTH = 15
"""The longest code of a symbol; code lengths themselves have codes of 7 bits at most."""

MAX_LENGTH_OF_LENGTHS = 7

Codes = dict[int, str]
"""Symbol -> its bits in reading order."""


def find_lengths(counts: Counter[int], size: int, longest: int = MAX_LENGTH) -> list[int]:
    """Choose a code length for each of `size` symbols, shorter for those that occur more often.

    Symbols that never occur get 0. Two symbols at least get a code, as some decoders want a
    complete tree. Where a code would be longer than `longest`, rare symbols are counted up until
    it is not.
    """
    used = {symbol: counts[symbol] for symbol in range(size) if counts[symbol]}
    for symbol in range(size):
        if len(used) >= 2:
            break
        used.setdefault(symbol, 1)
    floor = 1
    while True:
        lengths = _build_tree({symbol: max(count, floor) for symbol, count in used.items()}, size)
        if max(lengths) <= longest:
            return lengths
        floor *= 2


def assign_codes(lengths: Sequence[int]) -> Codes:
    """Assign each symbol its canonical code: by length, then by symbol (RFC 1951, section 3.2.2).

    >>> assign_codes([2, 1, 3, 3])
    {1: '0', 0: '10', 2: '110', 3: '111'}
    """
    codes: Codes = {}
    code = length = 0
    for wanted, symbol in sorted(
        (wanted, symbol) for symbol, wanted in enumerate(lengths) if wanted
    ):
        code <<= wanted - length
        length = wanted
        codes[symbol] = format(code, f"0{length}b")
        code += 1
    return codes


def shorten_lengths(lengths: Sequence[int]) -> list[tuple[int, str]]:
    """Write code lengths as symbols 0 to 18 with their extra bits (RFC 1951, section 3.2.7).

    >>> shorten_lengths([0] * 12 + [3, 3, 3, 3, 3])
    [(18, '1000000'), (3, ''), (16, '10')]
    """
    symbols: list[tuple[int, str]] = []
    for length, group in groupby(lengths):
        left = len(list(group))
        if length:
            symbols.append((length, ""))
            left -= 1
        while left >= 3:
            if length:
                symbol, least, most, bits = 16, 3, 6, 2
            elif left > 10:
                symbol, least, most, bits = 18, 11, 138, 7
            else:
                symbol, least, most, bits = 17, 3, 10, 3
            run = min(left, most)
            symbols.append((symbol, to_bits(run - least, bits)))
            left -= run
        symbols += [(length, "")] * left
    return symbols


def write_lengths(lengths: Sequence[int], order: Sequence[int]) -> tuple[str, str]:
    """Write code lengths with a code of their own: the bits that describe it, and the lengths.

    The description is the number of its code lengths, less 4, and these, 3 bits each, in the
    format's `order` (RFC 1951, section 3.2.7), without the zeros at the end.
    """
    symbols = shorten_lengths(lengths)
    counts = Counter(symbol for symbol, _ in symbols)
    of_lengths = find_lengths(counts, len(order), MAX_LENGTH_OF_LENGTHS)
    codes = assign_codes(of_lengths)
    ordered = [of_lengths[symbol] for symbol in order]
    while len(ordered) > 4 and not ordered[-1]:
        ordered.pop()
    description = to_bits(len(ordered) - 4, 4) + "".join(to_bits(length, 3) for length in ordered)
    return description, "".join(codes[symbol] + extra for symbol, extra in symbols)


def to_bits(value: int, number: int) -> str:
    """Return a value as a number of bits, the lowest first.

    >>> to_bits(6, 4)
    '0110'
    """
    return format(value, f"0{number}b")[::-1] if number else ""


def to_bytes(bits: str) -> bytes:
    """Pack bits into bytes, the lowest bit of a byte first; the last byte is filled with zeros."""
    return int(bits[::-1] or "0", 2).to_bytes((len(bits) + 7) // 8, "little")


def _build_tree(counts: dict[int, int], size: int) -> list[int]:
    """Find the depths of a Huffman tree's leaves."""
    lengths = [0] * size
    heap = [(count, symbol, [symbol]) for symbol, count in counts.items()]
    heapq.heapify(heap)
    while len(heap) > 1:
        left, right = heapq.heappop(heap), heapq.heappop(heap)
        leaves = left[2] + right[2]
        for symbol in leaves:
            lengths[symbol] += 1
        heapq.heappush(heap, (left[0] + right[0], min(left[1], right[1]), leaves))
    return lengths
