"""Sizes of images inside a file, which Pillow's plugins allocate beyond the size of the photo.

The canvas of a WebP is allocated, and an icon decoded, while the file is opened. Icons and textures
contain an image of another format, which can have another size, and the frames of a GIF can exceed
its screen.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import BinaryIO

from pixelater.decode.limits import Size


def list_sizes(format: str, file: BinaryIO) -> Iterator[Size]:
    """List the sizes of images inside a file that is in a format; none for most formats.

    Raises what plugins raise for damaged data, but ends where a file is cut off.
    """
    lister = LISTERS.get(format)
    if lister is not None:
        file.seek(0)
        with suppress(struct.error):
            yield from lister(file)


def _list_webp(file: BinaryIO) -> Iterator[Size]:
    """Read the size of the canvas, or of the only bitstream (RFC 9649, sections 2.5 to 2.7).

    A side has 24 bits in VP8X, 14 in VP8L (section 3.4) and VP8 (RFC 6386, section 9.1).
    """
    head = file.read(30).ljust(30, b"\0")
    match head[12:16]:
        case b"VP8X":
            width, height = (int.from_bytes(head[at : at + 3], "little") for at in (24, 27))
            yield width + 1, height + 1
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            yield (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case _:
            width, height = struct.unpack("<HH", head[26:])
            yield width & 0x3FFF, height & 0x3FFF


def _list_ico(file: BinaryIO) -> Iterator[Size]:
    from PIL.IcoImagePlugin import IcoFile

    from pixelater.decode import icons

    chosen = icons.choose_icon(file.read())
    # A bitmap has a mask below its colors.
    for entry in IcoFile(chosen).entry:
        chosen.seek(entry.offset)
        data = chosen.read()
        yield from _list_nested(data, "PNG")
        yield from ((width, height // 2) for width, height in _list_nested(data, "DIB"))


def _list_icns(file: BinaryIO) -> Iterator[Size]:
    from PIL.IcnsImagePlugin import IcnsFile

    icon = IcnsFile(file)
    for name, _ in IcnsFile.SIZES[icon.bestsize()]:
        if name in icon.dct:
            start, length = icon.dct[name]
            file.seek(start)
            yield from _list_nested(file.read(length), "PNG", "JPEG2000")


def _list_blp(file: BinaryIO) -> Iterator[Size]:
    """Read the size of the JPEG in a BLP1 texture, whose header is stored apart from its data."""
    head = file.read(28)
    if head.startswith(b"BLP1\0\0\0\0"):
        offset, *_, length = struct.unpack("<17I60x", file.read(128))
        (header_length,) = struct.unpack("<I", file.read(4))
        header = file.read(header_length)
        file.seek(max(offset, file.tell()))
        yield from _list_nested(header + file.read(length), "JPEG")


def _list_gif(file: BinaryIO) -> Iterator[Size]:
    """Read how far the frames reach."""
    from pixelater.decode import gif_frames

    for frame in gif_frames.list_frames(file):
        yield frame.left + frame.width, frame.top + frame.height


def _list_nested(data: bytes, *formats: str) -> Iterator[Size]:
    from pixelater.decode.identify import open_image

    if image := open_image(BytesIO(data), formats):
        yield image.size


LISTERS = {
    "WEBP": _list_webp,
    "ICO": _list_ico,
    "ICNS": _list_icns,
    "BLP": _list_blp,
    "GIF": _list_gif,
}
