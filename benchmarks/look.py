"""Owns `python -m benchmarks.look`: how dithers look and what they cost, against other programs.

python -m benchmarks.look [--didder PROGRAM] [--runs 5] [--write] [--print-go]

Needs the extra "look". The pictures are those in the wheels of scikit-image, scikit-learn and
matplotlib, as 96 cells on the longer side. A dither is judged as eyes see it, from a distance: both
images are blurred in linear light, by a Gauss filter of one cell; then CIEDE2000 and the distance
in OKLab (x 100), for which less is better, and the structural similarity of CIE's lightness (SSIM).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import structural_similarity

from benchmarks.look_peers import GO_PROGRAM, find_dithers, find_reducers
from benchmarks.look_processes import compare_processes
from pixelater.crisp import SIDE, find_crisp
from pixelater.palette.apply import DITHERS, apply_palette
from pixelater.palette.builtin import find_palette
from pixelater.palette.extract import extract_palette
from pixelater.palette.light import decide

PICTURES = (
    ("skimage", "data/astronaut.png"),
    ("skimage", "data/chelsea.png"),
    ("skimage", "data/coffee.png"),
    ("skimage", "data/rocket.jpg"),
    ("skimage", "data/motorcycle_left.png"),
    ("sklearn", "datasets/images/china.jpg"),
    ("sklearn", "datasets/images/flower.jpg"),
    ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
)
PALETTES = (
    "pico-8",
    "c64",
    "nes",
    "cga",
    "msx",
    "ega",
    "zx-spectrum",
    "apple-ii",
    "cpc",
    "gray-4",
    "gameboy",
)
COUNTS = (8, 16, 32)
CELLS = 96
PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "looks.md"
DEFAULT = "pixelater floyd"

Scores = Any
"""An array of CIEDE2000, OKLab and SSIM; NumPy is not installed where types are checked."""

Columns = dict[str, dict[str, Scores]]
"""For each palette, the scores of each peer."""

Pixels = Any
"""An array of rows of colors."""

_TO_LMS = np.array(
    [
        (0.4122214708, 0.5363325363, 0.0514459929),
        (0.2119034982, 0.6806995451, 0.1073969566),
        (0.0883024619, 0.2817188376, 0.6299787005),
    ]
)
_TO_LAB = np.array(
    [
        (0.2104542553, 0.7936177850, -0.0040720468),
        (1.9779984951, -2.4285922050, 0.4505937099),
        (0.0259040371, 0.7827717662, -0.8086757660),
    ]
)


def main() -> None:
    """Measure quality and CPU, and show tables and losses."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.look")
    parser.add_argument("--didder", type=Path, help="the program that --print-go prints, built")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each; default 5")
    parser.add_argument("--print-go", action="store_true", help="print the program for --didder")
    parser.add_argument("--write", action="store_true", help=f"write docs/explanation/{PAGE.name}")
    options = parser.parse_args()
    if options.print_go:
        sys.stdout.write(GO_PROGRAM)
        return
    pictures = [load_cells(CELLS, *picture) for picture in PICTURES]
    fixed: Columns = {}
    for name in PALETTES:
        palette = find_palette(name)
        fixed[name] = {
            peer: np.mean([score(cells, dither(cells, palette)) for cells in pictures], axis=0)
            for peer, dither in find_dithers(options.didder).items()
        }
    own: Columns = {}
    for count in COUNTS:
        own[f"{count} colors"] = {
            peer: np.mean([score(cells, reduce(cells, count)) for cells in pictures], axis=0)
            for peer, reduce in find_reducers(options.didder).items()
        }
    paragraphs = [
        f"CIEDE2000 / OKLab / SSIM of {CELLS} cells in fixed palettes:",
        format_table(fixed),
        *judge(fixed),
        f"The same in colors that each program finds itself, {CELLS} cells:",
        format_table(own),
        *judge(own),
        "CPU milliseconds, the least of all runs; the first use of a palette also tabulates it:",
        measure_costs(pictures[1], load_cells(64 * SIDE, *PICTURES[1]), options.runs),
        *compare_processes(options.runs, options.didder),
    ]
    sys.stdout.write("\n\n".join(paragraphs) + "\n")
    if options.write:
        from benchmarks.report import describe_machine, write_section

        write_section("measured", [f"Machine: {describe_machine()}.", *paragraphs], PAGE)


def load_cells(longer: int, package: str, path: str) -> Image.Image:
    """Read a picture of an installed package and reduce it to `longer` cells on that side."""
    spec = util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed: pip install 'pixelater[look]'")
    with Image.open(Path(spec.origin).parent / path) as image:
        factor = longer / max(image.size)
        width, height = (max(SIDE, round(side * factor / SIDE) * SIDE) for side in image.size)
        return image.convert("RGB").resize((width, height), Image.Resampling.BOX)


def score(truth: Image.Image, found: Image.Image) -> Scores:
    """Compare a dithered image with the truth, both blurred."""
    one, other = blur(truth), blur(found.convert("RGB"))
    lab_one, lab_other = rgb2lab(encode(one)), rgb2lab(encode(other))
    similarity = structural_similarity(lab_one[..., 0], lab_other[..., 0], data_range=100)
    oklab = np.linalg.norm(to_oklab(one) - to_oklab(other), axis=-1)
    return np.array([deltaE_ciede2000(lab_one, lab_other).mean(), 100 * oklab.mean(), similarity])


def blur(image: Image.Image) -> Pixels:
    """Return linear light, blurred by one cell."""
    levels = np.asarray(image, np.float64) / 255
    light = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    return np.asarray(gaussian_filter(light, (1, 1, 0), mode="reflect"), np.float64)


def encode(light: Pixels) -> Pixels:
    """Return sRGB, 0 to 1, of linear light."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def to_oklab(light: Pixels) -> Pixels:
    """Return OKLab of linear light."""
    return np.asarray(np.cbrt(light @ _TO_LMS.T) @ _TO_LAB.T, np.float64)


def format_table(columns: Columns) -> str:
    """Return a table in Markdown, with the means last."""
    lines = [" | ".join(["| ", *columns, "mean |"]), "|---" * (len(columns) + 2) + "|"]
    for peer in next(iter(columns.values())):
        scores = [column[peer] for column in columns.values()]
        words = [f"{a:.2f} / {b:.2f} / {c:.3f}" for a, b, c in (*scores, np.mean(scores, axis=0))]
        lines.append(" | ".join([f"| {peer}", *words]) + " |")
    return "\n".join(lines)


def judge(columns: Columns) -> list[str]:
    """Return how the default compares with the peers in the mean, and each of its losses."""
    means = {
        peer: np.mean([column[peer] for column in columns.values()], axis=0)
        for peer in next(iter(columns.values()))
    }
    ours = means[DEFAULT]
    rivals = {peer: mean for peer, mean in means.items() if not peer.startswith("pixelater")}
    best, peer = max((mean[2], peer) for peer, mean in rivals.items())
    sentences = [f"Mean SSIM of {DEFAULT}: {ours[2]:.3f}; the best peer's: {best:.3f} ({peer})."]
    alike = {peer: mean for peer, mean in rivals.items() if mean[2] >= ours[2] - 0.02}
    for index, name in enumerate(("CIEDE2000", "OKLab")):
        if alike:
            best, peer = min((mean[index], peer) for peer, mean in alike.items())
            sentences.append(
                f"Mean {name}: {ours[index]:.2f}; the best of peers of such an SSIM, less .02: "
                f"{best:.2f} ({peer})."
            )
    losses = [
        f"- {column}: {peer} has {word} {scores[index]:.3f}, {DEFAULT} {figures[DEFAULT][index]:.3f}"
        for column, figures in columns.items()
        for peer, scores in figures.items()
        if peer in rivals
        for index, word, sign in ((0, "CIEDE2000", 1), (1, "OKLab", 1), (2, "SSIM", -1))
        if sign * (figures[DEFAULT][index] - scores[index]) > 0.005
    ]
    return [
        " ".join(sentences),
        f"Losses ({len(losses)}):",
        *(["\n".join(losses)] if losses else []),
    ]


def measure_costs(cells: Image.Image, samples: Image.Image, runs: int) -> str:
    """Return a table of the least CPU time of dithers, of extraction and of the crisp kernel."""
    lines = ["| | colors | first use | later |", "|---|---|---|---|"]
    for dither in DITHERS:
        for name in ("pico-8", "ega", "web-safe"):
            palette = find_palette(name)
            first, later = [], []
            for _ in range(runs):
                decide.cache_clear()
                first.append(_measure(partial(apply_palette, cells, palette, dither)))
                later.append(_measure(partial(apply_palette, cells, palette, dither)))
            figures = f"{len(palette.colors)} | {min(first):.1f} | {min(later):.1f}"
            lines.append(f"| {CELLS} cells, {dither} | {figures} |")
    for count in COUNTS:
        cost = min(_measure(partial(extract_palette, cells, count)) for _ in range(runs))
        lines.append(f"| extraction from {CELLS} cells | {count} | {cost:.1f} | |")
    cost = min(_measure(partial(find_crisp, samples)) for _ in range(runs))
    lines.append(f"| crisp, 64 cells | | {cost:.1f} | |")
    return "\n".join(lines)


def _measure(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return 1000 * (time.process_time() - started)


if __name__ == "__main__":
    main()
