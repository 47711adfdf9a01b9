"""The frames that AV1 data hold, whatever the size is that a file says around them.

The decoder (dav1d) allocates what is coded, and only then an image is scaled to the size that the
file declares. Section numbers are those of the AV1 Bitstream & Decoding Process Specification.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

SEQUENCE_HEADER, FRAME_HEADER, FRAME = 1, 3, 6
"""Types of the units (OBUs) that data consist of (section 6.2.2)."""

HEADER_BYTES = 128
"""More than what is read of a sequence or frame header."""

KEY_FRAME, SWITCH_FRAME = 0, 3
SELECT = 2
"""What is chosen for each frame (section 3: SELECT_SCREEN_CONTENT_TOOLS)."""

PROFILE_PLANES = {0: 1.5, 1: 3.0}
"""Samples of a pixel with colors: 4:2:0 and 4:4:4 (section 6.4.1); profile 2 has 4:2:2, and with 12
bits any."""

SRGB_MATRIX = 0x010D00
"""Code points of colors that are RGB itself (section 6.4.2), and are 4:4:4."""


class Frame(NamedTuple):
    """The pixels of a coded frame, and the bytes of each in its planes."""

    pixels: int
    pixel_bytes: float


@dataclass(frozen=True)
class Sequence:
    """What a sequence header says (section 5.5): the largest frame, and what frames begin with."""

    frame: Frame
    most_pixels: int
    reduced: bool
    time_bits: int
    id_bits: int
    screen_tools: int
    integer_motion: int


class _Bits:
    """Reads bits, of which those beyond the end are 0, as in dav1d."""

    def __init__(self, data: bytes) -> None:
        self.value, self.left = int.from_bytes(data), 8 * len(data)

    def read(self, count: int) -> int:
        self.left -= count
        shifted = self.value >> self.left if self.left >= 0 else self.value << -self.left
        return shifted & ((1 << count) - 1)

    def skip_variable(self) -> None:
        """Skip a number of variable length (section 4.10.3)."""
        zeros = 0
        while zeros < 32 and not self.read(1):
            zeros += 1
        self.read(zeros if zeros < 32 else 0)


def list_frames(samples: Iterable[bytes]) -> Iterator[Frame | None]:
    """List the frames of samples; None stands for another unit. What is cut off is left out.

    A sequence header is valid until the next one.
    """
    sequence: Sequence | None = None
    for data in samples:
        for type_, start, end in _list_units(data):
            content = data[start : min(end, start + HEADER_BYTES)]
            frame = None
            if type_ == SEQUENCE_HEADER:
                sequence = read_sequence(content)
            elif type_ in (FRAME_HEADER, FRAME) and sequence:
                frame = _read_frame(content, sequence)
            yield frame


def _list_units(data: bytes) -> Iterator[tuple[int, int, int]]:
    """List the type, start and end of units (section 5.3)."""
    place = 0
    while place < len(data):
        head = data[place]
        place += 2 if head & 0x04 else 1
        size = len(data) - place
        if head & 0x02:
            size, shift = 0, 0
            while shift < 56 and place < len(data):  # leb128 (section 4.10.5)
                size |= (data[place] & 0x7F) << shift
                shift += 7
                place += 1
                if data[place - 1] < 0x80:
                    break
        yield head >> 3 & 15, place, place + size
        place += size


def read_sequence(content: bytes) -> Sequence:
    """Read a sequence header (section 5.5.1)."""
    bits = _Bits(content)
    profile, reduced = bits.read(3), bool(bits.read(2) & 1)
    time_bits = 0
    if reduced:
        bits.read(5)
    else:
        time_bits = _skip_operating_points(bits)
    sides = bits.read(4) + 1, bits.read(4) + 1
    width, height = (bits.read(count) + 1 for count in sides)
    id_bits = 0
    if not reduced and bits.read(1):
        id_bits = bits.read(4) + bits.read(3) + 3
    bits.read(3)
    screen_tools, integer_motion = SELECT, SELECT
    if not reduced:
        bits.read(4)
        has_order = bits.read(1)
        bits.read(2 * has_order)
        screen_tools = SELECT if bits.read(1) else bits.read(1)
        if screen_tools:
            integer_motion = SELECT if bits.read(1) else bits.read(1)
        bits.read(3 * has_order)
    bits.read(3)
    pixels, most = width * height, 1 << sum(sides)
    frame = Frame(pixels, _read_planes(bits, profile))
    return Sequence(frame, most, reduced, time_bits, id_bits, screen_tools, integer_motion)


def _skip_operating_points(bits: _Bits) -> int:
    """Skip to the size of frames; return the bits of the time at which one is presented."""
    delay_bits, time_bits = 0, 0
    if bits.read(1):
        bits.read(64)
        same_interval = bits.read(1)
        if same_interval:
            bits.skip_variable()
        if bits.read(1):
            delay_bits = bits.read(5) + 1
            bits.read(32 + 5)
            time_bits = (bits.read(5) + 1) * (not same_interval)
    has_display_delay = bits.read(1)
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > 7:
            bits.read(1)
        if delay_bits and bits.read(1):
            bits.read(2 * delay_bits + 1)
        if has_display_delay and bits.read(1):
            bits.read(4)
    return time_bits


def _read_planes(bits: _Bits, profile: int) -> float:
    """Return the bytes of a pixel (section 5.5.2)."""
    high = bits.read(1)
    has_twelve = profile > 1 and high and bits.read(1)
    if profile != 1 and bits.read(1):
        return 1.0 + high
    planes = PROFILE_PLANES.get(profile, 2.0)
    if has_twelve and not (bits.read(1) and bits.read(24) == SRGB_MATRIX):
        bits.read(1)
        planes = 1 + 2 / ((1 + half) * (1 + bits.read(half))) if (half := bits.read(1)) else 3.0
    elif has_twelve:
        planes = 3.0
    return (1.0 + high) * planes


def _read_frame(content: bytes, sequence: Sequence) -> Frame | None:
    """Read how large a frame is at most (section 5.9.2); None if it is one that was decoded.

    A frame can say a size of its own, which dav1d does not compare with the largest one.
    """
    if sequence.reduced:
        return sequence.frame
    bits = _Bits(content)
    if bits.read(1):
        return None
    kind, shown = bits.read(2), bits.read(1)
    bits.read(sequence.time_bits if shown else 1)
    if kind != SWITCH_FRAME and not (kind == KEY_FRAME and shown):
        bits.read(1)
    bits.read(1)
    tools = bits.read(1) if sequence.screen_tools == SELECT else sequence.screen_tools
    if tools and sequence.integer_motion == SELECT:
        bits.read(1)
    bits.read(sequence.id_bits)
    if kind == SWITCH_FRAME or bits.read(1):
        return sequence.frame._replace(pixels=sequence.most_pixels)
    return sequence.frame
