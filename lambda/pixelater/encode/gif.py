"""Encoder for mosaics as animated GIF: one complete image at a time.

The format is GIF89a (https://www.w3.org/Graphics/GIF/spec-gif89a.txt); Pillow compresses the
images. Its writer of animations joins equal images and adds up their delays, even beyond the limit
of 65,535 hundredths of a second (section 23), and holds all images in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from PIL import GifImagePlugin, Image

from pixelater.encode.delays import split_delays
from pixelater.grid import Sides, paint

HUNDREDTH_MS = 10
SHORTEST_MS = 20
"""Browsers show delays of 10 ms and less for 100 ms (http://webkit.org/b/36082; Chromium's
deferred_image_decoder.cc)."""

MAX_HUNDREDTHS = 0xFFFF

CLEAR_AFTERWARDS = 2
"""Disposal (section 23): an image is cleared before the next, which may be transparent there."""


def write_gif(
    frames: Sequence[Image.Image],
    width: int,
    height: int,
    durations: Sequence[int],
    loop: int | None = None,
    sides: Sides | None = None,
) -> bytes:
    """Write cells (mode P), enlarged to width x height pixels, as an animation.

    Cells are spread evenly, unless `sides` are their edges.

    `durations` are in milliseconds; their sum is kept. `loop` is how often it is repeated (0:
    forever, None: not at all).
    """
    shown = list(_join_equal(frames, durations))
    delays = split_delays([time for _, time in shown], (HUNDREDTH_MS,), MAX_HUNDREDTHS)
    parts: list[bytes] = []
    for (cells, _), parts_of_delay in zip(shown, delays, strict=True):
        trimmed, settings = _trim_palette(cells)
        picture = paint(trimmed, width, height, sides)
        if parts:
            settings["include_color_table"] = True
        else:
            # With a duration, the header is that of GIF89a.
            info = {"duration": HUNDREDTH_MS} | ({} if loop is None else {"loop": loop})
            parts += GifImagePlugin.getheader(picture, info=info)[0]
        for count, unit in parts_of_delay:
            settings |= {"duration": count * unit, "disposal": CLEAR_AFTERWARDS}
            parts += GifImagePlugin.getdata(picture, **settings)
    return b"".join(parts) + b";"


def round_durations(durations: Sequence[int]) -> list[int]:
    """Round the durations of another format to hundredths of a second.

    Their sum is kept, unless frames of 11 to 19 ms are too many: they are shown for 20 ms.

    >>> round_durations([16, 16, 100, 33, 33, 33, 10, 0])
    [20, 20, 90, 40, 30, 30, 10, 0]
    """
    rounded: list[int] = []
    end = shown = 0
    for duration in durations:
        end += duration
        least = SHORTEST_MS if duration > HUNDREDTH_MS else 0
        rounded.append(max(round((end - shown) / HUNDREDTH_MS) * HUNDREDTH_MS, least))
        shown += rounded[-1]
    return rounded


def _join_equal(
    frames: Sequence[Image.Image], durations: Sequence[int]
) -> Iterator[tuple[Image.Image, int]]:
    """Join neighbors that are equal to one image, shown as long as they are together."""
    last, time = frames[0], durations[0]
    for cells, duration in zip(frames[1:], durations[1:], strict=True):
        if cells == last:
            time += duration
        else:
            yield last, time
            last, time = cells, duration
    yield last, time


def _trim_palette(cells: Image.Image) -> tuple[Image.Image, dict[str, Any]]:
    """Remove unused colors from the palette; return the image and its transparent index, if any.

    The transparent color stays even if no pixel has it: the image is cleared with it.
    """
    transparent = cells.info.get("transparency")
    used = [index for index, count in enumerate(cells.histogram()) if count or index == transparent]
    settings = {} if transparent is None else {"transparency": used.index(transparent)}
    return cells.remap_palette(used), settings
