"""Writing of a video: what was decoded is encoded again, with the same times, size and colors.

H.264 in MP4 by libx264, and VP9 in WebM by libvpx-vp9. Titles, places and other tags are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

from pixelater_cli.errors import PixelaterError
from pixelater_cli.video.light import list_light_options
from pixelater_cli.video.planes import FULL_RANGE
from pixelater_cli.video.sound import SoundWriter

ENCODERS = {
    "mp4": ("libx264", {"crf": "18", "preset": "veryfast", "a53cc": "0"}),
    "webm": ("libvpx-vp9", {"crf": "30", "b": "0", "deadline": "realtime", "cpu-used": "5"}),
}
"""Container -> encoder and its options. Captions in frames (CEA-708) are left out."""

COLOR_TAGS = ("color_range", "color_primaries", "color_trc", "colorspace")
FULL = 2
"""AVCOL_RANGE_JPEG: values use the full range."""


class VideoError(PixelaterError):
    """A video that cannot be read or written."""


class VideoWriter:
    """A video that is being written."""

    def __init__(self, path: Path, container: str, source: Any, format: str) -> None:
        """Begin a video like a stream, in a format of frames. `path` has any suffix."""
        import av

        options = {"movflags": "+faststart"} if container == "mp4" else {}
        self._output = av.open(str(path), "w", format=container, options=options)
        name, settings = ENCODERS[container]
        stream: Any = self._output.add_stream(name, rate=source.average_rate or 25)
        stream.width, stream.height = source.width, source.height
        stream.pix_fmt = FULL_RANGE.get(format, format)
        stream.options = dict(settings)
        stream.time_base = stream.codec_context.time_base = source.time_base
        for tag in COLOR_TAGS:
            value = getattr(source.codec_context, tag, None)
            if value:
                setattr(stream.codec_context, tag, value)
        if format in FULL_RANGE:
            stream.codec_context.color_range = FULL
        if source.sample_aspect_ratio:
            stream.codec_context.sample_aspect_ratio = Fraction(source.sample_aspect_ratio)
        self._stream, self._container = stream, container
        self._sounds: dict[int, SoundWriter] = {}

    def set_light(self, frame: Any) -> None:
        """Say how bright the video is, if a frame does; before the first one. VP9 has no such."""
        light = list_light_options(frame) if self._container == "mp4" else {}
        if light:
            pairs = ":".join(f"{name}={value}" for name, value in light.items())
            self._stream.options = {**self._stream.options, "x264-params": pairs}

    def set_rotation(self, degrees: int) -> None:
        """Say how players turn the video; before the first frame."""
        if degrees:
            self._stream.set_display_rotation(degrees)

    def add_sound(self, stream: Any) -> None:
        """Add a stream of sound, with its language."""
        self._sounds[stream.index] = SoundWriter(self._output, self._container, stream)

    def write_sound(self, packet: Any) -> None:
        """Write a packet of sound."""
        self._sounds[packet.stream.index].write(packet)

    def write(self, frame: Any) -> None:
        """Encode a frame."""
        frame.pict_type = 0  # The encoder chooses the kind, not the one before.
        self._mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Encode what waits, and close the file."""
        self._mux(self._stream.encode())
        for sound in self._sounds.values():
            sound.finish()
        self._output.close()

    def abandon(self) -> None:
        """Close the file as it is."""
        self._output.close()

    def _mux(self, packets: Iterable[Any]) -> None:
        for packet in packets:
            self._output.mux(packet)
