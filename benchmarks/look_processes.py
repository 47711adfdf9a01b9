"""Owns what a whole process costs that makes 64 cells of 16 colors of a 12-megapixel JPEG."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from compileall import compile_dir
from importlib import resources
from pathlib import Path

from PIL import Image

from benchmarks import photos
from benchmarks.measure import Cost, run, take_median
from pixelater.palette.builtin import find_palette

OURS = """
import sys
from pixelater import averaging
from pixelater.decode.photo import open_photo
from pixelater.grid import find_edges
from pixelater.palette.apply import apply_palette
from pixelater.palette.builtin import find_palette
source, target, dither = sys.argv[1:]
with open(source, "rb") as file:
    photo = open_photo(file, 64, None, False)
    edges = find_edges(photo.width, 64), find_edges(photo.height, 48)
    (cells,) = averaging.average(photo.image, [edges], photo.scale)
apply_palette(cells, find_palette("pico-8"), dither).save(target)
"""

CRISP = """
import sys
from pixelater import averaging, crisp
from pixelater.decode.photo import open_photo
from pixelater.grid import find_edges
source, target, side = sys.argv[1:]
side = int(side)
with open(source, "rb") as file:
    photo = open_photo(file, 64, None, False)
    edges = find_edges(photo.width, 64 * side), find_edges(photo.height, 48 * side)
    (cells,) = averaging.average(photo.image, [edges], photo.scale)
(crisp.find_crisp(cells) if side > 1 else cells).save(target)
"""

PILLOW = """
import sys
from PIL import Image
source, target, colors = sys.argv[1:]
holder = Image.new("P", (1, 1))
holder.putpalette(bytes.fromhex(colors))
cells = Image.open(source).resize((64, 48), Image.Resampling.BOX)
cells.quantize(palette=holder, dither=Image.Dither.FLOYDSTEINBERG).save(target)
"""


def compare_processes(runs: int, didder: Path | None) -> list[str]:
    """Run the programs in turn; return a table of the medians."""
    compile_dir(str(resources.files("pixelater")), quiet=1)  # As pip does for the peers.
    palette = find_palette("pico-8")
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        source = str(photos.write(Path(folder), 12, "jpg"))
        target = f"{folder}/out.png"
        strip = f"{folder}/colors.png"
        _write_strip(palette.data, strip)
        commands = {
            "pixelater, Floyd-Steinberg": [python, "-c", OURS, source, target, "floyd"],
            "pixelater, bayer4": [python, "-c", OURS, source, target, "bayer4"],
            "pixelater, no palette": [python, "-c", CRISP, source, target, "1"],
            "pixelater, no palette, crisp": [python, "-c", CRISP, source, target, "4"],
            "plain Pillow": [python, "-c", PILLOW, source, target, palette.data.hex()],
        }
        if shutil.which("convert"):
            hint = ["convert", "-define", "jpeg:size=512x384", source, "-scale", "64x48!"]
            commands["ImageMagick"] = [
                *hint, "-dither", "FloydSteinberg", "-remap", strip, target,
            ]  # fmt: skip
        if didder:
            subprocess.run(commands["pixelater, no palette"], check=True)
            cells = shutil.copy(target, f"{folder}/cells.png")
            colors = " ".join(bytes(color).hex() for color in palette.colors)
            commands["didder, the cells only"] = [
                str(didder), cells, target, colors, "floyd", "1",
            ]  # fmt: skip
        costs: dict[str, list[Cost]] = {name: [] for name in commands}
        for round_ in range(runs + 1):
            for name, command in commands.items():
                cost = run(command)
                if round_:
                    costs[name].append(cost)
    lines = ["| | CPU s | wall s |", "|---|---|---|"]
    for name, some in costs.items():
        median = take_median(some)
        lines.append(f"| {name} | {median.cpu:.3f} | {median.wall:.3f} |")
    return [
        "12 megapixels (JPEG) to 64 x 48 cells of 16 colors (PNG), whole processes:",
        "\n".join(lines),
    ]


def _write_strip(data: bytes, path: str) -> None:
    Image.frombytes("RGB", (len(data) // 3, 1), data).save(path)
