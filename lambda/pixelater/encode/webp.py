"""Encoder for mosaics as lossless WebP: a cell is one pixel, a copy to its right, copies below.

The format is VP8L, "WebP Lossless Bitstream Specification" (RFC 9649, section 3). A copy is a
number of pixels to repeat (up to 4096) and a distance back; the nearest distances have short codes:
1 is the pixel above, 2 the pixel to the left (section 3.5.2.2). So the first row of pixels under a
row of cells is a pixel and a copy from the left for each cell, and all others are copies from
above. No pixel buffer is filled.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

from PIL import Image

from pixelater.encode import huffman
from pixelater.encode.delays import split_delays
from pixelater.grid import Sides, spread

LONGEST_COPY = 4096
ABOVE, LEFT = 1, 2
SUBTRACT_GREEN = "1" + huffman.to_bits(2, 2)
"""A transform (section 3.4.3): red and blue are stored less green, which makes grays cheap."""

ALPHABETS = (256 + 24, 256, 256, 256, 40)
"""Sizes: green and copy lengths, red, blue, alpha, distances (section 3.7.1)."""

CODE_LENGTH_ORDER = (17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

ICC_FLAG, ALPHA_FLAG, ANIMATION_FLAG = 0x20, 0x10, 0x02
DO_NOT_BLEND = b"\x02"
UNITS_MS, MAX_UNITS = (1,), 0xFFFFFF
"""A duration is a number of milliseconds of 24 bits (section 2.7.1.1)."""

Symbol = tuple[tuple[tuple[int, int], ...], str, int]
"""Symbols, each with its alphabet, the extra bits after the first, and the number of
repetitions."""


def write_webp(
    frames: Sequence[Image.Image],
    width: int,
    height: int,
    icc_profile: bytes = b"",
    durations: Sequence[int] = (),
    loop: int = 0,
    sides: Sides | None = None,
) -> bytes:
    """Write cells (mode RGB or RGBA), enlarged to width x height pixels, as a WebP file.

    Cells are spread evenly, unless `sides` are their edges.

    Several frames, with durations in milliseconds, become an animation that plays `loop` times
    (0: forever); a frame that is shown for longer than a duration can be is repeated. The
    container is that of RFC 9649, section 2.
    """
    sides = sides or spread(frames[0], width, height)
    alpha = frames[0].mode == "RGBA"
    pictures = [_chunk(b"VP8L", _compress(cells, sides)) for cells in frames]
    size = _three_bytes(width - 1) + _three_bytes(height - 1)
    chunks = b""
    if icc_profile or durations:
        flags = (ICC_FLAG if icc_profile else 0) | (ALPHA_FLAG if alpha else 0)
        flags |= ANIMATION_FLAG if durations else 0
        chunks += _chunk(b"VP8X", struct.pack("<I", flags) + size)
    if icc_profile:
        chunks += _chunk(b"ICCP", icc_profile)
    if durations:
        chunks += _chunk(b"ANIM", struct.pack("<IH", 0, min(loop, 0xFFFF)))
        delays = split_delays(durations, UNITS_MS, MAX_UNITS)
        frames_written = (
            _chunk(b"ANMF", bytes(6) + size + _three_bytes(time) + DO_NOT_BLEND + picture)
            for picture, parts in zip(pictures, delays, strict=True)
            for time, _ in parts
        )
        chunks += b"".join(frames_written)
    else:
        chunks += pictures[0]
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def _compress(cells: Image.Image, sides: Sides) -> bytes:
    """Return the VP8L stream of a mosaic (section 3.8)."""
    items = list(_list_items(cells.convert("RGBA"), sides))
    counts = [Counter[int]() for _ in ALPHABETS]
    for symbols, _, times in items:
        for alphabet, symbol in symbols:
            counts[alphabet][symbol] += times
    written = list(map(_write_code, counts, ALPHABETS))
    codes = [code for _, code in written]
    bits = [huffman.to_bits(edges[-1] - 1, 14) for edges in sides]
    version, no_more_transforms, no_color_cache, one_set_of_codes = "000", "0", "0", "0"
    bits += [f"{cells.mode == 'RGBA':d}", version, SUBTRACT_GREEN, no_more_transforms]
    bits += [no_color_cache, one_set_of_codes, *(table for table, _ in written)]
    for symbols, extra, times in items:
        # A copy is its length, the extra bits of the length, and its distance.
        (alphabet, symbol), *further = symbols
        rest = "".join(codes[a][s] for a, s in further)
        bits.append((codes[alphabet][symbol] + extra + rest) * times)
    return b"\x2f" + huffman.to_bytes("".join(bits))


def _three_bytes(number: int) -> bytes:
    return number.to_bytes(3, "little")


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _list_items(cells: Image.Image, sides: Sides) -> Iterator[Symbol]:
    """List a mosaic's pixels and copies, from top to bottom."""
    across, down = sides
    columns, width = cells.width, across[-1]
    lengths = [stop - start for start, stop in pairwise(across)]
    data = iter(cells.tobytes())
    pixels = list(zip(data, data, data, data, strict=True))
    for row, (start, stop) in enumerate(pairwise(down)):
        cell_row = pixels[row * columns : (row + 1) * columns]
        for (red, green, blue, alpha), length in zip(cell_row, lengths, strict=True):
            rest = (1, (red - green) % 256), (2, (blue - green) % 256), (3, alpha)
            yield ((0, green), *rest), "", 1
            yield from _copy(length - 1, LEFT)
        yield from _copy((stop - start - 1) * width, ABOVE)


def _copy(number: int, distance: int) -> Iterator[Symbol]:
    for length, times in ((LONGEST_COPY, number // LONGEST_COPY), (number % LONGEST_COPY, 1)):
        if length and times:
            symbol, extra = _code_number(length)
            yield ((0, 256 + symbol), (4, _code_number(distance)[0])), extra, times


@cache
def _code_number(number: int) -> tuple[int, str]:
    """Write a length or distance as a symbol and extra bits (section 3.5.2.1)."""
    if number <= 4:
        return number - 1, ""
    rest = number - 1
    highest = rest.bit_length() - 1
    second = (rest >> (highest - 1)) & 1
    extra = rest & ((1 << (highest - 1)) - 1)
    return 2 * highest + second, huffman.to_bits(extra, highest - 1)


def _write_code(counts: Counter[int], size: int) -> tuple[str, huffman.Codes]:
    """Return one table of codes (section 3.7.2.1), and the codes.

    Few symbols below 256 have a short form: one needs no bits at all, two need one bit each.
    """
    used = sorted(counts) or [0]
    if len(used) <= 2 and used[-1] < 256:
        table = "1" + huffman.to_bits(len(used) - 1, 1) + "1"
        table += "".join(huffman.to_bits(symbol, 8) for symbol in used)
        return table, dict(zip(used, ("",) if len(used) == 1 else ("0", "1"), strict=True))
    lengths = huffman.find_lengths(counts, size)
    description, written = huffman.write_lengths(lengths, CODE_LENGTH_ORDER)
    return f"0{description}0{written}", huffman.assign_codes(lengths)
