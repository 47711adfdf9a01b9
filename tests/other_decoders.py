"""Decoders that share no code with pixelater's, libvips and ffmpeg; and the cells of images.

libvips converts colors to sRGB by the profile, as viewers do; ffmpeg gives the values as stored.
"""

from __future__ import annotations

import re
import subprocess
from itertools import pairwise
from typing import Any

from imageio_ffmpeg import get_ffmpeg_exe
from PIL import Image

from pixelater.grid import find_edges

TOLERANCE = 4.0
"""Levels, of 255, by which cells may differ: decoders of JPEG and WebP round, and enlarge color,
differently, and profiles are applied to pixels by one and to cells by the other."""

MAX_FRAMES = 12
"""Frames of an animation that are compared."""

MAX_PIXELS = 100_000_000

Cells = tuple[float, ...]
"""Means of red, green and blue, multiplied by alpha, and of alpha, cell by cell."""


def decode_with_vips(data: bytes, raw: bool = False) -> list[Image.Image]:
    """Decode the frames of a photo, upright, to RGBA in sRGB, or with colors as stored (`raw`).

    Raises pyvips.Error.
    """
    import pyvips

    image = pyvips.Image.new_from_buffer(data, "")
    if image.width * image.height > MAX_PIXELS:
        raise pyvips.Error("more pixels than are compared")
    if image.get_typeof("n-pages") and image.get("vips-loader").startswith(("gif", "webp")):
        pages = min(image.get("n-pages"), MAX_FRAMES, MAX_PIXELS // (image.width * image.height))
        image = pyvips.Image.new_from_buffer(data, "", n=pages)
    height = image.get("page-height") if image.get_typeof("page-height") else image.height
    frames = [
        image.crop(0, top, image.width, height)
        for top in range(0, image.height - height + 1, height)
    ]
    return [_convert_from_vips(frame, raw) for frame in frames]


def _convert_from_vips(image: Any, raw: bool) -> Image.Image:
    image = image.copy()
    if image.get_typeof("page-height"):
        image.remove("page-height")
    image = image.autorot()
    if image.get_typeof("icc-profile-data") and not raw:
        image = image.icc_transform("srgb", embedded=True, intent="relative")
    if image.interpretation != "srgb":
        image = image.colourspace("srgb")
    if not image.hasalpha():
        image = image.addalpha()
    image = image.cast("uchar")
    return Image.frombytes("RGBA", (image.width, image.height), image.write_to_memory())


def decode_with_ffmpeg(data: bytes, path: str = "-") -> Image.Image:
    """Decode the first frame of a photo to RGBA. Raises CalledProcessError or TimeoutExpired.

    Formats with an index at their end, as AVIF, are read from a path.
    """
    command = [get_ffmpeg_exe(), "-v", "error", "-i", path, "-frames:v", "1", "-pix_fmt", "rgba"]
    flags = ["-sws_flags", "accurate_rnd+full_chroma_int+full_chroma_inp"]
    output = ["-f", "image2pipe", "-c:v", "pam", "-"]
    done = subprocess.run(
        [*command, *flags, *output],
        input=data if path == "-" else None,
        capture_output=True,
        check=True,
        timeout=60,
    )
    header, _, pixels = done.stdout.partition(b"ENDHDR\n")
    found = re.match(rb"P7\nWIDTH (\d+)\nHEIGHT (\d+)\n", header)
    if not found:
        raise subprocess.CalledProcessError(0, command, stderr=done.stderr)
    return Image.frombytes("RGBA", (int(found[1]), int(found[2])), pixels)


def measure_cells(image: Image.Image, grid: int) -> Cells:
    """Average an RGBA image to cells on the same edges as pixelater's, but by Pillow's `reduce`."""
    premultiplied = image.convert("RGBa")
    across = find_edges(image.width, min(grid, image.width))
    down = find_edges(image.height, min(grid, image.height))
    values: list[float] = []
    for top, bottom in pairwise(down):
        for left, right in pairwise(across):
            cell = premultiplied.reduce((right - left, bottom - top), (left, top, right, bottom))
            values += cell.tobytes()
    return tuple(values)


def find_difference(left: Image.Image, right: Image.Image, grid: int) -> float:
    """Return the most levels by which a cell differs, or 255 for another size."""
    if left.size != right.size:
        return 255.0
    pairs = zip(measure_cells(left, grid), measure_cells(right, grid), strict=True)
    return max(abs(a - b) for a, b in pairs)
