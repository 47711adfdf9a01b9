"""Inputs of the writers that are made of a fuzzer's bytes: cells, sizes, profiles and durations."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

from PIL import Image

from pixelater import Mosaic
from pixelater.decode.colors import Colors
from pixelater.decode.photo import Photo
from pixelater.decode.profiles import clean_profile
from pixelater.encode import encoder
from pixelater.encode.formats import ANIMATED, ENCODINGS
from pixelater.mosaic import ENCODER_ERRORS
from tests.fuzz.checks import STYLES, check_mosaic

MODES = ("L", "LA", "RGB", "RGBA", "CMYK", "F")
MAX_SIDE = 600
HEADER = struct.Struct("<6B2H2h")
"""Format, mode, style, columns, rows, frames, width, height, duration of a frame, and loop."""


def make_seeds() -> Iterator[tuple[str, bytes]]:
    """Make an input for each format, mode and style, with a name for its file."""
    for format_, name in enumerate(ENCODINGS):
        for mode, mode_name in enumerate(MODES):
            style = (format_ + mode) % len(STYLES)
            head = HEADER.pack(format_, mode, style, 8, 6, mode, 123, 77, 40, mode - 1)
            noise = random.Random(format_ * mode).randbytes(100 + 50 * mode)
            yield f"{name}-{mode_name}", head + noise


def check_writer(data: bytes) -> None:
    """Let a writer write cells made of the input, and check the mosaic."""
    numbers = HEADER.unpack(data[: HEADER.size].ljust(HEADER.size, b"\0"))
    format_, mode, style, columns, rows, count, width, height, duration, loop = numbers
    encoding = [*ENCODINGS.values()][format_ % len(ENCODINGS)]
    width, height = 1 + width % MAX_SIDE, 1 + height % MAX_SIDE
    size = 1 + columns % min(width, 64), 1 + rows % min(height, 64)
    frames = 1 + count % 4 if encoding.format in ANIMATED else 1
    mode = MODES[mode % len(MODES)]
    length = len(Image.new(mode, size).tobytes())
    body = data[HEADER.size :].ljust(length * frames, b"\x80")
    cells = [
        Image.frombytes(mode, size, body[number * length :][:length]) for number in range(frames)
    ]
    photo = Photo(
        Image.new(mode, (width, height)),
        width,
        height,
        encoding.format,
        colors=Colors(clean_profile(body[frames * length :])),
        loop=loop if loop >= 0 else None,
    )
    durations = [max(0, duration) * (1 + 997 * number) for number in range(frames)]
    try:
        written = encoder.write_mosaic(
            cells, photo, encoding, STYLES[style % len(STYLES)], durations if frames > 1 else ()
        )
    except ENCODER_ERRORS as error:
        raise AssertionError(f"{encoding.format} is not written: {error!r}") from error
    check_mosaic(Mosaic(0, *size, width, height, encoding.format, encoding.media_type, written))
