"""What a PNG states about the meaning of its values: cICP, iCCP, sRGB, gAMA and cHRM chunks.

"Portable Network Graphics (PNG) Specification (Third Edition)"; section 4.3 has their order.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from pixelater.decode.colors import SRGB, Colors, use_code_points, use_profile
from pixelater.decode.profiles import MAX_BYTES

SIGNATURE_BYTES = 8
STATEMENTS = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")
AFTER = (b"IDAT", b"IEND")
UNIT = 100_000
"""Numbers of gAMA and cHRM are multiples of 1/100,000 (sections 11.3.2.1 and 11.3.2.2)."""

SRGB_GAMMA = 45_455
"""What sRGB files state as gamma (section 11.3.2.5); alone, it means sRGB in Chromium."""

MOST_GAMMA = 32_767
"""The largest exponent of a profile."""


def find_colors(file: BinaryIO, is_gray: bool) -> Iterator[Colors]:
    """List what the chunks of a PNG state, in the order of their precedence."""
    chunks = _read_chunks(file)
    if points := chunks.get(b"cICP"):
        yield from _use_cicp(points, is_gray)
    if profile := chunks.get(b"iCCP"):
        yield from use_profile(_decompress(profile))
    if b"sRGB" in chunks:
        yield SRGB
    if gamma := chunks.get(b"gAMA"):
        yield from _use_gamma(gamma, chunks.get(b"cHRM", b""), is_gray)


def _read_chunks(file: BinaryIO) -> dict[bytes, bytes]:
    """Read the statements before the image data: the first of a kind with a valid checksum."""
    found: dict[bytes, bytes] = {}
    file.seek(SIGNATURE_BYTES)
    while len(head := file.read(8)) == 8:
        length, name = struct.unpack(">I4s", head)
        if name in AFTER:
            break
        if name not in STATEMENTS or length > MAX_BYTES:
            file.seek(length + 4, 1)
            continue
        data, checksum = file.read(length), file.read(4)
        if zlib.crc32(name + data) == int.from_bytes(checksum):
            found.setdefault(name, data)
    return found


def _use_cicp(points: bytes, is_gray: bool) -> Iterator[Colors]:
    """Use code points (section 11.3.2.6), of narrow range only for high dynamic range."""
    primaries, transfer, matrix, full_range = struct.unpack(">4B", points)
    if matrix == 0:
        yield from use_code_points(
            primaries, transfer, full_range, is_gray=is_gray, only_high_range=not full_range
        )


def _decompress(chunk: bytes) -> bytes:
    """Decompress a profile, which follows its name and method (section 11.3.2.3)."""
    try:
        return zlib.decompressobj().decompress(chunk[chunk.index(0) + 2 :], MAX_BYTES)
    except (ValueError, zlib.error):
        return b""


def _use_gamma(gamma: bytes, primaries: bytes, is_gray: bool) -> Iterator[Colors]:
    """Use an exponent, and primaries if they are stated and valid, else those of sRGB."""
    from pixelater.decode import display_profiles

    (exponent,) = struct.unpack(">I", gamma)
    if exponent <= UNIT / MOST_GAMMA or (exponent == SRGB_GAMMA and not primaries):
        yield SRGB
        return
    curve = display_profiles.Curve(0, (UNIT / exponent,))
    if is_gray:
        yield Colors(display_profiles.build_gray_profile(curve))
        return
    if len(primaries) == 32:
        pairs = struct.iter_unpack(">II", primaries)
        stated = display_profiles.Primaries(*((x / UNIT, y / UNIT) for x, y in pairs))
        if profile := display_profiles.build_rgb_profile(stated, curve):
            yield Colors(profile)
    yield Colors(display_profiles.build_rgb_profile(display_profiles.SRGB_PRIMARIES, curve))
