"""Encoder for textures as KTX 2.0: an image with all its mipmaps, uncompressed, in sRGB.

"KTX File Format Specification", version 2.0 (https://registry.khronos.org/KTX/specs/2.0/), with the
data format descriptor of "Khronos Data Format Specification", version 1.3, sections 4 and 5.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from PIL import Image

from pixelater.encode.mipmaps import make_mipmaps

IDENTIFIER = b"\xabKTX 20\xbb\r\n\x1a\n"

R8G8B8A8_SRGB = 43
"""VK_FORMAT_R8G8B8A8_SRGB."""

TYPE_SIZE = 1
ALIGNMENT = 4
"""Of levels: the least common multiple of 4 and the bytes of a pixel (section 3.9.7)."""

HEADER = struct.Struct("<12s9I4I2Q")
LEVEL = struct.Struct("<3Q")

KEY_VALUES = {"KTXorientation": "rd", "KTXwriter": "pixelater"}
"""In the order of their keys: x goes right, y down (section 5.2)."""

MODEL_RGBSDA, PRIMARIES_BT709, TRANSFER_SRGB, STRAIGHT_ALPHA = 1, 1, 2, 0
CHANNELS = (0, 1, 2, 15 | 0x10)
"""Red, green, blue, and alpha, whose qualifier says that it is linear."""


def write_ktx2(image: Image.Image) -> bytes:
    """Write an image (sRGB) and its mipmaps as a KTX file, the smallest level first."""
    width, height = image.size
    levels = [level.tobytes() for level in make_mipmaps(image)]
    descriptor, key_values = _write_descriptor(), _write_key_values()
    start = HEADER.size + LEVEL.size * len(levels)
    body = descriptor + key_values
    index, padding = _place(levels, start + len(body))
    header = HEADER.pack(
        *(IDENTIFIER, R8G8B8A8_SRGB, TYPE_SIZE, width, height),
        *(0, 0, 1, len(levels), 0),  # Depth, layers, faces, levels, supercompression
        *(start, len(descriptor), start + len(descriptor), len(key_values), 0, 0),
    )
    return b"".join([header, *index, body, padding, *reversed(levels)])


def _place(levels: Sequence[bytes], end: int) -> tuple[list[bytes], bytes]:
    """Return the index of levels that begin after `end`, and the padding before the first.

    The size of every level is a multiple of the alignment.
    """
    padding = b"\0" * (-end % ALIGNMENT)
    offset = end + len(padding)
    index = []
    for level in reversed(levels):
        index.append(LEVEL.pack(offset, len(level), len(level)))
        offset += len(level)
    return index[::-1], padding


def _write_descriptor() -> bytes:
    """Describe a pixel of four bytes: one block, with a sample for each channel."""
    samples = b"".join(
        struct.pack("<HBB4B2I", 8 * byte, 7, channel, 0, 0, 0, 0, 0, 255)
        for byte, channel in enumerate(CHANNELS)
    )
    size = 24 + len(samples)
    color = struct.pack("<4B", MODEL_RGBSDA, PRIMARIES_BT709, TRANSFER_SRGB, STRAIGHT_ALPHA)
    block_sides, plane_bytes = bytes(4), bytes((len(CHANNELS), *[0] * 7))
    block = struct.pack("<IHH", 0, 2, size) + color + block_sides + plane_bytes + samples
    return struct.pack("<I", 4 + len(block)) + block


def _write_key_values() -> bytes:
    entries = b""
    for key, value in KEY_VALUES.items():
        entry = f"{key}\0{value}\0".encode()
        entries += struct.pack("<I", len(entry)) + entry + b"\0" * (-len(entry) % 4)
    return entries


def read_ktx2(data: bytes) -> list[Image.Image]:
    """Read the levels (RGBA) of a file of `write_ktx2`, the largest first."""
    _, _, _, width, height, _, _, _, count, *_ = HEADER.unpack_from(data)
    levels = []
    for number in range(count):
        offset, size, _ = LEVEL.unpack_from(data, HEADER.size + LEVEL.size * number)
        sides = max(1, width >> number), max(1, height >> number)
        levels.append(Image.frombytes("RGBA", sides, data[offset : offset + size]))
    return levels
