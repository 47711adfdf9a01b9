"""Comparison of the CPU that `run` takes with that of another commit.

python -m benchmarks.compare COMMIT [--runs 15] [--photos FOLDER]

Old, new and old again take turns. A photo's line has the medians, the ratio of new to old, and that
of the old runs to the old ones, which is the noise.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from compileall import compile_dir
from pathlib import Path

from PIL import Image

from benchmarks import photos
from benchmarks.measure import Cost, run, take_median

ROOT = Path(__file__).parents[1]
PHOTOS: tuple[tuple[float, str], ...] = (
    *((0.3, "jpg"), (1, "jpg"), (2, "jpg"), (12, "jpg"), (24, "jpg")),
    *((1, "png"), (12, "png"), (4, "webp")),
)
CHECKOUTS = ("old", "new", "old again")


def main() -> None:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare")
    parser.add_argument("commit", help="the other commit, such as v0.1.0")
    parser.add_argument("--runs", type=int, default=15, help="counted runs of each; default 15")
    parser.add_argument("--photos", type=Path, help="folder with photo-12mp.jpg and so on")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        old = check_out(options.commit, scratch / "old")
        folder = options.photos or scratch
        sources = [make_tiny(scratch), *(photos.write(folder, *photo) for photo in PHOTOS)]
        sys.stdout.write("| photo | old CPU ms | new CPU ms | new / old | old / old |\n")
        sys.stdout.write("|---|---|---|---|---|\n")
        for source in sources:
            costs = compare(source, {"old": old, "new": ROOT, "old again": old}, options.runs)
            sys.stdout.write(f"{describe(source.name, costs)}\n")
            sys.stdout.flush()


def check_out(commit: str, folder: Path) -> Path:
    """Extract the sources of a commit, and compile both, as pip does."""
    folder.mkdir()
    archive = subprocess.run(
        ["git", "archive", commit, "pixelater_cli", "lambda"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
    for root in (folder, ROOT):
        for package in ("pixelater_cli", "lambda"):
            compile_dir(root / package, quiet=1)
    return folder


def make_tiny(folder: Path) -> Path:
    """Make a photo that takes hardly any work."""
    path = folder / "tiny.png"
    Image.new("RGB", (80, 80), "red").save(path)
    return path


def compare(source: Path, checkouts: dict[str, Path], runs: int) -> dict[str, Cost]:
    """Run the checkouts in turn, once uncounted and then `runs` times; take the medians."""
    out = str(source.with_suffix(".out"))
    rounds = []
    for _ in range(runs + 1):
        costs = {}
        for name, root in checkouts.items():
            # PYTHONPATH comes before the packages installed; -P keeps the current folder out.
            path = os.pathsep.join([str(root), str(root / "lambda")])
            program = [sys.executable, "-P", "-m", "pixelater_cli", "run", "--force"]
            environment = {**os.environ, "PYTHONPATH": path}
            costs[name] = run([*program, str(source), "--out", out], environment=environment)
        rounds.append(costs)
    return {name: take_median([costs[name] for costs in rounds[1:]]) for name in checkouts}


def describe(photo: str, costs: dict[str, Cost]) -> str:
    """Lay out a photo's line."""
    old, new, again = (costs[name].cpu for name in CHECKOUTS)
    return (
        f"| {photo} | {1000 * old:.0f} | {1000 * new:.0f} | {new / old:.3f} | {again / old:.3f} |"
    )


if __name__ == "__main__":
    main()
