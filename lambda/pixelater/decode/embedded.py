"""Images inside a file, which Pillow's plugins decode whatever the size of the photo is.

The canvas of a WebP is allocated, and an icon decoded, while the file is opened. Icons and textures
contain an image of another format, which can have another size, and the frames of a GIF can exceed
its screen.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from pixelater.decode.limits import Size, check_size

if TYPE_CHECKING:
    from PIL import Image

    from pixelater.decode.cost import Header


def check(
    format: str, file: BinaryIO, max_pixels: int, admit: Callable[[Header], None] | None
) -> None:
    """Raise TooLarge for images inside a file that is in a format; nothing for most formats.

    `admit` is called with the header of a nested image, and may raise, too. Raises what plugins
    raise for damaged data, but ends where a file is cut off.
    """
    file.seek(0)
    if format in LISTERS:
        with suppress(struct.error):
            for size in LISTERS[format](file):
                check_size(size, max_pixels)
    if format in FINDERS:
        from pixelater.decode.cost_header import read_nested

        for image in FINDERS[format](file):
            check_size(image.size, max_pixels)
            if admit:
                admit(read_nested(image, format))


def list_webp(file: BinaryIO) -> Iterator[Size]:
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


def _list_gif(file: BinaryIO) -> Iterator[Size]:
    """Read how far the frames reach."""
    from pixelater.decode import gif_frames

    for frame in gif_frames.list_frames(file):
        yield frame.left + frame.width, frame.top + frame.height


LISTERS = {"WEBP": list_webp, "GIF": _list_gif}


def _find_ico(file: BinaryIO) -> Iterator[Image.Image]:
    from PIL.IcoImagePlugin import IcoFile

    from pixelater.decode import icons

    chosen = icons.choose_icon(file.read())
    for entry in IcoFile(chosen).entry:
        chosen.seek(entry.offset)
        for image in _open(chosen.read(), "PNG", "DIB"):
            if image.format == "DIB":  # A mask is below its colors, which the plugin cuts off, too.
                image._size = image.width, image.height // 2  # noqa: SLF001
            yield image


def _find_icns(file: BinaryIO) -> Iterator[Image.Image]:
    """Open the images of the largest size. Raises TooLarge for one that is larger than it says.

    The plugin refuses any other size, but after it has decoded it.
    """
    from PIL.IcnsImagePlugin import IcnsFile

    icon = IcnsFile(file)
    width, height, scale = icon.bestsize()
    most = width * scale * height * scale
    for name, _ in IcnsFile.SIZES[icon.bestsize()]:
        if name in icon.dct:
            start, length = icon.dct[name]
            file.seek(start)
            for image in _open(file.read(length), "PNG", "JPEG2000"):
                check_size(image.size, most)
                yield image


def _find_blp(file: BinaryIO) -> Iterator[Image.Image]:
    """Open the JPEG in a BLP1 texture, whose header is stored apart from its data."""
    head = file.read(28)
    if head.startswith(b"BLP1\0\0\0\0"):
        offset, *_, length = struct.unpack("<17I60x", file.read(128))
        (header_length,) = struct.unpack("<I", file.read(4))
        header = file.read(header_length)
        file.seek(max(offset, file.tell()))
        yield from _open(header + file.read(length), "JPEG")


def _open(data: bytes, *formats: str) -> Iterator[Image.Image]:
    from pixelater.decode.identify import open_image

    if image := open_image(BytesIO(data), formats):
        yield image


FINDERS = {"ICO": _find_ico, "ICNS": _find_icns, "BLP": _find_blp}
