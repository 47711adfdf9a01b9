"""Brightness of an HDR video: the display it was made for (SMPTE ST 2086), and its lightest frames.

Frames carry both as FFmpeg's structures, and x264 takes them as options.
"""

from __future__ import annotations

import struct
from typing import Any

CHROMATICITY, LUMINANCE = 50_000, 10_000
"""Steps of one unit in messages of H.264 (ITU-T H.264, D.1.29): of 0.00002, and 0.0001 cd/m2."""

DISPLAY_BYTES, LEVEL_BYTES = 88, 8


def list_light_options(frame: Any) -> dict[str, str]:
    """Return x264's options for the light of a frame; none if it says nothing."""
    found: dict[str, str] = {}
    display = _read_data(frame, "MASTERING_DISPLAY_METADATA", DISPLAY_BYTES)
    if display and (formatted := _format_display(display)):
        found["mastering-display"] = formatted
    if level := _read_data(frame, "CONTENT_LIGHT_LEVEL", LEVEL_BYTES):
        most, mean = struct.unpack_from("=II", level)
        found["cll"] = f"{most},{mean}"
    return found


def _read_data(frame: Any, name: str, least: int) -> bytes:
    """Return what a frame says of one kind; b"" if that is nothing, or less than the least bytes.

    PyAV 18 iterates over data, and 19 over its kinds: both find it by name.
    """
    data = frame.side_data.get(name)
    content = b"" if data is None else bytes(data)
    return content if len(content) >= least else b""


def _format_display(content: bytes) -> str:
    """Format AVMasteringDisplayMetadata: ten fractions, and whether they are set; "" if not."""
    *parts, has_primaries, has_luminance = struct.unpack_from("=20i2i", content)
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    if not (has_primaries and has_luminance) or any(below == 0 for _, below in pairs):
        return ""
    red, green, blue, white = (
        ",".join(str(round(CHROMATICITY * above / below)) for above, below in pairs[i : i + 2])
        for i in range(0, 8, 2)
    )
    least, most = (round(LUMINANCE * above / below) for above, below in pairs[8:])
    return f"G({green})B({blue})R({red})WP({white})L({most},{least})"
