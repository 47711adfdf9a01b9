"""Animations in PNG files (APNG), composed frame by frame.

Pillow composes them wrongly where a frame is restored to the one before, or the image for viewers
without animation is not part of it. Section numbers are those of "Portable Network Graphics (PNG)
Specification (Third Edition)".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, NamedTuple

from PIL import Image

from pixelater.decode import png_chunks, png_pixels
from pixelater.decode.png_chunks import Chunk, read_chunk, write_chunk

BACKGROUND, PREVIOUS = 1, 2
"""What happens to the area of a frame after it: it is cleared, or restored (section 11.3.6.2)."""

OVER = 1
"""The frame is blended, instead of replacing what is in its area (same section)."""

SHARED = (b"PLTE", b"tRNS")
"""Chunks that apply to all frames."""

GRAY_TYPES = (0, 4)
"""Color types without colors (section 11.2.1)."""

MS_PER_SECOND = 1000
DEFAULT_DIVISOR = 100


class Control(NamedTuple):
    """The data of an fcTL chunk, except for its number (section 11.3.6.2)."""

    width: int
    height: int
    left: int
    top: int
    delay: int
    divisor: int
    disposal: int
    blending: int


@dataclass(frozen=True)
class Frame:
    """One frame: its control, and its data, which a number precedes in fdAT chunks."""

    control: Control
    data: tuple[Chunk, ...]


@dataclass(frozen=True)
class Animation:
    """The frames of a file of width x height pixels, which play `loop` times (0: forever).

    `header` is the data of IHDR, `shared` the chunks that apply to all frames.
    """

    file: BinaryIO
    width: int
    height: int
    loop: int
    frames: tuple[Frame, ...]
    header: bytes
    shared: bytes

    def __iter__(self) -> Iterator[Image.Image]:
        """Compose the frames; the info of each has its duration in milliseconds.

        Raises what Pillow raises.
        """
        is_gray = self.header[9] in GRAY_TYPES
        canvas = Image.new("RGBA", (self.width, self.height))
        for frame in self.frames:
            control = frame.control
            box = (
                *(control.left, control.top),
                *(control.left + control.width, control.top + control.height),
            )
            before = canvas.copy() if control.disposal == PREVIOUS else None
            picture = self._decode(frame)
            if control.blending == OVER:
                canvas.alpha_composite(picture, box[:2])
            else:
                canvas.paste(picture, box)
            shown = _simplify(canvas, is_gray)
            shown.info["duration"] = (
                MS_PER_SECOND * control.delay / (control.divisor or DEFAULT_DIVISOR)
            )
            yield shown
            if before is not None:
                canvas = before
            elif control.disposal == BACKGROUND:
                canvas.paste((0, 0, 0, 0), box)

    def _decode(self, frame: Frame) -> Image.Image:
        """Decode the data of a frame as an image of its size, with the header of the file."""
        size = struct.pack(">II", frame.control.width, frame.control.height)
        parts = (
            read_chunk(self.file, chunk)[4 if chunk.name == b"fdAT" else 0 :]
            for chunk in frame.data
        )
        still = BytesIO(
            png_chunks.SIGNATURE
            + write_chunk(b"IHDR", size + self.header[8:])
            + self.shared
            + write_chunk(b"IDAT", b"".join(parts))
            + write_chunk(b"IEND", b"")
        )
        picture, _ = png_pixels.read(png_chunks.open_still(still), still)
        return picture.convert("RGBA")


def read_animation(file: BinaryIO) -> Animation | None:
    """Read the structure of an animation; None if the file has none, or one with errors."""
    chunks = png_chunks.list_chunks(file)
    names = [chunk.name for chunk in chunks]
    if names[0] != b"IHDR" or names.count(b"acTL") != 1:  # Several are an error (section 5.6).
        return None
    try:
        number, plays = struct.unpack(">II", read_chunk(file, chunks[names.index(b"acTL")]))
        header = read_chunk(file, chunks[0])
        width, height = struct.unpack_from(">II", header)
        frames = tuple(_read_frames(file, chunks))[:number]
    except struct.error:
        return None
    is_sound = frames and all(_fits(frame, width, height) for frame in frames)
    if not is_sound or (len(frames) == 1 and frames[0].data[0].name == b"IDAT"):
        return None
    shared = b"".join(
        write_chunk(chunk.name, read_chunk(file, chunk)) for chunk in chunks if chunk.name in SHARED
    )
    return Animation(file, width, height, plays, frames, header, shared)


def _read_frames(file: BinaryIO, chunks: list[Chunk]) -> Iterator[Frame]:
    """Read the frames. Raises struct.error for numbers out of sequence (section 11.3.6)."""
    control: Control | None = None
    data: list[Chunk] = []
    numbers = 0
    for chunk in chunks:
        if chunk.name in (b"fcTL", b"fdAT"):
            (number,) = struct.unpack_from(">I", read_chunk(file, chunk))
            if number != numbers:
                raise struct.error(f"{number} where {numbers} is next")
            numbers += 1
        if chunk.name == b"fcTL":
            if control:
                yield Frame(control, tuple(data))
            control = Control(*struct.unpack_from(">4x4I2H2B", read_chunk(file, chunk)))
            data = []
        elif control and chunk.name in (b"IDAT", b"fdAT"):
            data.append(chunk)
    if control:
        yield Frame(control, tuple(data))


def _fits(frame: Frame, width: int, height: int) -> bool:
    """Return whether a frame has data, and an area within the image."""
    control = frame.control
    return bool(
        frame.data
        and control.width
        and control.height
        and control.left + control.width <= width
        and control.top + control.height <= height
    )


def _simplify(canvas: Image.Image, is_gray: bool) -> Image.Image:
    """Copy the composed image, in a mode of its colors, without alpha if it is opaque."""
    is_opaque = canvas.getchannel("A").getextrema() == (255, 255)
    if is_gray:
        return canvas.convert("L" if is_opaque else "LA")
    return canvas.convert("RGB") if is_opaque else canvas.copy()
