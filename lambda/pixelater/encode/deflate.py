"""DEFLATE streams of literals and repetitions that the caller knows already.

RFC 1951: one last block with dynamic Huffman codes (section 3.2.7). A compressor spends its time on
the search for repetitions; where cells are drawn, they are known.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from functools import cache

from pixelater.encode import huffman

END_OF_BLOCK = 256
LONGEST_MATCH = 258
LITERALS_AND_LENGTHS = 286
DISTANCES = 4
"""Distance symbols 0 to 3 stand for 1 to 4 bytes, without extra bits; no pixel is longer."""

DEFLATE_CODE_LENGTH_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)

LENGTH_BASES = (
    *(*range(3, 11), *range(11, 19, 2), *range(19, 35, 4), *range(35, 67, 8)),
    *(*range(67, 131, 16), *range(131, 258, 32), 258),
)
LENGTH_EXTRA_BITS = (0,) * 8 + tuple(n for n in range(1, 6) for _ in range(4)) + (0,)
"""Section 3.2.5: length symbol 257 + i stands for base i plus so many extra bits."""

Token = tuple[int, str, int]
"""A symbol of the literal/length alphabet, its extra bits, and for lengths the distance, else 0."""

TokenRun = tuple[list[Token], int]
"""Tokens, and how many times they are repeated."""


def write_literals(data: bytes) -> list[Token]:
    """Return a token for each byte."""
    return [(value, "", 0) for value in data]


def repeat(pixel: bytes, number: int) -> Iterator[Token]:
    """Yield tokens that repeat the last pixel for `number` bytes, as literals if they are few."""
    while number >= LENGTH_BASES[0]:
        length = min(number, LONGEST_MATCH)
        if 0 < number - length < LENGTH_BASES[0]:
            length -= LENGTH_BASES[0]
        yield _match(length, len(pixel))
        number -= length
    yield from write_literals((pixel * number)[:number])


def write_block(parts: list[TokenRun]) -> bytes:
    """Write one last block: the codes, then each run of tokens."""
    counts, distances = _count(parts)
    lengths = huffman.find_lengths(counts, LITERALS_AND_LENGTHS)
    distance_lengths = huffman.find_lengths(distances, DISTANCES)
    codes, distance_codes = huffman.assign_codes(lengths), huffman.assign_codes(distance_lengths)
    written = {0: ""} | {symbol + 1: code for symbol, code in distance_codes.items()}
    last_block, dynamic_codes = "1", "01"
    bits = [last_block, dynamic_codes, _write_codes(lengths, distance_lengths)]
    for tokens, times in parts:
        if times:
            text = "".join(codes[symbol] + extra + written[d] for symbol, extra, d in tokens)
            bits.append(text * times)
    bits.append(codes[END_OF_BLOCK])
    return huffman.to_bytes("".join(bits))


@cache
def _match(length: int, distance: int) -> Token:
    index = bisect_right(LENGTH_BASES, length) - 1
    extra = huffman.to_bits(length - LENGTH_BASES[index], LENGTH_EXTRA_BITS[index])
    return END_OF_BLOCK + 1 + index, extra, distance


def _count(parts: list[TokenRun]) -> tuple[Counter[int], Counter[int]]:
    """Count how often each literal or length, and each distance, is written."""
    counts: Counter[int] = Counter({END_OF_BLOCK: 1})
    distances: Counter[int] = Counter()
    for tokens, times in parts:
        for (symbol, _, distance), number in Counter(tokens).items():
            counts[symbol] += number * times
            if distance:
                distances[distance - 1] += number * times
    return counts, distances


def _write_codes(lengths: list[int], distance_lengths: list[int]) -> str:
    """Write the lengths of both codes, themselves coded (section 3.2.7)."""
    numbers = huffman.to_bits(len(lengths) - 257, 5) + huffman.to_bits(len(distance_lengths) - 1, 5)
    return numbers + "".join(
        huffman.write_lengths([*lengths, *distance_lengths], DEFLATE_CODE_LENGTH_ORDER)
    )
