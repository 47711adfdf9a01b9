"""Sound of a video: copied, or encoded again if the new file's format does not hold its codec."""

from __future__ import annotations

from typing import Any

HELD = {
    "mp4": ("aac", "mp3", "mp3float", "mp2", "mp2float", "ac3", "eac3", "alac", "flac", "opus"),
    "webm": ("opus", "libopus", "vorbis", "libvorbis"),
}
"""Codecs that players expect in a container, by FFmpeg's names."""

ENCODERS = {"mp4": ("aac", None), "webm": ("libopus", 48_000)}
"""Encoder of other sound, and its only rate."""

RATES = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)
"""Those of AAC up to 48 kHz (ISO/IEC 14496-3, table 1.18)."""

LANGUAGE = "language"


def is_held(container: str, stream: Any) -> bool:
    """Return whether a stream can be copied."""
    return stream.codec_context.name in HELD[container]


class SoundWriter:
    """One stream of sound in a new file. `output` is PyAV's container."""

    def __init__(self, output: Any, container: str, stream: Any) -> None:
        self._output = output
        self._resampler: Any = None
        language = stream.metadata.get(LANGUAGE)
        if is_held(container, stream):
            self._stream = output.add_stream_from_template(stream)
        else:
            self._stream = self._add_encoder(container, stream)
        self._stream.metadata.clear()
        if language:
            self._stream.metadata[LANGUAGE] = language

    def _add_encoder(self, container: str, stream: Any) -> Any:
        import av

        name, rate = ENCODERS[container]
        own = stream.codec_context.sample_rate
        rate = rate or (own if own in RATES else RATES[0])
        layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        added = self._output.add_stream(name, rate=rate, layout=layout)
        self._resampler = av.AudioResampler(added.codec_context.format, layout, rate)
        return added

    def write(self, packet: Any) -> None:
        """Write a packet: as it is, or what is in it, encoded again."""
        if self._resampler is None:
            packet.stream = self._stream
            self._output.mux(packet)
            return
        for frame in packet.decode():
            self._encode(frame)

    def finish(self) -> None:
        """Encode what waits."""
        if self._resampler is not None:
            self._encode(None)
            self._output.mux(self._stream.encode(None))

    def _encode(self, frame: Any) -> None:
        for part in self._resampler.resample(frame):
            self._output.mux(self._stream.encode(part))
