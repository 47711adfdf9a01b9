"""Videos for tests with more than pictures: sound, subtitles, chapters, a cover, data, colors."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image

from tests.clips import SECRET, draw_frames

RATE = 48_000
HDR = {"color_primaries": 9, "color_trc": 16, "colorspace": 9, "color_range": 1}
"""BT.2020 with PQ (ITU-T H.273, tables 2 to 4)."""

LIGHT = {
    "mastering-display": "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)",
    "cll": "1000,400",
}
"""A display of BT.2020's colors and 0.0001 to 1000 cd/m2, and the lightest pixel and frame."""


def write_rich_clip(
    path: Path,
    *,
    sound: str = "",
    extras: bool = False,
    codec: str = "libx264",
    format: str = "yuv420p",
    colors: dict[str, int] | None = None,
    count: int = 25,
    options: dict[str, str] | None = None,
) -> None:
    """Write a second of video; `extras` are subtitles, a chapter, and a cover where they fit."""
    import av

    with av.open(str(path), "w") as output:
        output.metadata.update(title=SECRET, comment=SECRET, location="+47.0+008.0/")
        stream: Any = output.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, format
        stream.options = options or {}
        stream.metadata["title"] = SECRET
        for name, value in (colors or {}).items():
            setattr(stream.codec_context, name, value)
        hearing: Any = None
        if sound:
            hearing = output.add_stream(sound, rate=RATE, layout="stereo")
            hearing.options = {"strict": "experimental"} if sound == "vorbis" else {}
            hearing.metadata.update(language="eng", title=SECRET)
        subtitles: Any = None
        if extras and path.suffix == ".mkv":
            output.add_attachment(SECRET, "text/plain", SECRET.encode())
            output.add_attachment("cover.jpg", "image/jpeg", make_cover())
            subtitles = output.add_mux_stream("subrip")
        if extras:
            chapter: Any = {
                "id": 1,
                "start": 0,
                "end": 500,
                "time_base": Fraction(1, 1000),
                "metadata": {"title": SECRET},
            }
            output.set_chapters([chapter])
        make: Any = av.VideoFrame.from_image
        for number, picture in enumerate(draw_frames(count)):
            frame = make(picture)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
        if subtitles:
            line = av.Packet(SECRET.encode())
            line.stream, line.pts, line.dts, line.duration = subtitles, 0, 0, 300
            line.time_base = Fraction(1, 1000)
            output.mux(line)
        if hearing:
            _write_tone(output, hearing, count / 25)


def _write_tone(output: Any, stream: Any, seconds: float) -> None:
    import av
    import numpy

    times = numpy.arange(round(seconds * RATE)) / RATE
    wave = (8000 * numpy.sin(2 * numpy.pi * 440 * times)).astype("<i2")
    frame = av.AudioFrame.from_ndarray(numpy.repeat(wave, 2)[None], "s16", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    context = stream.codec_context
    fitted = av.AudioResampler(context.format, "stereo", RATE)
    for part in (*fitted.resample(frame), *fitted.resample(None)):
        output.mux(stream.encode(part))
    output.mux(stream.encode(None))


def list_streams(path: Path) -> list[tuple[str, str, str]]:
    """List the streams of a file: kind, codec, and language."""
    import av

    with av.open(str(path)) as source:
        return [
            (stream.type, stream.codec_context.name, stream.metadata.get("language", ""))
            for stream in source.streams
        ]


def measure_sound(path: Path) -> tuple[float, int]:
    """Return the seconds of sound, and the loudest value of 16 bits."""
    import av
    import numpy

    with av.open(str(path)) as source:
        fitted = av.AudioResampler("s16", "mono", RATE)
        parts = [
            part.to_ndarray()
            for frame in source.decode(source.streams.audio[0])
            for part in fitted.resample(frame)
        ]
    samples = numpy.concatenate(parts, 1)
    return samples.shape[1] / RATE, int(abs(samples).max())


def make_cover() -> bytes:
    """Make a small JPEG with a comment."""
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), "teal").save(buffer, "JPEG", comment=SECRET)
    return buffer.getvalue()
