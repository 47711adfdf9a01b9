"""Videos for tests: a square that moves over a drawn scene, or a picture with a face that moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image

SIZE = 160, 120
SECRET = "somebody's title"


def draw_frames(count: int, size: tuple[int, int] = SIZE) -> list[Image.Image]:
    """Draw a white square that moves to the right, on a gradient."""
    frames = []
    for number in range(count):
        frame = Image.linear_gradient("L").resize(size).convert("RGB")
        frame.paste((255, 255, 255), (10 + 2 * number, 30, 40 + 2 * number, 60))
        frames.append(frame)
    return frames


def write_clip(
    path: Path,
    frames: Iterable[Image.Image],
    times: Sequence[int] | None = None,
    *,
    codec: str = "libx264",
    format: str = "yuv420p",
    rotation: int = 0,
) -> None:
    """Write a video; times are in milliseconds, 40 apart by default."""
    import av

    pictures = list(frames)
    with av.open(str(path), "w") as output:
        output.metadata.update(title=SECRET, comment=SECRET, location="+47.0+008.0/")
        stream: Any = output.add_stream(codec, rate=25)
        stream.width, stream.height = pictures[0].size
        stream.pix_fmt = format
        stream.codec_context.time_base = Fraction(1, 1000)
        if rotation:
            stream.set_display_rotation(rotation)
        make: Any = av.VideoFrame.from_image
        for number, picture in enumerate(pictures):
            frame = make(picture)
            frame.pts = times[number] if times else 40 * number
            frame.time_base = Fraction(1, 1000)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())


def read_clip(path: Path) -> tuple[list[Image.Image], list[Fraction], dict[str, Any]]:
    """Return frames as stored, their times, and what the file says of itself."""
    import av

    with av.open(str(path)) as source:
        stream = source.streams.video[0]
        frames: list[Any] = list(source.decode(stream))
        about = {
            "format": frames[0].format.name,
            "rotation": frames[0].rotation,
            "metadata": str(source.metadata) + str(stream.metadata),
        }
        return (
            [frame.to_image() for frame in frames],
            [frame.pts * frame.time_base for frame in frames],
            about,
        )
