"""Decoders that share no code with pixelater's: libvips, ffmpeg, Chromium; the cells of images.

libvips converts colors to sRGB by the profile, as viewers do; ffmpeg gives the values as stored.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

from imageio_ffmpeg import get_ffmpeg_exe
from PIL import Image

from pixelater.grid import find_edges
from tests.browser import Tab

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
        image = image.icc_transform("srgb", embedded=True, intent="perceptual")
    if image.interpretation != "srgb":
        image = image.colourspace("srgb")
    if not image.hasalpha():
        image = image.addalpha()
    image = image.cast("uchar")
    return Image.frombytes("RGBA", (image.width, image.height), image.write_to_memory())


def decode_with_ffmpeg(path: Path) -> Image.Image:
    """Decode the first frame of a photo to RGBA. Raises CalledProcessError or TimeoutExpired."""
    command = [get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-frames:v", "1"]
    flags = ["-pix_fmt", "rgba", "-sws_flags", "accurate_rnd+full_chroma_int+full_chroma_inp"]
    output = ["-f", "image2pipe", "-c:v", "pam", "-"]
    done = subprocess.run([*command, *flags, *output], capture_output=True, check=True, timeout=60)
    header, _, pixels = done.stdout.partition(b"ENDHDR\n")
    found = re.match(rb"P7\nWIDTH (\d+)\nHEIGHT (\d+)\n", header)
    if not found:
        raise subprocess.CalledProcessError(0, command, stderr=done.stderr)
    return Image.frombytes("RGBA", (int(found[1]), int(found[2])), pixels)


DRAW = """(async source => {
    const image = new Image();
    await new Promise((resolve, reject) => {
        image.onload = resolve;
        image.onerror = () => reject(new Error("not an image"));
        image.src = source;
    });
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
    return [canvas.width, canvas.height, new Uint8Array(pixels.buffer).toBase64()];
})"""


def decode_with_chromium(tab: Tab, photo: bytes, media_type: str) -> Image.Image:
    """Draw the first frame of a photo in a browser, as it is shown, in sRGB."""
    source = f"data:{media_type};base64,{base64.b64encode(photo).decode()}"
    width, height, pixels = tab.run(f"{DRAW}({json.dumps(source)})")
    return Image.frombytes("RGBA", (width, height), base64.b64decode(pixels))


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


def decode_elsewhere(photo: bytes, path: Path) -> dict[str, list[Image.Image]]:
    """Decode a photo, which is also stored at a path, with all others that read it."""
    others = {"vips": _try_vips(photo), "ffmpeg": _try_ffmpeg(path)}
    return {name: frames for name, frames in others.items() if frames}


def find_differences(
    photo: bytes, mosaic: bytes, others: dict[str, list[Image.Image]], grid: int
) -> dict[str, float]:
    """Compare a photo's mosaic, a PNG, with what others decode: the most levels a cell differs by.

    First in sRGB, then with values as stored, then with ffmpeg, until one agrees.
    """
    stored = read_frames(mosaic)
    found = {}
    if "vips" in others:
        shown = stored
        if b"iCCP" in mosaic and len(stored) == 1:
            shown = decode_with_vips(mosaic)
        found["vips"] = _compare_frames(shown, others["vips"], grid)
        if found["vips"] > TOLERANCE:
            found["vips, as stored"] = _compare_frames(stored, _try_vips(photo, raw=True), grid)
    if "ffmpeg" in others and min(found.values(), default=255.0) > TOLERANCE:
        found["ffmpeg"] = _compare_frames(stored[:1], others["ffmpeg"], grid)
    return found


def read_frames(mosaic: bytes) -> list[Image.Image]:
    """Decode the frames of a mosaic to RGBA, as stored."""
    with Image.open(BytesIO(mosaic)) as image:
        frames = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            frames.append(image.convert("RGBA"))
        return frames


def _compare_frames(frames: list[Image.Image], others: list[Image.Image], grid: int) -> float:
    """Return the most levels by which frames differ; of a still and an animation, the first."""
    if 1 in (len(frames), len(others)):
        frames, others = frames[:1], others[:1]
    pairs = zip(frames, others, strict=False)
    return max((find_difference(a, b, grid) for a, b in pairs), default=255.0)


def _try_vips(data: bytes, raw: bool = False) -> list[Image.Image]:
    import pyvips

    try:
        return decode_with_vips(data, raw)
    except pyvips.Error:
        return []


def _try_ffmpeg(path: Path) -> list[Image.Image]:
    try:
        return [decode_with_ffmpeg(path)]
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired, ValueError):
        return []
