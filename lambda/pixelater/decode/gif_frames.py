"""The frames of GIF files, composed as browsers do.

Pillow fills what the first frame leaves free, and what is cleared, with a color; in browsers it is
transparent. Section numbers are those of GIF89a (https://www.w3.org/Graphics/GIF/spec-gif89a.txt).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import SEEK_CUR, SEEK_END
from typing import BinaryIO

from PIL import Image

from pixelater.decode.decoder_errors import decode_data
from pixelater.decode.limits import MAX_FRAMES
from pixelater.errors import TooLarge

COMMENT, CONTROL, APPLICATION = b"\xfe", b"\xf9", b"\xff"
"""Labels of extensions (sections 23, 24 and 26). Only a comment may be empty to Pillow."""

CLEARED = 2
RESTORED = (3, 4)
"""Disposal methods: the area is cleared after the frame, or is as before. 4 is not in section 23,
but browsers take it for 3."""

LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
"""Applications that say how often an animation is repeated."""

HUNDREDTH_MS = 10
INTERLACED, HAS_PALETTE = 0x40, 0x80
GRAYS = bytes(level for level in range(256) for _ in range(3))
NO_KEY = -1

MAX_BLOCKS, BLOCK_BYTES = 1_000_000, 128
"""A sub-block has up to 255 bytes (section 15), and encoders fill all but the last. A file that has
more than a million of fewer bytes is no photo; Pillow takes time and memory for each."""


@dataclass(frozen=True)
class Frame:
    """One frame: its area, its colors, and where its data is."""

    left: int
    top: int
    width: int
    height: int
    palette: bytes
    key: int
    disposal: int
    duration: int
    is_interlaced: bool
    start: int
    end: int


@dataclass(frozen=True)
class Animation:
    """The frames of a file of width x height pixels; `loop` is how often they are repeated."""

    file: BinaryIO
    width: int
    height: int
    frames: tuple[Frame, ...]
    loop: int | None

    def __iter__(self) -> Iterator[Image.Image]:
        """Compose the frames; the info of each has its duration in milliseconds.

        Raises OSError for a frame that is damaged or cut off.
        """
        canvas = Image.new("RGBA", (self.width, self.height))
        for frame in self.frames:
            corner = frame.left, frame.top
            before = canvas.copy() if frame.disposal in RESTORED else None
            indices = self._decode(frame)
            mask = indices.point([255 * (index != frame.key) for index in range(256)])
            indices.putpalette(frame.palette)
            canvas.paste(indices.convert("RGB"), corner, mask)
            is_opaque = canvas.getchannel("A").getextrema() == (255, 255)
            shown = canvas.convert("RGB") if is_opaque else canvas.copy()
            shown.info["duration"] = frame.duration
            yield shown
            if before is not None:
                canvas = before
            elif frame.disposal == CLEARED:
                right, lower = frame.left + frame.width, frame.top + frame.height
                canvas.paste((0, 0, 0, 0), (*corner, right, lower))

    def _decode(self, frame: Frame) -> Image.Image:
        """Decode the indices of a frame, whose data begins with the size of its codes."""
        self.file.seek(frame.start)
        (bits,) = self.file.read(1) or b"\0"
        data = self.file.read(frame.end - self.file.tell())
        settings = (bits, frame.is_interlaced, NO_KEY)
        return decode_data("L", (frame.width, frame.height), data, "gif", settings)


def read_animation(file: BinaryIO) -> Animation:
    """Read the structure of a GIF file: its frames, of which stills have one.

    The first frame can exceed the screen; others are cut. Raises OSError if there is none.
    """
    file.seek(0)
    width, height = struct.unpack("<6x2H", file.read(10))
    loops: list[int] = []
    frames = tuple(list_frames(file, loops))
    if not frames:
        raise OSError("image file is truncated: it has no image")
    first = frames[0]
    size = max(width, first.left + first.width), max(height, first.top + first.height)
    return Animation(file, *size, frames, loops[0] if loops else None)


def list_frames(file: BinaryIO, loops: list[int] | None = None) -> Iterator[Frame]:
    """List the frames of a GIF file, skipping their data; what is cut off is left out.

    Of more than MAX_FRAMES, one more is listed, so that they are refused. Numbers of repetitions
    are added to `loops`. Raises TooLarge for more blocks than a photo has; bytes that are none
    count, too.
    """
    blocks = MAX_BLOCKS + file.seek(0, SEEK_END) // BLOCK_BYTES
    file.seek(0)
    screen = file.read(13)
    if len(screen) < 13:
        return
    shared = file.read(measure_palette(screen[10]))
    key, disposal, delay = NO_KEY, 0, 0
    listed = 0
    while listed <= MAX_FRAMES and (block := file.read(1)) not in (b"", b";"):
        blocks -= 1
        if block == b"!":
            label = file.read(1)
            content = b"" if label == COMMENT else _read_block(file)
            if label == CONTROL and len(content) >= 4:
                flags, delay, index = struct.unpack_from("<BHB", content)
                key, disposal = index if flags & 1 else NO_KEY, flags >> 2 & 7
            elif label == APPLICATION and content.startswith(LOOPS) and loops is not None:
                content = _read_block(file)
                if len(content) >= 3 and content[0] == 1:
                    loops.append(int.from_bytes(content[1:3], "little"))
        elif block == b",":
            head = file.read(9)
            if len(head) < 9:
                return
            left, top, width, height, flags = struct.unpack("<HHHHB", head)
            palette = file.read(measure_palette(flags)) or shared or GRAYS
            start = file.tell()
            file.seek(1, 1)
            blocks = _skip_blocks(file, blocks)
            times = delay * HUNDREDTH_MS
            drawing = key, disposal, times, bool(flags & INTERLACED)
            yield Frame(left, top, width, height, palette, *drawing, start, file.tell())
            listed += 1
            key, disposal, delay = NO_KEY, 0, 0
            continue
        elif blocks > 0:
            continue
        blocks = _skip_blocks(file, blocks)


def _read_block(file: BinaryIO) -> bytes:
    """Read a data sub-block; the last is empty (section 15)."""
    return file.read(int.from_bytes(file.read(1)))


def _skip_blocks(file: BinaryIO, most: int) -> int:
    """Skip sub-blocks; return how many of the most are left. Raises TooLarge for more."""
    for left in range(most, 0, -1):
        length = int.from_bytes(file.read(1))
        if not length:
            return left
        file.seek(length, SEEK_CUR)
    raise TooLarge(f"it has more than {MAX_BLOCKS:,} blocks of few bytes")


def measure_palette(flags: int) -> int:
    """Return how many bytes a palette has that flags describe (sections 18 and 20)."""
    return 3 << (flags & 7) + 1 if flags & HAS_PALETTE else 0
