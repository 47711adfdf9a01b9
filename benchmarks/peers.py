"""Owns how each peer makes the five mosaics: the fastest way we know that gives the same pictures.

Each reads the photo once if it can, decodes a JPEG in part if it can, averages with its box filter,
enlarges without smoothing, and writes the photo's own format at the photo's size: JPEG at quality
90, PNG as it likes, WebP lossless, as exact as ours.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

GRIDS = (8, 16, 32, 48, 64)

PLAIN_PILLOW = """
import sys
from PIL import Image
source, out, suffix = sys.argv[1:]
for n in (8, 16, 32, 48, 64):
    photo = Image.open(source)
    small = photo.resize((n, n), Image.Resampling.BOX)
    settings = {"lossless": True} if suffix == "webp" else {"quality": 90}
    small.resize(photo.size, Image.Resampling.NEAREST).save(f"{out}/{n}.{suffix}", **settings)
"""

PYVIPS = """
import sys
import pyvips
source, out, suffix = sys.argv[1:]
settings = {"jpg": {"Q": 90}, "png": {"compression": 6}, "webp": {"lossless": True}}[suffix]
whole = pyvips.Image.new_from_file(source)
shrink = 1
if suffix == "jpg":
    shrink = max(s for s in (1, 2, 4, 8) if min(whole.width, whole.height) / s / 64 >= 7.5 or s == 1)
photo = pyvips.Image.new_from_file(source, access="sequential", **({"shrink": shrink} if shrink > 1 else {}))
photo = photo.copy_memory()
for n in (8, 16, 32, 48, 64):
    cells = photo.shrink(photo.width / n, photo.height / n)
    cells = cells.crop(0, 0, n, n) if cells.width > n or cells.height > n else cells
    big = cells.resize(whole.width / cells.width, vscale=whole.height / cells.height, kernel="nearest")
    big.write_to_file(f"{out}/{n}.{suffix}", **settings)
"""

OPENCV = """
import sys
import cv2
source, out, suffix, width, height = sys.argv[1:]
size = int(width), int(height)
scale = 1
if suffix == "jpg":
    scale = max(s for s in (1, 2, 4, 8) if min(size) / s / 64 >= 7.5 or s == 1)
flags = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}
photo = cv2.imread(source, flags.get(scale, cv2.IMREAD_REDUCED_COLOR_8))
quality = {"jpg": [cv2.IMWRITE_JPEG_QUALITY, 90], "webp": [cv2.IMWRITE_WEBP_QUALITY, 101], "png": []}
for n in (8, 16, 32, 48, 64):
    cells = cv2.resize(photo, (n, n), interpolation=cv2.INTER_AREA)
    big = cv2.resize(cells, size, interpolation=cv2.INTER_NEAREST)
    cv2.imwrite(f"{out}/{n}.{suffix}", big, quality[suffix])
"""

SHARP = """
const sharp = require("sharp");
const [source, out, suffix, width, height] = process.argv.slice(1);
const settings = {jpg: {quality: 90}, png: {}, webp: {lossless: true}}[suffix];
const format = suffix === "jpg" ? "jpeg" : suffix;
(async () => {
  for (const n of [8, 16, 32, 48, 64]) {
    const cells = await sharp(source).resize(n, n, {fit: "fill"}).raw()
      .toBuffer({resolveWithObject: true});
    await sharp(cells.data, {raw: cells.info})
      .resize(+width, +height, {fit: "fill", kernel: "nearest"})[format](settings)
      .toFile(`${out}/${n}.${suffix}`);
  }
})();
"""


@dataclass(frozen=True)
class Job:
    """One photo to pixelate into a folder."""

    source: Path
    out: Path
    width: int
    height: int

    @property
    def suffix(self) -> str:
        return self.source.suffix[1:]

    @property
    def hint(self) -> str:
        """The least size a JPEG needs to be decoded at: 7.5 pixels a cell on the shorter side."""
        least = 64 * 7.5 / min(self.width, self.height)
        return f"{round(self.width * least)}x{round(self.height * least)}"


@dataclass(frozen=True)
class Peer:
    """A program that pixelates: its name and version, and the command for a job."""

    name: str
    version: str
    command: Callable[[Job], list[str]]
    standard_input: Callable[[Job], str] = lambda job: ""


def find_peers() -> list[Peer]:
    """List pixelater and all peers that are installed here."""
    from PIL import __version__ as pillow

    from pixelater_cli import __version__

    python = sys.executable
    found = [
        Peer("pixelater", __version__, _pixelater),
        Peer("plain Pillow", pillow, lambda job: [python, "-c", PLAIN_PILLOW, *_arguments(job)]),
    ]
    if importlib.util.find_spec("pyvips"):
        version = _ask(
            python, "-c", "import pyvips as v; print(v.version(0), v.version(1), sep='.')"
        )
        found.append(Peer("pyvips", version, lambda job: [python, "-c", PYVIPS, *_arguments(job)]))
    if importlib.util.find_spec("cv2"):
        version = _ask(python, "-c", "import cv2; print(cv2.__version__)")
        found.append(Peer("OpenCV", version, lambda job: [python, "-c", OPENCV, *_sized(job)]))
    if shutil.which("node") and not _fails("node", "-e", "require('sharp')"):
        version = _ask("node", "-p", "require('sharp').versions.sharp")
        found.append(Peer("sharp", version, lambda job: ["node", "-e", SHARP, *_sized(job)]))
    for tool in ("magick", "convert"):
        if shutil.which(tool) and "ImageMagick" in _ask(tool, "-version"):
            version = _ask(tool, "-version").split()[2]
            found.append(Peer("ImageMagick", version, partial(_magick, tool)))
            break
    if shutil.which("gm"):
        version = _ask("gm", "version").split()[1]
        found.append(
            Peer("GraphicsMagick", version, lambda job: ["gm", "batch", "-"], _graphics_magick)
        )
    if shutil.which("ffmpeg"):
        version = _ask("ffmpeg", "-version").split()[2]
        found.append(Peer("ffmpeg", version, _ffmpeg))
    return found


def _pixelater(job: Job) -> list[str]:
    return [
        sys.executable,
        "-m",
        "pixelater_cli",
        "run",
        "--force",
        str(job.source),
        "--out",
        str(job.out),
    ]


def _arguments(job: Job) -> list[str]:
    return [str(job.source), str(job.out), job.suffix]


def _sized(job: Job) -> list[str]:
    return [*_arguments(job), str(job.width), str(job.height)]


def _magick(tool: str, job: Job) -> list[str]:
    command = [tool, "-define", f"jpeg:size={job.hint}", str(job.source), "-quality", "90"]
    if job.suffix == "webp":
        command += ["-define", "webp:lossless=true"]
    elif job.suffix == "png":
        command += ["-quality", "75"]
    for n in GRIDS:
        command += ["(", "+clone", "-scale", f"{n}x{n}!", "-sample", f"{job.width}x{job.height}!"]
        command += ["-write", f"{job.out}/{n}.{job.suffix}", "+delete", ")"]
    return [*command, "null:"]


def _graphics_magick(job: Job) -> str:
    quality = "-quality 75" if job.suffix == "png" else "-quality 90"
    if job.suffix == "webp":
        quality = "-define webp:lossless=true"
    lines = [f"convert -size {job.hint} {job.source} MPR:photo"]
    lines += [
        f"convert MPR:photo -scale {n}x{n}! -sample {job.width}x{job.height}! {quality} "
        f"{job.out}/{n}.{job.suffix}"
        for n in GRIDS
    ]
    return "\n".join(lines) + "\n"


def _ffmpeg(job: Job) -> list[str]:
    """Ffmpeg's quality 2 to 31 for JPEG: 3 is nearest to Pillow's 90 in file size."""
    scale = max(s for s in (0, 1, 2, 3) if min(job.width, job.height) / 2**s / 64 >= 7.5 or not s)
    decode = ["-lowres", str(scale)] if job.suffix == "jpg" and scale else []
    names = "".join(f"[p{n}]" for n in GRIDS)
    graph = f"[0:v]split={len(GRIDS)}{names};" + ";".join(
        f"[p{n}]scale={n}:{n}:flags=area,scale={job.width}:{job.height}:flags=neighbor[o{n}]"
        for n in GRIDS
    )
    encode = {"jpg": ["-q:v", "3"], "webp": ["-lossless", "1"], "png": []}[job.suffix]
    command = ["ffmpeg", "-v", "error", "-y", *decode, "-i", str(job.source)]
    command += ["-filter_complex", graph]
    for n in GRIDS:
        command += ["-map", f"[o{n}]", *encode, f"{job.out}/{n}.{job.suffix}"]
    return command


def _ask(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _fails(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode != 0
