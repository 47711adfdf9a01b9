"""The chunks of a PNG file, and its opening without those that do not matter for its pixels.

Pillow refuses images for their texts and for damage in ancillary chunks, takes a text for what its
keyword says (such as "transparency"), and composes animations wrongly. So it gets a file without
these. Section numbers are those of "Portable Network Graphics (PNG) Specification (Third Edition)".
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import BinaryIO, NamedTuple

from PIL import Image, PngImagePlugin

from pixelater.errors import TooLarge

SIGNATURE = b"\x89PNG\r\n\x1a\n"
FRAME_BYTES = 12
"""Each chunk has its length and type before its data, and a CRC after it (section 5.3)."""

ANCILLARY = 0x20
"""Set in the first letter of chunks that are not necessary (section 5.4)."""

LEAST_BYTES = {
    b"tRNS": 1,
    b"gAMA": 4,
    b"cHRM": 32,
    b"sRGB": 1,
    b"iCCP": 4,
    b"cICP": 4,
    b"mDCV": 24,
    b"cLLI": 8,
    b"eXIf": 8,
}
"""Ancillary chunks that are kept, and how long they are at least (section 11.3)."""


MAX_CHUNKS = 200_000
"""No photo has as many; each takes time and memory, however short it is."""


class Chunk(NamedTuple):
    """Where a chunk's data is."""

    name: bytes
    start: int
    length: int


def list_chunks(file: BinaryIO, last: bytes = b"IEND") -> list[Chunk]:
    """List the chunks of a PNG file, up to one of a type, its end, or what is not a chunk.

    Raises TooLarge for more than MAX_CHUNKS.
    """
    chunks: list[Chunk] = []
    start = len(SIGNATURE)
    while not chunks or chunks[-1].name != last:
        file.seek(start)
        head = file.read(8)
        if len(head) < 8 or not head[4:].isalpha():
            break
        if len(chunks) == MAX_CHUNKS:
            raise TooLarge(f"it has more than {MAX_CHUNKS:,} chunks")
        length = int.from_bytes(head[:4])
        chunks.append(Chunk(head[4:], start + 8, length))
        start += FRAME_BYTES + length
    return chunks


def is_animated(file: BinaryIO) -> bool:
    """Return whether a PNG file says that it has an animation (section 11.3.6.1)."""
    return any(chunk.name == b"acTL" for chunk in list_chunks(file, b"IDAT"))


def read_chunk(file: BinaryIO, chunk: Chunk) -> bytes:
    """Read the data of a chunk."""
    file.seek(chunk.start)
    return file.read(chunk.length)


def write_chunk(name: bytes, data: bytes) -> bytes:
    """Write a chunk."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def open_still(file: BinaryIO) -> Image.Image:
    """Open the image of a PNG file that all viewers show. Raises what Pillow raises.

    Checksums of image data are not compared, as in browsers: zlib's own one tells damage.
    """
    chunks = list_chunks(file)
    dropped = [chunk for chunk in chunks if not _is_kept(file, chunk)]
    if chunks and chunks[-1].name != b"IEND":
        file = BytesIO(_end(file, chunks[-1]))
    return PngImagePlugin.PngImageFile(_leave_out(file, dropped))


def _end(file: BinaryIO, last: Chunk) -> bytes:
    """Return a PNG file that is cut off after the beginning of a chunk, as if it ended there.

    Pillow refuses what is cut, though all pixels may be there, and says so where they are not.
    """
    file.seek(0)
    data = file.read(last.start - 8)
    return data + write_chunk(last.name, read_chunk(file, last)) + write_chunk(b"IEND", b"")


def _is_kept(file: BinaryIO, chunk: Chunk) -> bool:
    if not chunk.name[0] & ANCILLARY:
        return True
    least = LEAST_BYTES.get(chunk.name)
    if least is None or chunk.length < least or not is_intact(file, chunk):
        return False
    return chunk.name != b"iCCP" or bool(read_profile(file, chunk, PngImagePlugin.MAX_TEXT_CHUNK))


def is_intact(file: BinaryIO, chunk: Chunk) -> bool:
    """Return whether the checksum of a chunk is that of its data."""
    data = read_chunk(file, chunk)
    return file.read(4) == struct.pack(">I", zlib.crc32(chunk.name + data))


def read_profile(file: BinaryIO, chunk: Chunk, most: int) -> bytes:
    """Decompress a color profile (section 11.3.2.3); b"" if it is damaged or too long."""
    _, _, compressed = read_chunk(file, chunk).partition(b"\0")
    if not is_intact(file, chunk) or compressed[:1] != b"\0":
        return b""
    try:
        profile = zlib.decompressobj().decompress(compressed[1:], most + 1)
    except zlib.error:
        return b""
    return profile if len(profile) <= most else b""


def _leave_out(file: BinaryIO, dropped: Sequence[Chunk]) -> BinaryIO:
    """Return a PNG file without some chunks; itself, from its start, if there are none."""
    file.seek(0)
    if not dropped:
        return file
    data = memoryview(file.read())
    kept = []
    end = 0
    for chunk in dropped:
        kept.append(data[end : chunk.start - 8])
        end = chunk.start + chunk.length + 4
    return BytesIO(b"".join([*kept, data[end:]]))
