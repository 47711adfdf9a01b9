"""What a PNG states about the meaning of its values: cICP, iCCP, sRGB, gAMA and cHRM chunks.

"Portable Network Graphics (PNG) Specification (Third Edition)"; section 4.3 has their order.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from pixelater.decode.colors import SRGB, Colors, use_code_points, use_profile
from pixelater.decode.png_chunks import Chunk, is_intact, list_chunks, read_chunk, read_profile
from pixelater.decode.profiles import MAX_BYTES

STATEMENTS = {b"cICP": 4, b"iCCP": None, b"sRGB": 1, b"gAMA": 4, b"cHRM": 32}
"""Chunks, and how long they are if that is fixed (sections 11.3.2.1 to 11.3.2.6)."""

UNIT = 100_000
"""Numbers of gAMA and cHRM are multiples of 1/100,000 (sections 11.3.2.1 and 11.3.2.2)."""

SRGB_GAMMA = 45_455
"""What sRGB files state as gamma (section 11.3.2.5); alone, it means sRGB in Chromium."""

MOST_GAMMA = 32_767
"""The largest exponent of a profile."""


def find_colors(file: BinaryIO, is_gray: bool) -> Iterator[Colors]:
    """List what the chunks of a PNG state, in the order of their precedence."""
    chunks = _find_statements(file)
    if points := chunks.get(b"cICP"):
        yield from _use_cicp(read_chunk(file, points), is_gray)
    if profile := chunks.get(b"iCCP"):
        yield from use_profile(read_profile(file, profile, MAX_BYTES))
    if b"sRGB" in chunks:
        yield SRGB
    if gamma := chunks.get(b"gAMA"):
        primaries = chunks.get(b"cHRM")
        pairs = read_chunk(file, primaries) if primaries else b""
        yield from _use_gamma(read_chunk(file, gamma), pairs, is_gray)


def _find_statements(file: BinaryIO) -> dict[bytes, Chunk]:
    """Find the statements before the image data: the first of a kind that is intact."""
    found: dict[bytes, Chunk] = {}
    for chunk in list_chunks(file, b"IDAT"):
        if chunk.name not in STATEMENTS or chunk.length > MAX_BYTES:
            continue
        if STATEMENTS[chunk.name] in (None, chunk.length) and is_intact(file, chunk):
            found.setdefault(chunk.name, chunk)
    return found


def _use_cicp(points: bytes, is_gray: bool) -> Iterator[Colors]:
    """Use code points (section 11.3.2.6), of narrow range only for high dynamic range."""
    primaries, transfer, matrix, full_range = struct.unpack(">4B", points)
    if matrix == 0:
        yield from use_code_points(
            primaries, transfer, full_range, is_gray=is_gray, only_high_range=not full_range
        )


def _use_gamma(gamma: bytes, pairs: bytes, is_gray: bool) -> Iterator[Colors]:
    """Use an exponent, and primaries if they are stated and valid, else those of sRGB."""
    from pixelater.decode import display_profiles

    (exponent,) = struct.unpack(">I", gamma)
    if exponent <= UNIT / MOST_GAMMA or (exponent == SRGB_GAMMA and not pairs):
        yield SRGB
        return
    curve = display_profiles.Curve(0, (UNIT / exponent,))
    if is_gray:
        yield Colors(display_profiles.build_gray_profile(curve))
        return
    if pairs:
        stated = display_profiles.Primaries(
            *((x / UNIT, y / UNIT) for x, y in struct.iter_unpack(">II", pairs))
        )
        if profile := display_profiles.build_rgb_profile(stated, curve):
            yield Colors(profile)
    yield Colors(display_profiles.build_rgb_profile(display_profiles.SRGB_PRIMARIES, curve))
